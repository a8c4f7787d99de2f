package import Foundation
import Glibc

/// Reads a job's journal, whether it is being written or not.
package struct JournalReader: Sendable {
    private let files: JournalFiles

    /// - Parameter folder: the job's folder.
    package init(folder: String) { files = JournalFiles(folder: folder) }

    /// Whether there is a journal at all.
    package var exists: Bool { files.all.contains { FileManager.default.fileExists(atPath: $0) } }

    /// Gives every event to a closure, oldest first; lines that are no events are passed over.
    /// - Parameter since: events before this are left out.
    package func forEach(since: Date? = nil, _ body: (JobEvent) throws -> Void) rethrows {
        for path in files.all {
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else { continue }
            for line in Self.lines(data) {
                guard let event = JobEvent(line: line), since.map({ event.time >= $0 }) ?? true else { continue }
                try body(event)
            }
        }
    }

    /// The lines that are whole.
    private static func lines(_ data: Data) -> [Data] {
        guard let end = data.lastIndex(of: 0x0A) else { return [] }
        return data[..<end].split(separator: 0x0A)
    }

    /// The events, oldest first.
    package func events(since: Date? = nil) -> [JobEvent] {
        var events: [JobEvent] = []
        forEach(since: since) { events.append($0) }
        return events
    }

    /// The last event there is.
    package var last: JobEvent? { recent(1).last }

    /// The last events there are, oldest first: so many at most, and of the newest file that has any only.
    package func recent(_ count: Int) -> [JobEvent] {
        for path in files.all.reversed() {
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else { continue }
            var events: [JobEvent] = []
            for line in Self.lines(data.suffix(64 << 10)).reversed() where events.count < count {
                if let event = JobEvent(line: line) { events.append(event) }
            }
            if !events.isEmpty { return events.reversed() }
        }
        return []
    }
}

/// Follows a journal as it grows, over its rotations.
package struct JournalFollower {
    private let files: JournalFiles
    private var descriptor: Int32 = -1
    private var rest: [UInt8] = []

    /// Begins at the journal's present end, or at its beginning where there is none yet.
    package init(folder: String) {
        files = JournalFiles(folder: folder)
        descriptor = open(files.current, O_RDONLY | O_CLOEXEC)
        if descriptor >= 0 { lseek(descriptor, 0, SEEK_END) }
    }

    /// The events that were added since the last call.
    package mutating func next() -> [JobEvent] {
        var events = read()
        var (mine, present) = (stat(), stat())
        if descriptor < 0 || (stat(files.current, &present) == 0 && fstat(descriptor, &mine) == 0 && mine.st_ino != present.st_ino) {
            // Put away meanwhile: what was written to it before that is read first.
            events += read()
            if descriptor >= 0 { close(descriptor) }
            descriptor = open(files.current, O_RDONLY | O_CLOEXEC)
            rest = []
            events += read()
        }
        return events
    }

    /// Gives the file back.
    package mutating func end() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    private mutating func read() -> [JobEvent] {
        guard descriptor >= 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while case let count = Glibc.read(descriptor, &buffer, buffer.count), count > 0 { rest += buffer[..<count] }
        guard let end = rest.lastIndex(of: 0x0A) else { return [] }
        defer { rest.removeFirst(end + 1) }
        return rest[...end].split(separator: 0x0A).compactMap { JobEvent(line: $0) }
    }
}
