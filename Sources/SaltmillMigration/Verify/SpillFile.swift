import Glibc
import SaltmillDelivery
import Synchronization

/// A file of the job's folder that only grows at its end, and is cut back to what the last checkpoint counts.
final class SpillFile: Sendable {
    private struct State {
        var length: UInt64
        var buffer: [UInt8] = []
    }

    let path: String
    private let descriptor: Int32
    private let state: Mutex<State>

    private static let blockSize = 1 << 17

    /// Opens the file, making it where there is none.
    /// - Parameter length: how much of it counts, in bytes.
    /// - Throws: ``JobFailure`` when the file is shorter, or cannot be used.
    init(path: String, length: UInt64) throws(JobFailure) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        state = Mutex(State(length: length))
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else { throw Self.failure(path) }
        guard UInt64(status.st_size) >= length else {
            throw JobFailure(.failed, "\(path) is shorter than what was noted of it; give --restart to begin anew")
        }
        guard ftruncate(descriptor, off_t(length)) == 0 else { throw Self.failure(path) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static func failure(_ path: String) -> JobFailure {
        JobFailure(.failed, "\(path) cannot be used: \(String(cString: strerror(errno))); run the command again when that is mended")
    }

    /// Bytes of a file; 0 where there is none.
    static func size(of path: String) -> UInt64 {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_size) : 0
    }

    /// Bytes in all.
    var length: UInt64 { state.withLock { $0.length + UInt64($0.buffer.count) } }

    /// Adds bytes.
    /// - Returns: where they begin.
    @discardableResult
    func append(_ bytes: [UInt8]) throws(JobFailure) -> UInt64 {
        try state.withLock { state throws(JobFailure) in
            let start = state.length + UInt64(state.buffer.count)
            state.buffer += bytes
            if state.buffer.count >= Self.blockSize { try flush(&state) }
            return start
        }
    }

    private func flush(_ state: inout State) throws(JobFailure) {
        var written = 0
        while written < state.buffer.count {
            let count = state.buffer.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written, off_t(state.length) + off_t(written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(path) }
            written += count
        }
        state.length += UInt64(written)
        state.buffer.removeAll(keepingCapacity: true)
    }

    /// Writes out what was added.
    func flush() throws(JobFailure) { try state.withLock { state throws(JobFailure) in try flush(&state) } }

    func remove() { unlink(path) }

    /// Makes what was added durable.
    /// - Returns: the length that counts from now on.
    func sync() throws(JobFailure) -> UInt64 {
        try state.withLock { state throws(JobFailure) in
            try flush(&state)
            guard fdatasync(descriptor) == 0 else { throw Self.failure(path) }
            return state.length
        }
    }

    /// The bytes from `offset` on: `count` of them, fewer at the end.
    func read(at offset: UInt64, count: Int) throws(JobFailure) -> [UInt8] {
        try state.withLock { state throws(JobFailure) in if !state.buffer.isEmpty { try flush(&state) } }
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + off_t(filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw Self.failure(path) }
            guard got > 0 else { break }
            filled += got
        }
        bytes.removeLast(count - filled)
        return bytes
    }
}

extension [UInt8] {
    /// Appends eight bytes, least significant first.
    mutating func append(word: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { append(UInt8(truncatingIfNeeded: word >> shift)) }
    }

    /// The eight bytes at `offset`, least significant first.
    func word(at offset: Int) -> UInt64 {
        span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
    }
}
