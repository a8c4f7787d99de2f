/// A word of a PartiQL statement.
struct PartiQLToken {
    enum Kind: Equatable {
        /// A keyword, or a name without quotes.
        case word(String)
        /// A name in double quotes.
        case quoted(String)
        /// A text in single quotes.
        case string(String)
        /// A number without a sign.
        case number(String)
        /// An operator or a mark; `?` is a parameter.
        case symbol(String)
        case end
    }

    var kind: Kind
    /// Where the word stands, `line:column:length` in characters from 1, as messages tell it.
    var place: String

    /// Whether the token is a keyword, in any case of letters.
    func isKeyword(_ keyword: String) -> Bool {
        guard case .word(let word) = kind else { return false }
        return word.uppercased() == keyword
    }
}

/// Cuts a PartiQL statement into words (Developer Guide, "PartiQL reference for DynamoDB").
struct PartiQLLexer {
    private static let symbols = [
        "<<", ">>", "<>", "<=", ">=", "!=", "=", "<", ">", "(", ")", "[", "]", "{", "}", ",", ".", ":", "+", "-", "*", ";", "?",
    ].map { Array($0.unicodeScalars) }

    private let text: [UnicodeScalar]
    private var index = 0
    private var line = 1
    private var lineStart = 0

    /// - Returns: the words, and the end behind them.
    /// - Throws: a ValidationException for characters that belong to no word.
    static func tokens(_ statement: String) throws -> [PartiQLToken] {
        var lexer = PartiQLLexer(text: Array(statement.unicodeScalars))
        var tokens: [PartiQLToken] = []
        repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
        return tokens
    }

    private init(text: [UnicodeScalar]) { self.text = text }

    private func scalar(_ offset: Int = 0) -> UnicodeScalar? { index + offset < text.count ? text[index + offset] : nil }

    private mutating func next() throws -> PartiQLToken {
        try skipSpace()
        let start = index
        let (startLine, column) = (line, index - lineStart + 1)
        let kind = try kind()
        return PartiQLToken(kind: kind, place: "\(startLine):\(column):\(index - start)")
    }

    private mutating func skipSpace() throws {
        while let next = scalar() {
            if next == "\n" {
                index += 1
                line += 1
                lineStart = index
            } else if next.properties.isWhitespace {
                index += 1
            } else if next == "-", scalar(1) == "-" {
                while let other = scalar(), other != "\n" { index += 1 }
            } else if next == "/", scalar(1) == "*" {
                index += 2
                while !(scalar() == "*" && scalar(1) == "/") {
                    guard let other = scalar() else { throw PartiQLParser.malformed("") }
                    index += 1
                    if other == "\n" { (line, lineStart) = (line + 1, index) }
                }
                index += 2
            } else {
                return
            }
        }
    }

    private mutating func kind() throws -> PartiQLToken.Kind {
        guard let first = scalar() else { return .end }
        if first == "'" { return .string(try quoted("'")) }
        if first == "\"" { return .quoted(try quoted("\"")) }
        if Self.isDigit(first) || first == "." && scalar(1).map(Self.isDigit) ?? false { return .number(try number()) }
        if Self.isLetter(first) {
            var word = String.UnicodeScalarView()
            while let next = scalar(), Self.isLetter(next) || Self.isDigit(next) {
                word.append(next)
                index += 1
            }
            return .word(String(word))
        }
        guard let symbol = Self.symbols.first(where: { text[index...].starts(with: $0) }) else { throw PartiQLParser.malformed("") }
        index += symbol.count
        return .symbol(String(String.UnicodeScalarView(symbol)))
    }

    /// A text in quotes; a quote within is written twice.
    private mutating func quoted(_ quote: UnicodeScalar) throws -> String {
        var content = String.UnicodeScalarView()
        index += 1
        while let next = scalar() {
            index += 1
            if next == "\n" { (line, lineStart) = (line + 1, index) }
            if next == quote {
                guard scalar() == quote else { return String(content) }
                index += 1
            }
            content.append(next)
        }
        throw PartiQLParser.malformed("")
    }

    private mutating func number() throws -> String {
        var number = digits()
        var decimals = 0
        if scalar() == "." {
            index += 1
            let fraction = digits()
            decimals = fraction.count
            number += "." + fraction
        }
        guard let mark = scalar(), mark == "e" || mark == "E" else { return number }
        let isSigned = scalar(1) == "+" || scalar(1) == "-"
        guard scalar(isSigned ? 2 : 1).map(Self.isDigit) ?? false else { return number }
        let sign = scalar(1) == "-" ? "-" : ""
        index += isSigned ? 2 : 1
        // The service keeps exponents, and the digits behind the point less the exponent, in 32 bits.
        guard let exponent = Int32(sign + digits()), Int32(exactly: decimals - Int(exponent)) != nil else {
            throw PartiQLParser.malformed("")
        }
        return number + "e\(exponent)"
    }

    private mutating func digits() -> String {
        var digits = String.UnicodeScalarView()
        while let next = scalar(), Self.isDigit(next) {
            digits.append(next)
            index += 1
        }
        return String(digits)
    }

    private static func isDigit(_ scalar: UnicodeScalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isLetter(_ scalar: UnicodeScalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "_", "$", "@": true
        default: false
        }
    }
}
