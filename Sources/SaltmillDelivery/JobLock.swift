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
        let text = "\(getpid())\n"
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

    private static func holder(_ descriptor: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].prefix { $0 != 0x0A }, as: UTF8.self)
    }
}

/// Why a job's lock was not to be had.
package enum JobLockError: Error, CustomStringConvertible {
    case held(path: String, by: String?)
    case unusable(path: String, reason: String)

    package var description: String {
        switch self {
        case .held(let path, let holder):
            "another instance\(holder.map { " (process \($0))" } ?? "") holds this job (\(path)); wait for it or stop it"
        case .unusable(let path, let reason): "cannot lock \(path): \(reason)"
        }
    }
}
