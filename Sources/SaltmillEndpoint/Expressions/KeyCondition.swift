/// A comparison that a key condition may make.
enum KeyComparison: String, CaseIterable {
    case equal = "EQ"
    case less = "LT"
    case lessOrEqual = "LE"
    case greater = "GT"
    case greaterOrEqual = "GE"
    case beginsWith = "BEGINS_WITH"
    case between = "BETWEEN"

    /// How many values it compares with.
    var operands: Int { self == .between ? 2 : 1 }

    init?(symbol: String) {
        switch symbol {
        case "=": self = .equal
        case "<": self = .less
        case "<=": self = .lessOrEqual
        case ">": self = .greater
        case ">=": self = .greaterOrEqual
        default: return nil
        }
    }

    /// The same comparison with its sides exchanged; nil where there is none.
    var mirrored: KeyComparison? {
        switch self {
        case .equal: .equal
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        case .beginsWith, .between: nil
        }
    }
}

/// One condition on a key attribute.
struct KeyCondition {
    var attribute: String
    var comparison: KeyComparison
    /// What the attribute is compared with.
    var operands: [ItemValue]
}

/// Turns conditions on an index's keys into the range of rows that satisfy them.
enum KeyConditions {
    /// - Throws: a ValidationException for conditions that do not fit the keys.
    static func range(_ conditions: [KeyCondition], _ keys: KeySchema, collection: UInt32) throws -> KeyRange {
        guard let hash = conditions.first(where: { $0.attribute == keys.hash.name }) else {
            throw ServiceError.validation("Query condition missed key schema element: \(keys.hash.name)")
        }
        guard hash.comparison == .equal else { throw ServiceError.validation("Query key condition not supported") }
        var prefix = RowKey(collection: collection)
        prefix.appendHash(try value(hash.operands[0], of: keys.hash))
        guard conditions.count > 1 else { return KeyRange(prefix: prefix) }
        guard let range = keys.range, let condition = conditions.first(where: { $0.attribute == range.name }) else {
            throw ServiceError.validation(
                keys.range.map { "Query condition missed key schema element: \($0.name)" } ?? "Query key condition not supported")
        }
        guard conditions.count == 2, conditions[0].attribute != conditions[1].attribute else {
            throw ServiceError.validation("Conditions can be of length 1 or 2 only")
        }
        return try rows(condition, range, prefix)
    }

    private static func rows(_ condition: KeyCondition, _ key: KeyAttribute, _ prefix: RowKey) throws -> KeyRange {
        let partition = KeyRange(prefix: prefix)
        let values = try condition.operands.map { try value($0, of: key) }
        var row = prefix
        if condition.comparison == .beginsWith {
            guard key.type != .number else {
                throw ServiceError.validation(
                    "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, "
                        + "operand type: N")
            }
            row.appendRange(startingWith: values[0])
            return KeyRange(prefix: row)
        }
        row.appendRange(values[0])
        switch condition.comparison {
        case .less: return KeyRange(partition.lower, row)
        case .lessOrEqual: return KeyRange(partition.lower, row.successor)
        case .greater: return KeyRange(row.successor, partition.upper)
        case .greaterOrEqual: return KeyRange(row, partition.upper)
        case .between:
            guard !values[1].lexicographicallyPrecedes(values[0]) else {
                let shown = condition.operands.map { "AttributeValue: \($0.shown)" }
                throw ServiceError.validation(
                    "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
                        + "lower bound operand: \(shown[0]), upper bound operand: \(shown[1])")
            }
            var last = prefix
            last.appendRange(values[1])
            return KeyRange(row, last.successor)
        case .equal, .beginsWith: return KeyRange(prefix: row)
        }
    }

    private static func value(_ operand: ItemValue, of key: KeyAttribute) throws -> [UInt8] {
        guard operand.type == key.type.attributeType, let value = operand.orderedBytes else {
            throw ServiceError.invalidParameter("Condition parameter type does not match schema type")
        }
        guard !value.isEmpty else {
            throw ServiceError.validation(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
                    + "\(key.type == .binary ? "binary" : "string") value. Key: \(key.name)")
        }
        return value
    }
}
