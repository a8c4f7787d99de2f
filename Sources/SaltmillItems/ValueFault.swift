import SaltmillBytes
import SaltmillSources

/// Why a text is no value of its attribute's type, before anybody said which attribute that is.
struct ValueFault: Error {
    enum Kind {
        case utf8(at: Int)
        case number(DecimalError)
        case bool
        case base64(BinaryTextError)
        case hex(BinaryTextError)
        case json(JSONError)
        /// The JSON text is not of the kind that the type asks for.
        case jsonKind
        case jsonDuplicate
        case emptySet
        case setDuplicate
        case notNull
        /// A member of a set is no text and no number.
        case setMember
        /// The text is no value in DynamoDB JSON.
        case typed
    }

    let kind: Kind
    /// The part of the text at fault; nil for all of it.
    let part: Range<Int>?

    init(_ kind: Kind, in part: Range<Int>? = nil) {
        self.kind = kind
        self.part = part
    }
}

extension RowFault {
    /// A value's fault as a row's.
    init(_ fault: ValueFault, _ attribute: AttributeMapping, _ text: Span<UInt8>) {
        let name = attribute.name
        let shown = Self.shown(text.extracting(fault.part ?? 0..<text.count))
        let code: String
        let message: String
        switch fault.kind {
        case .utf8(let offset):
            code = "utf8"
            message = "\(name) is not valid UTF-8 at byte \(offset) of \(shown); convert the source to UTF-8"
        case .number(.syntax):
            code = "number.syntax"
            message = "\(name) is \(shown), which is not a number; correct it, or map the attribute as S"
        case .number(.tooManyDigits):
            code = "number.digits"
            message = "\(name) is \(shown), which has more than 38 significant digits; round it, or map the attribute as S"
        case .number(.overflow):
            code = "number.range"
            message = "\(name) is \(shown), which is beyond the largest number, 9.99E+125; correct it, or map the attribute as S"
        case .number(.underflow):
            code = "number.range"
            message = "\(name) is \(shown), which is nearer to zero than the smallest number, 1E-130; round it, or map the attribute as S"
        case .bool:
            code = "bool"
            message = "\(name) is \(shown), which means neither true nor false; list the text under the attribute's true or false"
        case .base64(let error):
            code = "base64"
            message = "\(name) is \(shown), which is not Base64: \(error); correct it, or name the attribute's encoding"
        case .hex(let error):
            code = "hex"
            message = "\(name) is \(shown), which is not hexadecimal: \(error); correct it, or name the attribute's encoding"
        case .json(let error) where error.kind == .tooDeep:
            code = "nesting"
            message = "\(name) is nested over \(DocumentWriter.maximumDepth) levels deep at byte \(error.offset); make the document flatter"
        case .json(let error):
            code = "json"
            message = "\(name) is \(shown), which is not JSON: \(error); correct it, or map the attribute as S"
        case .jsonKind:
            code = "json"
            let wanted = attribute.type == .M ? "object" : "array"
            message = "\(name) is \(shown), but type \(attribute.type) takes a JSON \(wanted); correct it, or choose another type"
        case .jsonDuplicate:
            code = "json"
            message = "\(name) has the member \(shown) twice in one JSON object; remove one of them"
        case .emptySet:
            code = "set.empty"
            message = "\(name) is an empty set, which the store refuses; make the cell null, or map the attribute as L"
        case .setDuplicate:
            code = "set.duplicate"
            message = "\(name) has \(shown) twice in one set; remove one of them, or map the attribute as L"
        case .setMember:
            code = "set.member"
            message = "\(name) has the member \(shown), but a set holds strings or numbers; correct it, or map the attribute as L"
        case .typed:
            code = "json.type"
            message = "\(name) holds \(shown), which is no value in DynamoDB JSON such as {\"S\":\"text\"}; correct it"
        case .notNull:
            code = "null"
            message = "\(name) is \(shown), but type NULL takes no value; choose a type that does"
        }
        self.init(code, message, attribute: name)
    }

    /// A value in quotes, cut to some 40 characters, for messages.
    static func shown(_ text: Span<UInt8>) -> String {
        let start = text.extracting(0..<min(text.count, 200))
        let value = start.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        let cut = value.prefix(40)
        return String(reflecting: cut.endIndex < value.endIndex || start.count < text.count ? cut + "…" : cut)
    }
}
