import Glibc

/// What the standard library lacks for a dump's files and folders. Links are never followed.
enum FileSystem {
    enum Kind { case file, folder, link, other }

    /// The system's words for an error number.
    static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    static func exists(_ path: String) -> Bool { status(path) != nil }

    static func kind(of path: String) -> Kind? {
        guard let status = status(path) else { return nil }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        case S_IFLNK: .link
        default: .other
        }
    }

    static func isFile(_ path: String) -> Bool { kind(of: path) == .file }

    static func isFolder(_ path: String) -> Bool { kind(of: path) == .folder }

    /// The path from the root on, without links; nil where there is nothing.
    static func absolute(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Length in bytes of a regular file; nil for anything else.
    static func size(of path: String) -> Int? {
        guard let status = status(path), status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Makes folders that only their owner may enter, unless they are there.
    static func makeFolders(_ path: String) throws(DumpError) {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try makeFolders(String(path[..<slash]))
            guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        }
        throw DumpError(path, "the folder cannot be made: \(reason(errno))")
    }

    /// The names in a folder, sorted by their bytes.
    static func names(in folder: String) throws(DumpError) -> [String] {
        guard let stream = opendir(folder) else { throw DumpError(folder, "the folder cannot be read: \(reason(errno))") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The paths of all files under a folder, relative to it; none when it does not exist.
    static func files(under folder: String) throws(DumpError) -> [String] {
        guard exists(folder) else { return [] }
        var files: [String] = []
        for name in try names(in: folder) {
            if kind(of: "\(folder)/\(name)") == .folder {
                files += try Self.files(under: "\(folder)/\(name)").map { "\(name)/\($0)" }
            } else {
                files.append(name)
            }
        }
        return files
    }

    /// Removes a file, or a folder with all that is in it, as far as that can be done.
    static func remove(_ path: String) {
        guard kind(of: path) == .folder else {
            unlink(path)
            return
        }
        for name in (try? names(in: path)) ?? [] { remove("\(path)/\(name)") }
        rmdir(path)
    }

    /// Makes new names in a folder durable.
    static func syncFolder(_ folder: String) throws(DumpError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, fsync(descriptor) == 0 else { throw DumpError(folder, "the folder cannot be written: \(reason(errno))") }
    }

    /// Makes new names in a folder, and in all folders within it, durable.
    static func syncFolders(_ folder: String) throws(DumpError) {
        for name in try names(in: folder) where kind(of: "\(folder)/\(name)") == .folder { try syncFolders("\(folder)/\(name)") }
        try syncFolder(folder)
    }

    /// Writes all of the bytes to a descriptor.
    static func write(_ bytes: Span<UInt8>, to descriptor: Int32, _ path: String) throws(DumpError) {
        try bytes.withUnsafeBytes { buffer throws(DumpError) in
            var written = 0
            while written < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
                if count < 0 && errno == EINTR { continue }
                guard count >= 0 else { throw DumpError(path, "it cannot be written: \(reason(errno))") }
                written += count
            }
        }
    }
}
