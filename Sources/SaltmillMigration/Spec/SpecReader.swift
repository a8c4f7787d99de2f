/// Takes a spec's tree apart and gathers what is wrong with it. Whatever returns `nil` has reported why.
struct SpecReader {
    private(set) var problems: [SpecProblem]
    let places: [String: SpecPlace]
    /// What variables stand for, for texts that are taken apart before these are replaced.
    let environment: [String: String]

    init(problems: [SpecProblem], places: [String: SpecPlace], environment: [String: String] = [:]) {
        self.problems = problems
        self.environment = environment
        self.places = places
    }

    mutating func report(_ node: SpecNode, _ message: String) {
        problems.append(SpecProblem(node.place, node.path, message))
    }

    /// Reports a fault of the field at `path`, at its place or, where it is not given, at that of the mapping that should hold it.
    mutating func report(path: String, _ message: String) {
        var holder = path[...]
        while places[String(holder)] == nil, let cut = holder.lastIndex(where: { $0 == "." || $0 == "[" }) { holder = holder[..<cut] }
        let place = places[String(holder)] ?? places[""] ?? SpecPlace(line: 1, column: 1)
        problems.append(SpecProblem(place, path, message))
    }

    // MARK: Mappings

    /// The fields of a mapping, by name. Fields that the shape does not know are reported and left out.
    mutating func object(_ node: SpecNode, _ shape: SpecShape, example: String) -> SpecObject? {
        guard case .fields(let fields) = node.content else {
            mustBe("a mapping such as `\(example)`", node)
            return nil
        }
        var object = SpecObject(node: node, fields: [:])
        for field in fields {
            if shape.fields.contains(field.name) {
                object.fields[field.name] = field.value
            } else {
                let path = SpecNode.path(node.path, field.name)
                problems.append(SpecProblem(field.place, path, Self.unknown(field.name, shape)))
            }
        }
        return object
    }

    private static func unknown(_ name: String, _ shape: SpecShape) -> String {
        if let near = suggestion(for: name, among: shape.fields) { return "unknown field; did you mean `\(near)`?" }
        return "unknown field; known here are \(listed(shape.fields))"
    }

    /// A field that must be there; `purpose` completes "missing; …".
    mutating func required(_ object: SpecObject, _ name: String, _ purpose: String) -> SpecNode? {
        if let value = object[name] { return value }
        problems.append(SpecProblem(object.node.place, SpecNode.path(object.node.path, name), "missing; \(purpose)"))
        return nil
    }

    // MARK: Values

    /// A scalar's text, whichever way it is quoted.
    mutating func text(_ node: SpecNode) -> String? {
        guard case .text(let text) = node.content else {
            mustBe("a text", node)
            return nil
        }
        return text
    }

    /// A text that is not empty.
    mutating func name(_ node: SpecNode) -> String? {
        guard let text = text(node) else { return nil }
        if text.isEmpty { mustBe("a text that is not empty", node) }
        return text.isEmpty ? nil : text
    }

    /// A whole number in plain decimal digits.
    mutating func count(_ node: SpecNode, _ range: ClosedRange<Int>) -> Int? {
        if case .text(let text) = node.content, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
            range.contains(number)
        {
            return number
        }
        let bounds = range.upperBound == .max ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
        mustBe("a whole number \(bounds)", node)
        return nil
    }

    mutating func boolean(_ node: SpecNode) -> Bool? {
        if case .text(let text) = node.content, let value = Bool(text) { return value }
        mustBe("`true` or `false`", node)
        return nil
    }

    /// One of these values, by its text.
    mutating func choice<Value: RawRepresentable>(_ node: SpecNode, _ values: [Value]) -> Value? where Value.RawValue == String {
        if case .text(let text) = node.content {
            if let value = values.first(where: { $0.rawValue == text }) { return value }
            if let near = values.first(where: { $0.rawValue.lowercased() == text.lowercased() }) {
                report(node, "must be written `\(near.rawValue)`, not `\(text)`")
                return nil
            }
        }
        mustBe(listed(values.map(\.rawValue), by: "or"), node)
        return nil
    }

    /// The elements of a list; a single scalar is a list of one where `orOne` says so.
    mutating func list(_ node: SpecNode, of what: String, orOne: Bool = false) -> [SpecNode]? {
        switch node.content {
        case .list(let elements): return elements
        case .text where orOne: return [node]
        default:
            mustBe(orOne ? "a text or a list of \(what)" : "a list of \(what)", node)
            return nil
        }
    }

    /// A list of texts without repetitions. Faulty elements are reported and left out.
    mutating func names(_ node: SpecNode, of what: String, orOne: Bool = false, mayBeEmpty: Bool = false) -> [String]? {
        guard let elements = list(node, of: what, orOne: orOne) else { return nil }
        var result: [String] = []
        for element in elements {
            guard let name = mayBeEmpty ? text(element) : name(element) else { continue }
            if result.contains(name) {
                report(element, "`\(name)` is listed twice; keep one")
            } else {
                result.append(name)
            }
        }
        return result
    }

    mutating func mustBe(_ what: String, _ node: SpecNode) {
        if case .broken = node.content { return }
        report(node, "must be \(what), not \(node.kind)")
    }
}

/// A mapping whose fields are known to its shape.
struct SpecObject {
    var node: SpecNode
    var fields: [String: SpecNode]

    subscript(name: String) -> SpecNode? { fields[name] }
}
