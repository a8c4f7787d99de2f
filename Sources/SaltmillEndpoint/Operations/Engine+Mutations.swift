import SaltmillBytes
import SaltmillPartitions

/// A write that may depend on what is there.
struct Mutation {
    enum Action {
        case put
        case delete
        case update(Update)
        /// Nothing is written.
        case check
    }

    var key: RowKey
    /// The item to put, or the key of the one to change, in the engine's reader.
    var item: ItemBuffer.Item
    var action: Action
    var condition: Condition?
}

/// What a mutation comes to, given what is there.
struct Resolution {
    var write: Write
    /// The size of the item that is there; nil where none was looked for or found.
    var oldSize: Int?
}

/// What became of a mutation.
struct MutationOutcome {
    var write: Write
    var consumed: ConsumedCapacity
    /// What it returns of the item; nil for nothing.
    var attributes: [UInt8]?
}

/// A condition that the item there does not meet.
struct ConditionFailure: Error {
    /// The item; nil where there is none.
    var item: [UInt8]?
    var size: Int?
}

extension Engine {
    /// Does one write.
    /// - Throws: ``ConditionFailure``, which has been charged for, or a ``ServiceError``.
    func carryOut(_ mutation: Mutation, _ table: Table, returning values: ReturnValues) throws -> MutationOutcome {
        let resolved: Resolution
        do {
            resolved = try resolve(mutation, table)
        } catch let failure as ConditionFailure {
            try chargeFailure(failure, mutation, table)
            throw failure
        }
        let outcome = try write([resolved.write], on: [table], keepingOld: [.allOld, .updatedOld].contains(values))
        if let refusal = outcome.refusals[0] { throw throttled(refusal, table) }
        let new = resolved.write.isPut ? resolved.write.item.json : nil
        let attributes = try attributes(values, mutation, old: outcome.old[0], new: new)
        return MutationOutcome(write: resolved.write, consumed: outcome.consumed[0], attributes: attributes)
    }

    /// What a write returns of the item; nil for nothing.
    private func attributes(_ values: ReturnValues, _ mutation: Mutation, old: [UInt8]?, new: Range<Int>?) throws -> [UInt8]? {
        let item: [UInt8]? =
            switch values {
            case .none: nil
            case .allOld, .updatedOld: old
            case .allNew, .updatedNew: new.map { Array(reader.buffer.bytes[$0]) }
            }
        guard let item, values == .updatedOld || values == .updatedNew else { return item }
        guard case .update(let update) = mutation.action else { return nil }
        var attributes: [UInt8] = []
        return try ProjectedPaths(update.paths).append(item.span, to: &attributes) ? attributes : nil
    }

    /// Finds out what a mutation writes.
    /// - Throws: ``ConditionFailure``, or a ValidationException where an update does not fit the item.
    func resolve(_ mutation: Mutation, _ table: Table, number: Int = 0) throws -> Resolution {
        var update: Update?
        var write = Write(table: number, key: mutation.key, item: mutation.item, isPut: false)
        switch mutation.action {
        case .put: write.isPut = true
        case .delete: break
        case .check: write.isCheck = true
        case .update(let made): update = made
        }
        guard update != nil || mutation.condition != nil else { return Resolution(write: write) }
        let row = try store.row(mutation.key)
        if let condition = mutation.condition {
            let names = condition.paths.map(\.attributeInJSON)
            guard condition.isMet(by: try members(of: row, only: names)) else {
                throw ConditionFailure(item: row?.item, size: row?.size)
            }
        }
        guard let update else { return Resolution(write: write, oldSize: row?.size) }
        guard row != nil || update.actions.isEmpty || update.actions.contains(where: \.adds) else {
            // Removing from an item that is not there does not make one.
            return Resolution(write: write, oldSize: nil)
        }
        write.item = try updated(mutation, row, update, table)
        write.isPut = true
        return Resolution(write: write, oldSize: row?.size)
    }

    private func members(of row: StoredRow?, only names: [[UInt8]]? = nil) throws -> ItemValue.Members {
        guard let row else { return [] }
        var scanner = JSONScanner()
        return try ItemValue.members(&scanner, row.item.span, only: names)
    }

    /// The item behind an update, in the reader, checked as one that is put.
    private func updated(_ mutation: Mutation, _ row: StoredRow?, _ update: Update, _ table: Table) throws -> ItemBuffer.Item {
        var old = try members(of: row)
        if row == nil {
            var scanner = JSONScanner(at: mutation.item.json.lowerBound)
            let bytes = reader.buffer.bytes
            old = try ItemValue.members(&scanner, bytes.span)
        }
        var json: [UInt8] = []
        ItemValue.write(try update.applied(to: old), to: &json)
        var scanner = JSONScanner()
        let item = try reader.readMap(&scanner, json.span)
        guard item.size <= Self.maximumItemSize else {
            throw ServiceError.validation("Item size to update has exceeded the maximum allowed size")
        }
        _ = try rowKey(ofPut: item, table, place: .item)
        return item
    }

    /// A write whose condition fails draws what it would have looked at (Developer Guide, "Working with items").
    func chargeFailure(_ failure: ConditionFailure, _ mutation: Mutation, _ table: Table) throws {
        let units = ConsumedCapacity.writeUnits(failure.size ?? 0)
        let charge = Charge(.table, .write, position: mutation.key.position, units: units)
        do {
            try admit(charge, to: table, at: configuration.clock.monotonic())
        } catch {
            throw throttled(error, table)
        }
    }

    /// How large the item collections are that writes belong to, by tables.
    func collectionMetrics(of writes: [Write], _ tables: [Table]) throws -> JSONValue {
        var members: [JSONValue.Member] = []
        for (number, table) in tables.enumerated() where table.definition.hasLocalIndexes {
            var seen = Set<RowKey>()
            let first = writes.filter { $0.table == number && seen.insert($0.key.partition(in: 0)).inserted }
            members.append(.init(table.name, .array(try first.compactMap { try collectionMetrics(of: $0, table) })))
        }
        return .object(members)
    }

    /// How large the item collection is that a write belongs to; nil for a table without local indexes, which has no such collections.
    func collectionMetrics(of write: Write, _ table: Table) throws -> JSONValue? {
        let definition = table.definition
        guard definition.hasLocalIndexes else { return nil }
        var bytes = 0
        let local = definition.indexes.filter { !$0.isGlobal }.map(\.collection)
        for collection in [definition.collection] + local {
            try store.scan(KeyRange(prefix: write.key.partition(in: collection))) { _, size, _ in
                bytes += size
                return true
            }
        }
        let gigabytes = Double(bytes / (1 << 30))
        let key = KeyReader.json([definition.keys.hash], of: write.item, in: reader.buffer)
        return [
            "ItemCollectionKey": try JSONValue(parsing: key.span),
            "SizeEstimateRangeGB": [.number(String(gigabytes)), .number(String(gigabytes + 1))],
        ]
    }
}

extension Update.Action {
    /// Whether the action brings something to the item.
    fileprivate var adds: Bool {
        switch self {
        case .set, .add: true
        case .remove, .delete: false
        }
    }
}
