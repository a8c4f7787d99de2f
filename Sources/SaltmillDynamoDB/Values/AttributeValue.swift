package import SaltmillBytes

/// A value of one of the store's ten types.
///
/// Strings and names are compared by their UTF-8 bytes, as the store compares them, not by Unicode equivalence; sets and maps without
/// regard to order.
package enum AttributeValue: Sendable {
    case s(String)
    /// A number as ``DecimalNumber`` writes it: plain digits without needless zeros.
    case n(String)
    case b([UInt8])
    case bool(Bool)
    case null
    case ss([String])
    /// Numbers as in ``n(_:)``.
    case ns([String])
    case bs([[UInt8]])
    case l([AttributeValue])
    case m(Item)

    /// How deeply lists and maps may be nested (Amazon DynamoDB Developer Guide, "Quotas").
    package static let maximumNesting = 32

    /// A number in canonical form.
    package static func number(_ text: String) throws(DecimalError) -> AttributeValue {
        var output: [UInt8] = []
        _ = try DecimalNumber.appendText(normalizing: text.utf8.span, to: &output)
        return .n(String(decoding: output, as: UTF8.self))
    }

    /// What the wire calls the type.
    package var typeName: String {
        switch self {
        case .s: "S"
        case .n: "N"
        case .b: "B"
        case .bool: "BOOL"
        case .null: "NULL"
        case .ss: "SS"
        case .ns: "NS"
        case .bs: "BS"
        case .l: "L"
        case .m: "M"
        }
    }

    /// Size in bytes that the value counts for in an item (Amazon DynamoDB Developer Guide, "Item sizes and formats").
    package var size: Int {
        switch self {
        case .s(let text): text.utf8.count
        case .n(let text): Self.numberSize(text)
        case .b(let bytes): bytes.count
        case .bool, .null: 1
        case .ss(let texts): texts.reduce(0) { $0 + $1.utf8.count }
        case .ns(let texts): texts.reduce(0) { $0 + Self.numberSize($1) }
        case .bs(let values): values.reduce(0) { $0 + $1.count }
        case .l(let elements): elements.reduce(3) { $0 + 1 + $1.size }
        case .m(let members): members.attributes.reduce(3) { $0 + 1 + $1.name.utf8.count + $1.value.size }
        }
    }

    private static func numberSize(_ text: String) -> Int {
        guard let number = try? DecimalNumber(parsing: text.utf8.span) else {
            preconditionFailure("an attribute value holds \"\(text)\" as a number")
        }
        return number.size
    }
}

/// An attribute: a name and its value.
package struct Attribute: Sendable {
    package var name: String
    package var value: AttributeValue

    package init(_ name: String, _ value: AttributeValue) {
        self.name = name
        self.value = value
    }
}

/// An item, or the content of a map: attributes in the order in which they came, no two of one name.
package struct Item: Sendable {
    package var attributes: [Attribute]

    package init(_ attributes: [Attribute] = []) { self.attributes = attributes }

    /// The value of an attribute; setting keeps an attribute's place, and nil removes it.
    package subscript(name: String) -> AttributeValue? {
        get { position(of: name).map { attributes[$0].value } }
        set {
            switch (position(of: name), newValue) {
            case (let position?, let value?): attributes[position].value = value
            case (let position?, nil): attributes.remove(at: position)
            case (nil, let value?): attributes.append(Attribute(name, value))
            case (nil, nil): break
            }
        }
    }

    private func position(of name: String) -> Int? { attributes.firstIndex { ExactText($0.name) == ExactText(name) } }

    /// Size in bytes by the item-size rules: what write units are counted from, and what the limit of 400 KB applies to.
    package var size: Int { attributes.reduce(0) { $0 + $1.name.utf8.count + $1.value.size } }
}
