import Glibc
package import SaltmillDelivery

/// Where a job keeps its state: a folder beside the spec that only its owner may look into, since keys and rows stand in it.
package struct JobFolder: Sendable {
    package let path: String

    package init(_ path: String) { self.path = path }

    package var state: String { path + "/state.db" }
    package var survey: String { path + "/survey" }
    /// What came from standard input, kept for as long as the job.
    package var standardInput: String { path + "/stdin" }
    /// Folder of the files of rows set aside.
    package var deferred: String { path + "/deferred" }
    package var report: String { path + "/report.json" }
    /// Names the control socket while the job runs.
    package var control: String { path + "/control" }
    package var lock: String { path + "/lock" }

    var hasStandardInput: Bool { access(standardInput, F_OK) == 0 }

    /// Whether the job has been started before.
    package var exists: Bool { access(state, F_OK) == 0 }

    /// Forgets in which parts a database was to be read.
    func removeRanges() { unlink(path + "/ranges.json") }

    /// Makes the folder where there is none.
    package func make() throws(JobFailure) {
        guard mkdir(path, 0o700) != 0 else { return }
        var status = stat()
        guard errno == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw JobFailure(.failed, "cannot make the job's folder \(path): \(String(cString: strerror(errno)))")
        }
        guard chmod(path, 0o700) == 0 else {
            throw JobFailure(.failed, "the job's folder \(path) belongs to somebody else: \(String(cString: strerror(errno)))")
        }
    }

    /// Writes a file of the folder so that it is there whole or not at all.
    package func write(_ bytes: [UInt8], to file: String) throws(JobFailure) {
        let temporary = file + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(file) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        let isSafe = written == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        guard isSafe, rename(temporary, file) == 0 else { throw failure(file) }
    }

    /// Random bytes of the job's own, by which values that tell of people are hashed where they are named; made when they are first asked for.
    func personalSecret() throws(JobFailure) -> [UInt8] {
        let file = path + "/personal.key"
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        if descriptor >= 0 {
            defer { close(descriptor) }
            var bytes = [UInt8](repeating: 0, count: Self.secretLength)
            if read(descriptor, &bytes, bytes.count) == bytes.count { return bytes }
        }
        let bytes = (0..<Self.secretLength).map { _ in UInt8.random(in: 0...255) }
        try write(bytes, to: file)
        return bytes
    }

    private static let secretLength = 32

    private func failure(_ file: String) -> JobFailure {
        JobFailure(.failed, "cannot write \(file): \(String(cString: strerror(errno)))")
    }
}
