/// The rows that a SELECT reads: those of some partition keys, or all.
struct SelectPlan {
    /// In the order of reading; IN bounds their number to 100.
    let ranges: [KeyRange]
    /// Whether each range lies in one partition key's rows.
    let isKeyed: Bool
    let filter: Condition?
    let descending: Bool

    /// - Throws: a ValidationException for conditions or an order that the keys do not allow.
    init(_ select: PartiQLStatement.Select, _ table: Table, index: Int?) throws {
        let definition = index.map { table.definition.indexes[$0] }
        let keys = definition?.keys ?? table.definition.keys
        let collection = definition?.collection ?? table.definition.collection
        let selection = KeySelection(select.condition, keys)
        isKeyed = selection.hashes != nil
        filter = selection.rest
        let order = try Self.order(select, keys, hashes: selection.hashes?.count ?? 0)
        descending = order.range
        guard let hashes = selection.hashes else {
            ranges = [KeyRange(prefix: RowKey(collection: collection))]
            return
        }
        if let definition, definition.projection != .all { try Self.check(filter, definition, table) }
        var sorted = hashes
        if let descending = order.hash { sorted.sort { ($0.precedes($1) ?? false) != descending } }
        var ranges: [KeyRange] = []
        for hash in sorted {
            let condition = KeyCondition(attribute: keys.hash.name, comparison: .equal, operands: [hash])
            let range = try KeyConditions.range([condition] + (selection.range.map { [$0] } ?? []), keys, collection: collection)
            guard !ranges.contains(range) else {
                throw ServiceError.validation("Overlapping conditions with range keys are not supported in where clause")
            }
            ranges.append(range)
        }
        self.ranges = ranges
    }

    /// Whether ORDER BY has the keys descend; nil for a partition key that it does not name.
    private static func order(
        _ select: PartiQLStatement.Select, _ keys: KeySchema, hashes: Int
    ) throws -> (hash: Bool?, range: Bool) {
        guard !select.order.isEmpty else { return (nil, false) }
        guard select.condition != nil else {
            throw ServiceError.validation("Must have WHERE clause in the statement when using ORDER BY clause.")
        }
        guard hashes > 0 else {
            throw ServiceError.validation(
                "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.")
        }
        var order: (hash: Bool?, range: Bool) = (nil, false)
        for element in select.order {
            switch String(decoding: element.attribute, as: UTF8.self) {
            case keys.hash.name: order.hash = element.descending
            case keys.range?.name: order.range = element.descending
            case let name:
                throw ServiceError.validation("Variable reference \(name) in ORDER BY clause must be part of the primary key")
            }
        }
        guard hashes == 1 || order.hash != nil else {
            throw ServiceError.validation(
                "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause.")
        }
        return order
    }

    /// A filter beside a key is about what the index holds.
    private static func check(_ filter: Condition?, _ index: IndexDefinition, _ table: Table) throws {
        let held = table.attributes(heldBy: index)
        var lacking: [String] = []
        for path in filter?.paths ?? [] where !held.contains(path.attribute) {
            let name = String(decoding: path.attribute, as: UTF8.self)
            if !lacking.contains(name) { lacking.append(name) }
        }
        guard lacking.isEmpty else {
            throw ServiceError.invalidParameter(
                "Secondary index \(index.name) does not project one or more filter attributes: [\(lacking.joined(separator: ", "))]")
        }
    }
}
