/// Parses condition, filter and key condition expressions.
struct ConditionParser {
    private typealias Term = ConditionRules.Term

    private static let updateFunctions = ["if_not_exists", "list_append"]

    private var parser: ExpressionParser
    /// The words of the last pair of parentheses, the opening one excluded.
    private var lastGroup: Range<Int>?

    private let rules: ConditionRules

    private init(_ parser: ExpressionParser) {
        self.parser = parser
        rules = ConditionRules(prefix: "Invalid \(parser.parameter): ")
    }

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
            return .condition(try rules.compare(comparison, operand(left), operand(term())))
        }
        if parser.skip(keyword: "BETWEEN") {
            try parser.countOperator()
            let lower = try operand(term())
            let and = try parser.take()
            guard and.isKeyword("AND") else { throw parser.unexpected(and) }
            return .condition(try rules.between(operand(left), lower, operand(term())))
        }
        if parser.skip(keyword: "IN") {
            try parser.countOperator()
            try parser.expect("(")
            let list = try operands()
            return .condition(try rules.isIn(operand(left), list))
        }
        return left
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
        guard ConditionRules.functions[function] != nil else {
            guard Self.updateFunctions.contains(function) else { throw parser.fault("Invalid function name; function: \(function)") }
            throw parser.fault("The function is not allowed in a condition expression; function: \(function)")
        }
        let operands = try operands()
        return try rules.call(function, operands)
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
