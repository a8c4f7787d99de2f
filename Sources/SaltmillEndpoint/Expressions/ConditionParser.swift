/// Parses condition, filter and key condition expressions.
struct ConditionParser {
    /// What has been read of a condition: parentheses may enclose an operand as well.
    private enum Term {
        case condition(Condition)
        case operand(Condition.Operand)
    }

    /// Functions, and how many operands each has (Developer Guide, "Condition and filter expressions").
    private static let functions = [
        "attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2, "size": 1,
    ]
    private static let updateFunctions = ["if_not_exists", "list_append"]
    /// Most operands of IN.
    private static let maximumList = 100

    private var parser: ExpressionParser
    /// The words of the last pair of parentheses, the opening one excluded.
    private var lastGroup: Range<Int>?

    private init(_ parser: ExpressionParser) { self.parser = parser }

    /// - Throws: a ValidationException for a text that is no condition.
    static func parse(_ text: String, _ parameter: String, _ placeholders: Placeholders) throws -> Condition {
        var parser = ConditionParser(try ExpressionParser(text, parameter, placeholders))
        let term = try parser.disjunction()
        let condition = try parser.condition(term)
        try parser.parser.expectEnd()
        return condition
    }

    private func condition(_ term: Term) throws -> Condition {
        guard case .condition(let condition) = term else {
            throw parser.next.map { parser.unexpected($0) }
                ?? ExpressionLexer.syntaxError(parser.parameter, "<EOF>", near: "the end of the expression")
        }
        return condition
    }

    private func operand(_ term: Term) throws -> Condition.Operand {
        guard case .operand(let operand) = term else {
            throw parser.fault("Syntax error; a condition stands where an operand is expected")
        }
        return operand
    }

    // MARK: - OR, AND, NOT

    private mutating func disjunction() throws -> Term {
        let first = try conjunction()
        guard let token = parser.next, token.isKeyword("OR") else { return first }
        var conditions = [try condition(first)]
        while parser.skip(keyword: "OR") {
            try parser.countOperator()
            conditions.append(try condition(conjunction()))
        }
        return .condition(.any(conditions))
    }

    private mutating func conjunction() throws -> Term {
        let first = try negation()
        guard let token = parser.next, token.isKeyword("AND") else { return first }
        var conditions = [try condition(first)]
        while parser.skip(keyword: "AND") {
            try parser.countOperator()
            conditions.append(try condition(negation()))
        }
        return .condition(.all(conditions))
    }

    private mutating func negation() throws -> Term {
        guard parser.skip(keyword: "NOT") else { return try comparison() }
        try parser.countOperator()
        return .condition(.not(try condition(negation())))
    }

    // MARK: - Comparisons

    private mutating func comparison() throws -> Term {
        let left = try term()
        if case .symbol(let symbol)? = parser.next, let comparison = Condition.Comparison(rawValue: symbol) {
            _ = try parser.take()
            try parser.countOperator()
            return .condition(try compare(comparison, operand(left), operand(term())))
        }
        if parser.skip(keyword: "BETWEEN") {
            try parser.countOperator()
            let lower = try operand(term())
            let and = try parser.take()
            guard and.isKeyword("AND") else { throw parser.unexpected(and) }
            return .condition(try between(operand(left), lower, operand(term())))
        }
        if parser.skip(keyword: "IN") {
            try parser.countOperator()
            try parser.expect("(")
            let list = try operands()
            guard list.count <= Self.maximumList else {
                throw parser.fault(
                    "The IN operator is provided with too many operands; number of operands: \(list.count), "
                        + "maximum allowed number of operands: \(Self.maximumList)")
            }
            let left = try operand(left)
            for element in list { try checkDistinct("IN", left, element) }
            return .condition(.isIn(left, list))
        }
        return left
    }

    private func compare(
        _ comparison: Condition.Comparison, _ left: Condition.Operand, _ right: Condition.Operand
    ) throws -> Condition {
        if comparison != .equal, comparison != .notEqual {
            for operand in [left, right] { try check(operand, [.string, .number, .binary], of: comparison.rawValue) }
        }
        try checkDistinct(comparison.rawValue, left, right)
        return .compare(comparison, left, right)
    }

    private func between(_ operand: Condition.Operand, _ lower: Condition.Operand, _ upper: Condition.Operand) throws -> Condition {
        for operand in [operand, lower, upper] { try check(operand, [.string, .number, .binary], of: "BETWEEN") }
        if case .value(let low) = lower, case .value(let high) = upper {
            let bounds = "lower bound operand: AttributeValue: \(low.shown), upper bound operand: AttributeValue: \(high.shown)"
            guard let isReversed = high.precedes(low) else {
                throw parser.fault("The BETWEEN operator requires same data type for lower and upper bounds; \(bounds)")
            }
            guard !isReversed else {
                throw parser.fault("The BETWEEN operator requires upper bound to be greater than or equal to lower bound; \(bounds)")
            }
        }
        return .between(operand, lower, upper)
    }

    private func check(_ operand: Condition.Operand, _ types: [AttributeType], of operation: String) throws {
        guard case .value(let value) = operand, !types.contains(value.type) else { return }
        throw parser.fault(
            "Incorrect operand type for operator or function; operator or function: \(operation), operand type: \(value.type.name)")
    }

    private func checkDistinct(_ operation: String, _ left: Condition.Operand, _ right: Condition.Operand) throws {
        guard case .path(let path) = left, case .path(path) = right else { return }
        throw parser.fault(
            "The first operand must be distinct from the remaining operands for this operator or function; "
                + "operator: \(operation), first operand: \(path.description)")
    }

    // MARK: - Terms

    private mutating func term() throws -> Term {
        if parser.skip("(") {
            try parser.countOperator()
            let start = parser.position
            let inner = try disjunction()
            let isRedundant = lastGroup == (start + 1)..<parser.position
            try parser.expect(")")
            guard !isRedundant else { throw parser.fault("The expression has redundant parentheses;") }
            lastGroup = start..<parser.position
            return inner
        }
        if let function = try parser.call() { return try call(function) }
        if case .valuePlaceholder(let placeholder)? = parser.next {
            _ = try parser.take()
            return .operand(.value(try parser.placeholders.value(placeholder, parser.parameter)))
        }
        return .operand(.path(try parser.path()))
    }

    /// Operands separated by commas, and the parenthesis behind them.
    private mutating func operands() throws -> [Condition.Operand] {
        var operands = [try operand(term())]
        while parser.skip(",") { operands.append(try operand(term())) }
        try parser.expect(")")
        return operands
    }

    private mutating func call(_ function: String) throws -> Term {
        guard let count = Self.functions[function] else {
            guard Self.updateFunctions.contains(function) else { throw parser.fault("Invalid function name; function: \(function)") }
            throw parser.fault("The function is not allowed in a condition expression; function: \(function)")
        }
        let operands = try operands()
        guard operands.count == count else {
            throw parser.fault(
                "Incorrect number of operands for operator or function; operator or function: \(function), "
                    + "number of operands: \(operands.count)")
        }
        switch function {
        case "attribute_exists": return .condition(.exists(try path(operands[0], function)))
        case "attribute_not_exists": return .condition(.not(.exists(try path(operands[0], function))))
        case "attribute_type": return .condition(.hasType(try path(operands[0], function), try type(operands[1])))
        case "size":
            guard case .path(let path) = operands[0] else { throw try incorrect(operands[0], "size") }
            return .operand(.size(path))
        case "begins_with":
            for operand in operands { try check(operand, [.string, .binary], of: function) }
            try checkDistinct(function, operands[0], operands[1])
            return .condition(.beginsWith(operands[0], operands[1]))
        default:
            try checkDistinct(function, operands[0], operands[1])
            return .condition(.contains(operands[0], operands[1]))
        }
    }

    private func incorrect(_ operand: Condition.Operand, _ function: String) throws -> ServiceError {
        try check(operand, [], of: function)
        return parser.fault("The function is not allowed to be used this way in an expression; function: \(function)")
    }

    private func path(_ operand: Condition.Operand, _ function: String) throws -> DocumentPath {
        guard case .path(let path) = operand else {
            throw parser.fault("Operator or function requires a document path; operator or function: \(function)")
        }
        return path
    }

    private func type(_ operand: Condition.Operand) throws -> AttributeType {
        try check(operand, [.string], of: "attribute_type")
        guard case .value(.string(let name)) = operand else {
            throw parser.fault("Incorrect operand type for operator or function; operator or function: attribute_type, operand type: path")
        }
        guard let type = AttributeType(name.span) else {
            throw parser.fault(
                "Invalid attribute type name found; type: \(String(decoding: name, as: UTF8.self)), "
                    + "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}")
        }
        return type
    }
}

extension ItemValue {
    /// As the service's messages show a string, number or binary.
    var shown: String {
        var json: [UInt8] = []
        write(to: &json)
        return String(decoding: json.filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }
}
