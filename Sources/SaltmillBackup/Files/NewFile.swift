import Glibc

/// A file being written beside its name, which it takes only once it is whole and durable; nobody else may read it.
final class NewFile: DumpOutput {
    private let path: String
    private let partialPath: String
    private let descriptor: Int32
    private var isCommitted = false

    init(path: String) throws(DumpError) {
        self.path = path
        partialPath = path + ".partial"
        descriptor = open(partialPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw DumpError(path, "it cannot be made: \(FileSystem.reason(errno))") }
    }

    deinit {
        close(descriptor)
        if !isCommitted { unlink(partialPath) }
    }

    func write(_ bytes: Span<UInt8>) throws(DumpError) { try FileSystem.write(bytes, to: descriptor, path) }

    func commit() throws(DumpError) {
        guard fsync(descriptor) == 0, rename(partialPath, path) == 0 else {
            throw DumpError(path, "it cannot be written: \(FileSystem.reason(errno))")
        }
        isCommitted = true
        try FileSystem.syncFolder(path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".")
    }
}
