import Glibc
import SaltmillDelivery

/// Where the restore of one table keeps its state: a folder that only its owner may look into, since keys and items stand in it.
struct RestoreFolder: Sendable {
    let path: String

    init(of table: String, in folder: String) { path = "\(folder)/\(table).restore" }

    var state: String { path + "/state.db" }
    /// Folder of the files of items set aside.
    var deferred: String { path + "/deferred" }
    var rejects: String { path + "/rejects.jsonl" }
    var lock: String { path + "/lock" }
    private var deletionCount: String { path + "/deletions" }

    /// How many of the deletes that an incremental export tells of are done.
    var deletions: Int {
        guard let file = fopen(deletionCount, "re") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 32)
        guard fgets(&line, 32, file) != nil else { return 0 }
        return Int(atoll(line))
    }

    /// Notes how many deletes are done; that survives any kill.
    func save(deletions: Int) throws(JobFailure) {
        let (fresh, text) = (deletionCount + ".new", "\(deletions)\n")
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let isWritten = descriptor >= 0 && write(descriptor, text, text.utf8.count) == text.utf8.count && fsync(descriptor) == 0
        let isSaved = isWritten && rename(fresh, deletionCount) == 0
        let reason = String(cString: strerror(errno))
        if descriptor >= 0 { close(descriptor) }
        guard isSaved else { throw JobFailure(.temporary, "cannot write \(deletionCount): \(reason); make room and run again") }
    }

    /// Whether a restore has been begun.
    var hasState: Bool { access(state, F_OK) == 0 }

    /// Makes the folder where there is none.
    func make() throws(JobFailure) {
        guard mkdir(path, 0o700) != 0 else { return }
        var status = stat()
        guard errno == EEXIST, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, chmod(path, 0o700) == 0 else {
            throw JobFailure(
                .failed,
                "cannot make the folder \(path) for the restore's state: \(String(cString: strerror(errno))); name another place with --state"
            )
        }
    }

    /// Forgets the state, but not the lock that is held; a reject file is set aside under another name.
    func clear() {
        setRejectsAside()
        for file in [state, state + "-journal", state + "-wal", state + "-shm", rejects, deletionCount, deletionCount + ".new"] {
            unlink(file)
        }
        Self.removeFiles(of: deferred)
    }

    /// Removes the folder with everything in it but reject files that were set aside.
    func remove() {
        unlink(rejects)
        clear()
        unlink(lock)
        rmdir(path)
    }

    /// Renames a reject file that is not empty to the first of `rejects.1.jsonl`, `rejects.2.jsonl` and so on that is free.
    private func setRejectsAside() {
        var status = stat()
        guard lstat(rejects, &status) == 0, status.st_size > 0 else { return }
        var number = 1
        while access("\(path)/rejects.\(number).jsonl", F_OK) == 0 { number += 1 }
        rename(rejects, "\(path)/rejects.\(number).jsonl")
    }

    private static func removeFiles(of folder: String) {
        guard let directory = opendir(folder) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { unlink(folder + "/" + name) }
        }
        closedir(directory)
        rmdir(folder)
    }
}
