import Glibc
package import SaltmillBytes

/// What is done of an unfinished dump: a file of JSON lines in its folder, each on the disk before anything builds on it.
///
/// The first line says what the dump is of; then there is one for each table that was begun, and one for each part that was finished, with the
/// place in the scan behind it. A line that a kill cut off is as good as none.
package actor DumpJournal {
    /// In the dump's folder; goes when the dump is whole.
    package static let fileName = DumpFolder.jobPrefix + "journal"
    private static let version = 1

    /// How a segment stands.
    package struct Segment: Sendable, Equatable {
        package var parts: [DumpPart] = []
        /// Where the next page starts; nil at the beginning.
        package var next: [UInt8]?
        package var isDone = false

        package init() {}
    }

    /// How a table stands.
    package struct Table: Sendable, Equatable {
        package var name: String
        /// Which table of that name it is.
        package var id: String
        /// When its scan began, in seconds since 1970.
        package var began: Double
        package var segments: [Segment]

        package init(name: String, id: String, began: Double, segments: Int) {
            self.name = name
            self.id = id
            self.began = began
            self.segments = Array(repeating: Segment(), count: segments)
        }
    }

    /// What is known of a dump.
    package struct Content: Sendable, Equatable {
        package var id: String
        package var endpoint: String
        package var request: JSONValue
        /// The names of all tables.
        package var names: [String]
        package var tables: [Table] = []

        package init(id: String, endpoint: String, request: JSONValue, names: [String]) {
            self.id = id
            self.endpoint = endpoint
            self.request = request
            self.names = names
        }
    }

    private let path: String
    private let descriptor: Int32
    /// A table was begun in this run.
    package private(set) var hasTables = false

    /// Opens the journal, making it where there is none.
    package init(path: String) throws(DumpError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw DumpError(path, "it cannot be made: \(FileSystem.reason(errno))") }
    }

    deinit { close(descriptor) }

    // MARK: Writing

    package func begin(_ content: Content) throws(DumpError) {
        try append([
            "version": .integer(Self.version), "id": .string(content.id), "endpoint": .string(content.endpoint),
            "request": content.request, "names": .array(content.names.map { .string($0) }),
        ])
    }

    package func begin(_ table: Table) throws(DumpError) {
        hasTables = true
        try append([
            "table": .string(table.name), "table_id": .string(table.id), "began": .number("\(table.began)"),
            "segments": .integer(table.segments.count),
        ])
    }

    /// Notes that a segment got on.
    /// - Parameter next: where its next page starts, as JSON; nil behind the last one.
    package func note(_ table: String, segment: Int, part: DumpPart?, next: [UInt8]?) throws(DumpError) {
        var place = JSONValue.null
        if let next {
            do { place = try JSONValue(parsing: next.span) } catch {
                throw DumpError(path, "the place in the scan of \(table) behind which to go on is no JSON: \(error)")
            }
        }
        try append(["table": .string(table), "segment": .integer(segment), "part": part?.json ?? .null, "next": place])
    }

    private func append(_ line: JSONValue) throws(DumpError) {
        let bytes = line.bytes + [0x0A]
        let start = lseek(descriptor, 0, SEEK_END)
        do {
            try FileSystem.write(bytes.span, to: descriptor, path)
        } catch {
            // Half a line must not become part of the next one.
            _ = ftruncate(descriptor, start)
            throw error
        }
        guard fsync(descriptor) == 0 else { throw DumpError(path, "it cannot be written: \(FileSystem.reason(errno))") }
    }

    // MARK: Reading

    /// What an earlier run has left; nil when it left nothing. Behind the last whole line the file is cut off.
    package static func read(_ path: String) throws(DumpError) -> Content? {
        guard let bytes = try bytes(of: path) else { return nil }
        let whole = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        guard whole == bytes.count || truncate(path, off_t(whole)) == 0 else {
            throw DumpError(path, "it cannot be written: \(FileSystem.reason(errno))")
        }
        var content: Content?
        var offset: UInt64 = 0
        for line in bytes[..<whole].split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
            let isTaken = (try? JSONValue(parsing: Array(line).span, maximumDepth: 256)).map { take($0, into: &content) } ?? false
            guard isTaken else {
                throw DumpError(path, at: offset, "this line is none of an unfinished dump's; remove the folder and begin anew")
            }
            offset += UInt64(line.count) + 1
        }
        return content
    }

    /// Takes a line in; false when it makes no sense.
    private static func take(_ line: JSONValue, into content: inout Content?) -> Bool {
        guard content != nil else {
            guard line["version"]?.int == version, let id = line["id"]?.string, let endpoint = line["endpoint"]?.string,
                let request = line["request"], let names = line["names"]?.array
            else { return false }
            content = Content(id: id, endpoint: endpoint, request: request, names: names.compactMap(\.string))
            return true
        }
        guard let name = line["table"]?.string else { return false }
        if let segment = line["segment"]?.int {
            guard let table = content?.tables.firstIndex(where: { $0.name == name }),
                content?.tables[table].segments.indices.contains(segment) ?? false, let part = line["part"], let next = line["next"]
            else { return false }
            if part != .null {
                guard let part = try? DumpPart(json: part) else { return false }
                content?.tables[table].segments[segment].parts.append(part)
            }
            content?.tables[table].segments[segment].next = next == .null ? nil : next.bytes
            content?.tables[table].segments[segment].isDone = next == .null
            return true
        }
        guard let id = line["table_id"]?.string, let began = line["began"]?.double, let count = line["segments"]?.int,
            (0...DumpJob.mostSegments).contains(count)
        else { return false }
        content?.tables.append(Table(name: name, id: id, began: began, segments: count))
        return true
    }

    private static func bytes(of path: String) throws(DumpError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw DumpError(path, "it cannot be read: \(FileSystem.reason(errno))") }
            return nil
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw DumpError(path, "it cannot be read: \(FileSystem.reason(errno))") }
            guard count > 0 else { return bytes }
            bytes += block[..<count]
        }
    }
}
