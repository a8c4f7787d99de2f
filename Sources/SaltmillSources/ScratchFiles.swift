import Glibc

/// A file of a job's folder being written: nobody else may read it, and it takes its place only once it is whole.
///
/// Unless it is committed, it is removed when the value goes away.
final class NewFile {
    private let path: String
    private let partialPath: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private var isCommitted = false

    /// - Throws: ``SourceError`` when the file cannot be made.
    init(path: String) throws(SourceError) {
        self.path = path
        partialPath = path + ".partial"
        descriptor = open(partialPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SourceError(.survey, "\(partialPath) cannot be made: \(SourceError.reason(errno))") }
    }

    deinit {
        close(descriptor)
        if !isCommitted { unlink(partialPath) }
    }

    func append(_ bytes: some Sequence<UInt8>) throws(SourceError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= 1 << 16 { try flush() }
    }

    private func flush() throws(SourceError) {
        let bytes = buffer
        try bytes.span.withUnsafeBytes { bytes throws(SourceError) in try SystemFile.write(bytes, to: descriptor, partialPath) }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes the content durable and gives the file its name.
    func commit() throws(SourceError) {
        try flush()
        guard fsync(descriptor) == 0, rename(partialPath, path) == 0 else {
            throw SourceError(.survey, "\(path) cannot be written: \(SourceError.reason(errno))")
        }
        isCommitted = true
        try SystemFile.syncFolder(of: path)
    }
}

/// A temporary file that is written, then read; it is removed when the value goes away.
///
/// It is open only while it is written or read.
final class ScratchFile {
    private let path: String
    private var descriptor: Int32 = -1
    private var exists = false

    init(path: String) { self.path = path }

    deinit {
        close()
        if exists { unlink(path) }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(SourceError) {
        if descriptor < 0 {
            descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw SourceError(.survey, "\(path) cannot be made: \(SourceError.reason(errno))") }
            exists = true
        }
        try SystemFile.write(bytes, to: descriptor, path)
    }

    /// Ends writing, or reading.
    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Fills `bytes` from `offset` on; the file must hold that much and must not be open for writing.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(SourceError) {
        if descriptor < 0 { descriptor = open(path, O_RDONLY | O_CLOEXEC) }
        var filled = 0
        while filled < bytes.count {
            let count = pread(descriptor, bytes.baseAddress?.advanced(by: filled), bytes.count - filled, off_t(offset + filled))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                throw SourceError(.survey, "\(path) cannot be read back: \(count < 0 ? SourceError.reason(errno) : "it was cut short")")
            }
            filled += count
        }
    }
}

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
