import SaltmillBytes

/// Texts as a spec's YAML has them.
enum SpecText {
    /// A scalar: plain where nothing can be misread, else in double quotes.
    static func scalar(_ text: String) -> String {
        if text.first?.isLetter == true, text.utf8.allSatisfy(isPlain), !words.contains(text.lowercased()) { return text }
        return quoted(text)
    }

    /// A scalar in double quotes; `${` begins a variable, so that a second dollar is put before it.
    static func quoted(_ text: String) -> String { verbatim(text.replacing("${", with: "$${")) }

    /// A scalar in double quotes whose variables stay variables.
    static func verbatim(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONText.appendQuoted(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What YAML 1.1 and 1.2 read as something else than text (yaml.org, "Language-Independent Types").
    private static let words: Set<String> = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]

    /// A comment's text on one line.
    static func comment(_ text: String) -> String {
        text.split(whereSeparator: { $0.isNewline || $0 == "\t" }).joined(separator: " ")
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x2F: true
        default: false
        }
    }
}
