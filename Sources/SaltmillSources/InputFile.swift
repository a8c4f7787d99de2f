import Glibc

/// What tells one state of a file from another without reading it.
package struct FileStamp: Sendable, Equatable {
    /// Length in bytes.
    package var size: UInt64
    /// Time of the last modification, in nanoseconds since 1970.
    package var modified: Int64
    package var inode: UInt64

    package init(size: UInt64, modified: Int64, inode: UInt64) {
        self.size = size
        self.modified = modified
        self.inode = inode
    }

    init(_ status: stat) {
        size = UInt64(max(0, status.st_size))
        modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        inode = UInt64(status.st_ino)
    }
}

/// A regular file open for reading at any offset, by any number of readers at once.
///
/// What was opened must not change: every read checks the file's stamp, so that rows of two states of a file are never mixed.
package final class InputFile: Sendable {
    package let path: String
    /// The file's stamp when it was opened.
    package let stamp: FileStamp
    private let descriptor: Int32

    /// - Throws: ``SourceError`` when the file cannot be opened or is not a regular one.
    package init(path: String) throws(SourceError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SourceError(.open, "\(path) cannot be opened: \(SourceError.reason(errno))") }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            stamp = FileStamp(size: 0, modified: 0, inode: 0)
            throw SourceError(.open, "\(path) cannot be examined: \(SourceError.reason(errno))")
        }
        stamp = FileStamp(status)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SourceError(.open, "\(path) is not a regular file; name a file that can be read twice")
        }
    }

    deinit { close(descriptor) }

    /// Fills `buffer` from `offset` on, as far as the file goes, and gives the number of bytes read: less than asked only at the end.
    /// - Throws: ``SourceError`` when reading fails, the file is shorter than when it was opened, or it was modified since.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SourceError) -> Int {
        let wanted = offset < stamp.size ? min(buffer.count, Int(stamp.size - offset)) : 0
        var filled = 0
        while filled < wanted {
            let count = pread(descriptor, buffer.baseAddress?.advanced(by: filled), wanted - filled, off_t(offset) + off_t(filled))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SourceError(.read, "\(path) cannot be read at byte \(offset): \(SourceError.reason(errno))") }
            guard count > 0 else {
                throw SourceError(
                    .changed,
                    "\(path) was cut short while it was being read: it had \(stamp.size) bytes and now ends earlier; run the command again"
                )
            }
            filled += count
        }
        try checkUnchanged()
        return wanted
    }

    /// Shows part of the file, block by block.
    func show(_ range: Range<UInt64>, to body: (Span<UInt8>) throws -> Void) throws {
        var block: [UInt8] = Array(repeating: 0, count: 1 << 17)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let start = offset
            var space = block.mutableSpan
            let count = try space.withUnsafeMutableBytes { bytes throws(SourceError) in try read(into: bytes, at: start) }
            guard count > 0 else { return }
            let wanted = min(count, Int(clamping: range.upperBound - offset))
            try body(block.span.extracting(first: wanted))
            offset += UInt64(wanted)
        }
    }

    /// - Throws: ``SourceError`` when the file was modified since it was opened.
    package func checkUnchanged() throws(SourceError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SourceError(.read, "\(path) cannot be examined: \(SourceError.reason(errno))") }
        guard FileStamp(status) == stamp else {
            throw SourceError(.changed, "\(path) was modified while it was being read; give the job a file that nobody writes to")
        }
    }
}
