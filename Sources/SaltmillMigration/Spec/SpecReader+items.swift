import SaltedKeys
import SaltmillItems

extension SpecReader {
    /// The section `key`.
    mutating func key(_ node: SpecNode) -> PrimaryKey? {
        guard let object = object(node, .key, example: "{ hash: { attribute: id, type: S } }") else { return nil }
        let range = object["range"].map { keyAttribute($0, .range, example: "{ attribute: at, type: S }") }
        guard let hashNode = required(object, "hash", "describe the hash key, e.g. `hash: { attribute: id, type: S }`") else { return nil }
        let hash = keyAttribute(hashNode, .hash, example: "{ attribute: id, type: S }")
        var salt: SpecSalt?
        if let saltNode = hash?.object["salt"] {
            salt = self.salt(saltNode, .salt)?.salt
            if let attribute = hash?.attribute, attribute.type != .S {
                report(saltNode, Self.saltNeedsText(attribute))
                salt = nil
            }
        }
        guard let hash = hash?.attribute else { return nil }
        let rangeAttribute = range?.flatMap(\.attribute)
        if range != nil, rangeAttribute == nil { return nil }
        if let rangeAttribute, rangeAttribute.name == hash.name {
            report(path: "key.range.attribute", "`\(hash.name)` is the hash key already; name another attribute")
            return nil
        }
        let key = PrimaryKey(hash: hash, range: rangeAttribute, salt: salt)
        if let salt { checkSalt(salt, at: "key.hash.salt", spreading: hash.name, of: key) }
        return key
    }

    static func saltNeedsText(_ attribute: SpecAttribute) -> String {
        "a salted key is text such as `\(attribute.type == .N ? "1000" : "key").7`, but `\(attribute.name)` is of type \(attribute.type.rawValue); "
            + "use `type: S` or remove the salt"
    }

    /// The hash or range key; the object is given also where the attribute has a fault.
    private mutating func keyAttribute(_ node: SpecNode, _ shape: SpecShape, example: String)
        -> (object: SpecObject, attribute: SpecAttribute?)?
    {
        guard let object = object(node, shape, example: example) else { return nil }
        let name = required(object, "attribute", "name the attribute that holds the key").flatMap { self.name($0) }
        if let name { checkName(name, at: SpecNode.path(node.path, "attribute"), limit: Self.keyNameLimit) }
        guard var attribute = attribute(object, name: name ?? "", types: [.S, .N, .B]) else { return (object, nil) }
        if let mask = attribute.mask, !mask.isInjective, let node = object["mask"] {
            report(
                node,
                "`\(mask.rawValue)` would make one item of rows that have different keys; use "
                    + listed(Mask.allCases.filter { $0.isInjective && $0.types.contains(attribute.type) }.map(\.rawValue), by: "or"))
            attribute.mask = nil
        }
        attribute.null = .reject
        return (object, name == nil ? nil : attribute)
    }

    /// Attribute names of keys and of projections are at most this long, in bytes (Amazon DynamoDB Developer Guide, Service quotas).
    static let keyNameLimit = 255
    /// Other attribute names (same source).
    static let attributeNameLimit = 65_535

    mutating func checkName(_ name: String, at path: String, limit: Int) {
        if name.utf8.count > limit {
            report(path: path, "the name has \(name.utf8.count) bytes, and at most \(limit) are allowed here; shorten it")
        }
    }

    /// A salt, and the attribute of an index that it goes into.
    mutating func salt(_ node: SpecNode, _ shape: SpecShape) -> (salt: SpecSalt, into: String?)? {
        guard let object = object(node, shape, example: "{ shards: 20, by: [id] }") else { return nil }
        let into = object["into"].flatMap { self.name($0) }
        let shards = required(object, "shards", "say over how many shards each key is spread, e.g. `shards: 20`")
            .flatMap { self.shards($0) }
        let by = required(object, "by", "list the key attributes whose values decide the shard, e.g. `by: [id]`")
            .flatMap { names($0, of: "attributes of the primary key", orOne: true) }
        let separator = object["separator"].map { text($0) } ?? "."
        guard let shards, let by, let separator else { return nil }
        do throws(SaltError) {
            return (SpecSalt(recipe: try SaltRecipe(checking: shards, separator: separator), by: by), into)
        } catch {
            report(object["separator"] ?? node, error.description)
            return nil
        }
    }

    private mutating func shards(_ node: SpecNode) -> Int? {
        if case .text("1") = node.content {
            report(node, "one shard spreads nothing; use 2 or more, or remove the salt")
            return nil
        }
        return count(node, 2...100_000)
    }

    /// The section `attributes`. `declared` holds the names of those with faults too.
    mutating func attributes(_ node: SpecNode) -> (read: [SpecAttribute], declared: Set<String>)? {
        guard case .fields(let fields) = node.content else {
            mustBe("a mapping such as `{ dep_time: N }`", node)
            return nil
        }
        var read: [SpecAttribute] = []
        for field in fields {
            if field.name.isEmpty { report(field.value, "an attribute's name must not be empty") }
            checkName(field.name, at: field.value.path, limit: Self.attributeNameLimit)
            if case .text = field.value.content {
                guard let type = choice(field.value, AttributeType.allCases) else { continue }
                read.append(SpecAttribute(name: field.name, type: type, value: .column(field.name)))
            } else if let object = object(field.value, .attribute, example: "{ from: column, type: S }"),
                let attribute = attribute(object, name: field.name, types: AttributeType.allCases)
            {
                read.append(attribute)
            }
        }
        return (read, Set(fields.map(\.name)))
    }

    /// An attribute in its long form: where its value comes from, its type and what goes with it.
    private mutating func attribute(_ object: SpecObject, name: String, types: [AttributeType]) -> SpecAttribute? {
        let type = required(object, "type", "write \(listed(types.map(\.rawValue), by: "or"))").flatMap { choice($0, types) }
        guard let value = value(object, name: name), let type else { return nil }
        var attribute = SpecAttribute(name: name, type: type, value: value)
        attribute.about = object["about"].flatMap { text($0) }
        if let node = option("null", object, of: AttributeType.allCases, type),
            let policy = choice(node, [NullPolicy.omit, .null, .reject, .empty])
        {
            attribute.null = policy
            if case .constant = value { report(node, "has no meaning beside `constant`, which is never null; remove it") }
            if policy == .empty, type != .S, type != .B { report(node, "`empty` is for types S and B, not \(type.rawValue)") }
        }
        if let node = option("encoding", object, of: [.B, .BS], type), let encoding = choice(node, [BinaryEncoding.base64, .hex, .utf8]) {
            attribute.encoding = encoding
        }
        if let node = option("separator", object, of: [.SS, .NS, .BS], type), let separator = self.name(node) {
            attribute.separator = separator
        }
        if let node = option("true", object, of: [.BOOL], type), let texts = truthTexts(node) { attribute.trueTexts = texts }
        if let node = option("false", object, of: [.BOOL], type), let texts = truthTexts(node) { attribute.falseTexts = texts }
        checkTruth(attribute, object)
        if let node = object["personal"] { attribute.isPersonal = boolean(node) ?? false }
        if let node = object["mask"] { attribute.mask = mask(node, of: attribute) }
        return attribute
    }

    private mutating func mask(_ node: SpecNode, of attribute: SpecAttribute) -> Mask? {
        guard let mask = choice(node, Mask.allCases) else { return nil }
        if !mask.types.contains(attribute.type) {
            report(
                node,
                "`\(mask.rawValue)` is for type \(mask.types.map(\.rawValue).joined(separator: ", ")), and this is \(attribute.type.rawValue); "
                    + "use \(listed(Mask.allCases.filter { $0.types.contains(attribute.type) }.map(\.rawValue), by: "or"))")
        } else if mask == .null, attribute.null == .reject {
            report(node, "`null` would have every row rejected, as `null: reject` is said; remove one of them")
        }
        return mask
    }

    private mutating func option(_ name: String, _ object: SpecObject, of types: [AttributeType], _ type: AttributeType) -> SpecNode? {
        guard let node = object[name] else { return nil }
        if types.contains(type) { return node }
        report(node, "is for type \(types.map(\.rawValue).joined(separator: ", ")), and this is \(type.rawValue); remove it")
        return nil
    }

    private mutating func value(_ object: SpecObject, name: String) -> SpecAttribute.Value? {
        let given = ["from", "template", "constant"].filter { object[$0] != nil }
        if given.count > 1 {
            report(object.node, "\(listed(given)) exclude one another; keep one")
            return nil
        }
        if let node = object["from"] { return self.name(node).map { .column($0) } }
        if let node = object["constant"] { return text(node).map { .constant($0) } }
        guard let node = object["template"] else { return .column(name) }
        guard let text = text(node) else { return nil }
        do throws(SpecTemplate.Malformed) {
            return .template(try SpecTemplate(parsing: text))
        } catch {
            report(node, error.description)
            return nil
        }
    }

    private mutating func truthTexts(_ node: SpecNode) -> [String]? {
        names(node, of: "texts", orOne: true, mayBeEmpty: true)
    }

    /// No text may mean both true and false.
    private mutating func checkTruth(_ attribute: SpecAttribute, _ object: SpecObject) {
        guard attribute.type == .BOOL else { return }
        let falseTexts = Set(attribute.falseTexts.map { $0.lowercased() })
        if let both = attribute.trueTexts.first(where: { falseTexts.contains($0.lowercased()) }) {
            report(object.node, "`\(both)` means both true and false; give both `true` and `false` texts, without overlap")
        }
    }
}
