package import SaltedKeys

extension MigrationSpec {
    /// What the table's tags say of its salts: the table's own first, then those of salted indexes in order.
    package var saltDeclarations: [SaltDeclaration] {
        salts.map(\.declaration)
    }

    /// Where the spec gives each of ``saltDeclarations``.
    var saltPaths: [String] {
        salts.map(\.path)
    }

    private var salts: [(declaration: SaltDeclaration, path: String)] {
        var result: [(declaration: SaltDeclaration, path: String)] = []
        if let salt = key.salt {
            result.append((SaltDeclaration(attribute: key.hash.name, by: salt.by, recipe: salt.recipe), "key.hash.salt"))
        }
        for (position, index) in indexes.enumerated() {
            guard let salt = index.salt, let into = index.into else { continue }
            let declaration = SaltDeclaration(attribute: into, source: index.hash, by: salt.by, recipe: salt.recipe)
            result.append((declaration, "indexes[\(position)].hash.salt"))
        }
        return result
    }
}
