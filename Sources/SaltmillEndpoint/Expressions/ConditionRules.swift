/// The rules by which comparisons and functions make conditions, whatever language they were written in.
struct ConditionRules {
    /// What has been read of a condition: parentheses may enclose an operand as well.
    enum Term {
        case condition(Condition)
        case operand(Condition.Operand)
    }

    /// Functions, and how many operands each has (Developer Guide, "Condition and filter expressions").
    static let functions = [
        "attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2, "size": 1,
    ]
    /// Most operands of IN.
    private static let maximumList = 100

    /// What messages begin with.
    let prefix: String

    func fault(_ what: String) -> ServiceError { .validation(prefix + what) }

    func compare(
        _ comparison: Condition.Comparison, _ left: Condition.Operand, _ right: Condition.Operand
    ) throws -> Condition {
        if comparison != .equal, comparison != .notEqual {
            for operand in [left, right] { try check(operand, [.string, .number, .binary], of: comparison.rawValue) }
        }
        try checkDistinct(comparison.rawValue, left, right)
        return .compare(comparison, left, right)
    }

    func between(_ operand: Condition.Operand, _ lower: Condition.Operand, _ upper: Condition.Operand) throws -> Condition {
        for operand in [operand, lower, upper] { try check(operand, [.string, .number, .binary], of: "BETWEEN") }
        if case .value(let low) = lower, case .value(let high) = upper {
            let bounds = "lower bound operand: AttributeValue: \(low.shown), upper bound operand: AttributeValue: \(high.shown)"
            guard let isReversed = high.precedes(low) else {
                throw fault("The BETWEEN operator requires same data type for lower and upper bounds; \(bounds)")
            }
            guard !isReversed else {
                throw fault("The BETWEEN operator requires upper bound to be greater than or equal to lower bound; \(bounds)")
            }
        }
        return .between(operand, lower, upper)
    }

    /// - Parameter list: what stands behind IN.
    func isIn(_ operand: Condition.Operand, _ list: [Condition.Operand]) throws -> Condition {
        guard list.count <= Self.maximumList else {
            throw fault(
                "The IN operator is provided with too many operands; number of operands: \(list.count), "
                    + "maximum allowed number of operands: \(Self.maximumList)")
        }
        for element in list { try checkDistinct("IN", operand, element) }
        return .isIn(operand, list)
    }

    /// - Parameter function: one of ``functions``.
    func call(_ function: String, _ operands: [Condition.Operand]) throws -> Term {
        guard operands.count == Self.functions[function] else {
            throw fault(
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

    private func check(_ operand: Condition.Operand, _ types: [AttributeType], of operation: String) throws {
        guard case .value(let value) = operand, !types.contains(value.type) else { return }
        throw fault(
            "Incorrect operand type for operator or function; operator or function: \(operation), operand type: \(value.type.name)")
    }

    private func checkDistinct(_ operation: String, _ left: Condition.Operand, _ right: Condition.Operand) throws {
        guard case .path(let path) = left, case .path(path) = right else { return }
        throw fault(
            "The first operand must be distinct from the remaining operands for this operator or function; "
                + "operator: \(operation), first operand: \(path.description)")
    }

    private func incorrect(_ operand: Condition.Operand, _ function: String) throws -> ServiceError {
        try check(operand, [], of: function)
        return fault("The function is not allowed to be used this way in an expression; function: \(function)")
    }

    private func path(_ operand: Condition.Operand, _ function: String) throws -> DocumentPath {
        guard case .path(let path) = operand else {
            throw fault("Operator or function requires a document path; operator or function: \(function)")
        }
        return path
    }

    private func type(_ operand: Condition.Operand) throws -> AttributeType {
        try check(operand, [.string], of: "attribute_type")
        guard case .value(.string(let name)) = operand else {
            throw fault("Incorrect operand type for operator or function; operator or function: attribute_type, operand type: path")
        }
        guard let type = AttributeType(name.span) else {
            throw fault(
                "Invalid attribute type name found; type: \(String(decoding: name, as: UTF8.self)), "
                    + "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}")
        }
        return type
    }
}
