import Glibc

/// A copy of a stream in a file, so that it can be read twice and in parts.
package enum Spool {
    /// Copies a stream into a file that only its owner may read, unless the file is there from before; it is whole or not there.
    /// - Throws: ``SourceError``; `CancellationError` when the surrounding task is cancelled.
    package static func copy(_ descriptor: Int32, to path: String) throws {
        guard access(path, F_OK) != 0 else { return }
        guard isatty(descriptor) == 0 else {
            throw SourceError(.open, "standard input is a terminal; pipe the rows into the command, or name a file")
        }
        let partialPath = path + ".partial"
        let file = open(partialPath, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SourceError(.survey, "\(partialPath) cannot be made: \(SourceError.reason(errno))") }
        defer { close(file) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0, ftruncate(file, 0) == 0 else {
            throw SourceError(.survey, "\(partialPath) is being written by another run; wait for it to end")
        }
        do {
            try copy(descriptor, to: file, partialPath)
            guard fsync(file) == 0, rename(partialPath, path) == 0 else {
                throw SourceError(.survey, "\(path) cannot be written: \(SourceError.reason(errno))")
            }
        } catch {
            unlink(partialPath)
            throw error
        }
        try SystemFile.syncFolder(of: path)
    }

    private static func copy(_ descriptor: Int32, to file: Int32, _ path: String) throws {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { block.deallocate() }
        while true {
            try Task.checkCancellation()
            let count = Glibc.read(descriptor, block.baseAddress, block.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SourceError(.read, "standard input cannot be read: \(SourceError.reason(errno))") }
            guard count > 0 else { return }
            try SystemFile.write(UnsafeRawBufferPointer(rebasing: block[..<count]), to: file, path)
        }
    }
}
