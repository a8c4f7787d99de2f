/// Parses a `KeyConditionExpression`: comparisons of key attributes with values, joined by AND.
struct KeyConditionExpression {
    private static let parameter = "KeyConditionExpression"

    private let text: String
    private let tokens: [ExpressionToken]
    private var position = 0
    private var placeholders: Placeholders

    private init(_ text: String, _ placeholders: Placeholders) throws {
        self.text = text
        self.placeholders = placeholders
        tokens = try ExpressionLexer.tokens(text, Self.parameter)
    }

    /// - Throws: a ValidationException for a text that is no key condition, or whose placeholders are undefined or not used up.
    static func parse(_ text: String, _ placeholders: Placeholders) throws -> [KeyCondition] {
        var parser = try KeyConditionExpression(text, placeholders)
        let conditions = try parser.conjunction()
        if let token = parser.next { throw parser.unexpected(token) }
        try parser.placeholders.finish()
        return conditions
    }

    private var next: ExpressionToken? { position < tokens.count ? tokens[position] : nil }

    private mutating func take() throws -> ExpressionToken {
        guard let token = next else {
            throw ExpressionLexer.syntaxError(Self.parameter, "<EOF>", near: tokens.last?.text ?? "")
        }
        position += 1
        return token
    }

    private mutating func expect(_ symbol: String) throws {
        let token = try take()
        guard token == .symbol(symbol) else { throw unexpected(token) }
    }

    private func unexpected(_ token: ExpressionToken) -> ServiceError {
        if token.isKeyword("OR") || token.isKeyword("NOT") || token.isKeyword("IN") || token == .symbol("<>") {
            return .validation("Invalid operator used in \(Self.parameter): \(token.text)")
        }
        let near = tokens[max(0, position - 2)..<min(tokens.count, position + 1)].map(\.text).joined(separator: " ")
        return ExpressionLexer.syntaxError(Self.parameter, token.text, near: near)
    }

    private mutating func conjunction() throws -> [KeyCondition] {
        var conditions = try term()
        while let token = next, token.isKeyword("AND") {
            position += 1
            conditions += try term()
        }
        return conditions
    }

    private mutating func term() throws -> [KeyCondition] {
        if next == .symbol("(") {
            position += 1
            let conditions = try conjunction()
            try expect(")")
            return conditions
        }
        let first = try take()
        if case .name(let function) = first, next == .symbol("(") {
            guard function == "begins_with" else {
                throw ServiceError.validation("Invalid \(Self.parameter): Invalid function name; function: \(function)")
            }
            position += 1
            let attribute = try name(try take())
            try expect(",")
            let value = try placeholders.value(try take(), Self.parameter)
            try expect(")")
            return [KeyCondition(attribute: attribute, comparison: .beginsWith, operands: [value])]
        }
        let attribute = try name(first)
        let token = try take()
        if token.isKeyword("BETWEEN") {
            let lower = try placeholders.value(try take(), Self.parameter)
            let and = try take()
            guard and.isKeyword("AND") else { throw unexpected(and) }
            let upper = try placeholders.value(try take(), Self.parameter)
            return [KeyCondition(attribute: attribute, comparison: .between, operands: [lower, upper])]
        }
        guard case .symbol(let symbol) = token, let comparison = KeyComparison(symbol: symbol) else { throw unexpected(token) }
        return [
            KeyCondition(
                attribute: attribute, comparison: comparison, operands: [try placeholders.value(try take(), Self.parameter)])
        ]
    }

    private mutating func name(_ token: ExpressionToken) throws -> String {
        switch token {
        case .name(let name): return name
        case .namePlaceholder: return try placeholders.name(token, Self.parameter)
        case .valuePlaceholder, .symbol: throw unexpected(token)
        }
    }
}

/// The names and values that a request's expressions refer to, and which of them were.
struct Placeholders {
    private let names: [String: String]
    /// By placeholder, as it stands in JSON.
    private let values: ItemBuffer.Item?
    private let buffer: ItemBuffer
    private var usedNames = Set<String>()
    private var usedValues = Set<String>()

    init(names: [String: String], values: ItemBuffer.Item?, in buffer: ItemBuffer) {
        self.names = names
        self.values = values
        self.buffer = buffer
    }

    mutating func name(_ token: ExpressionToken, _ parameter: String) throws -> String {
        guard let name = names[token.text] else {
            throw ServiceError.validation(
                "Invalid \(parameter): An expression attribute name used in the document path is not defined; "
                    + "attribute name: \(token.text)")
        }
        usedNames.insert(token.text)
        return name
    }

    mutating func value(_ token: ExpressionToken, _ parameter: String) throws -> ItemBuffer.Attribute {
        guard case .valuePlaceholder(let placeholder) = token else {
            throw ExpressionLexer.syntaxError(parameter, token.text, near: token.text)
        }
        guard let values, let value = buffer.attribute(Array(placeholder.utf8), of: values) else {
            throw ServiceError.validation(
                "Invalid \(parameter): An expression attribute value used in expression is not defined; attribute value: \(placeholder)")
        }
        usedValues.insert(placeholder)
        return value
    }

    /// - Throws: a ValidationException when a name or value was not used.
    func finish() throws {
        let idleNames = names.keys.filter { !usedNames.contains($0) }.sorted()
        guard idleNames.isEmpty else {
            throw ServiceError.validation(
                "Value provided in ExpressionAttributeNames unused in expressions: keys: {\(idleNames.joined(separator: ", "))}")
        }
        let idleValues = values.map { $0.attributes.map { buffer.text(buffer.attributes[$0].name) } } ?? []
        let idle = idleValues.filter { !usedValues.contains($0) }
        guard idle.isEmpty else {
            throw ServiceError.validation(
                "Value provided in ExpressionAttributeValues unused in expressions: keys: {\(idle.joined(separator: ", "))}")
        }
    }
}
