package import SaltedKeys
import SaltmillBytes
package import SaltmillDelivery
package import SaltmillDynamoDB
package import SaltmillSources

/// What is changed of items on their way from a dump into a table.
package struct ItemTransform: Sendable, Equatable {
    package struct Rename: Sendable, Equatable {
        package var from: String
        package var to: String

        package init(from: String, to: String) {
            self.from = from
            self.to = to
        }
    }

    /// Attributes left out, by the names that they have in the dump.
    package var dropped: [String]
    package var renamed: [Rename]
    /// The salt that the table's hash key gets; names are those that attributes have in the new table.
    package var salt: SaltDeclaration?

    package init(dropped: [String] = [], renamed: [Rename] = [], salt: SaltDeclaration? = nil) {
        self.dropped = dropped
        self.renamed = renamed
        self.salt = salt
    }

    package var isEmpty: Bool { dropped.isEmpty && renamed.isEmpty && salt == nil }

    /// The transform as text that is the same whenever it does the same to items.
    package var text: String {
        var lines = dropped.sorted().map { "drop \($0)" }
        lines += renamed.map { "rename \($0.from) to \($0.to)" }.sorted()
        if let salt { lines.append("salt \(salt.text)") }
        return lines.joined(separator: "\n")
    }

    func newName(of name: String) -> String { renamed.first { $0.from == name }?.to ?? name }

    // MARK: Items

    /// Makes the new item of an old one.
    /// - Throws: why there is none.
    package func apply(to item: Span<UInt8>) throws(RowFault) -> [UInt8] {
        var result: Item
        do {
            var scanner = JSONScanner(maximumDepth: 256)
            result = try Item(&scanner, item)
        } catch {
            throw RowFault("item.value", "the item is not DynamoDB JSON: \(error)")
        }
        for name in dropped { result[name] = nil }
        for index in result.attributes.indices {
            let name = newName(of: result.attributes[index].name)
            guard name != result.attributes[index].name else { continue }
            if result[name] != nil, !renamed.contains(where: { $0.from == name }) {
                throw RowFault(
                    "item.duplicate", "\(result.attributes[index].name) is renamed to \(name), which the item has already", attribute: name)
            }
            result.attributes[index].name = name
        }
        if let salt { try apply(salt, to: &result) }
        var bytes: [UInt8] = []
        result.write(to: &bytes)
        return bytes
    }

    private func apply(_ salt: SaltDeclaration, to item: inout Item) throws(RowFault) {
        guard let value = item[salt.attribute] else { throw RowFault(missingKey: salt.attribute) }
        guard case .s(let logical) = value else { throw RowFault(typeOf: salt.attribute, wanted: .S, in: "the salted table") }
        guard !logical.isEmpty else { throw RowFault(emptyKey: salt.attribute, in: "the table") }
        var identity = SaltIdentity()
        for name in salt.by {
            switch item[name] {
            case .s(let text)?: identity.append(string: text)
            case .n(let text)?: identity.append(canonical: text.utf8.span)
            case .b(let bytes)?: identity.append(binary: bytes)
            default: throw RowFault(missingKey: name)
            }
        }
        item[salt.attribute] = .s(salt.recipe.physicalKey(logical: logical, shard: salt.recipe.shard(of: identity)))
    }

    // MARK: Schema

    /// The table that takes the new items.
    /// - Parameter declared: salts that the dumped table already has.
    /// - Throws: ``JobFailure`` where the transform cannot be done to the table.
    package func apply(to table: TableBlueprint, declared: [SaltDeclaration]) throws(JobFailure) -> TableBlueprint {
        var table = table
        let keys = [table.key] + (table.globalIndexes + table.localIndexes).map(\.key)
        let keyNames = keys.flatMap { [$0.hash.name] + ($0.range.map { [$0.name] } ?? []) }
        if let name = dropped.first(where: { keyNames.contains($0) }) {
            throw JobFailure(.usage, "\(name) is part of a key of \(table.name), so it cannot be dropped; keep it, or rename it")
        }
        let targets = renamed.map(\.to)
        if let name = targets.first(where: { name in targets.count { $0 == name } > 1 }) {
            throw JobFailure(.usage, "two attributes are renamed to \(name); choose different names")
        }
        if let name = targets.first(where: { name in keyNames.contains(name) && !renamed.contains { $0.from == name } }) {
            throw JobFailure(
                .usage, "an attribute is renamed to \(name), which is part of a key of \(table.name) already; choose another name")
        }
        rename(&table)
        if let salt { try check(salt, table, declared) }
        return table
    }

    private func rename(_ table: inout TableBlueprint) {
        func renamed(_ key: KeySchema) -> KeySchema {
            KeySchema(
                hash: KeyAttribute(newName(of: key.hash.name), key.hash.type),
                range: key.range.map { KeyAttribute(newName(of: $0.name), $0.type) })
        }
        func renamed(_ projection: Projection) -> Projection {
            guard case .include(let names) = projection else { return projection }
            return .include(names.map { newName(of: $0) })
        }
        table.key = renamed(table.key)
        for index in table.globalIndexes.indices {
            table.globalIndexes[index].key = renamed(table.globalIndexes[index].key)
            table.globalIndexes[index].projection = renamed(table.globalIndexes[index].projection)
        }
        for index in table.localIndexes.indices {
            table.localIndexes[index].key = renamed(table.localIndexes[index].key)
            table.localIndexes[index].projection = renamed(table.localIndexes[index].projection)
        }
    }

    private func check(_ salt: SaltDeclaration, _ table: TableBlueprint, _ declared: [SaltDeclaration]) throws(JobFailure) {
        guard salt.attribute == table.key.hash.name else {
            throw JobFailure(
                .usage,
                "--salt names \(salt.attribute), but the hash key of \(table.name) is \(table.key.hash.name); only that can be salted")
        }
        guard table.key.hash.type == .S else {
            throw JobFailure(
                .usage,
                "the hash key \(salt.attribute) of \(table.name) has type \(table.key.hash.type.rawValue), and only a string takes a salt; load the rows with a spec that makes the key a string"
            )
        }
        if let known = declared.first(where: { $0.source == nil }) {
            throw JobFailure(
                .usage,
                "the keys of \(table.name) are salted already (\(known.text)), and a recipe never changes in place; restore without --salt")
        }
        let names = [table.key.hash.name] + (table.key.range.map { [$0.name] } ?? [])
        if let other = salt.by.first(where: { !names.contains($0) }) {
            throw JobFailure(
                .usage,
                "--salt hashes \(other), which is not part of the key of \(table.name): two items of one key could end in two places; use \(names.joined(separator: " or "))"
            )
        }
    }
}
