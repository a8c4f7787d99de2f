import Dispatch
import Glibc
import Synchronization

/// A job's journal: events in the order in which they happened, appended to a file that only its owner may read.
///
/// Whoever tells of an event never waits for the disk: lines queue up, at most ``queueLimit`` of them, and a queue of its own writes them. When the disk is full
/// they are kept and tried again with the next event; what does not fit is counted, and the count is journalled.
package final class JobJournal: Sendable {
    /// Lines that may wait to be written.
    static let queueLimit = 2048

    private struct Waiting {
        var lines: [[UInt8]] = []
        var lost = 0
        var isScheduled = false
        /// Called with every event, after it was taken.
        var listeners: [@Sendable (JobEvent) -> Void] = []
    }
    private let waiting = Mutex(Waiting())
    private let queue = DispatchQueue(label: "saltmill.journal")
    private let file: Mutex<JournalFile>

    /// Opens a job's journal; it is made with the first event.
    /// - Parameters:
    ///   - folder: the job's folder.
    ///   - fileSize: what a file of the journal grows to at most, in bytes.
    package init(folder: String, fileSize: Int = JournalFiles.fileSize) {
        file = Mutex(JournalFile(JournalFiles(folder: folder), size: fileSize))
    }

    /// Has every event from now on told to somebody too, on the thread of whoever tells of it: it must not wait for anything.
    package func listen(_ listener: @escaping @Sendable (JobEvent) -> Void) { waiting.withLock { $0.listeners.append(listener) } }

    /// Takes an event down.
    package func append(_ event: JobEvent) {
        let line = event.line + [0x0A]
        let (isNew, listeners) = waiting.withLock { waiting in
            if waiting.lines.count < Self.queueLimit { waiting.lines.append(line) } else { waiting.lost += 1 }
            defer { waiting.isScheduled = true }
            return (!waiting.isScheduled, waiting.listeners)
        }
        if isNew { queue.async { [self] in write() } }
        for listener in listeners { listener(event) }
    }

    package func append(_ events: [JobEvent]) { for event in events { append(event) } }

    /// Returns when everything taken down so far has been written, or cannot be.
    package func flush() { queue.sync { write() } }

    private func write() {
        var (lines, lost) = waiting.withLock { waiting in
            defer { (waiting.lines, waiting.lost, waiting.isScheduled) = ([], 0, false) }
            return (waiting.lines, waiting.lost)
        }
        if lost > 0 { lines.append(JobEvent.make(.lost, at: Clocks.now.wall) { $0.lost = lost }.line + [0x0A]) }
        lines.removeFirst(file.withLock { $0.append(lines) })
        guard !lines.isEmpty else { return }
        if lost > 0 { lines.removeLast() }
        waiting.withLock { waiting in
            let room = max(Self.queueLimit - lines.count, 0)
            waiting.lost += lost + max(waiting.lines.count - room, 0)
            waiting.lines = lines + waiting.lines.prefix(room)
        }
    }
}

/// The file that a journal grows in.
struct JournalFile {
    private let files: JournalFiles
    private let size: Int
    private var descriptor: Int32 = -1
    private var length = 0

    init(_ files: JournalFiles, size: Int) {
        self.files = files
        self.size = size
    }

    /// Appends lines, as many as can be.
    /// - Returns: how many of them are in the file.
    mutating func append(_ lines: [[UInt8]]) -> Int {
        var count = 0
        while count < lines.count {
            // Not a call for each line, and not more at once than a file holds.
            var end = count + 1
            var bytes = lines[count]
            while end < lines.count, bytes.count + lines[end].count <= size / 16 {
                bytes += lines[end]
                end += 1
            }
            guard append(bytes) else { break }
            count = end
        }
        return count
    }

    private mutating func append(_ bytes: [UInt8]) -> Bool {
        if descriptor >= 0, length > 0, length + bytes.count > size {
            close(descriptor)
            descriptor = -1
            files.rotate()
        }
        guard descriptor >= 0 || open() else { return false }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written, off_t(length + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                _ = ftruncate(descriptor, off_t(length))
                return false
            }
            written += count
        }
        length += bytes.count
        return true
    }

    private mutating func open() -> Bool {
        descriptor = Glibc.open(files.current, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        _ = fchmod(descriptor, 0o600)
        length = wholeLength()
        // A kill in the middle of a line leaves half of it.
        _ = ftruncate(descriptor, off_t(length))
        return true
    }

    /// Where the last whole line ends.
    private func wholeLength() -> Int {
        var end = Int(lseek(descriptor, 0, SEEK_END))
        var buffer = [UInt8](repeating: 0, count: 4096)
        while end > 0 {
            let start = max(end - buffer.count, 0)
            let count = pread(descriptor, &buffer, end - start, off_t(start))
            guard count > 0 else { return max(end, 0) }
            if let newline = buffer[..<count].lastIndex(of: 0x0A) { return start + newline + 1 }
            end = start
        }
        return 0
    }
}
