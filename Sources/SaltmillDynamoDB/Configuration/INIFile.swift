/// A file of `[sections]` with `name = value` lines, read as the AWS command line reads its own (Python's configparser, with one level of
/// nested values).
package struct INIFile: Equatable, Sendable {
    /// The value of an option.
    package enum Value: Equatable, Sendable {
        case text(String)
        /// An option with nothing behind its `=` and indented `name = value` lines below it.
        case nested([String: String])
    }

    /// Options by section and name; names are in lower case.
    package private(set) var sections: [String: [String: Value]] = [:]

    package init() {}

    /// An option that has not ended: indented lines below it belong to it.
    private struct Open {
        var section: String
        var name: String
        var line: Int
        var lines: [String]
    }

    /// - Parameters:
    ///   - text: the file's content.
    ///   - path: the file's name, for messages.
    /// - Throws: ``ConfigurationError`` with file and line.
    package init(parsing text: String, path: String) throws(ConfigurationError) {
        var section: String?
        var open: Open?
        var indentation = 0
        // Unlike a search for "\n", this knows that Swift takes "\r\n" for one character.
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let number = index + 1
            let content = line.trimmingBlanks
            guard content.first != "#", content.first != ";" else { continue }
            guard !content.isEmpty else {
                open?.lines.append("")
                continue
            }
            let indent = line.prefix { $0 == " " || $0 == "\t" }.count
            if open != nil, indent > indentation {
                open?.lines.append(String(content))
                continue
            }
            indentation = indent
            try close(&open, path)
            if content.first == "[" {
                guard let end = content.lastIndex(of: "]"), content.index(after: content.startIndex) < end else {
                    throw ConfigurationError("\(path):\(number): a section is written [name]")
                }
                let name = String(content[..<end].dropFirst())
                guard sections[name] == nil else {
                    throw ConfigurationError("\(path):\(number): the section [\(name)] occurs twice; join them")
                }
                sections[name] = [:]
                section = name
                continue
            }
            guard let section else { throw ConfigurationError("\(path):\(number): a line before the first [section]") }
            guard let end = content.firstIndex(where: { $0 == "=" || $0 == ":" }), end > content.startIndex else {
                throw ConfigurationError("\(path):\(number): neither a [section] nor name = value")
            }
            let name = content[..<end].trimmingBlanks.lowercased()
            guard sections[section]?[name] == nil else {
                throw ConfigurationError("\(path):\(number): \(name) occurs twice in [\(section)]; remove one")
            }
            open = Open(
                section: section, name: name, line: number, lines: [String(content[content.index(after: end)...].trimmingBlanks)])
        }
        try close(&open, path)
    }

    /// Stores an option once all its lines are known.
    private mutating func close(_ open: inout Open?, _ path: String) throws(ConfigurationError) {
        guard let option = open else { return }
        open = nil
        let filled = option.lines.dropFirst().filter { !$0.isEmpty }
        guard option.lines.first == "", !filled.isEmpty else {
            sections[option.section]?[option.name] = .text(([option.lines[0]] + filled).joined(separator: "\n"))
            return
        }
        var members: [String: String] = [:]
        for line in filled {
            guard let end = line.firstIndex(of: "=") else {
                throw ConfigurationError("\(path):\(option.line): \(option.name) has a nested line that is not name = value")
            }
            members[String(line[..<end].trimmingBlanks)] = String(line[line.index(after: end)...].trimmingBlanks)
        }
        sections[option.section]?[option.name] = .nested(members)
    }
}

extension StringProtocol {
    /// The text without blanks at either end.
    var trimmingBlanks: SubSequence {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return rest
    }
}
