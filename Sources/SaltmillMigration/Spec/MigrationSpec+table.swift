package import SaltedKeys
package import SaltmillDynamoDB
import SaltmillItems

extension MigrationSpec {
    /// The table to create, tagged with its salts; `nil` where the spec says that it must exist.
    /// - Throws: ``SaltedKeys/SaltError`` for a salt that no tag can hold, which reading a spec has ruled out.
    package func tableDefinition() throws(SaltError) -> TableDefinition? {
        guard let billing = target.create else { return nil }
        return TableDefinition(name: target.table, key: keySchema, indexes: indexDefinitions, billing: billing, tags: try saltTags())
    }

    /// The table's key as the spec has it.
    package var keySchema: KeySchema {
        KeySchema(hash: keyAttribute(key.hash.name), range: key.range.map { keyAttribute($0.name) })
    }

    /// The indexes as the spec has them, salted ones with the attributes that their salts go into.
    package var indexDefinitions: [TableDefinition.Index] {
        indexes.map { index in
            TableDefinition.Index(
                name: index.name, key: KeySchema(hash: keyAttribute(index.hashAttribute), range: index.range.map(keyAttribute)),
                projection: index.projection, throughput: index.throughput)
        }
    }

    /// What the table's tags must say of its salts; empty where nothing is salted.
    /// - Throws: ``SaltedKeys/SaltError`` for a salt that no tag can hold, which reading a spec has ruled out.
    package func saltTags() throws(SaltError) -> [Tag] {
        try SaltDeclaration.tags(for: saltDeclarations).map { Tag($0.key, $0.value) }
    }

    /// An attribute as a key; those that salts go into are not among ``allAttributes`` and are strings.
    private func keyAttribute(_ name: String) -> KeyAttribute {
        let type = allAttributes.first { $0.name == name }.flatMap { ScalarType(rawValue: $0.type.rawValue) }
        return KeyAttribute(name, type ?? .S)
    }
}
