/// A string compared by its bytes: `é` as one scalar and as two are different.
struct ExactText: Hashable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactText, right: ExactText) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}

extension AttributeValue: Hashable {
    package static func == (left: AttributeValue, right: AttributeValue) -> Bool {
        switch (left, right) {
        case (.s(let a), .s(let b)), (.n(let a), .n(let b)): ExactText(a) == ExactText(b)
        case (.b(let a), .b(let b)): a == b
        case (.bool(let a), .bool(let b)): a == b
        case (.null, .null): true
        case (.ss(let a), .ss(let b)), (.ns(let a), .ns(let b)): Set(a.map(ExactText.init)) == Set(b.map(ExactText.init))
        case (.bs(let a), .bs(let b)): Set(a) == Set(b)
        case (.l(let a), .l(let b)): a == b
        case (.m(let a), .m(let b)): a == b
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(typeName)
        switch self {
        case .s(let text), .n(let text): hasher.combine(ExactText(text))
        case .b(let bytes): hasher.combine(bytes)
        case .bool(let value): hasher.combine(value)
        case .null: break
        case .ss(let texts), .ns(let texts): hasher.combine(Set(texts.map(ExactText.init)))
        case .bs(let values): hasher.combine(Set(values))
        case .l(let elements): hasher.combine(elements)
        case .m(let members): hasher.combine(members)
        }
    }
}

extension Attribute: Hashable {
    package static func == (left: Attribute, right: Attribute) -> Bool {
        ExactText(left.name) == ExactText(right.name) && left.value == right.value
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ExactText(name))
        hasher.combine(value)
    }
}

extension Item: Hashable {
    package static func == (left: Item, right: Item) -> Bool {
        left.attributes.count == right.attributes.count && Set(left.attributes) == Set(right.attributes)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(Set(attributes)) }
}
