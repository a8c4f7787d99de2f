/// Collects what is wrong with a request's parameters, to report it all at once as the service does.
struct Constraints {
    /// More are not reported.
    private static let reported = 10

    private var found: [String] = []

    /// Notes a violated constraint.
    /// - Parameters:
    ///   - value: the value as the service prints it, quotes included, or nil to leave it out.
    ///   - path: where it stands in the request.
    ///   - rule: what it must be.
    mutating func violated(_ value: String?, at path: String, _ rule: String) {
        found.append("Value \(value.map { "\($0) " } ?? "")at '\(path)' failed to satisfy constraint: Member must \(rule)")
    }

    /// Checks a text against the values that its parameter has.
    mutating func check<Choice: RawRepresentable & CaseIterable>(_ text: String?, at path: String, _: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        guard let text else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        violated("'\(text)'", at: path, "satisfy enum value set: [\(Choice.allCases.map(\.rawValue).joined(separator: ", "))]")
        return nil
    }

    /// Checks a table's or an index's name: length, then characters (Developer Guide, "Naming rules").
    mutating func check(name: String, at path: String, minimum: Int) {
        if name.utf8.count < minimum {
            violated("'\(name)'", at: path, "have length greater than or equal to \(minimum)")
        } else if name.utf8.count > 255 {
            violated("'\(name)'", at: path, "have length less than or equal to 255")
        }
        if !name.isEmpty, !name.utf8.allSatisfy(Self.isNameCharacter) {
            violated("'\(name)'", at: path, "satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
        }
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch UnicodeScalar(byte) {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ".", "-": true
        default: false
        }
    }

    /// - Throws: a ValidationException that lists what was found, if anything.
    func finish() throws {
        guard !found.isEmpty else { return }
        let what = found.prefix(Self.reported).joined(separator: "; ")
        throw ServiceError.validation("\(found.count) validation error\(found.count == 1 ? "" : "s") detected: \(what)")
    }
}
