import Glibc

/// Where the restore of one table keeps its state: a folder that only its owner may look into, since keys and items stand in it.
struct RestoreFolder: Sendable {
    let path: String

    init(of table: String, in folder: String) { path = "\(folder)/\(table).restore" }

    var state: String { path + "/state.db" }
    /// Folder of the files of items set aside.
    var deferred: String { path + "/deferred" }
    var rejects: String { path + "/rejects.jsonl" }
    var lock: String { path + "/lock" }

    /// Stands there when all was written and the table was found to be different from the dump nevertheless.
    private var difference: String { path + "/different" }

    var isDifferent: Bool { access(difference, F_OK) == 0 }

    /// Notes what the comparison with the dump has found.
    func note(isDifferent: Bool) {
        guard isDifferent else {
            unlink(difference)
            return
        }
        let descriptor = open(difference, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }

    /// Whether a restore has been begun.
    var hasState: Bool { access(state, F_OK) == 0 }

    /// Makes the folder where there is none.
    func make() throws(RestoreFailure) {
        guard mkdir(path, 0o700) != 0 else { return }
        var status = stat()
        guard errno == EEXIST, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, chmod(path, 0o700) == 0 else {
            throw RestoreFailure(
                .failed,
                "cannot make the folder \(path) for the restore's state: \(String(cString: strerror(errno))); name another place with --state"
            )
        }
    }

    /// Forgets the state, but not the lock that is held.
    func clear() {
        for file in [state, state + "-journal", state + "-wal", state + "-shm", rejects, difference] { unlink(file) }
        Self.removeFiles(of: deferred)
    }

    /// Removes the folder with everything in it.
    func remove() {
        clear()
        unlink(lock)
        rmdir(path)
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
