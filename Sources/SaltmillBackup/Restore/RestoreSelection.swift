package import SaltmillDelivery

/// What the tables of a dump are called when they are restored.
package enum TableNaming: Sendable, Equatable {
    /// As they were.
    case same
    /// The one table, by this name.
    case exactly(String)
    /// With one beginning of the name in the place of another; names without it are refused.
    case prefix(from: String, to: String)

    var isExact: Bool { if case .exactly = self { true } else { false } }

    /// - Throws: ``JobFailure`` when the rule does not fit the name, or its result is no table name.
    package func target(of name: String) throws(JobFailure) -> String {
        let target: String
        switch self {
        case .same: target = name
        case .exactly(let other): target = other
        case .prefix(let from, let to):
            guard name.hasPrefix(from) else {
                throw JobFailure(
                    .usage, "the table \(name) does not begin with \"\(from)\"; name the tables to restore, or give another --prefix-from")
            }
            target = to + name.dropFirst(from.count)
        }
        guard Self.isTableName(target) else {
            throw JobFailure(
                .usage,
                "\"\(target)\" is no table name; those have 3 to 255 characters out of a-z, A-Z, 0-9, _, - and . (give one with --as)")
        }
        return target
    }

    /// What a table can be called (Amazon DynamoDB Developer Guide, "Naming rules").
    static func isTableName(_ name: String) -> Bool {
        (3...255).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
                default: false
                }
            }
    }
}

/// Which tables of a dump are restored, and as what.
package struct RestoreSelection: Sendable, Equatable {
    package struct Choice: Sendable, Equatable {
        /// Position in the dump.
        package var table: Int
        package var target: String

        package init(table: Int, target: String) {
            self.table = table
            self.target = target
        }
    }

    /// The names asked for, exactly as they stand in the dump; none for all.
    package var names: [String]
    package var naming: TableNaming
    /// Target tables that may be deleted first, each named by itself.
    package var replaced: [String]

    package init(names: [String] = [], naming: TableNaming = .same, replaced: [String] = []) {
        self.names = names
        self.naming = naming
        self.replaced = replaced
    }

    /// - Parameter tables: the names of the dump's tables; nil for one that has none.
    /// - Throws: ``JobFailure`` for names that the dump does not have, for two tables of one name, and for tables to be replaced that are
    ///   not restored.
    package func choices(among tables: [String?]) throws(JobFailure) -> [Choice] {
        let held = tables.compactMap(\.self).sorted().joined(separator: ", ")
        for name in names where !tables.contains(name) {
            throw JobFailure(.usage, "the dump has no table \(name); it holds \(held.isEmpty ? "one table without a name" : held)")
        }
        let chosen = tables.indices.filter { names.isEmpty || names.contains(tables[$0] ?? "") }
        if case .exactly(let name) = naming, chosen.count != 1 {
            throw JobFailure(
                .usage,
                "--as \(name) names one table, but \(chosen.count) are to be restored (\(held)); name the one, or use --prefix-from and --prefix-to"
            )
        }
        var choices: [Choice] = []
        for table in chosen {
            if tables[table] == nil, !naming.isExact {
                throw JobFailure(.usage, "the dump does not say what its table is called; give it a name with --as")
            }
            let target = try naming.target(of: tables[table] ?? "")
            guard !choices.contains(where: { $0.target == target }) else {
                throw JobFailure(.usage, "two tables of the dump would be restored as \(target); name the one to restore")
            }
            choices.append(Choice(table: table, target: target))
        }
        for name in replaced where !choices.contains(where: { $0.target == name }) {
            throw JobFailure(
                .usage,
                "--replace names the table \(name), which this restore does not write; it would write \(choices.map(\.target).joined(separator: ", "))"
            )
        }
        return choices
    }
}
