import SaltmillBytes
package import SaltmillSources

extension ItemEncoder: RowKeyReading {
    package mutating func readKeys(_ batch: borrowing RowBatch, into keys: inout [RowKey]) {
        precondition(batch.columnCount == columnCount, "the batch has other columns than the encoder was made for")
        keys.removeAll(keepingCapacity: true)
        for record in batch.records.indices {
            guard hasKey(record, of: batch) else {
                keys.append(.invalid)
                continue
            }
            let key = KeyHash.hash128(logical.bytes.span)
            keys.append(RowKey(isValid: true, high: key.high, low: key.low, lane: logical.hash(0)))
        }
    }

    /// The text of a record's hash key before any salt, to name it by: a number in canonical form, a binary as Base64; nil where the row
    /// has no usable key.
    package mutating func logicalHashKey(of record: Int, in batch: borrowing RowBatch) -> String? {
        guard hasKey(record, of: batch) else { return nil }
        var text: [UInt8] = []
        let value = logical.bytes.span.extracting(logical.valueRange(0))
        if plan.attributes[0].type == .B { Base64.append(encoding: value, to: &text) } else { text.append(value) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads a record's primary key into ``logical``; false if it has none.
    private mutating func hasKey(_ record: Int, of batch: borrowing RowBatch) -> Bool {
        guard batch.records[record].fault == nil else { return false }
        do throws(RowFault) {
            try readKeyValues(record, of: batch, slots: plan.keyCount)
            return true
        } catch {
            return false
        }
    }

    /// Reads the values of the first `slots` key attributes of a row.
    mutating func readKeyValues(_ record: Int, of batch: borrowing RowBatch, slots: Int) throws(RowFault) {
        logical.removeAll()
        let row = record * columnCount
        for slot in 0..<slots {
            let attribute = plan.attributes[plan.slots[slot]]
            switch text(of: attribute, row: row, in: batch) {
            case .null:
                guard slot >= plan.keyCount else { throw RowFault(nullKey: mapping.attributes[attribute.position], isHash: slot == 0) }
                logical.appendAbsent()
            case .cell(let range), .document(let range, isTyped: _):
                try readKeyValue(attribute, batch.bytes.span.extracting(range))
            case .composed:
                let text = texts.composed
                try readKeyValue(attribute, text.span)
            }
            guard slot < plan.keyCount else { continue }
            guard logical.size(slot) > 0 else { throw RowFault(emptyKey: mapping.attributes[attribute.position], isHash: slot == 0) }
            let source: EncodingPlan.KeySource = slot == 0 && plan.isSalted ? .salted(0) : .logical(slot: slot)
            try checkSize(source, isHash: slot == 0, mapping.attributes[attribute.position].name)
        }
    }

    private mutating func readKeyValue(_ attribute: EncodingPlan.Attribute, _ text: Span<UInt8>) throws(RowFault) {
        do throws(ValueFault) {
            try logical.append(text, as: attribute.type, attribute.encoding)
        } catch {
            throw RowFault(error, mapping.attributes[attribute.position], text)
        }
    }

    mutating func applySalts() {
        salted.removeAll()
        for number in plan.salts.indices {
            salted.append(logical, with: plan.salts[number], &identity)
            if number == 0, plan.isSalted, plan.keyCount == 2 { salted.append(canonicalFormOf: 1, of: logical) }
        }
    }

    /// Appends the row's lane in each index, and gives the set of indexes that it is in.
    mutating func appendIndexLanes(to lanes: inout [UInt64]) throws(RowFault) -> UInt32 {
        var members: UInt32 = 0
        for number in plan.indexes.indices {
            let index = plan.indexes[number]
            let hasHash = try checkIndexKey(index.hash, isHash: true, of: number)
            var hasRange = true
            if let range = index.range { hasRange = try checkIndexKey(range, isHash: false, of: number) }
            guard hasHash, hasRange else {
                lanes.append(0)
                continue
            }
            members |= 1 << UInt32(number)
            switch index.hash {
            case .logical(let slot): lanes.append(logical.hash(slot))
            case .salted(let salt): lanes.append(salted.hash(salt))
            }
        }
        return members
    }

    /// Whether the row has an index key attribute, which must then be usable as one.
    private func checkIndexKey(_ source: EncodingPlan.KeySource, isHash: Bool, of index: Int) throws(RowFault) -> Bool {
        guard let size = size(source) else { return false }
        guard size > 0 else { throw RowFault(indexKey: name(ofKey: isHash, of: index), of: mapping.indexes[index].name) }
        try checkSize(source, isHash: isHash, name(ofKey: isHash, of: index))
        return true
    }

    private func name(ofKey isHash: Bool, of index: Int) -> String {
        isHash ? mapping.indexes[index].hashAttribute : mapping.indexes[index].rangeAttribute ?? ""
    }

    private func checkSize(_ source: EncodingPlan.KeySource, isHash: Bool, _ name: @autoclosure () -> String) throws(RowFault) {
        guard let size = size(source), size > (isHash ? KeyLimits.hash : KeyLimits.range) else { return }
        var isSalted = false
        if case .salted = source { isSalted = true }
        throw RowFault(keyOf: size, isHash: isHash, isSalted: isSalted, name())
    }

    /// Size of a key value in bytes, with the longest salt; nil if the row has none.
    private func size(_ source: EncodingPlan.KeySource) -> Int? {
        switch source {
        case .logical(let slot):
            return logical.isPresent(slot) ? logical.size(slot) : nil
        case .salted(let number):
            let source = plan.salts[number].source
            return logical.isPresent(source) ? logical.size(source) + plan.salts[number].longestSuffix : nil
        }
    }
}
