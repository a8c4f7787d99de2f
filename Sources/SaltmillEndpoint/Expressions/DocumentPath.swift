import SaltmillBytes

/// Where a value lies in an item: an attribute, and perhaps members and elements below it.
struct DocumentPath: Hashable {
    enum Element: Hashable {
        case name([UInt8])
        case index(Int)
    }

    /// At least one; the first is a name.
    var elements: [Element]

    init(_ attribute: [UInt8]) { elements = [.name(attribute)] }

    /// The top-level attribute's name.
    var attribute: [UInt8] {
        if case .name(let name) = elements[0] { name } else { [] }
    }

    /// The last element's name, or that of the list that it is an element of.
    var lastName: [UInt8] {
        for case .name(let name) in elements.reversed() { return name }
        return []
    }

    /// The attribute's name as it stands in JSON, quotes excluded.
    var attributeInJSON: [UInt8] {
        var quoted: [UInt8] = []
        JSONText.appendQuoted(attribute.span, to: &quoted)
        return Array(quoted[1..<quoted.count - 1])
    }

    /// As the service's messages show it.
    var description: String {
        let shown = elements.map { element in
            switch element {
            case .name(let name): String(decoding: name, as: UTF8.self)
            case .index(let index): "[\(index)]"
            }
        }
        return "[\(shown.joined(separator: ", "))]"
    }

    /// The value at the path, where there is one.
    func value(in item: ItemValue.Members) -> ItemValue? {
        guard var value = item.value(of: attribute) else { return nil }
        for element in elements.dropFirst() {
            switch (element, value) {
            case (.name(let name), .map(let members)):
                guard let member = members.value(of: name) else { return nil }
                value = member
            case (.index(let index), .list(let list)):
                guard index < list.count else { return nil }
                value = list[index]
            default: return nil
            }
        }
        return value
    }

    /// Checks that no path leads into another, nor through the same place as a map and as a list.
    static func checkDistinct(_ paths: [DocumentPath], _ parameter: String) throws {
        for (number, path) in paths.enumerated() {
            for other in paths[..<number] {
                let common = zip(other.elements, path.elements).prefix { $0 == $1 }.count
                if common == min(path.elements.count, other.elements.count) {
                    throw ServiceError.validation(
                        "Invalid \(parameter): Two document paths overlap with each other; must remove or rewrite one of these paths; "
                            + "path one: \(other.description), path two: \(path.description)")
                }
                switch (other.elements[common], path.elements[common]) {
                case (.name, .index), (.index, .name):
                    throw ServiceError.validation(
                        "Invalid \(parameter): Two document paths conflict with each other; must remove or rewrite one of these paths; "
                            + "path one: \(other.description), path two: \(path.description)")
                default: continue
                }
            }
        }
    }
}
