/// Why a dump cannot be written or read: the file, the place in it where there is one, and one sentence.
package struct DumpError: Error, Equatable, Sendable, CustomStringConvertible {
    package var file: String
    /// In bytes of the file's text: behind decompression where the file is compressed.
    package var offset: UInt64?
    package var message: String

    package init(_ file: String, at offset: UInt64? = nil, _ message: String) {
        self.file = file
        self.offset = offset
        self.message = message
    }

    package var description: String { offset.map { "\(file), byte \($0): \(message)" } ?? "\(file): \(message)" }
}
