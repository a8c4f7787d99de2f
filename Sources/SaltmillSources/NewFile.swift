import Glibc

/// A file of a job's folder being written: nobody else may read it, and it takes its place only once it is whole.
///
/// Unless it is committed, it is removed when the value goes away.
final class NewFile {
    private let path: String
    private let partialPath: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private var isCommitted = false

    /// - Throws: ``SourceError`` when the file cannot be made.
    init(path: String) throws(SourceError) {
        self.path = path
        partialPath = path + ".partial"
        descriptor = open(partialPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SourceError(.survey, "\(partialPath) cannot be made: \(SourceError.reason(errno))") }
    }

    deinit {
        close(descriptor)
        if !isCommitted { unlink(partialPath) }
    }

    func append(_ bytes: some Sequence<UInt8>) throws(SourceError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= 1 << 16 { try flush() }
    }

    private func flush() throws(SourceError) {
        let bytes = buffer
        try bytes.span.withUnsafeBytes { bytes throws(SourceError) in try SystemFile.write(bytes, to: descriptor, partialPath) }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes the content durable and gives the file its name.
    func commit() throws(SourceError) {
        try flush()
        guard fsync(descriptor) == 0, rename(partialPath, path) == 0 else {
            throw SourceError(.survey, "\(path) cannot be written: \(SourceError.reason(errno))")
        }
        isCommitted = true
        try SystemFile.syncFolder(of: path)
    }
}
