import Glibc

/// What the standard library lacks for files and folders of a survey.
enum SystemFile {
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws(SourceError) {
        var written = 0
        while written < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SourceError(.survey, "\(path) cannot be written: \(SourceError.reason(errno))") }
            written += count
        }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Makes a folder that only its owner may enter, unless it is there.
    static func makeFolder(_ path: String) throws(SourceError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw SourceError(.survey, "the folder \(path) cannot be made: \(SourceError.reason(errno))")
        }
    }

    /// Removes the files of a folder, and the folder, if it is there.
    static func removeFolder(_ path: String) {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { unlink(path + "/" + name) }
        }
        closedir(folder)
        rmdir(path)
    }

    /// Makes a new name in a file's folder durable.
    static func syncFolder(of path: String) throws(SourceError) {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[..<$0]) + "/" } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, fsync(descriptor) == 0 else {
            throw SourceError(.survey, "the folder \(folder) cannot be written: \(SourceError.reason(errno))")
        }
    }
}
