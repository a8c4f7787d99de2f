import SaltedKeys
import SaltmillDynamoDB
import SaltmillItems

/// What holds between the sections of a spec.
extension SpecReader {
    /// A salt's shard is decided by the row's own identity, so that two rows of one key cannot become two items; and by more of it than
    /// the attribute that is spread, else each of its values stays whole.
    mutating func checkSalt(_ salt: SpecSalt, at path: String, spreading attribute: String, of key: PrimaryKey) {
        let byPath = SpecNode.path(path, "by")
        let names = [key.hash.name] + (key.range.map { [$0.name] } ?? [])
        let spreading = names.filter { spreads($0, attribute, key) }
        let foreign = salt.by.filter { !names.contains($0) }
        if !foreign.isEmpty {
            report(
                path: byPath,
                "\(listed(foreign)) \(foreign.count == 1 ? "is" : "are") not part of the primary key (\(listed(names))), so rows of one key "
                    + "could become several items; name key attributes only")
        } else if spreading.isEmpty {
            report(
                path: path,
                "nothing else in the primary key varies where `\(attribute)` is the same, so there is nothing to spread; remove the salt")
        } else if salt.by.isEmpty {
            report(path: byPath, "names no attribute; add \(listed(spreading, by: "or"))")
        } else if !salt.by.contains(where: spreading.contains) {
            report(path: byPath, "all rows with one `\(attribute)` would get the same shard; add \(listed(spreading, by: "or"))")
        }
    }

    /// Whether rows that agree in `attribute` can differ in `name`.
    private func spreads(_ name: String, _ attribute: String, _ key: PrimaryKey) -> Bool {
        if name == attribute { return false }
        let mapped = key.hash.name == name ? key.hash : key.range
        if case .constant = mapped?.value { return false }
        return true
    }

    /// Names of attributes are unique, and those of the key are not described twice.
    mutating func checkAttributes(_ attributes: [SpecAttribute], key: PrimaryKey) {
        for attribute in attributes where attribute.name == key.hash.name || attribute.name == key.range?.name {
            report(
                path: SpecNode.path("attributes", attribute.name),
                "is a key attribute, described under `key` already; remove it here or choose another name")
        }
        let named = [(key.hash.name, "key.hash")] + (key.range.map { [($0.name, "key.range")] } ?? [])
        for (name, path) in named + attributes.map({ ($0.name, SpecNode.path("attributes", $0.name)) })
        where name.hasPrefix(SyncAttributes.prefix) {
            report(path: path, "names that begin with `\(SyncAttributes.prefix)` are kept for what a sync notes; choose another name")
        }
    }

    /// Columns are used or dropped, not both.
    mutating func checkDropped(_ dropped: [String], attributes: [SpecAttribute]) {
        for (position, column) in dropped.enumerated() {
            if let user = attributes.first(where: { $0.columns.contains(column) }) {
                report(path: "drop[\(position)]", "column `\(column)` is used by attribute `\(user.name)`; remove it from one of them")
            }
        }
    }

    /// Indexes stand on attributes that exist and are fit to be keys.
    mutating func checkIndexes(
        _ indexes: [(position: Int, index: SecondaryIndex)], key: PrimaryKey, attributes: [SpecAttribute], declared: Set<String>
    ) {
        var names: Set<String> = []
        var salted: Set<String> = []
        var projected = 0
        let all = [key.hash] + (key.range.map { [$0] } ?? []) + attributes
        for (position, index) in indexes {
            let path = "indexes[\(position)]"
            if !names.insert(index.name).inserted {
                report(path: "\(path).name", "`\(index.name)` names another index already; choose another name")
            }
            checkIndexKey(index.hash, at: "\(path).hash.attribute", key: key, all: all, declared: declared)
            if let range = index.range {
                checkIndexKey(range, at: "\(path).range.attribute", key: key, all: all, declared: declared)
                if range == index.hashAttribute {
                    report(path: "\(path).range.attribute", "`\(range)` is the index's hash key already; name another attribute")
                }
            }
            if let salt = index.salt, let into = index.into {
                let saltPath = "\(path).hash.salt"
                checkSalt(salt, at: saltPath, spreading: index.hash, of: key)
                if let attribute = all.first(where: { $0.name == index.hash }), attribute.type != .S, [.N, .B].contains(attribute.type) {
                    report(path: saltPath, Self.saltNeedsText(attribute))
                }
                checkName(into, at: "\(saltPath).into", limit: Self.keyNameLimit)
                if declared.contains(into) {
                    report(path: "\(saltPath).into", "`\(into)` is an attribute already; choose another name for the salted one")
                } else if !salted.insert(into).inserted {
                    report(path: "\(saltPath).into", "`\(into)` is another index's salted attribute already; choose another name")
                }
            }
            if case .include(let list) = index.projection { projected += list.count }
        }
        if projected > Self.projectionLimit {
            report(
                path: "indexes",
                "at most \(Self.projectionLimit) attributes are listed in the projections of a table's indexes together, and these are \(projected); use `all`"
            )
        }
        for (position, index) in indexes {
            checkProjection(index, at: "indexes[\(position)].projection", key: key, known: declared.union(salted))
        }
    }

    /// Attributes listed over all projections of a table (Amazon DynamoDB Developer Guide, Service quotas).
    private static let projectionLimit = 100

    private mutating func checkIndexKey(_ name: String, at path: String, key: PrimaryKey, all: [SpecAttribute], declared: Set<String>) {
        checkName(name, at: path, limit: Self.keyNameLimit)
        guard declared.contains(name) else {
            let hint = suggestion(for: name, among: declared.sorted()).map { "did you mean `\($0)`?" } ?? "add it to `attributes`"
            report(path: path, "`\(name)` is no attribute of the items; \(hint)")
            return
        }
        guard let attribute = all.first(where: { $0.name == name }) else { return }
        if ![.S, .N, .B].contains(attribute.type) {
            report(path: path, "`\(name)` is of type \(attribute.type.rawValue), and an index key is of type S, N or B")
        }
        if attribute.null == .null || attribute.null == .empty {
            report(
                path: path,
                "`\(name)` has `null: \(attribute.null.rawValue)`, which an index key cannot hold; use `omit`, which keeps the item out of the index, "
                    + "or `reject`")
        }
    }

    private mutating func checkProjection(_ index: SecondaryIndex, at path: String, key: PrimaryKey, known: Set<String>) {
        guard case .include(let names) = index.projection else { return }
        let keys = [key.hash.name, key.range?.name, index.hashAttribute, index.range]
        for (position, name) in names.enumerated() {
            let path = "\(path)[\(position)]"
            checkName(name, at: path, limit: Self.keyNameLimit)
            if keys.contains(name) {
                report(path: path, "`\(name)` is a key, and keys are always projected; remove it")
            } else if !known.contains(name) {
                let hint =
                    suggestion(for: name, among: known.sorted()).map { "did you mean `\($0)`?" } ?? "add it to `attributes` or remove it"
                report(path: path, "`\(name)` is no attribute of the items; \(hint)")
            }
        }
    }

    /// Every salt's recipe fits into a tag of the table.
    mutating func checkDeclarations(_ spec: MigrationSpec) {
        for (declaration, path) in zip(spec.saltDeclarations, spec.saltPaths) {
            do throws(SaltError) {
                _ = try SaltDeclaration.tags(for: [declaration])
            } catch {
                report(path: path, error.description)
            }
        }
    }
}
