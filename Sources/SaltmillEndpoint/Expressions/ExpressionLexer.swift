/// The words of an expression (Developer Guide, "Expressions").
enum ExpressionToken: Equatable {
    /// A word: an attribute's name, a keyword or a function's name.
    case name(String)
    /// `#n`, a name given elsewhere.
    case namePlaceholder(String)
    /// `:v`, a value given elsewhere.
    case valuePlaceholder(String)
    /// An operator or a mark.
    case symbol(String)

    var text: String {
        switch self {
        case .name(let text), .namePlaceholder(let text), .valuePlaceholder(let text), .symbol(let text): text
        }
    }

    /// Whether the token is a keyword, in any case of letters.
    func isKeyword(_ keyword: String) -> Bool {
        guard case .name(let name) = self else { return false }
        return name.uppercased() == keyword
    }
}

/// Cuts an expression into words.
enum ExpressionLexer {
    /// Longest expression in bytes (Developer Guide, "Service quotas").
    private static let maximumLength = 4096

    /// - Parameter parameter: the request's parameter, for messages.
    /// - Throws: a ValidationException for an empty or overlong expression and for characters that belong to none.
    static func tokens(_ expression: String, _ parameter: String) throws -> [ExpressionToken] {
        guard expression.utf8.count <= maximumLength else {
            throw ServiceError.validation(
                "Invalid \(parameter): Expression size has exceeded the maximum allowed size; expression size: \(expression.utf8.count)")
        }
        var tokens: [ExpressionToken] = []
        var rest = Substring(expression)
        while let first = rest.first {
            if first.isWhitespace {
                rest.removeFirst()
            } else if isWord(first) || first == "#" || first == ":" {
                let word = first + rest.dropFirst().prefix(while: isWord)
                rest.removeFirst(word.count)
                switch first {
                case "#" where word.count > 1: tokens.append(.namePlaceholder(word))
                case ":" where word.count > 1: tokens.append(.valuePlaceholder(word))
                case "#", ":": throw syntaxError(parameter, word, near: expression)
                default: tokens.append(.name(word))
                }
            } else if let symbol = ["<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", "[", "]", "+", "-"].first(where: rest.hasPrefix) {
                rest.removeFirst(symbol.count)
                tokens.append(.symbol(symbol))
            } else {
                throw syntaxError(parameter, String(first), near: String(rest.prefix(2)))
            }
        }
        guard !tokens.isEmpty else { throw ServiceError.validation("Invalid \(parameter): The expression can not be empty;") }
        return tokens
    }

    static func syntaxError(_ parameter: String, _ token: String, near: String) -> ServiceError {
        .validation("Invalid \(parameter): Syntax error; token: \"\(token)\", near: \"\(near)\"")
    }

    private static func isWord(_ character: Character) -> Bool {
        guard let byte = character.asciiValue else { return false }
        switch UnicodeScalar(byte) {
        case "a"..."z", "A"..."Z", "0"..."9", "_": return true
        default: return false
        }
    }
}

private func + (first: Character, rest: Substring) -> String { String(first) + rest }
