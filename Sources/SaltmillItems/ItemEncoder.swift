import SaltedKeys
import SaltmillBytes
package import SaltmillDynamoDB
package import SaltmillSources

/// A record that cannot become an item, and why.
package struct RejectedRow: Sendable, Equatable {
    /// Position of the record in its batch.
    package var record: Int
    package var fault: RowFault

    package init(record: Int, fault: RowFault) {
        self.record = record
        self.fault = fault
    }
}

/// Makes items out of rows: the JSON that goes over the wire, written once, and in the same pass its size, its salts and its hashes.
///
/// An encoder keeps buffers that it uses again for the next row, so nothing is allocated per row; each task has one of its own.
package struct ItemEncoder: Sendable {
    let mapping: ItemMapping
    let plan: EncodingPlan
    let columnCount: Int
    var texts: RowTextReader
    var values: ValueWriter
    /// The row's key values before any salt, by slot.
    var logical = KeyValues()
    /// The salted key values, by salt. Behind the table's own stands its range key, so that both are hashed in one piece.
    var salted = KeyValues()
    var identity = SaltIdentity()
    /// Nil where nothing is masked.
    var masking: Masking?

    /// Prepares to encode rows of `columnCount` columns.
    package init(_ mapping: ItemMapping, columnCount: Int) {
        var texts = RowTextReader()
        self.mapping = mapping
        self.columnCount = columnCount
        plan = EncodingPlan(mapping, texts: &texts)
        self.texts = texts
        values = ValueWriter(pool: plan.pool)
        masking = mapping.maskSecret.map(Masking.init)
    }

    /// Appends the items of a batch to `chunk`, and to `rejects` the records that cannot become any. Superseded records and those that are gone
    /// are passed over.
    package mutating func encode(_ batch: borrowing RowBatch, into chunk: inout ItemChunk, rejects: inout [RejectedRow]) {
        precondition(batch.columnCount == columnCount, "the batch has other columns than the encoder was made for")
        precondition(chunk.indexCount == plan.indexes.count, "the chunk has other indexes than the mapping")
        var output = ByteWriter(capacity: batch.bytes.count * 3 + 1024)
        let base = chunk.bytes.count
        let plan = plan
        for record in batch.records.indices where !batch.records[record].isSuperseded && !batch.records[record].isGone {
            if let fault = batch.records[record].fault {
                rejects.append(RejectedRow(record: record, fault: fault))
                continue
            }
            let offset = output.count
            let lanes = chunk.indexLanes.count
            do throws(RowFault) {
                try encode(record, of: batch, by: plan, to: &output, behind: base, into: &chunk)
            } catch {
                output.truncate(to: offset)
                chunk.indexLanes.removeLast(chunk.indexLanes.count - lanes)
                rejects.append(RejectedRow(record: record, fault: error))
            }
        }
        output.copy(to: &chunk.bytes)
    }

    /// Writes one row's item to `output`, whose bytes come behind `base` others in the chunk, and its facts to the chunk.
    private mutating func encode(
        _ record: Int, of batch: borrowing RowBatch, by plan: borrowing EncodingPlan, to output: inout ByteWriter, behind base: Int,
        into chunk: inout ItemChunk
    ) throws(RowFault) {
        try readKeyValues(record, of: batch, slots: plan.slots.count)
        if !plan.salts.isEmpty { applySalts() }

        let offset = output.count
        var keyLength = 0
        var size = 0
        let row = record * columnCount
        for position in plan.plainAttributes.indices {
            if position == plan.keyCount { keyLength = output.count - offset }
            let plain = plan.plainAttributes[position]
            if plain.column >= 0 {
                let cell = batch.cells[row + Int(plain.column)]
                if texts.isPlain(cell), let added = Self.append(plain, at: position, plan.pool, cell, of: batch.bytes.span, to: &output) {
                    size += added
                    continue
                }
            }
            let attribute = plan.attributes[position]
            if attribute.slot < 0 {
                size += try append(attribute, row: row, of: batch, to: &output)
            } else if position == 0, plan.isSalted {
                size += appendSalted(0, attribute.prefix, nameSize: attribute.nameSize, to: &output)
            } else if logical.isPresent(attribute.slot) {
                size += appendKeyValue(attribute, to: &output)
            } else {
                size += try appendNull(attribute, to: &output)
            }
        }
        if plan.attributes.count == plan.keyCount { keyLength = output.count - offset }
        for number in (plan.isSalted ? 1 : 0)..<plan.salts.count where salted.isPresent(number) {
            size += appendSalted(number, plan.salts[number].prefix, nameSize: plan.salts[number].nameSize, to: &output)
        }
        output.append(UInt8(ascii: "}"))
        guard size <= KeyLimits.item else { throw RowFault(itemOf: size) }

        let indexes = plan.indexes.isEmpty ? 0 : try appendIndexLanes(to: &chunk.indexLanes)
        let key = hashKey()
        let isKeyAlone = !plan.isSalted && plan.keyCount == 1
        chunk.items.append(
            EncodedItem(
                offset: UInt32(base + offset), length: UInt32(output.count - offset), size: UInt32(size), keyLength: UInt32(keyLength),
                key: key, lane: isKeyAlone ? key : plan.isSalted ? salted.hash(0) : logical.hash(0), indexes: indexes,
                record: UInt32(record)))
    }

    /// Hash of the physical primary key.
    private mutating func hashKey() -> UInt64 {
        if plan.isSalted { return KeyHash.hash64(salted.bytes.span.extracting(0..<saltedKeyEnd)) }
        return KeyHash.hash64(logical.bytes.span.extracting(0..<logical.range(plan.keyCount - 1).upperBound))
    }

    /// Where the table's salted primary key ends in the salted values.
    private var saltedKeyEnd: Int {
        salted.range(0).upperBound + (plan.keyCount == 2 ? logical.range(1).count : 0)
    }
}
