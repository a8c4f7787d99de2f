/// What stands behind WHERE.
extension PartiQLParser {
    private typealias Term = ConditionRules.Term

    mutating func condition() throws -> Condition {
        let term = try disjunction()
        return try condition(term)
    }

    private func condition(_ term: Term) throws -> Condition {
        guard case .condition(let condition) = term else { throw Self.malformed("Unexpected term") }
        return condition
    }

    private func operand(_ term: Term) throws -> Condition.Operand {
        guard case .operand(let operand) = term else {
            throw rules.fault("Syntax error; a condition stands where an operand is expected")
        }
        return operand
    }

    // MARK: - OR, AND, NOT

    private mutating func disjunction() throws -> Term {
        let first = try conjunction()
        guard next.isKeyword("OR") else { return first }
        var conditions = [try condition(first)]
        while skip(keyword: "OR") {
            try expectRightSide()
            let other = try conjunction()
            conditions.append(try condition(other))
        }
        return .condition(.any(conditions))
    }

    private mutating func conjunction() throws -> Term {
        let first = try negation()
        guard next.isKeyword("AND") else { return first }
        var conditions = [try condition(first)]
        while skip(keyword: "AND") {
            try expectRightSide()
            let other = try negation()
            conditions.append(try condition(other))
        }
        return .condition(.all(conditions))
    }

    private func expectRightSide() throws {
        guard next.kind == .end || next.kind == .symbol(";") else { return }
        throw Self.malformed("Missing right-hand side expression of infix operator")
    }

    private mutating func negation() throws -> Term {
        guard skip(keyword: "NOT") else { return try comparison() }
        let negated = try nested { try $0.negation() }
        return .condition(.not(try condition(negated)))
    }

    // MARK: - Comparisons

    private mutating func comparison() throws -> Term {
        let left = try term()
        if case .symbol(let symbol) = next.kind, let comparison = Condition.Comparison(rawValue: symbol == "!=" ? "<>" : symbol) {
            take()
            try expectRightSide()
            let right = try term()
            return .condition(try compare(comparison, left, right))
        }
        if skip(keyword: "IS") { return .condition(try type(of: operand(left))) }
        guard next.isKeyword("NOT") else { return try membership(left).map { .condition($0) } ?? left }
        guard following.isKeyword("IN") || following.isKeyword("BETWEEN") else { return left }
        take()
        return try membership(left).map { .condition(.not($0)) } ?? left
    }

    /// A comparison; one of a condition with a truth value is the condition, or its opposite.
    private func compare(_ comparison: Condition.Comparison, _ left: Term, _ right: Term) throws -> Condition {
        if case .condition(let condition) = left, case .operand(.value(.bool(let isTrue))) = right {
            if comparison == .equal { return isTrue ? condition : .not(condition) }
            if comparison == .notEqual { return isTrue ? .not(condition) : condition }
        }
        return try rules.compare(comparison, operand(left), operand(right))
    }

    /// IN or BETWEEN, if either comes next.
    private mutating func membership(_ left: Term) throws -> Condition? {
        if skip(keyword: "BETWEEN") {
            let lower = try term()
            guard skip(keyword: "AND") else { throw unexpected }
            let upper = try term()
            return try rules.between(operand(left), operand(lower), operand(upper))
        }
        guard skip(keyword: "IN") else { return nil }
        if case .symbol("?") = next.kind {
            take()
            guard case .list(let values) = try parameter() else { throw rules.fault("A list must follow IN") }
            return try rules.isIn(operand(left), values.map { .value($0) })
        }
        let isBracket = skip("[")
        guard isBracket || skip("(") else { throw unexpected }
        let list = try operands(until: isBracket ? "]" : ")", isBracket ? "RIGHT_BRACKET" : "RIGHT_PAREN")
        return try rules.isIn(operand(left), list)
    }

    /// IS: whether there is an attribute, and of which type.
    private mutating func type(of operand: Condition.Operand) throws -> Condition {
        guard case .path(let path) = operand else { throw unexpected }
        let isNegated = skip(keyword: "NOT")
        guard case .word(let word) = next.kind else { throw Self.malformed("Expected type name") }
        let condition: Condition
        switch word.uppercased() {
        case "MISSING": condition = .not(.exists(path))
        case "NULL": condition = .hasType(path, .null)
        case "BOOL", "BOOLEAN": condition = .hasType(path, .bool)
        case "STRING", "VARCHAR", "CHAR": condition = .hasType(path, .string)
        case "NUMERIC", "DECIMAL", "INT", "INTEGER", "FLOAT": condition = .hasType(path, .number)
        case "BLOB": condition = .hasType(path, .binary)
        case "STRUCT", "TUPLE": condition = .hasType(path, .map)
        case "LIST": condition = .hasType(path, .list)
        case "BAG": condition = .any([.stringSet, .numberSet, .binarySet].map { .hasType(path, $0) })
        default: throw Self.malformed("Expected type name")
        }
        take()
        return isNegated ? .not(condition) : condition
    }

    // MARK: - Terms

    private mutating func term() throws -> Term {
        if skip("(") {
            let inner = try nested { try $0.disjunction() }
            try expect(")", "RIGHT_PAREN")
            return inner
        }
        if case .word(let function) = next.kind, following.kind == .symbol("(") { return try call(function.lowercased()) }
        if beginsValue { return .operand(.value(try value())) }
        return .operand(.path(try path()))
    }

    private mutating func call(_ function: String) throws -> Term {
        guard ConditionRules.functions[function] != nil else {
            guard !isOperator else { throw unexpected }
            throw rules.fault("Unrecognized function: \(function) at \(next.place)")
        }
        take()
        take()
        return try nested { parser in
            let operands = try parser.operands(until: ")", "RIGHT_PAREN")
            return try parser.rules.call(function, operands)
        }
    }

    /// Operands separated by commas, and the mark behind them.
    private mutating func operands(until mark: String, _ name: String) throws -> [Condition.Operand] {
        if skip(mark) { return [] }
        var operands: [Condition.Operand] = []
        repeat {
            let term = try term()
            operands.append(try operand(term))
        } while skip(",")
        try expect(mark, name)
        return operands
    }
}
