import SaltmillBytes

/// Conditions in the form from before there were expressions (API Reference, "Legacy conditional parameters").
enum LegacyConditions {
    private enum Comparison: String, CaseIterable {
        case `in` = "IN"
        case null = "NULL"
        case between = "BETWEEN"
        case less = "LT"
        case notContains = "NOT_CONTAINS"
        case equal = "EQ"
        case greater = "GT"
        case notEqual = "NE"
        case lessOrEqual = "LE"
        case beginsWith = "BEGINS_WITH"
        case notNull = "NOT_NULL"
        case contains = "CONTAINS"
        case greaterOrEqual = "GE"

        /// How many values it compares with.
        var operands: ClosedRange<Int> {
            switch self {
            case .null, .notNull: 0...0
            case .between: 2...2
            case .in: 1...100
            default: 1...1
            }
        }

        /// The types that its values may have.
        var types: [AttributeType]? {
            switch self {
            case .less, .lessOrEqual, .greater, .greaterOrEqual, .between, .contains, .notContains: [.string, .number, .binary]
            case .in: [.string, .number, .binary]
            case .beginsWith: [.string, .binary]
            case .equal, .notEqual, .null, .notNull: nil
            }
        }
    }

    /// `QueryFilter` or `ScanFilter`.
    static func filter(_ body: RequestBody, _ parameter: String, _ reader: inout ItemReader) throws -> Condition? {
        let conditions = try body.value(parameter)?.expectMembers().map { member in
            try compare(member.name, member.value, &reader)
        }
        return try join(conditions, body)
    }

    /// `Expected`.
    static func expected(_ body: RequestBody, _ reader: inout ItemReader) throws -> Condition? {
        let conditions = try body.value("Expected")?.expectMembers().map { member in
            try expected(member.name, member.value, &reader)
        }
        return try join(conditions, body)
    }

    private static func expected(_ name: String, _ expected: JSONValue, _ reader: inout ItemReader) throws -> Condition {
        let exists = try expected.member("Exists")?.expectBool()
        let value = expected.member("Value")
        guard expected.member("ComparisonOperator") == nil else {
            guard exists == nil else {
                throw ServiceError.invalidParameter("Exists and ComparisonOperator cannot be used together for Attribute: \(name)")
            }
            guard value == nil || expected.member("AttributeValueList") == nil else {
                throw ServiceError.invalidParameter("Value and AttributeValueList cannot be used together for Attribute: \(name)")
            }
            return try compare(name, expected, &reader)
        }
        guard expected.member("AttributeValueList") == nil else {
            throw ServiceError.invalidParameter("AttributeValueList can only be used with a ComparisonOperator for Attribute: \(name)")
        }
        let path = DocumentPath(Array(name.utf8))
        guard let value else {
            guard exists == false else {
                throw ServiceError.invalidParameter(
                    "Value must be provided when Exists is \(exists == nil ? "null" : "true") for Attribute: \(name)")
            }
            return .not(.exists(path))
        }
        guard exists != false else {
            throw ServiceError.invalidParameter("Value cannot be used when Exists is false for Attribute: \(name)")
        }
        return .compare(.equal, .path(path), .value(try reader.readValue(value)))
    }

    /// Joins conditions as `ConditionalOperator` says.
    private static func join(_ conditions: [Condition]?, _ body: RequestBody) throws -> Condition? {
        let name = try body.string("ConditionalOperator")
        guard let conditions, !conditions.isEmpty else {
            guard name == nil else { throw ServiceError.validation("ConditionalOperator cannot be used without Filter or Expected") }
            return nil
        }
        switch name {
        case nil, "AND"?: return .all(conditions)
        case "OR"?: return .any(conditions)
        case let name?:
            throw ServiceError.validation(
                "1 validation error detected: Value '\(name)' at 'conditionalOperator' failed to satisfy constraint: "
                    + "Member must satisfy enum value set: [OR, AND]")
        }
    }

    private static func comparison(_ condition: JSONValue) throws -> Comparison {
        guard let name = try condition.member("ComparisonOperator")?.expectString() else {
            throw ServiceError.validation(
                "1 validation error detected: Value null at 'comparisonOperator' failed to satisfy constraint: Member must not be null")
        }
        guard let comparison = Comparison(rawValue: name) else {
            throw ServiceError.validation(
                "1 validation error detected: Value '\(name)' at 'comparisonOperator' failed to satisfy constraint: "
                    + "Member must satisfy enum value set: [\(Comparison.allCases.map(\.rawValue).joined(separator: ", "))]")
        }
        return comparison
    }

    private static func values(_ condition: JSONValue, _ comparison: Comparison, _ reader: inout ItemReader) throws -> [ItemValue] {
        var given = try condition.member("AttributeValueList")?.expectArray() ?? []
        if let value = condition.member("Value") { given.append(value) }
        let values = try given.map { try reader.readValue($0) }
        guard comparison.operands.contains(values.count) else {
            throw ServiceError.invalidParameter("Invalid number of argument(s) for the \(comparison.rawValue) ComparisonOperator")
        }
        for value in values {
            guard comparison.types?.contains(value.type) ?? true else {
                throw ServiceError.invalidParameter(
                    "ComparisonOperator \(comparison.rawValue) is not valid for \(value.type.name) AttributeValue type")
            }
        }
        return values
    }

    private static func compare(_ name: String, _ condition: JSONValue, _ reader: inout ItemReader) throws -> Condition {
        let comparison = try comparison(condition)
        let values = try values(condition, comparison, &reader).map { Condition.Operand.value($0) }
        let path = DocumentPath(Array(name.utf8))
        let attribute = Condition.Operand.path(path)
        switch comparison {
        case .null: return .not(.exists(path))
        case .notNull: return .exists(path)
        case .in: return .isIn(attribute, values)
        case .between: return .between(attribute, values[0], values[1])
        case .equal: return .compare(.equal, attribute, values[0])
        case .notEqual: return .compare(.notEqual, attribute, values[0])
        case .less: return .compare(.less, attribute, values[0])
        case .lessOrEqual: return .compare(.lessOrEqual, attribute, values[0])
        case .greater: return .compare(.greater, attribute, values[0])
        case .greaterOrEqual: return .compare(.greaterOrEqual, attribute, values[0])
        case .beginsWith: return .beginsWith(attribute, values[0])
        case .contains: return .contains(attribute, values[0])
        // Unlike NOT contains(…), it asks for the attribute to be there.
        case .notContains: return .all([.exists(path), .not(.contains(attribute, values[0]))])
        }
    }

    /// `KeyConditions`; nil where there are none.
    static func keyConditions(_ body: RequestBody, _ reader: inout ItemReader) throws -> [KeyCondition]? {
        guard let members = try body.value("KeyConditions")?.expectMembers() else { return nil }
        return try members.map { member in
            let comparison = try comparison(member.value)
            let values = try values(member.value, comparison, &reader)
            guard let key = KeyComparison(rawValue: comparison.rawValue) else {
                throw ServiceError.validation("Attempted conditional constraint is not an indexable operation")
            }
            return KeyCondition(attribute: member.name, comparison: key, operands: values)
        }
    }
}

/// `AttributeUpdates`, the form from before there were expressions (API Reference, "AttributeUpdates").
enum LegacyUpdates {
    static func read(_ body: RequestBody, _ reader: inout ItemReader) throws -> Update? {
        guard let members = try body.value("AttributeUpdates")?.expectMembers() else { return nil }
        return Update(actions: try members.map { try action($0.name, $0.value, &reader) })
    }

    private static func action(_ name: String, _ update: JSONValue, _ reader: inout ItemReader) throws -> Update.Action {
        let action = try update.member("Action")?.expectString() ?? "PUT"
        let value = try update.member("Value").map { try reader.readValue($0) }
        let path = DocumentPath(Array(name.utf8))
        switch (action, value) {
        case ("DELETE", nil): return .remove(path)
        case ("PUT", let value?): return .set(path, .value(value))
        case ("ADD", let value?):
            try check(value, [.number, .stringSet, .numberSet, .binarySet, .list], action)
            return .add(path, value)
        case ("DELETE", let value?):
            try check(value, [.stringSet, .numberSet, .binarySet], action)
            return .delete(path, value)
        case ("PUT", nil), ("ADD", nil):
            throw ServiceError.invalidParameter("Only DELETE action is allowed when no attribute value is specified")
        default:
            throw ServiceError.validation(
                "1 validation error detected: Value '\(action)' at 'attributeUpdates.\(name).member.action' failed to satisfy constraint: "
                    + "Member must satisfy enum value set: [ADD, PUT, DELETE]")
        }
    }

    private static func check(_ value: ItemValue, _ types: [AttributeType], _ action: String) throws {
        guard !types.contains(value.type) else { return }
        throw ServiceError.invalidParameter("\(action) action is not supported for the type \(value.type.name)")
    }
}
