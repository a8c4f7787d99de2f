import Glibc
import SaltmillBytes
import SaltmillItems

/// What is made sure of a dumped table before anything is touched.
enum DumpCheck {
    /// Checks every file's length and checksum where the dump's own manifest has them, else reads everything.
    /// - Parameter progress: told how many of how many bytes on disk have been looked at.
    static func quick(_ table: DumpedTable, progress: (UInt64, UInt64) -> Void) throws -> ItemDigest? {
        guard table.manifest != nil else { return try whole(table, progress: progress) }
        let total = table.parts.reduce(0) { $0 + UInt64($1.bytes) }
        var done: UInt64 = 0
        for part in table.parts {
            try check(part)
            done += UInt64(part.bytes)
            progress(done, total)
        }
        return table.expected.digest
    }

    /// Reads every item; counts and digests are compared with what the dump says.
    static func whole(_ table: DumpedTable, progress: (UInt64, UInt64) -> Void) throws -> ItemDigest {
        let total = table.parts.reduce(0) { $0 + UInt64($1.bytes) }
        var done: UInt64 = 0
        var digest = ItemDigest.empty
        // Items with faults are counted by whoever wrote the dump, and are no part of its digest.
        var count = 0
        for part in table.parts.indices {
            try Task.checkCancellation()
            var reader = try table.open(part)
            while try reader.next() != nil {}
            digest += reader.digest
            count += reader.count
            done += UInt64(table.parts[part].bytes)
            progress(done, total)
        }
        if let expected = table.expected.count, expected != count, table.expected.digest == nil {
            throw DumpError(table.name ?? "the dump", "it says that it has \(expected) items, but holds \(count)")
        }
        if let expected = table.expected.digest, expected != digest {
            throw DumpError(table.name ?? "the dump", "its items are others than it says: \(digest), not \(expected)")
        }
        return digest
    }

    private static func check(_ part: DumpedPart) throws {
        let descriptor = open(part.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw DumpError(part.file, "cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var digester = Digester(.sha256)
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var length = 0
        while true {
            try Task.checkCancellation()
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw DumpError(part.file, "cannot be read: \(String(cString: strerror(errno)))") }
            guard count > 0 else { break }
            length += count
            digester.update(buffer.span.extracting(0..<count))
        }
        guard length == part.bytes, digester.finishSHA256() == part.sha256 else {
            throw DumpError(part.file, "its SHA-256 is not the one that the manifest names: the file was altered")
        }
    }
}
