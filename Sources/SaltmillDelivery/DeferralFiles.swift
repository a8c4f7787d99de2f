import Glibc
import SaltmillSources
import Synchronization

/// The files behind the queues of rows set aside: one a bucket, 24 bytes a row (offset, line, lane, little-endian).
package final class DeferralFiles: Sendable {
    private static let width = 24

    private struct State {
        var descriptors: [Int: Int32] = [:]
        var isDirty: Set<Int> = []
        /// What was written may be lost; the system reports that once only.
        var failure: DeferralError?
    }
    private let folder: String
    private let state = Mutex(State())

    /// Takes the files up as a checkpoint knows them; what was written after it is cut off.
    /// - Parameters:
    ///   - folder: made where there is none.
    ///   - segments: the parts in use.
    /// - Throws: ``DeferralError`` when a file is gone, too short or cannot be cut.
    package init(folder: String, _ segments: [Checkpoint.Deferral]) throws(DeferralError) {
        self.folder = folder
        for bucket in 0..<DeferralQueues.bucketCount {
            let path = Self.path(folder, bucket)
            guard let segment = segments.first(where: { $0.bucket == bucket }) else {
                unlink(path)
                continue
            }
            var status = stat()
            guard stat(path, &status) == 0, UInt64(status.st_size) >= segment.tail * UInt64(Self.width) else {
                throw DeferralError(
                    "the file \(path), which the checkpoint speaks of, is gone or too short; put it back, or begin a new job")
            }
            guard truncate(path, off_t(segment.tail * UInt64(Self.width))) == 0 else { throw .system(path) }
        }
    }

    deinit { state.withLock { for descriptor in $0.descriptors.values { close(descriptor) } } }

    private static func path(_ folder: String, _ bucket: Int) -> String { "\(folder)/\(bucket < 10 ? "0" : "")\(bucket).rows" }

    private func descriptor(_ bucket: Int) throws(DeferralError) -> Int32 {
        if let known = state.withLock({ $0.descriptors[bucket] }) { return known }
        mkdir(folder, 0o700)
        let path = Self.path(folder, bucket)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(path) }
        state.withLock { $0.descriptors[bucket] = descriptor }
        return descriptor
    }

    /// Writes rows at a position of a bucket's file, counted in rows.
    func write(_ rows: [DeferredRow], bucket: Int, at position: UInt64) throws(DeferralError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(rows.count * Self.width)
        for row in rows {
            for word in [row.locator.offset, row.locator.line, row.lane] {
                withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
            }
        }
        let descriptor = try descriptor(bucket)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(
                    descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written,
                    off_t(position) * off_t(Self.width) + off_t(written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system(Self.path(folder, bucket)) }
            written += count
        }
        state.withLock { _ = $0.isDirty.insert(bucket) }
    }

    /// Reads rows of a bucket's file.
    func read(bucket: Int, at position: UInt64, count: Int) throws(DeferralError) -> [DeferredRow] {
        let descriptor = try descriptor(bucket)
        var bytes = [UInt8](repeating: 0, count: count * Self.width)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done, off_t(position) * off_t(Self.width) + off_t(done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system(Self.path(folder, bucket)) }
            done += count
        }
        return bytes.withUnsafeBytes { bytes in
            (0..<count).map { number in
                func word(_ index: Int) -> UInt64 {
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: number * Self.width + index * 8, as: UInt64.self))
                }
                return DeferredRow(locator: RecordLocator(offset: word(0), line: word(1)), lane: word(2))
            }
        }
    }

    /// The places of all rows in some parts of the files.
    func locators(_ segments: [Checkpoint.Deferral]) throws(DeferralError) -> [RecordLocator] {
        var locators: [RecordLocator] = []
        for segment in segments {
            for start in stride(from: segment.head, to: segment.tail, by: 4096) {
                locators += try read(bucket: segment.bucket, at: start, count: Int(min(segment.tail - start, 4096))).map(\.locator)
            }
        }
        return locators
    }

    /// Returns when everything written is on the disk.
    /// - Throws: ``DeferralError``, and again whenever it is called after that: no checkpoint may count what was perhaps lost.
    func sync() throws(DeferralError) {
        let (dirty, failure) = state.withLock { state in
            defer { state.isDirty = [] }
            return (state.isDirty.compactMap { state.descriptors[$0] }, state.failure)
        }
        if let failure { throw failure }
        for descriptor in dirty where fsync(descriptor) != 0 {
            let failure = DeferralError.system(folder)
            state.withLock { $0.failure = failure }
            throw failure
        }
    }
}

/// Rows set aside cannot be kept or found again.
package struct DeferralError: Error, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = description }

    static func system(_ path: String) -> DeferralError { DeferralError("cannot use \(path): \(String(cString: strerror(errno)))") }
}
