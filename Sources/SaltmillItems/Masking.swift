import SaltmillBytes
import SaltmillSources

/// Masks the texts that values are read from.
struct Masking: Sendable {
    private let secret: [UInt8]
    private let shuffle: DigitShuffle
    /// The value that is masked: a string, a number in plain spelling, or bytes.
    private var value: [UInt8] = []

    init(_ secret: MaskSecret) {
        self.secret = secret.bytes
        shuffle = DigitShuffle(secret: secret.bytes)
    }

    /// Gives the text of the masked value; nil for null.
    ///
    /// A text that is no value of its type stays as it is: it will be rejected as such.
    mutating func mask(_ text: Span<UInt8>, by mask: Mask, as attribute: EncodingPlan.Attribute) -> [UInt8]? {
        switch mask {
        case .null: return nil
        case .redact: return Array((attribute.type == .S ? "REDACTED" : attribute.type == .N ? "0" : "").utf8)
        case .email:
            let code = Digests.hmacSHA256(key: secret.span, text)
            return Array("user-\(code.description.prefix(24))@example.com".utf8)
        case .shuffleDigits:
            guard read(text, attribute) else { return copy(text) }
            var result = value
            shuffle.apply(to: &result, isNumber: attribute.type == .N)
            return result
        case .hash: return read(text, attribute) ? hash(attribute) : copy(text)
        }
    }

    private func copy(_ text: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.append(text)
        return result
    }

    private func hash(_ attribute: EncodingPlan.Attribute) -> [UInt8] {
        let code = Digests.hmacSHA256(key: secret.span, value.span)
        switch attribute.type {
        case .N:
            // 120 bits have 37 digits, and a number may have 38 (Amazon DynamoDB Developer Guide, Supported data types).
            var number: UInt128 = 0
            for byte in code.bytes.prefix(15) { number = number << 8 | UInt128(byte) }
            return Array(String(number).utf8)
        case .B where attribute.encoding == .base64:
            var text: [UInt8] = []
            Base64.append(encoding: Array(code.bytes.prefix(16)).span, to: &text)
            return text
        default: return Array(code.description.prefix(32).utf8)
        }
    }

    /// Reads the text into ``value``; false for one that is no value of its type.
    private mutating func read(_ text: Span<UInt8>, _ attribute: EncodingPlan.Attribute) -> Bool {
        value.removeAll(keepingCapacity: true)
        do throws(ValueFault) {
            switch attribute.type {
            case .N: _ = try ValueWriter.appendNumber(text, to: &value)
            case .B: try ValueWriter.appendBinary(text, attribute.encoding, to: &value)
            default: value.append(text)
            }
            return true
        } catch {
            return false
        }
    }
}

extension ItemEncoder {
    /// The text that an attribute's value is to be read from, masked where the mapping says so.
    @inline(__always)
    mutating func text(of attribute: EncodingPlan.Attribute, row: Int, in batch: borrowing RowBatch) -> RowText {
        let text = texts.read(attribute.text, row: row, of: batch)
        guard let mask = attribute.mask else { return text }
        return masked(text, by: mask, attribute, in: batch)
    }

    private mutating func masked(
        _ text: RowText, by mask: Mask, _ attribute: EncodingPlan.Attribute, in batch: borrowing RowBatch
    ) -> RowText {
        let value: [UInt8]?
        switch text {
        case .null: return .null
        case .cell(let range), .document(let range, isTyped: _):
            value = masking?.mask(batch.bytes.span.extracting(range), by: mask, as: attribute)
        case .composed:
            let composed = texts.composed
            value = masking?.mask(composed.span, by: mask, as: attribute)
        }
        guard let value else { return .null }
        texts.compose(value)
        return .composed
    }
}
