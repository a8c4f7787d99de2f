import SaltmillBytes
import SaltmillSources

/// Each of these appends an attribute, if there is anything to append, and gives the size of its name and value.
extension ItemEncoder {
    mutating func append(
        _ attribute: EncodingPlan.Attribute, row: Int, of batch: borrowing RowBatch, to output: inout [UInt8]
    ) throws(RowFault) -> Int {
        switch text(of: attribute, row: row, in: batch) {
        case .null: return try appendNull(attribute, to: &output)
        case .cell(let range): return try append(attribute, batch.bytes.span.extracting(range), to: &output)
        case .document(let range, let isTyped):
            return try append(attribute, batch.bytes.span.extracting(range), isTyped ? .typed : .plain, to: &output)
        case .composed:
            let text = texts.composed
            return try append(attribute, text.span, to: &output)
        }
    }

    private mutating func append(
        _ attribute: EncodingPlan.Attribute, _ text: Span<UInt8>, _ document: DocumentForm? = nil, to output: inout [UInt8]
    ) throws(RowFault) -> Int {
        values.appendPrefix(attribute.prefix, to: &output)
        do throws(ValueFault) {
            let size =
                if let document {
                    try values.append(document: text, document, as: attribute, to: &output)
                } else {
                    try values.append(text, as: attribute, to: &output)
                }
            attribute.type.appendClosing(to: &output)
            return attribute.nameSize + size
        } catch {
            throw RowFault(error, mapping.attributes[attribute.position], text)
        }
    }

    /// Appends an attribute whose value was read as a key value.
    func appendKeyValue(_ attribute: EncodingPlan.Attribute, to output: inout [UInt8]) -> Int {
        values.appendPrefix(attribute.prefix, to: &output)
        let value = logical.bytes.span.extracting(logical.valueRange(attribute.slot))
        switch attribute.type {
        case .N: output.append(value)
        case .B: Base64.append(encoding: value, to: &output)
        default: StringText.appendEscaped(checked: value, to: &output)
        }
        attribute.type.appendClosing(to: &output)
        return attribute.nameSize + logical.size(attribute.slot)
    }

    func appendSalted(_ salt: Int, _ prefix: Range<Int>, nameSize: Int, to output: inout [UInt8]) -> Int {
        values.appendPrefix(prefix, to: &output)
        StringText.appendEscaped(checked: salted.bytes.span.extracting(salted.valueRange(salt)), to: &output)
        AttributeType.S.appendClosing(to: &output)
        return nameSize + salted.size(salt)
    }

    func appendNull(_ attribute: EncodingPlan.Attribute, to output: inout [UInt8]) throws(RowFault) -> Int {
        let mapped = mapping.attributes[attribute.position]
        if attribute.null == .reject { throw RowFault(null: mapped) }
        if attribute.null == .null || attribute.type == .NULL {
            if attribute.isIndexKey { throw RowFault(nullIndexKey: mapped, mapping.indexes) }
            values.appendPrefix(attribute.prefix.lowerBound..<attribute.nameEnd, to: &output)
            output.append(contentsOf: "{\"NULL\":true}".utf8)
            return attribute.nameSize + 1
        }
        guard attribute.null == .empty, attribute.type == .S || attribute.type == .B else { return 0 }
        if attribute.isIndexKey { throw RowFault(nullIndexKey: mapped, mapping.indexes) }
        values.appendPrefix(attribute.prefix, to: &output)
        attribute.type.appendClosing(to: &output)
        return attribute.nameSize
    }
}
