import Glibc

/// A temporary file that is written, then read; it is removed when the value goes away.
///
/// It is open only while it is written or read.
final class ScratchFile {
    private let path: String
    private var descriptor: Int32 = -1
    private var exists = false

    init(path: String) { self.path = path }

    deinit {
        close()
        if exists { unlink(path) }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(SourceError) {
        if descriptor < 0 {
            descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw SourceError(.survey, "\(path) cannot be made: \(SourceError.reason(errno))") }
            exists = true
        }
        try SystemFile.write(bytes, to: descriptor, path)
    }

    /// Ends writing, or reading.
    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Fills `bytes` from `offset` on; the file must hold that much and must not be open for writing.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(SourceError) {
        if descriptor < 0 { descriptor = open(path, O_RDONLY | O_CLOEXEC) }
        var filled = 0
        while filled < bytes.count {
            let count = pread(descriptor, bytes.baseAddress?.advanced(by: filled), bytes.count - filled, off_t(offset + filled))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                throw SourceError(.survey, "\(path) cannot be read back: \(count < 0 ? SourceError.reason(errno) : "it was cut short")")
            }
            filled += count
        }
    }
}
