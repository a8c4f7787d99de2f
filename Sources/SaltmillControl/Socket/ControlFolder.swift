import Glibc

/// Where control sockets lie: a folder that only its owner may look into.
package struct ControlFolder: Sendable {
    package let path: String

    /// The folder of this user: below `XDG_RUNTIME_DIR`, or where that is not set below `TMPDIR` with the user's number in its name.
    package init(environment: [String: String]) {
        if let runtime = environment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") {
            path = "\(runtime)/saltmill"
        } else {
            let temporary = environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
            path = "\(temporary)/saltmill-\(geteuid())"
        }
    }

    /// Makes the folder where there is none.
    /// - Throws: ``ControlError`` when it cannot be made, or is not this user's alone.
    package func make() throws(ControlError) {
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw ControlError("cannot make the folder for control sockets, \(path): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
            throw ControlError("\(path) is not a folder of this user's; remove it, or set XDG_RUNTIME_DIR to a folder of your own")
        }
        guard status.st_mode & 0o077 == 0 || chmod(path, 0o700) == 0 else {
            throw ControlError("others may look into \(path); set its mode to 0700")
        }
    }

    /// While this file exists, every job of this user pauses.
    package var stopFile: String { path + "/pause" }

    /// The socket of a job.
    /// - Parameter folder: the job's folder, as an absolute path: jobs of one name in different places have different sockets.
    /// - Throws: ``ControlError`` when the path is longer than a socket's may be.
    package func socket(job: String, folder: String) throws(ControlError) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in folder.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let suffix = ".\(String(hash & 0xFFFF_FFFF, radix: 16)).sock"
        let room = Self.longestPath - path.utf8.count - 1 - suffix.utf8.count
        guard room >= 1 else {
            throw ControlError("the path \(path) is too long for a socket; set XDG_RUNTIME_DIR to a shorter one")
        }
        return "\(path)/\(job.prefix(room))\(suffix)"
    }

    /// The sockets that may be a job's, by its name alone.
    package func sockets(job: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var found: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            let parts = name.split(separator: ".")
            guard parts.count >= 3, parts.last == "sock", parts.dropLast(2).joined(separator: ".") == job else { continue }
            found.append("\(path)/\(name)")
        }
        return found.sorted()
    }

    /// What fits `sockaddr_un` beside the final zero.
    static let longestPath = 107
}
