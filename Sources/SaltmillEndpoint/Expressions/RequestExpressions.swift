import SaltmillBytes

/// The parameters that hold expressions, in the order in which they are read.
enum ExpressionParameter: String {
    case update = "UpdateExpression"
    case condition = "ConditionExpression"
    case key = "KeyConditionExpression"
    case filter = "FilterExpression"
    case projection = "ProjectionExpression"

    /// The parameters that did the same before there were expressions.
    func legacy(_ operation: Operation) -> [String] {
        switch self {
        case .update: ["AttributeUpdates"]
        case .condition: ["Expected", "ConditionalOperator"]
        case .key: ["KeyConditions"]
        case .filter: [operation == .query ? "QueryFilter" : "ScanFilter", "ConditionalOperator"]
        case .projection: ["AttributesToGet"]
        }
    }
}

/// What a request's expressions say, in whichever form they were given.
struct RequestExpressions {
    var update: Update?
    /// The condition of a write, or the filter of a read.
    var condition: Condition?
    var keys: [KeyCondition]?
    var projection: ProjectedPaths?

    /// All parameters that may be given for expressions, or instead of them.
    static func parameters(_ expressions: [ExpressionParameter], _ operation: Operation) -> Set<String> {
        var names: Set<String> = expressions.isEmpty ? [] : ["ExpressionAttributeNames"]
        if expressions.contains(where: { $0 != .projection }) { names.insert("ExpressionAttributeValues") }
        for expression in expressions {
            names.insert(expression.rawValue)
            names.formUnion(expression.legacy(operation))
        }
        return names
    }

    init() {}

    /// - Throws: a ValidationException for expressions that cannot be read, or are given in both forms.
    init(_ body: RequestBody, _ expressions: [ExpressionParameter], _ operation: Operation, _ reader: inout ItemReader) throws {
        let given = expressions.filter { body.has($0.rawValue) }
        try Self.checkForms(body, expressions, given, operation)
        guard !given.isEmpty else {
            try readLegacy(body, expressions, operation, &reader)
            return
        }
        let placeholders = Placeholders(names: try Self.names(body), values: try Self.values(body, &reader))
        for parameter in given {
            guard let text = try body.string(parameter.rawValue) else { continue }
            switch parameter {
            case .update: update = try UpdateParser.parse(text, placeholders)
            case .condition, .filter: condition = try ConditionParser.parse(text, parameter.rawValue, placeholders)
            case .key: keys = try KeyConditionExpression.parse(text, placeholders)
            case .projection:
                var parser = try ExpressionParser(text, parameter.rawValue, placeholders)
                projection = ProjectedPaths(try parser.paths())
            }
        }
        if !given.contains(.key), body.has("KeyConditions") { keys = try LegacyConditions.keyConditions(body, &reader) }
        try placeholders.finish()
    }

    private static func checkForms(
        _ body: RequestBody, _ expressions: [ExpressionParameter], _ given: [ExpressionParameter], _ operation: Operation
    ) throws {
        if !given.isEmpty {
            var old: [String] = []
            for name in expressions.flatMap({ $0.legacy(operation) }) where body.has(name) && !old.contains(name) { old.append(name) }
            // A filter may be an expression beside key conditions that are none.
            if !given.contains(.key) { old.removeAll { $0 == "KeyConditions" } }
            guard old.isEmpty else {
                throw ServiceError.validation(
                    "Can not use both expression and non-expression parameters in the same request: "
                        + "Non-expression parameters: {\(old.joined(separator: ", "))} "
                        + "Expression parameters: {\(given.map(\.rawValue).joined(separator: ", "))}")
            }
        }
        if body.has("ExpressionAttributeNames"), given.isEmpty {
            throw ServiceError.validation("ExpressionAttributeNames can only be specified when using expressions")
        }
        let withValues = expressions.filter { $0 != .projection }
        if body.has("ExpressionAttributeValues"), !given.contains(where: { $0 != .projection }) {
            throw ServiceError.validation(
                "ExpressionAttributeValues can only be specified when using expressions: "
                    + "\(withValues.map(\.rawValue).joined(separator: " and ")) \(withValues.count == 1 ? "is" : "are") null")
        }
    }

    private static func names(_ body: RequestBody) throws -> [(String, String)] {
        guard let members = try body.value("ExpressionAttributeNames")?.expectMembers() else { return [] }
        guard !members.isEmpty else { throw ServiceError.validation("ExpressionAttributeNames must not be empty") }
        return try members.map { member in
            try check(member.name, "#", "ExpressionAttributeNames")
            return (member.name, try member.value.expectString())
        }
    }

    private static func values(_ body: RequestBody, _ reader: inout ItemReader) throws -> [(String, ItemValue)] {
        guard let members = try body.value("ExpressionAttributeValues")?.expectMembers() else { return [] }
        guard !members.isEmpty else { throw ServiceError.validation("ExpressionAttributeValues must not be empty") }
        return try members.map { member in
            try check(member.name, ":", "ExpressionAttributeValues")
            do {
                return (member.name, try reader.readValue(member.value))
            } catch let error as ServiceError where !error.isFrontEnd {
                throw ServiceError.validation(
                    "ExpressionAttributeValues contains invalid value: \(error.message) for key \(member.name)")
            }
        }
    }

    private static func check(_ placeholder: String, _ mark: Character, _ parameter: String) throws {
        guard placeholder.first == mark, placeholder.utf8.count > 1,
            placeholder.dropFirst().allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
        else { throw ServiceError.validation("\(parameter) contains invalid key: Syntax error; key: \"\(placeholder)\"") }
    }

    private mutating func readLegacy(
        _ body: RequestBody, _ expressions: [ExpressionParameter], _ operation: Operation, _ reader: inout ItemReader
    ) throws {
        for expression in expressions {
            switch expression {
            case .update: update = try LegacyUpdates.read(body, &reader)
            case .condition: condition = try LegacyConditions.expected(body, &reader)
            case .filter: condition = try LegacyConditions.filter(body, expression.legacy(operation)[0], &reader)
            case .key: keys = try LegacyConditions.keyConditions(body, &reader)
            case .projection: projection = try Self.attributesToGet(body)
            }
        }
    }

    private static func attributesToGet(_ body: RequestBody) throws -> ProjectedPaths? {
        guard let names = try body.value("AttributesToGet")?.expectArray().map({ try $0.expectString() }) else { return nil }
        guard !names.isEmpty else {
            throw ServiceError.validation(
                "1 validation error detected: Value '[]' at 'attributesToGet' failed to satisfy constraint: "
                    + "Member must have length greater than or equal to 1")
        }
        for (number, name) in names.enumerated() where names[..<number].contains(name) {
            throw ServiceError.invalidParameter("Duplicate value in attribute name: \(name)")
        }
        return ProjectedPaths(names.map { DocumentPath(Array($0.utf8)) })
    }
}

extension ItemReader {
    /// Reads one attribute value out of a request's tree.
    mutating func readValue(_ value: JSONValue) throws -> ItemValue {
        var json: [UInt8] = []
        json.append("{\"v\":")
        value.write(to: &json)
        json.append("}")
        var scanner = JSONScanner()
        let item = try readMap(&scanner, json.span)
        var stored = JSONScanner(at: item.json.lowerBound)
        guard let member = try ItemValue.members(&stored, buffer.bytes.span).first else { return .null }
        return member.value
    }
}
