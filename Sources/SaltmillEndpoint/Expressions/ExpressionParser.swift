/// Reads the words of one expression: what all kinds of expressions have in common.
struct ExpressionParser {
    /// Most operators and functions of one expression (Developer Guide, "Service quotas").
    private static let maximumOperators = 300

    /// The request's parameter, for messages.
    let parameter: String
    let placeholders: Placeholders
    private let text: String
    private let tokens: [ExpressionToken]
    private(set) var position = 0
    private var operators = 0

    init(_ text: String, _ parameter: String, _ placeholders: Placeholders) throws {
        self.text = text
        self.parameter = parameter
        self.placeholders = placeholders
        tokens = try ExpressionLexer.tokens(text, parameter)
    }

    var next: ExpressionToken? { position < tokens.count ? tokens[position] : nil }

    mutating func take() throws -> ExpressionToken {
        guard let token = next else { throw ExpressionLexer.syntaxError(parameter, "<EOF>", near: tokens.last?.text ?? "") }
        position += 1
        return token
    }

    /// Takes a symbol if it comes next.
    mutating func skip(_ symbol: String) -> Bool {
        guard next == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    /// Takes a keyword if it comes next.
    mutating func skip(keyword: String) -> Bool {
        guard let token = next, token.isKeyword(keyword) else { return false }
        position += 1
        return true
    }

    mutating func expect(_ symbol: String) throws {
        let token = try take()
        guard token == .symbol(symbol) else { throw unexpected(token) }
    }

    func expectEnd() throws {
        guard let token = next else { return }
        var behind = self
        behind.position += 1
        throw behind.unexpected(token)
    }

    /// The error for the token that was taken last.
    func unexpected(_ token: ExpressionToken) -> ServiceError {
        let near = tokens[max(0, position - 2)..<min(tokens.count, position + 1)].map(\.text).joined(separator: " ")
        return ExpressionLexer.syntaxError(parameter, token.text, near: near)
    }

    func fault(_ what: String) -> ServiceError { .validation("Invalid \(parameter): \(what)") }

    /// Counts an operator or function; nesting is bounded by it too.
    mutating func countOperator() throws {
        operators += 1
        guard operators <= Self.maximumOperators else {
            throw fault("The expression contains too many operators and functions; the most is \(Self.maximumOperators)")
        }
    }

    // MARK: - Names, paths and calls

    /// A document path: names joined by points, with list positions in brackets.
    mutating func path() throws -> DocumentPath {
        var path = DocumentPath(try name(try take()))
        while true {
            if skip(".") {
                path.elements.append(.name(try name(try take())))
            } else if skip("[") {
                let token = try take()
                guard case .name(let digits) = token, let index = Int(digits), index >= 0, digits.utf8.allSatisfy({ $0 < 0x3A }) else {
                    throw unexpected(token)
                }
                try expect("]")
                path.elements.append(.index(index))
            } else {
                return path
            }
            guard path.elements.count <= 32 else {
                throw fault("The document path has too many nesting elements; nesting levels: \(path.elements.count)")
            }
        }
    }

    private func name(_ token: ExpressionToken) throws -> [UInt8] {
        switch token {
        case .name(let name):
            guard name.utf8.first.map({ $0 > 0x39 }) ?? false else { throw unexpected(token) }
            guard !ReservedWords.contain(name) else {
                throw fault("Attribute name is a reserved keyword; reserved keyword: \(name)")
            }
            return Array(name.utf8)
        case .namePlaceholder(let placeholder): return Array(try placeholders.name(placeholder, parameter).utf8)
        case .valuePlaceholder, .symbol: throw unexpected(token)
        }
    }

    /// A function's name, if a call comes next; its opening parenthesis is taken with it.
    mutating func call() throws -> String? {
        guard case .name(let function)? = next, position + 1 < tokens.count, tokens[position + 1] == .symbol("("),
            !["AND", "OR", "NOT", "IN", "BETWEEN"].contains(function.uppercased())
        else { return nil }
        position += 2
        try countOperator()
        return function
    }

    /// Paths separated by commas, none within another: a `ProjectionExpression`.
    mutating func paths() throws -> [DocumentPath] {
        var paths = [try path()]
        while skip(",") { paths.append(try path()) }
        try expectEnd()
        try DocumentPath.checkDistinct(paths, parameter)
        return paths
    }
}
