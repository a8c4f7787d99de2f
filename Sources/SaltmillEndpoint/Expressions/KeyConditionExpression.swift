/// Turns a `KeyConditionExpression`, which is a condition of few kinds, into conditions on key attributes.
enum KeyConditionExpression {
    private static let parameter = "KeyConditionExpression"

    /// - Throws: a ValidationException for a text that is no key condition.
    static func parse(_ text: String, _ placeholders: Placeholders) throws -> [KeyCondition] {
        try conditions(ConditionParser.parse(text, parameter, placeholders))
    }

    private static func conditions(_ condition: Condition) throws -> [KeyCondition] {
        switch condition {
        case .all(let conditions): return try conditions.flatMap(Self.conditions)
        case .compare(let comparison, .path(let path), .value(let value)):
            guard let comparison = KeyComparison(symbol: comparison.rawValue) else { throw invalid(comparison.rawValue) }
            return [KeyCondition(attribute: try name(path), comparison: comparison, operands: [value])]
        case .compare(let comparison, .value(let value), .path(let path)):
            guard let comparison = KeyComparison(symbol: comparison.rawValue)?.mirrored else { throw invalid(comparison.rawValue) }
            return [KeyCondition(attribute: try name(path), comparison: comparison, operands: [value])]
        case .between(.path(let path), .value(let lower), .value(let upper)):
            return [KeyCondition(attribute: try name(path), comparison: .between, operands: [lower, upper])]
        case .beginsWith(.path(let path), .value(let prefix)):
            return [KeyCondition(attribute: try name(path), comparison: .beginsWith, operands: [prefix])]
        case .any: throw invalid("OR")
        case .not(.exists): throw invalid("attribute_not_exists")
        case .not: throw invalid("NOT")
        case .isIn: throw invalid("IN")
        case .exists: throw invalid("attribute_exists")
        case .hasType: throw invalid("attribute_type")
        case .contains: throw invalid("contains")
        case .compare(_, .size, _), .compare(_, _, .size): throw invalid("size")
        case .compare, .between, .beginsWith: throw fault("Condition parameter type does not match schema type")
        }
    }

    private static func name(_ path: DocumentPath) throws -> String {
        guard path.elements.count == 1 else {
            throw fault("KeyConditionExpressions cannot have conditions on nested attributes")
        }
        return String(decoding: path.attribute, as: UTF8.self)
    }

    private static func invalid(_ operation: String) -> ServiceError {
        fault("Invalid operator used in KeyConditionExpression: \(operation)")
    }

    private static func fault(_ what: String) -> ServiceError { .validation(what) }
}
