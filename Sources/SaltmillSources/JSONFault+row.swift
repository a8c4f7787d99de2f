import SaltmillBytes

extension RowFault {
    /// A line that is not JSON, for the reject file.
    init(_ error: JSONError) {
        let (code, fix) =
            switch error.kind {
            case .badUTF8: ("json.utf8", "convert the source to UTF-8")
            case .badEscape: ("json.escape", "correct the escape; \\u needs four digits, and surrogates stand in pairs")
            case .tooDeep: ("json.depth", "make the document flatter")
            case .trailing: ("json.trailing", "write each row on a line of its own")
            case .unexpectedEnd: ("json.syntax", "a row must stand on one line")
            case .unexpectedByte, .controlCharacter, .badNumber: ("json.syntax", "correct it")
            }
        self.init(code, "the line is not JSON: \(error) of the line; \(fix)")
    }

    /// - Parameter name: a member that is no column.
    init(unknownMember name: JSONStringToken, in text: Span<UInt8>) {
        let shown = String(JSONScanner.value(of: name, in: text).prefix(100))
        self.init(
            "json.member", "the member \"\(shown)\" is neither used nor dropped; describe it under `attributes` or list it under `drop`",
            attribute: shown)
    }
}
