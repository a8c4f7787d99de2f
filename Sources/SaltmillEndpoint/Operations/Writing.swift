import SaltmillBytes
import SaltmillPartitions

/// One write of a request.
struct Write {
    /// Position of the table among the request's tables.
    var table: Int
    var key: RowKey
    /// The item to put, or the key of the one to delete, in the engine's reader.
    var item: ItemBuffer.Item
    var isPut: Bool
    /// Nothing is written, only the item looked at.
    var isCheck = false
}

/// How a request's writes are done, and what they cost.
enum WriteMode {
    /// Each for itself: refused ones are left out.
    case each
    /// All or, if any is refused, none; at twice the cost.
    case transaction
    /// Each for itself, at no cost.
    case free

    var factor: Double {
        switch self {
        case .each: 1
        case .transaction: Transactions.factor
        case .free: 0
        }
    }
}

/// What came of a request's writes.
struct WriteOutcome {
    /// For each table of the request.
    var consumed: [ConsumedCapacity]
    /// For each write, why it was refused, if it was.
    var refusals: [Refusal?]
    /// For each write, the item that was there before, if it was asked for.
    var old: [[UInt8]?]
}

extension Engine {
    /// Does writes in one transaction of the store.
    func write(_ writes: [Write], on tables: [Table], keepingOld: Bool = false, mode: WriteMode = .each) throws -> WriteOutcome {
        let now = configuration.clock.monotonic()
        var outcome = WriteOutcome(
            consumed: tables.map { _ in ConsumedCapacity() }, refusals: writes.map { _ in nil }, old: writes.map { _ in nil })
        var contents = tables.map(\.contents)
        let partitions = mode == .transaction ? tables.map(\.partitions) : []
        do {
            try store.transaction {
                for (number, write) in writes.enumerated() {
                    do {
                        outcome.old[number] = try apply(
                            write, to: tables[write.table], &contents[write.table], &outcome.consumed[write.table],
                            keepingOld: keepingOld, factor: mode.factor, at: now)
                    } catch let refusal as Refusal {
                        outcome.refusals[number] = refusal
                        if mode == .transaction { throw refusal }
                    }
                }
                for (table, new) in zip(tables, contents) {
                    for (position, collection) in table.collections.enumerated() where table.contents[position] != new[position] {
                        try store.setContents(new[position], of: collection)
                    }
                }
            }
        } catch is Refusal {
            for (table, before) in zip(tables, partitions) { table.partitions = before }
            return outcome
        }
        for (table, new) in zip(tables, contents) { table.contents = new }
        note(writes, on: tables, outcome)
        return outcome
    }

    /// Does one write.
    /// - Returns: the item that was there before, if it was asked for or an index needed it.
    /// - Throws: ``Refusal`` when the partitions do not admit it.
    private func apply(
        _ write: Write, to table: Table, _ contents: inout [Table.Contents], _ consumed: inout ConsumedCapacity, keepingOld: Bool,
        factor: Double, at now: Int64
    ) throws -> [UInt8]? {
        let hasIndexes = !table.definition.indexes.isEmpty
        let old = keepingOld || hasIndexes ? try store.row(write.key) : nil
        let oldSize = keepingOld || hasIndexes ? old?.size : try store.size(write.key)
        let newSize = write.isPut ? write.item.size : nil
        let changes = hasIndexes && !write.isCheck ? try entryChanges(write, old: old?.item, of: table) : []

        let units = factor * ConsumedCapacity.writeUnits(max(oldSize ?? 0, newSize ?? 0))
        let charge = Charge(.table, .write, position: write.key.position, units: units)
        if factor == 0 {
            // Nobody is charged.
        } else if changes.isEmpty {
            try admit(charge, to: table, at: now)
        } else {
            let draws = changes.flatMap { change in
                let resource = table.resource(ofIndex: change.index)
                return change.draws.map { Charge(resource, .write, position: $0.position, units: factor * $0.units) }
            }
            try admit([charge] + draws, to: table, at: now)
        }
        consumed.table += units
        if write.isCheck { return nil }

        if let newSize {
            let bytes = reader.buffer.bytes
            try store.put(write.key, size: newSize, item: bytes.span.extracting(write.item.json))
        } else if oldSize != nil {
            try store.delete(write.key)
        }
        contents[0].count(from: oldSize, to: newSize)
        count(write.key, from: oldSize, to: newSize, in: .table, of: table, at: now)
        for change in changes {
            try apply(change)
            contents[change.index + 1].count(from: change.old?.size, to: change.new?.size)
            let resource = table.resource(ofIndex: change.index)
            if let old = change.old { count(old.key, from: old.size, to: nil, in: resource, of: table, at: now) }
            if let new = change.new { count(new.key, from: nil, to: new.size, in: resource, of: table, at: now) }
            for draw in change.draws { consumed.add(factor * draw.units, index: change.index) }
        }
        return old?.item
    }

    /// Tells the partitions of bytes that came or went.
    private func count(_ key: RowKey, from old: Int?, to new: Int?, in resource: Resource, of table: Table, at now: Int64) {
        let bytes = (new ?? 0) - (old ?? 0)
        if bytes != 0 { table.partitions.stored(bytes, in: resource, position: key.position, at: now) }
    }

    private func apply(_ change: EntryChange) throws {
        if let old = change.old, old.key != change.new?.key { try store.delete(old.key) }
        if let new = change.new, !change.isIdle { try store.put(new.key, size: new.size, item: new.json.span) }
    }

    /// What a write changes in the table's indexes.
    private func entryChanges(_ write: Write, old: [UInt8]?, of table: Table) throws -> [EntryChange] {
        storedReader.removeAll()
        let oldItem = try old.map { try readStored($0) }
        return try table.definition.indexes.indices.compactMap { index in
            let definition = table.definition.indexes[index]
            let change = EntryChange(
                index: index,
                old: try oldItem.flatMap {
                    try IndexEntry(of: $0, in: storedReader.buffer, definition, table.definition.keys, place: write.key)
                },
                new: write.isPut
                    ? try IndexEntry(of: write.item, in: reader.buffer, definition, table.definition.keys, place: write.key) : nil)
            return change.old == nil && change.new == nil ? nil : change
        }
    }

    /// Notes keys for the log.
    private func note(_ writes: [Write], on tables: [Table], _ outcome: WriteOutcome) {
        guard configuration.requestLog != nil else { return }
        logEntries = tables.map { RequestLog.Entry(table: $0.name) }
        for (number, write) in writes.enumerated() {
            let key = KeyReader.json(tables[write.table].definition.keys.attributes, of: write.item, in: reader.buffer)
            if outcome.refusals[number] == nil {
                logEntries[write.table].keys.append(key)
            } else {
                logEntries[write.table].refused.append(key)
            }
        }
    }
}

extension Table.Contents {
    /// Counts a row that came, went or changed its size.
    mutating func count(from old: Int?, to new: Int?) {
        items += (new == nil ? 0 : 1) - (old == nil ? 0 : 1)
        bytes += (new ?? 0) - (old ?? 0)
    }
}
