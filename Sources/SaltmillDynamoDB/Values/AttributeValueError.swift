package import SaltmillBytes

/// Why a JSON text is no attribute value or item.
package enum AttributeValueError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A value is not a JSON object, or its content is not the kind of JSON that its type has on the wire (a number is a JSON string).
    case shape(String)
    /// `{}` instead of a type and a value.
    case noType
    /// More than one type in one value.
    case severalTypes
    case unknownType(String)
    case number(DecimalError, text: String)
    case binary(BinaryTextError)
    /// A set of that type without elements.
    case emptySet(String)
    /// A set of that type with an element that occurs twice.
    case duplicateElement(String)
    /// `{"NULL":false}`.
    case nullIsFalse
    case tooDeep
    /// A map or an item that has an attribute twice.
    case duplicateName(String)

    package var description: String {
        switch self {
        case .shape(let what): "\(what) is expected here"
        case .noType: "an attribute value names no type; it looks like {\"S\":\"text\"}"
        case .severalTypes: "an attribute value names more than one type"
        case .unknownType(let name): "\"\(name)\" is none of the types S, N, B, BOOL, NULL, SS, NS, BS, L, M"
        case .number(let error, let text): error.serviceMessage(for: text)
        case .binary(let error): "a binary value is not Base64: \(error)"
        case .emptySet(let type): "a set of type \(type) has no elements"
        case .duplicateElement(let type): "a set of type \(type) has an element twice"
        case .nullIsFalse: "a NULL value says false"
        case .tooDeep: "lists and maps are nested over \(AttributeValue.maximumNesting) levels deep"
        case .duplicateName(let name): "the attribute \"\(name)\" occurs twice"
        }
    }
}
