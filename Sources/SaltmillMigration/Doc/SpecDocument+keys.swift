import SaltedKeys
import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources

extension SpecDocument {
    // MARK: Keys

    /// The primary key and the indexes, with programs that read them where they are salted.
    static func keys(_ spec: MigrationSpec) -> [DocumentBlock] {
        let keys = [spec.key.hash] + (spec.key.range.map { [$0] } ?? [])
        var blocks: [DocumentBlock] = [.heading("Primary key")]
        var items: [[DocumentBlock.Span]] = [
            [.text("hash key: "), .code(spec.key.hash.name), .text(" ("), .code(spec.key.hash.type.rawValue), .text(")")]
        ]
        if let range = spec.key.range {
            items.append([.text("range key: "), .code(range.name), .text(" ("), .code(range.type.rawValue), .text(")")])
        }
        blocks.append(.list(items))
        if let salt = spec.key.salt {
            let code = ReadingCode(table: spec.target.table, hash: spec.key.hash, range: spec.key.range, salt: salt)
            blocks += [
                .paragraph(recipe(salt, of: spec.key.hash.name)), .code(code.python(keys: keys), language: "python"),
                .code(code.shell, language: "sh"),
            ]
        }
        for index in spec.indexes { blocks += self.index(index, spec, keys) }
        return blocks
    }

    private static func recipe(_ salt: SpecSalt, of attribute: String) -> [DocumentBlock.Span] {
        let example = salt.recipe.physicalKey(logical: "KEY", shard: salt.recipe.shards - 1)
        return [
            .code(attribute), .text(" is stored with a shard behind it, "), .code(salt.recipe.physicalKey(logical: "KEY", shard: 0)),
            .text(" to "), .code(example), .text(": one logical key is spread over \(salt.recipe.shards) shards, by "),
            .code(salt.by.joined(separator: ", ")),
            .text(
                ". The shard is the first four bytes of SHA-256 over each of these values as decimal length, colon, bytes; as a number, modulo \(salt.recipe.shards)."
            ),
        ]
    }

    private static func index(_ index: SecondaryIndex, _ spec: MigrationSpec, _ keys: [SpecAttribute]) -> [DocumentBlock] {
        var line: [DocumentBlock.Span] = [.text("hash key: "), .code(index.hashAttribute)]
        if let range = index.range { line += [.text(", range key: "), .code(range)] }
        line += [.text(", projection: "), .text(projection(index.projection))]
        var blocks: [DocumentBlock] = [.heading("Index \(index.name)"), .paragraph(line)]
        if let salt = index.salt, let into = index.into, let source = spec.allAttributes.first(where: { $0.name == index.hash }) {
            let hash = SpecAttribute(name: into, type: .S, value: source.value)
            let code = ReadingCode(table: spec.target.table, index: index.name, hash: hash, range: nil, salt: salt)
            blocks += [
                .paragraph(
                    [.code(into), .text(" holds "), .code(index.hash), .text(" with a shard behind it. ")] + recipe(salt, of: into)),
                .code(code.python(keys: keys), language: "python"), .code(code.shell, language: "sh"),
            ]
        }
        return blocks
    }

    private static func projection(_ projection: Projection) -> String {
        switch projection {
        case .all: "every attribute"
        case .keysOnly: "keys alone"
        case .include(let names): "keys and \(names.joined(separator: ", "))"
        }
    }

    // MARK: Rejected rows

    /// Which rows become no item, and how many of them there were.
    static func rejections(_ spec: MigrationSpec, _ rejects: [String: Int]) -> [DocumentBlock] {
        var rules: [[DocumentBlock.Span]] = [
            [.text("an empty or null key, a value that is not of its type, a number over 38 digits, an item over 400 KB")]
        ]
        for attribute in spec.attributes where attribute.null == .reject {
            rules.append([.text("no value for "), .code(attribute.name)])
        }
        switch spec.duplicates {
        case .last: rules.append([.text("of rows with one primary key the last is written; the others are superseded")])
        case .first: rules.append([.text("of rows with one primary key the first is written; the others are superseded")])
        case .reject: rules.append([.text("rows that share a primary key are all rejected")])
        case .unchecked: rules.append([.text("rows with one primary key overwrite each other; which one stays is not promised")])
        }
        var blocks: [DocumentBlock] = [.heading("Rows that become no item"), .list(rules)]
        if !rejects.isEmpty {
            let rows = rejects.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            blocks += [
                .paragraph([.text("So far rejected, listed with their reasons in "), .code(spec.rejects.path), .text(":")]),
                .table(head: ["Reason", "Rows"], rows: rows.map { .init(cells: [[.code($0.key)], [.text(String($0.value))]]) }),
            ]
        }
        return blocks
    }
}
