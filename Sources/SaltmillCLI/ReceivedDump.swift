import Dispatch
import Foundation
import Glibc
import SaltmillBackup
import Synchronization

/// The dump that a command names: a folder, or what comes from standard input, unpacked into a folder that only its owner may look into.
struct ReceivedDump {
    let path: String
    /// The folder to remove; nil for a dump of the user's.
    private let temporary: String?

    /// - Parameter path: `-` for standard input.
    /// - Throws: for a stream that is cut off or that is no dump.
    init(_ path: String) throws {
        guard path == "-" else {
            self.path = path
            temporary = nil
            return
        }
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/saltmill.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw UsageError(
                "cannot make a folder in \(parent): \(String(cString: strerror(errno))); set TMPDIR to a place with room for the dump")
        }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        temporary = folder
        self.path = folder + "/dump"
        do {
            try Self.receive(into: self.path)
        } catch {
            remove()
            throw error
        }
    }

    /// Unpacks standard input.
    /// - Throws: a `CancellationError` as soon as the task is cancelled, also while nothing comes.
    private static func receive(into folder: String) throws {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw UsageError("cannot read standard input: \(String(cString: strerror(errno)))")
        }
        let (reading, writing) = (ends[0], ends[1])
        let extraction = Extraction()
        let ended = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            extraction.run { try TarReader.extract(from: reading, into: folder) }
            close(reading)
            ended.signal()
        }
        forward(to: writing)
        // What is cut off by that is removed by whoever unpacks it.
        close(writing)
        ended.wait()
        try Task.checkCancellation()
        try extraction.check()
    }

    /// Hands standard input on until it ends, nobody wants more of it, or the task is cancelled.
    private static func forward(to socket: Int32) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while !Task.isCancelled {
            var places = [
                pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0), pollfd(fd: socket, events: 0, revents: 0),
            ]
            guard poll(&places, 2, 100) > 0 else { continue }
            guard places[1].revents == 0 else { return }
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            var sent = 0
            while sent < count {
                let taken = buffer.withUnsafeBytes {
                    send(socket, $0.baseAddress?.advanced(by: sent), count - sent, Int32(MSG_NOSIGNAL))
                }
                if taken < 0, errno == EINTR { continue }
                guard taken > 0 else { return }
                sent += taken
            }
        }
    }

    /// What has become of the unpacking on another thread.
    private final class Extraction: Sendable {
        private let failure = Mutex<(any Error)?>(nil)

        func run(_ body: () throws -> Void) {
            do { try body() } catch { failure.withLock { $0 = error } }
        }

        func check() throws { if let failure = failure.withLock(\.self) { throw failure } }
    }

    /// Removes what was unpacked.
    func remove() {
        if let temporary { try? FileManager.default.removeItem(atPath: temporary) }
    }
}
