/// Literal text and columns in turn: `{carrier}#{month:02}`. `{{` and `}}` stand for one brace.
package struct SpecTemplate: Sendable, Equatable {
    package enum Part: Sendable, Equatable {
        case literal(String)
        /// A column's text, left-padded with zeros to `width` characters when `width` > 0.
        case column(String, zeroPaddedTo: Int)
    }

    /// The parts, no two literals in a row.
    package private(set) var parts: [Part] = []

    /// The columns named, in order, with repetitions.
    package var columns: [String] {
        parts.compactMap { part in
            guard case .column(let name, _) = part else { return nil }
            return name
        }
    }

    /// A sentence on a template's syntax.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    /// The widest padding; no key may be longer (Amazon DynamoDB Developer Guide, Service quotas).
    static let maximumWidth = 2048

    /// Reads a template; it must name at least one column.
    package init(parsing text: String) throws(Malformed) {
        var literal = ""
        var rest = text[...]
        while let next = rest.popFirst() {
            switch next {
            case "{" where rest.first == "{", "}" where rest.first == "}":
                literal.append(rest.removeFirst())
            case "{":
                guard let end = rest.firstIndex(of: "}") else {
                    throw Malformed(description: "`{` has no closing `}`; write `{{` for a literal brace")
                }
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                parts.append(try Self.column(rest[..<end]))
                rest = rest[rest.index(after: end)...]
            case "}":
                throw Malformed(description: "`}` has no opening `{`; write `}}` for a literal brace")
            default:
                literal.append(next)
            }
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        if columns.isEmpty {
            throw Malformed(description: "names no column; write e.g. `{id}`, or use `constant` for the same text in every item")
        }
    }

    /// The template in the syntax it is read from, always in the same form.
    package var text: String {
        parts.map { part in
            switch part {
            case .literal(let text): text.reduce(into: "") { $0 += $1 == "{" || $1 == "}" ? "\($1)\($1)" : "\($1)" }
            case .column(let name, let width): width > 0 ? "{\(name):0\(width)}" : "{\(name)}"
            }
        }.joined()
    }

    /// What stands between braces: a column, and after its last colon perhaps a format.
    private static func column(_ text: Substring) throws(Malformed) -> Part {
        if text.isEmpty || text.contains("{") {
            throw Malformed(description: "`{\(text)}` names no column; write e.g. `{id}`, or `{{` for a literal brace")
        }
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else { return .column(String(text), zeroPaddedTo: 0) }
        let format = text[text.index(after: colon)...]
        guard !format.isEmpty, format.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return .column(String(text), zeroPaddedTo: 0) }
        let name = String(text[..<colon])
        guard format.first == "0", let width = Int(format), (1...maximumWidth).contains(width) else {
            throw Malformed(description: "`{\(text)}` has no usable width; write e.g. `{\(name):02}` for two digits, padded with zeros")
        }
        return .column(name, zeroPaddedTo: width)
    }
}
