import Glibc
package import SaltmillBytes

/// A folder of dumps, each under the time it was begun: what nightly runs of one job leave, and what is removed of it.
///
/// Beside each dump lies a hidden file that says which job it is of; what other jobs have left in the folder is never touched.
package struct DumpRotation {
    /// The folder.
    package let path: String
    /// What all runs of the job have in common.
    private let job: JSONValue

    /// An unfinished dump is not gone on with when nothing was added to it for so many seconds, a day and a half: a job that runs every night
    /// goes on with what the night before has left, and nothing is in its way for good.
    private static let mostIdleSeconds = 36.0 * 3600

    package init(path: String, job: JSONValue) {
        self.path = path
        self.job = job
    }

    /// While this file is locked, a second run is refused.
    var lock: String { "\(path)/\(DumpFolder.jobPrefix)lock" }

    // MARK: Names

    /// The name of a dump begun at that time, in seconds since 1970: `20131109T070500Z`.
    package static func name(at time: Double) -> String {
        String(Timestamp.text(time).prefix(19)).filter { $0 != "-" && $0 != ":" } + "Z"
    }

    private static let partial = ".partial"
    private static let removing = ".removing"
    private static let bad = DumpFolder.badEnding

    private static func isName(_ text: some StringProtocol) -> Bool {
        let digits = text.utf8.map { (0x30...0x39).contains($0) ? UInt8(ascii: "0") : $0 }
        return digits.elementsEqual("00000000T000000Z".utf8)
    }

    /// The name without an ending, if it is one of a dump with that ending.
    private static func base(_ name: String, _ ending: String) -> String? {
        guard name.hasSuffix(ending), isName(name.dropLast(ending.count)) else { return nil }
        return String(name.dropLast(ending.count))
    }

    /// The name without the ending of a dump that could not be relied on, a number perhaps behind it.
    private static func badBase(_ name: String) -> String? {
        var name = name[...]
        while let last = name.utf8.last, (0x30...0x39).contains(last) { name.removeLast() }
        return base(String(name), bad)
    }

    // MARK: Whose a dump is

    private func record(of name: String) -> String { "\(path)/\(DumpFolder.jobPrefix)\(name).json" }

    private func isOurs(_ name: String) -> Bool { (try? SmallFile.json(record(of: name), as: record(of: name))) == job }

    /// Begins a dump: from now on it is known as one of this job.
    /// - Parameter time: now, in seconds since 1970.
    /// - Returns: its path.
    package func begin(at time: Double) throws(DumpError) -> String {
        var time = time
        while ["", Self.partial, Self.removing].contains(where: { FileSystem.exists("\(path)/\(Self.name(at: time))\($0)") }) { time += 1 }
        let name = Self.name(at: time)
        let file = try NewFile(path: record(of: name))
        try file.write(job.bytes)
        try file.commit()
        return "\(path)/\(name)"
    }

    /// The job's latest unfinished dump, if there is one: the path it will have.
    package func unfinished() throws(DumpError) -> String? {
        try FileSystem.names(in: path).compactMap { Self.base($0, Self.partial) }.last { isOurs($0) }.map { "\(path)/\($0)" }
    }

    /// Nothing was added to an unfinished dump for too long.
    /// - Parameter time: now, in seconds since 1970.
    package static func isStale(_ unfinished: String, at time: Double) -> Bool {
        var status = stat()
        guard lstat("\(unfinished)\(partial)/\(DumpJournal.fileName)", &status) == 0 else { return false }
        return time - Double(status.st_mtim.tv_sec) > mostIdleSeconds
    }

    /// A folder that this program has written to the end: it holds tables with manifests of ours, and nothing else.
    private func isDump(_ name: String) throws(DumpError) -> Bool {
        let folder = "\(path)/\(name)"
        guard Self.isName(name), FileSystem.kind(of: folder) == .folder else { return false }
        let tables = try FileSystem.names(in: folder).filter { !$0.hasPrefix(DumpFolder.jobPrefix) }
        return !tables.isEmpty && tables.allSatisfy { FileSystem.kind(of: "\(folder)/\($0)/\(DumpManifest.fileName)") == .file }
    }

    // MARK: Removing

    /// Removes the job's oldest dumps beyond a number, those that could not be relied on and are older than any that stays, and its unfinished ones,
    /// which a newer dump has made needless.
    /// - Returns: the paths of the dumps that were removed.
    package func prune(keeping count: Int) throws(DumpError) -> [String] {
        var dumps: [String] = []
        var bad: [(name: String, base: String)] = []
        for name in try FileSystem.names(in: path) {
            if let base = Self.base(name, Self.partial), isOurs(base) {
                try remove("\(path)/\(name)")
            } else if Self.base(name, Self.removing) != nil {
                try remove("\(path)/\(name)")
            } else if let base = Self.badBase(name), isOurs(base) {
                bad.append((name, base))
            } else if try isDump(name), isOurs(name) {
                dumps.append(name)
            }
        }
        let old = dumps.dropLast(count)
        for name in old {
            // In one step it is no dump any more: half of one must never be taken for a whole.
            let marked = "\(path)/\(name)\(Self.removing)"
            guard rename("\(path)/\(name)", marked) == 0 else {
                throw DumpError("\(path)/\(name)", "this old dump cannot be removed: \(FileSystem.reason(errno))")
            }
            try remove(marked)
        }
        if let oldest = dumps.suffix(count).first {
            // Names are times, and sort like them.
            for (name, base) in bad where base < oldest { try remove("\(path)/\(name)") }
        }
        try removeRecords()
        return old.map { "\(path)/\($0)" }
    }

    /// Removes what was noted of dumps that are no more.
    private func removeRecords() throws(DumpError) {
        let names = try FileSystem.names(in: path)
        let bad = Set(names.compactMap(Self.badBase))
        for file in names where file.hasPrefix(DumpFolder.jobPrefix) {
            guard let name = Self.base(String(file.dropFirst(DumpFolder.jobPrefix.count)), ".json") else { continue }
            let isNeeded = ["", Self.partial].contains { FileSystem.exists("\(path)/\(name)\($0)") } || bad.contains(name)
            if !isNeeded { try remove("\(path)/\(file)") }
        }
    }

    /// Removes a file or a folder with all that is in it; links are removed, not followed.
    private func remove(_ path: String) throws(DumpError) {
        let isFolder = FileSystem.kind(of: path) == .folder
        if isFolder { for name in try FileSystem.names(in: path) { try remove("\(path)/\(name)") } }
        guard (isFolder ? rmdir(path) : unlink(path)) == 0 else {
            throw DumpError(path, "it cannot be removed: \(FileSystem.reason(errno))")
        }
    }
}
