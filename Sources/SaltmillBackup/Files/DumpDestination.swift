/// Where a dump's files go: a folder, or a stream.
package protocol DumpDestination: AnyObject, Sendable {
    /// Begins a file. It is part of the dump only once it is committed.
    /// - Parameter path: relative, with `/` between its parts; folders are made as needed.
    func newFile(_ path: String) throws(DumpError) -> any DumpOutput

    /// Removes every file under a folder that is not named, all paths being relative as in ``newFile(_:)``.
    func keep(only files: Set<String>, under folder: String) throws(DumpError)

    /// Length in bytes of a committed file; nil when there is none.
    func size(of path: String) -> Int?

    /// Ends the dump: from now on it is whole.
    func commit() throws(DumpError)
}

/// A file of a dump while it is written; when it is dropped without a commit, nothing remains of it.
package protocol DumpOutput: AnyObject {
    func write(_ bytes: Span<UInt8>) throws(DumpError)

    /// Makes the content durable and the file part of the dump.
    func commit() throws(DumpError)
}

extension DumpOutput {
    func write(_ bytes: [UInt8]) throws(DumpError) { try write(bytes.span) }
}
