import Glibc
import Synchronization

/// Keys one after the other: of each column's value its length in four bytes, little-endian, then its bytes.
package struct EncodedKeys {
    var bytes: [UInt8] = []
    /// Where each key begins.
    var offsets: [Int] = []

    package init() {}

    package mutating func beginKey() { offsets.append(bytes.count) }

    package mutating func append(_ value: some Collection<UInt8>) {
        withUnsafeBytes(of: UInt32(value.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: value)
    }

    /// The last key.
    package var last: [[UInt8]]? {
        guard var offset = offsets.last else { return nil }
        var key: RowQuery.KeyValues = []
        while offset < bytes.count {
            let length = Self.length(bytes[offset..<offset + 4])
            key.append(Array(bytes[offset + 4..<offset + 4 + length]))
            offset += 4 + length
        }
        return key
    }

    static func length(_ bytes: some BidirectionalCollection<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }
}

/// The keys of rows that were read, for keys that do not fit into a locator: a row's place is where its key stands in here.
///
/// A checkpoint names rows that are not settled, and after a kill exactly these are read again. A database numbers its rows by nothing else than
/// their keys, and what stands at a position of its order changes with every insert, so the keys themselves have to be kept. They go to the end of a
/// file, before any of their rows is handed on, and onto the disk before a checkpoint that may speak of them; files of which no row is unsettled any
/// more are removed. Of a crash nothing has to be mended: a new run begins a new file, and what no checkpoint speaks of is never looked at.
package final class KeyLog: Sendable {
    /// How long a file gets, in bytes.
    private static let segmentLength = 1 << 22
    private static let firstLook = 4

    private struct State {
        var segment: UInt64
        var length = 0
        var descriptor: Int32 = -1
        var isDirty = false
        var oldest: UInt64
        var failure: SourceError?
        /// From so many files on it is looked which of them are still needed: where rows set aside keep files, less and less often.
        var nextLook = KeyLog.firstLook
    }

    private let folder: String
    private let state: Mutex<State>

    /// Takes up what earlier runs have left in a folder, which is made where there is none.
    package init(folder: String) throws(SourceError) {
        self.folder = folder
        try SystemFile.makeFolder(folder)
        var numbers: [UInt64] = []
        if let list = opendir(folder) {
            while let entry = readdir(list) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
                if name.hasSuffix(".keys"), let number = UInt64(name.dropLast(5)) { numbers.append(number) }
            }
            closedir(list)
        }
        let next = (numbers.max() ?? 0) + 1
        state = Mutex(State(segment: next, oldest: numbers.min() ?? next))
    }

    deinit { state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } } }

    private func path(_ segment: UInt64) -> String { "\(folder)/\(segment).keys" }

    /// Which file a row's key is in.
    package static func segment(of place: UInt64) -> UInt64 { place >> 32 }

    // MARK: Writing

    /// Appends keys, and gives the place of each.
    /// - Throws: ``SourcePause`` when the disk takes nothing.
    package func append(_ keys: EncodedKeys) throws(SourcePause) -> [UInt64] {
        let (bytes, offsets) = (keys.bytes, keys.offsets)
        let folder = folder
        return try state.withLock { state throws(SourcePause) in
            do throws(SourceError) {
                if state.descriptor < 0 || state.length + bytes.count > Self.segmentLength { try begin(&state) }
                let start = state.length
                try bytes.span.withUnsafeBytes { bytes throws(SourceError) in
                    var written = 0
                    while written < bytes.count {
                        let count = pwrite(
                            state.descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written, off_t(start + written))
                        if count < 0, errno == EINTR { continue }
                        guard count > 0 else { throw SourceError(.survey, "\(folder) cannot be written: \(SourceError.reason(errno))") }
                        written += count
                    }
                }
                state.length += bytes.count
                state.isDirty = true
                return offsets.map { state.segment << 32 | UInt64(start + $0) }
            } catch {
                throw SourcePause(.courtesy, "waiting: \(error)")
            }
        }
    }

    private func begin(_ state: inout State) throws(SourceError) {
        try Self.sync(&state, folder)
        if state.descriptor >= 0 {
            close(state.descriptor)
            state.descriptor = -1
            state.segment += 1
        }
        let path = path(state.segment)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SourceError(.survey, "\(path) cannot be made: \(SourceError.reason(errno))") }
        state.descriptor = descriptor
        state.length = 0
        try SystemFile.syncFolder(of: path)
    }

    /// Returns when everything appended is on the disk.
    /// - Throws: ``SourceError``, and again whenever it is called after that: the system reports lost writes only once.
    package func sync() throws(SourceError) {
        let folder = folder
        try state.withLock { state throws(SourceError) in try Self.sync(&state, folder) }
    }

    private static func sync(_ state: inout State, _ folder: String) throws(SourceError) {
        if let failure = state.failure { throw failure }
        guard state.isDirty else { return }
        guard fsync(state.descriptor) == 0 else {
            let failure = SourceError(.survey, "\(folder) cannot be written: \(SourceError.reason(errno))")
            state.failure = failure
            throw failure
        }
        state.isDirty = false
    }

    // MARK: Reading

    /// The keys at some places.
    /// - Parameter width: how many columns a key has.
    package func keys(at places: [UInt64], width: Int) throws(SourceError) -> [[[UInt8]]] {
        var keys: [RowQuery.KeyValues] = []
        var file: (segment: UInt64, descriptor: Int32)?
        defer { if let file { close(file.descriptor) } }
        for place in places {
            let segment = Self.segment(of: place)
            if file?.segment != segment {
                if let file { close(file.descriptor) }
                let descriptor = open(path(segment), O_RDONLY | O_CLOEXEC)
                guard descriptor >= 0 else {
                    file = nil
                    throw SourceError(
                        .survey,
                        "\(path(segment)), which the checkpoint speaks of, cannot be opened: \(SourceError.reason(errno)); "
                            + "put it back, or begin a new job")
                }
                file = (segment, descriptor)
            }
            guard let descriptor = file?.descriptor else { continue }
            var offset = off_t(place & 0xFFFF_FFFF)
            var key: RowQuery.KeyValues = []
            for _ in 0..<width {
                let length = EncodedKeys.length(try read(4, descriptor, offset, segment))
                key.append(try read(length, descriptor, offset + 4, segment))
                offset += off_t(4 + length)
            }
            keys.append(key)
        }
        return keys
    }

    private func read(_ count: Int, _ descriptor: Int32, _ offset: off_t, _ segment: UInt64) throws(SourceError) -> [UInt8] {
        guard count <= Self.segmentLength * 16 else { throw SourceError(.survey, "\(path(segment)) is damaged; begin a new job") }
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: done), count - done, offset + off_t(done))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw SourceError(.survey, "\(path(segment)) cannot be read back; put it back, or begin a new job") }
            done += got
        }
        return bytes
    }

    // MARK: Dropping

    /// Removes the files before `first` in which none of the rows in use stands, once there are some.
    /// - Parameter inUse: the files that hold a row that is not settled; asked for only when something can be gained.
    package func drop(before first: UInt64, inUse: () throws -> Set<UInt64>) rethrows {
        let last = state.withLock { min(first, $0.segment) }
        let candidates = state.withLock { $0.oldest..<max(last, $0.oldest) }.filter { access(path($0), F_OK) == 0 }
        guard candidates.count >= state.withLock(\.nextLook) else { return }
        let inUse = try inUse()
        for segment in candidates where !inUse.contains(segment) { unlink(path(segment)) }
        let oldest = candidates.first { inUse.contains($0) } ?? last
        let remaining = candidates.count { inUse.contains($0) }
        state.withLock { state in
            state.oldest = oldest
            state.nextLook = max(Self.firstLook, 2 * remaining)
        }
    }
}
