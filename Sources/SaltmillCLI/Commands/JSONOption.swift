import ArgumentParser
import Foundation
import SaltmillBytes

/// JSON on the command line, as the AWS CLI takes it: the text itself, or `file://PATH`.
enum JSONOption {
    /// - Parameter option: what the option is called, for messages.
    static func read(_ text: String, _ option: String) throws -> JSONValue {
        var bytes = Array(text.utf8)
        if text.hasPrefix("file://") {
            guard let content = FileManager.default.contents(atPath: String(text.dropFirst(7))) else {
                throw ValidationError("\(option): the file \(text.dropFirst(7)) cannot be read")
            }
            bytes = Array(content)
        }
        do { return try JSONValue(parsing: bytes.span) } catch { throw ValidationError("\(option) takes JSON: \(error)") }
    }
}
