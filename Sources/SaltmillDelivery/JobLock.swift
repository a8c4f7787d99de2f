import Glibc

/// Keeps a second process off a job: an advisory lock on a file, which the system gives back when the holder ends, however it ends.
package struct JobLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock.
    /// - Throws: ``JobLockError`` when another process holds it or the file cannot be used.
    package init(path: String) throws(JobLockError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unusable(path: path, reason: String(cString: strerror(errno))) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let failure = errno
            let holder = failure == EWOULDBLOCK ? Self.holder(descriptor) : nil
            close(descriptor)
            guard failure == EWOULDBLOCK else { throw .unusable(path: path, reason: String(cString: strerror(failure))) }
            throw .held(path: path, by: holder)
        }
        self.descriptor = descriptor
        let text = "\(getpid())\n\(Self.host)\n\(Self.now)\n"
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.utf8.count, 0)
    }

    deinit { close(descriptor) }

    /// Whether some process holds the lock at this moment.
    package static func isHeld(path: String) -> Bool {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return text(name)
    }

    private static var now: String {
        var (now, date) = (time(nil), tm())
        gmtime_r(&now, &date)
        var buffer = [CChar](repeating: 0, count: 32)
        strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%SZ", &date)
        return text(buffer)
    }

    private static func text(_ buffer: [CChar]) -> String {
        String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Who holds the lock: the process, its host and since when.
    private static func holder(_ descriptor: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        let lines = buffer[..<count].split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        return lines.count >= 3 ? "process \(lines[0]) on \(lines[1]), since \(lines[2])" : lines.first.map { "process \($0)" }
    }
}

/// Why a job's lock was not to be had.
package enum JobLockError: Error, CustomStringConvertible {
    case held(path: String, by: String?)
    case unusable(path: String, reason: String)

    package var description: String {
        switch self {
        case .held(let path, let holder):
            "another instance\(holder.map { " (\($0))" } ?? "") holds this job (\(path)); wait for it or stop it"
        case .unusable(let path, let reason): "cannot lock \(path): \(reason)"
        }
    }
}
