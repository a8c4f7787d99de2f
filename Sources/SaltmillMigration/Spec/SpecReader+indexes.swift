import SaltmillDynamoDB

extension SpecReader {
    /// The section `indexes`, each with its position in the list; ``checkIndexes(_:key:attributes:declared:)`` checks them further.
    mutating func indexes(_ node: SpecNode, create: Billing?) -> [(position: Int, index: SecondaryIndex)] {
        guard let elements = list(node, of: "indexes") else { return [] }
        if elements.count > Self.indexLimit {
            report(node, "a table has at most \(Self.indexLimit) global secondary indexes, and these are \(elements.count)")
        }
        return elements.enumerated().compactMap { position, element in index(element, create: create).map { (position, $0) } }
    }

    /// Amazon DynamoDB Developer Guide, Service quotas.
    private static let indexLimit = 20

    private mutating func index(_ node: SpecNode, create: Billing?) -> SecondaryIndex? {
        let example = "{ name: by_carrier, hash: { attribute: carrier } }"
        guard let object = object(node, .index, example: example) else { return nil }
        let name = required(object, "name", "name the index, e.g. `name: by_carrier`").flatMap { tableName($0) }
        let throughput = indexThroughput(object, create: create)
        let projection = object["projection"].map { self.projection($0) } ?? .all
        let rangeObject = object["range"].map { self.object($0, .indexRange, example: "{ attribute: day }") }
        let range = rangeObject.map { $0.flatMap { keyName($0) } }
        guard
            let hashObject = required(object, "hash", "describe the index's hash key, e.g. `hash: { attribute: carrier }`")
                .flatMap({ self.object($0, .indexHash, example: "{ attribute: carrier }") })
        else { return nil }
        let hash = keyName(hashObject)
        let salt = hashObject["salt"].map { self.salt($0, .indexSalt) }
        guard let name, let hash, let projection else { return nil }
        var index = SecondaryIndex(name: name, hash: hash, projection: projection, throughput: throughput)
        if case .some(.none) = range { return nil }
        if case .some(.none) = salt { return nil }
        index.range = range.flatMap { $0 }
        if let (salt, into) = salt.flatMap({ $0 }) {
            index.salt = salt
            index.into = into ?? "\(hash)_shard"
        }
        return index
    }

    private mutating func keyName(_ object: SpecObject) -> String? {
        required(object, "attribute", "name the attribute that is the index's key").flatMap { self.name($0) }
    }

    private mutating func indexThroughput(_ object: SpecObject, create: Billing?) -> Throughput? {
        if case .provisioned = create { return throughput(object, "an index of a provisioned table needs it") }
        for name in ["write", "read"] {
            if let node = object[name] {
                report(node, "has a meaning only where the table is created with `billing: provisioned`; remove it")
            }
        }
        return nil
    }

    private mutating func projection(_ node: SpecNode) -> Projection? {
        switch node.content {
        case .text("all"): return .all
        case .text("keys"): return .keysOnly
        case .list:
            guard let names = names(node, of: "attributes") else { return nil }
            if names.isEmpty { report(node, "lists no attribute; use `keys` to project the keys alone") }
            if names.count > 20 { report(node, "an index projects at most 20 listed attributes, and these are \(names.count); use `all`") }
            return .include(names)
        default:
            mustBe("`all`, `keys` or a list of attributes", node)
            return nil
        }
    }
}
