import SaltmillBytes

/// Literals, and what SET assigns.
extension PartiQLParser {
    /// Whether a literal or a parameter comes next.
    var beginsValue: Bool {
        switch next.kind {
        case .string, .number: true
        case .symbol(let symbol):
            if symbol == "-" || symbol == "+" {
                if case .number = following.kind { true } else { false }
            } else {
                ["?", "[", "{", "<<"].contains(symbol)
            }
        case .word(let word): ["TRUE", "FALSE", "NULL"].contains(word.uppercased())
        case .quoted, .end: false
        }
    }

    /// A literal or a parameter.
    mutating func value() throws -> ItemValue { try value(at: "root") }

    /// - Parameter place: where the value lies in the literal that it is part of, for messages.
    private mutating func value(at place: String) throws -> ItemValue {
        guard beginsValue else {
            if case .word(let function) = next.kind, following.kind == .symbol("(") {
                throw rules.fault("Unsupported data type: \(function.lowercased()) under key \(place) at \(next.place)")
            }
            throw unexpected
        }
        let token = next.kind
        take()
        switch token {
        case .string(let text): return .string(Array(text.utf8))
        case .number(let text): return .number(try number(text, at: place))
        case .word(let word):
            let keyword = word.uppercased()
            return keyword == "NULL" ? .null : .bool(keyword == "TRUE")
        case .symbol("?"): return try parameter()
        case .symbol("["): return try nested { .list(try $0.list(at: place)) }
        case .symbol("{"): return try nested { .map(try $0.members(at: place)) }
        case .symbol("<<"): return try set(at: place)
        case .symbol(let sign):
            guard case .number(let text) = next.kind else { throw unexpected }
            take()
            return .number(try number((sign == "-" ? "-" : "") + text, at: place))
        case .quoted, .end: throw unexpected
        }
    }

    private func number(_ text: String, at place: String) throws -> DecimalNumber {
        do {
            return try DecimalNumber(parsing: Array(text.utf8).span)
        } catch {
            throw rules.fault("\(error.serviceMessage(for: text)) under \(place)")
        }
    }

    private mutating func list(at place: String) throws -> [ItemValue] {
        if skip("]") { return [] }
        var elements: [ItemValue] = []
        repeat { elements.append(try value(at: "\(place)[\(elements.count)]")) } while skip(",")
        try expect("]", "RIGHT_BRACKET")
        return elements
    }

    /// An item, the places of whose attributes begin anew.
    mutating func item() throws -> ItemValue.Members {
        guard skip("{") else { throw rules.fault("An INSERT has one struct behind VALUE") }
        return try members(at: nil)
    }

    private mutating func members(at place: String?) throws -> ItemValue.Members {
        if skip("}") { return [] }
        var members: ItemValue.Members = []
        repeat {
            guard case .string(let text) = next.kind else { throw unexpected }
            take()
            try expect(":", "COLON")
            let name = Array(text.utf8)
            let member = try value(at: place.map { "\($0).\(text)" } ?? "root")
            guard members.value(of: name) == nil else { throw rules.fault("The struct has two members named \(text)") }
            members.append((name, member))
        } while skip(",")
        try expect("}", "RIGHT_CURLY")
        return members
    }

    /// A set: all strings, or all numbers.
    private mutating func set(at place: String) throws -> ItemValue {
        guard !skip(">>") else { throw rules.fault("Empty bags are not supported") }
        var elements: [ItemValue] = []
        repeat { elements.append(try value(at: place)) } while skip(",")
        try expect(">>", "RIGHT_DOUBLE_ANGLE_BRACKET")
        guard Set(elements.map(\.orderedBytes)).count == elements.count else {
            let shown = elements.map(\.content).joined(separator: ", ")
            throw ServiceError.invalidParameter("Input collection [\(shown)] contains duplicates.")
        }
        let strings = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
        if strings.count == elements.count { return .stringSet(strings) }
        let numbers = elements.compactMap { if case .number(let number) = $0 { number } else { nil } }
        if numbers.count == elements.count { return .numberSet(numbers) }
        throw rules.fault("Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags")
    }

    // MARK: - SET

    /// `path = …`
    mutating func assignment() throws -> Update.Action {
        let path = try path()
        try expect("=", "EQ")
        if case .word(let function) = next.kind, following.kind == .symbol("("), ["SET_ADD", "SET_DELETE"].contains(function.uppercased()) {
            let value = try change(of: path, function.uppercased())
            return function.uppercased() == "SET_ADD" ? .add(path, value) : .delete(path, value)
        }
        return .set(path, try sum())
    }

    /// What a set function brings to or takes from the set at `path`.
    private mutating func change(of path: DocumentPath, _ function: String) throws -> ItemValue {
        let place = next.place
        take()
        take()
        let first = next.place
        var arguments: [Update.Term] = []
        if !skip(")") {
            repeat { arguments.append(try term()) } while skip(",")
            try expect(")", "RIGHT_PAREN")
        }
        guard arguments.count == 2 else { throw rules.fault("\(function) must have exactly two arguments at \(place)") }
        guard case .path(path) = arguments[0] else {
            throw rules.fault("The first argument to \(function) must equal the assignment value at \(place)")
        }
        guard case .value(let value) = arguments[1], [.stringSet, .numberSet, .binarySet].contains(value.type) else {
            throw rules.fault("The second argument to \(function) must be a value with type SET at \(first)")
        }
        return value
    }

    private mutating func sum() throws -> Update.Term {
        let left = try term()
        if skip("+") { return .plus(left, try term()) }
        if skip("-") { return .minus(left, try term()) }
        return left
    }

    private mutating func term() throws -> Update.Term {
        if case .word(let function) = next.kind, following.kind == .symbol("(") {
            guard function.uppercased() == "LIST_APPEND" else {
                throw rules.fault("Unrecognized function: \(function.lowercased()) at \(next.place)")
            }
            take()
            take()
            return try nested { parser in
                let first = try parser.sum()
                try parser.expect(",", "COMMA")
                let second = try parser.sum()
                try parser.expect(")", "RIGHT_PAREN")
                return .listAppend(first, second)
            }
        }
        return beginsValue ? .value(try value()) : .path(try path())
    }
}

extension ItemValue {
    /// A string's or number's content.
    fileprivate var content: String {
        switch self {
        case .string(let text): return String(decoding: text, as: UTF8.self)
        case .number(let number):
            var text: [UInt8] = []
            number.appendText(to: &text)
            return String(decoding: text, as: UTF8.self)
        default: return shown
        }
    }
}
