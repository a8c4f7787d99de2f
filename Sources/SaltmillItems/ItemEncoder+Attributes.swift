import SaltmillBytes
import SaltmillSources

/// Each of these appends an attribute, if there is anything to append, and gives the size of its name and value.
///
/// They are mutating even where they change nothing: for a call that only reads, the whole encoder is copied first.
extension ItemEncoder {
    /// Writes an attribute in the usual way; nil, with nothing written, where its cell is not plain to read or of no use to its type.
    @inline(__always)
    static func append(
        _ attribute: EncodingPlan.PlainAttribute, at position: Int, _ pool: borrowing EncodingPlan.Pool, _ cell: Cell,
        of bytes: Span<UInt8>, to output: inout ByteWriter
    ) -> Int? {
        let start = output.count
        let range = Int(cell.offset)..<(Int(cell.offset) + Int(cell.length))
        output.append(pool.bytes.span, Int(attribute.prefixStart)..<Int(attribute.prefixEnd))
        switch attribute.type {
        case .S:
            guard StringText.escape(bytes, range, to: &output) == nil else { break }
            output.makeRoom(2)
            output.store(0x7D22, length: 2)
            return Int(attribute.nameSize) + range.count
        case .N:
            guard let size = DecimalNumber.sizeOfCanonical(bytes, range) else { break }
            output.append(bytes, range)
            output.makeRoom(2)
            output.store(0x7D22, length: 2)
            return Int(attribute.nameSize) + size
        default:
            guard let value = pool.bool(bytes.extracting(range), at: position) else { break }
            output.makeRoom(6)
            output.store(value ? 0x7D_65_75_72_74 : 0x7D_65_73_6C_61_66, length: value ? 5 : 6)
            return Int(attribute.nameSize) + 1
        }
        output.truncate(to: start)
        return nil
    }

    mutating func append(
        _ attribute: EncodingPlan.Attribute, row: Int, of batch: borrowing RowBatch, to output: inout ByteWriter
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
        _ attribute: EncodingPlan.Attribute, _ text: Span<UInt8>, _ document: DocumentForm? = nil, to output: inout ByteWriter
    ) throws(RowFault) -> Int {
        values.appendPrefix(attribute.prefix, to: &output)
        do throws(ValueFault) {
            let size = try values.append(text, document, as: attribute, to: &output)
            attribute.type.appendClosing(to: &output)
            return attribute.nameSize + size
        } catch {
            throw RowFault(error, mapping.attributes[attribute.position], text)
        }
    }

    /// Appends an attribute whose value was read as a key value.
    mutating func appendKeyValue(_ attribute: EncodingPlan.Attribute, to output: inout ByteWriter) -> Int {
        values.appendPrefix(attribute.prefix, to: &output)
        let value = logical.bytes.span.extracting(logical.valueRange(attribute.slot))
        switch attribute.type {
        case .N: output.append(value)
        case .B:
            var text: [UInt8] = []
            Base64.append(encoding: value, to: &text)
            output.append(text.span)
        default: StringText.appendEscaped(checked: value, to: &output)
        }
        attribute.type.appendClosing(to: &output)
        return attribute.nameSize + logical.size(attribute.slot)
    }

    mutating func appendSalted(_ salt: Int, _ prefix: Range<Int>, nameSize: Int, to output: inout ByteWriter) -> Int {
        values.appendPrefix(prefix, to: &output)
        StringText.appendEscaped(checked: salted.bytes.span.extracting(salted.valueRange(salt)), to: &output)
        AttributeType.S.appendClosing(to: &output)
        return nameSize + salted.size(salt)
    }

    mutating func appendNull(_ attribute: EncodingPlan.Attribute, to output: inout ByteWriter) throws(RowFault) -> Int {
        let mapped = mapping.attributes[attribute.position]
        if attribute.null == .reject { throw RowFault(null: mapped) }
        if attribute.null == .null || attribute.type == .NULL {
            if attribute.isIndexKey { throw RowFault(nullIndexKey: mapped, mapping.indexes) }
            values.appendPrefix(attribute.prefix.lowerBound..<attribute.nameEnd, to: &output)
            output.append("{\"NULL\":true}".utf8.span)
            return attribute.nameSize + 1
        }
        guard attribute.null == .empty, attribute.type == .S || attribute.type == .B else { return 0 }
        if attribute.isIndexKey { throw RowFault(nullIndexKey: mapped, mapping.indexes) }
        values.appendPrefix(attribute.prefix, to: &output)
        attribute.type.appendClosing(to: &output)
        return attribute.nameSize
    }
}
