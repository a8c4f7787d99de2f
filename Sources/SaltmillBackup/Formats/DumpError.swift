/// Why a dump cannot be written or read: the file, the place in it where there is one, and one sentence.
package struct DumpError: Error, Equatable, Sendable, CustomStringConvertible {
    package var file: String
    /// In bytes of the file's text: behind decompression where the file is compressed.
    package var offset: UInt64?
    package var message: String
    /// Nothing there looks like a dump, whole or damaged.
    package var isNoDump = false

    package init(_ file: String, at offset: UInt64? = nil, _ message: String) {
        self.file = file
        self.offset = offset
        self.message = message
    }

    /// The error for what does not even look like a dump.
    static func noDump(_ file: String, at offset: UInt64? = nil, _ message: String) -> DumpError {
        var error = DumpError(file, at: offset, message)
        error.isNoDump = true
        return error
    }

    package var description: String { offset.map { "\(file), byte \($0): \(message)" } ?? "\(file): \(message)" }
}
