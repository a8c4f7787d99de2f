/// Parses an `UpdateExpression`.
struct UpdateParser {
    private static let parameter = "UpdateExpression"
    private static let sections = ["SET", "REMOVE", "ADD", "DELETE"]
    private static let conditionFunctions = [
        "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size",
    ]

    private var parser: ExpressionParser

    /// - Throws: a ValidationException for a text that is no update.
    static func parse(_ text: String, _ placeholders: Placeholders) throws -> Update {
        var parser = UpdateParser(parser: try ExpressionParser(text, parameter, placeholders))
        let update = Update(actions: try parser.sections())
        try DocumentPath.checkDistinct(update.paths, parameter)
        return update
    }

    private mutating func sections() throws -> [Update.Action] {
        var actions: [Update.Action] = []
        var seen: [String] = []
        while let token = parser.next {
            _ = try parser.take()
            guard let section = Self.sections.first(where: token.isKeyword) else { throw parser.unexpected(token) }
            guard !seen.contains(section) else {
                throw parser.fault("The \"\(section)\" section can only be used once in an update expression;")
            }
            seen.append(section)
            repeat { actions.append(try action(section)) } while parser.skip(",")
        }
        return actions
    }

    private mutating func action(_ section: String) throws -> Update.Action {
        let path = try parser.path()
        switch section {
        case "SET":
            try parser.expect("=")
            return .set(path, try sum())
        case "REMOVE": return .remove(path)
        case "ADD": return .add(path, try value([.number, .stringSet, .numberSet, .binarySet], of: section))
        default: return .delete(path, try value([.stringSet, .numberSet, .binarySet], of: section))
        }
    }

    private mutating func value(_ types: [AttributeType], of section: String) throws -> ItemValue {
        let token = try parser.take()
        guard case .valuePlaceholder(let placeholder) = token else { throw parser.unexpected(token) }
        try parser.countOperator()
        let value = try parser.placeholders.value(placeholder, Self.parameter)
        guard types.contains(value.type) else {
            throw parser.fault(
                "Incorrect operand type for operator or function; operator: \(section), operand type: \(value.type.longName), "
                    + "typeSet: ALLOWED_FOR_\(section)_OPERAND")
        }
        return value
    }

    private mutating func sum() throws -> Update.Term {
        let left = try term()
        for symbol in ["+", "-"] where parser.skip(symbol) {
            try parser.countOperator()
            let right = try term()
            for operand in [left, right] { try check(operand, .number, of: symbol) }
            return symbol == "+" ? .plus(left, right) : .minus(left, right)
        }
        return left
    }

    private mutating func term() throws -> Update.Term {
        if parser.skip("(") {
            try parser.countOperator()
            let inner = try sum()
            try parser.expect(")")
            return inner
        }
        if let function = try parser.call() { return try call(function) }
        if case .valuePlaceholder(let placeholder)? = parser.next {
            _ = try parser.take()
            return .value(try parser.placeholders.value(placeholder, Self.parameter))
        }
        return .path(try parser.path())
    }

    private mutating func call(_ function: String) throws -> Update.Term {
        guard function == "if_not_exists" || function == "list_append" else {
            guard Self.conditionFunctions.contains(function) else { throw parser.fault("Invalid function name; function: \(function)") }
            throw parser.fault("The function is not allowed in an update expression; function: \(function)")
        }
        var terms = [try sum()]
        while parser.skip(",") { terms.append(try sum()) }
        try parser.expect(")")
        guard terms.count == 2 else {
            throw parser.fault(
                "Incorrect number of operands for operator or function; operator or function: \(function), "
                    + "number of operands: \(terms.count)")
        }
        guard function == "if_not_exists" else {
            for term in terms { try check(term, .list, of: function) }
            return .listAppend(terms[0], terms[1])
        }
        guard case .path(let path) = terms[0] else {
            throw parser.fault("Operator or function requires a document path; operator or function: if_not_exists")
        }
        return .ifNotExists(path, terms[1])
    }

    private func check(_ term: Update.Term, _ type: AttributeType, of operation: String) throws {
        guard case .value(let value) = term, value.type != type else { return }
        throw parser.fault(
            "Incorrect operand type for operator or function; operator or function: \(operation), operand type: \(value.type.name)")
    }
}

extension AttributeType {
    /// The type's name in messages about ADD and DELETE.
    fileprivate var longName: String {
        switch self {
        case .string: "STRING"
        case .number: "NUMBER"
        case .binary: "BINARY"
        case .stringSet: "STRING_SET"
        case .numberSet: "NUMBER_SET"
        case .binarySet: "BINARY_SET"
        case .map: "MAP"
        case .list: "LIST"
        case .null: "NULL"
        case .bool: "BOOLEAN"
        }
    }
}
