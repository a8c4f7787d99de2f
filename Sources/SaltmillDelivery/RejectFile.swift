import Glibc

/// The file that rejected rows go to, whole and with the reason: readable by the owner only, since rows stand in it.
///
/// A reject counts once it is on the disk; on a resume the file is cut to what the checkpoint counts, so that none is lost or doubled.
package final class RejectFile {
    package let path: String
    private var descriptor: Int32 = -1
    package private(set) var length: UInt64

    /// - Parameters:
    ///   - path: where the file is or will be; it is made when the first row is rejected.
    ///   - length: how much of it the checkpoint counts, in bytes.
    /// - Throws: ``RejectFileError`` when the file is shorter than what is counted, or cannot be cut.
    package init(path: String, length: UInt64) throws(RejectFileError) {
        self.path = path
        self.length = length
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard length == 0 else { throw .missing(path: path, expected: length) }
            return
        }
        guard UInt64(status.st_size) >= length else { throw .missing(path: path, expected: length) }
        guard length > 0 || status.st_size > 0 else { return }
        try openFile()
        guard ftruncate(descriptor, off_t(length)) == 0, fsync(descriptor) == 0 else { throw .unwritable(path: path, reason: Self.reason) }
    }

    /// Whether a new job may write its rejects there: no file of another job's would be lost.
    package static func isFree(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0 || status.st_size == 0
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Appends lines and returns when they are on the disk.
    package func append(_ lines: [UInt8]) throws(RejectFileError) {
        guard !lines.isEmpty else { return }
        if descriptor < 0 { try openFile() }
        var written = 0
        while written < lines.count {
            let count = lines.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress.map { $0 + written }, lines.count - written, off_t(length) + off_t(written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .unwritable(path: path, reason: Self.reason) }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw .unwritable(path: path, reason: Self.reason) }
        length += UInt64(lines.count)
    }

    private func openFile() throws(RejectFileError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unwritable(path: path, reason: Self.reason) }
        _ = fchmod(descriptor, 0o600)
    }

    private static var reason: String { String(cString: strerror(errno)) }
}

/// A reject file that cannot be used.
package enum RejectFileError: Error, CustomStringConvertible {
    case missing(path: String, expected: UInt64)
    case unwritable(path: String, reason: String)

    package var description: String {
        switch self {
        case .missing(let path, let expected):
            "the reject file \(path) is gone or shorter than the \(expected) bytes the checkpoint counts; put it back, or move the job's state away to begin anew"
        case .unwritable(let path, let reason): "cannot write the reject file \(path): \(reason)"
        }
    }
}
