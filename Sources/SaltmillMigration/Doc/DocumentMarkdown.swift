extension SpecDocument {
    /// The document as Markdown with pipe tables (GitHub Flavored Markdown, section 4.10).
    package var markdown: String {
        (["# \(Self.escaped(title))"] + blocks.map(Self.markdown)).joined(separator: "\n\n") + "\n"
    }

    private static func markdown(_ block: DocumentBlock) -> String {
        switch block {
        case .heading(let text): return "## \(escaped(text))"
        case .paragraph(let spans): return markdown(spans)
        case .list(let items): return items.map { "- \(markdown($0))" }.joined(separator: "\n")
        case .code(let text, let language):
            let fence = self.fence(around: text, atLeast: 3)
            return "\(fence)\(language)\n\(text)\n\(fence)"
        case .table(let head, let rows):
            let lines = rows.map { "| \($0.cells.map(markdown).joined(separator: " | ")) |" }
            return (["| \(head.map(escaped).joined(separator: " | ")) |", "|\(head.map { _ in "---|" }.joined())"] + lines)
                .joined(separator: "\n")
        }
    }

    private static func markdown(_ spans: [DocumentBlock.Span]) -> String {
        spans.map { span in
            switch span {
            case .text(let text): return escaped(text)
            case .warning(let text): return "**\(escaped(text))**"
            case .code(let text):
                let fence = self.fence(around: text, atLeast: 1)
                let padding = text.hasPrefix("`") || text.hasSuffix("`") ? " " : ""
                return "\(fence)\(padding)\(flat(text).replacing("|", with: "\\|"))\(padding)\(fence)"
            }
        }.joined()
    }

    /// Backticks, more than there are in a row in the text.
    private static func fence(around text: String, atLeast minimum: Int) -> String {
        var (longest, length) = (0, 0)
        for character in text {
            length = character == "`" ? length + 1 : 0
            longest = max(longest, length)
        }
        return String(repeating: "`", count: max(longest + 1, minimum))
    }

    /// Text that means nothing but itself, on one line.
    private static func escaped(_ text: String) -> String {
        flat(text).reduce(into: "") { result, character in
            if "\\`*_[]<>|#~&!".contains(character) { result.append("\\") }
            result.append(character)
        }
    }

    private static func flat(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " ") }
}
