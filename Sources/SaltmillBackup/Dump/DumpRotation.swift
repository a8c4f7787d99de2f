import Glibc

/// A folder of dumps, each under the time it was begun: what nightly runs leave, and what is removed of it.
struct DumpRotation {
    /// The folder.
    let path: String

    /// What a second run waits for.
    var lock: String { "\(path)/\(DumpFolder.jobPrefix)lock" }

    /// The name of a dump begun at that time, in seconds since 1970: `20131109T070500Z`.
    static func name(at time: Double) -> String {
        String(Timestamp.text(time).prefix(19)).filter { $0 != "-" && $0 != ":" } + "Z"
    }

    private static func isName(_ text: some StringProtocol) -> Bool {
        let digits = text.utf8.map { (0x30...0x39).contains($0) ? UInt8(ascii: "0") : $0 }
        return digits.elementsEqual("00000000T000000Z".utf8)
    }

    /// The latest unfinished dump, if there is one.
    func unfinished() throws(DumpError) -> String? {
        try FileSystem.names(in: path).last { isUnfinished($0) }.map { "\(path)/\($0.dropLast(Self.partial.count))" }
    }

    private static let partial = ".partial"

    private func isUnfinished(_ name: String) -> Bool {
        name.hasSuffix(Self.partial) && Self.isName(name.dropLast(Self.partial.count))
            && FileSystem.kind(of: "\(path)/\(name)/\(DumpJournal.fileName)") == .file
    }

    /// A folder that this program has written to the end: it holds tables with manifests of ours, and nothing else.
    private func isDump(_ name: String) throws(DumpError) -> Bool {
        let folder = "\(path)/\(name)"
        guard Self.isName(name), FileSystem.kind(of: folder) == .folder else { return false }
        let tables = try FileSystem.names(in: folder)
        return !tables.isEmpty && tables.allSatisfy { FileSystem.kind(of: "\(folder)/\($0)/\(DumpManifest.fileName)") == .file }
    }

    /// Removes the oldest dumps beyond a number, and unfinished ones that a newer dump has made needless.
    /// - Returns: the paths of the dumps that were removed.
    func prune(keeping count: Int) throws(DumpError) -> [String] {
        var dumps: [String] = []
        for name in try FileSystem.names(in: path) {
            if isUnfinished(name) || name.hasSuffix(Self.removing) && Self.isName(name.dropLast(Self.removing.count)) {
                try remove("\(path)/\(name)")
            } else if try isDump(name) {
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
        return old.map { "\(path)/\($0)" }
    }

    private static let removing = ".removing"

    /// Removes a file or a folder with all that is in it; links are removed, not followed.
    private func remove(_ path: String) throws(DumpError) {
        let isFolder = FileSystem.kind(of: path) == .folder
        if isFolder { for name in try FileSystem.names(in: path) { try remove("\(path)/\(name)") } }
        guard (isFolder ? rmdir(path) : unlink(path)) == 0 else {
            throw DumpError(path, "it cannot be removed: \(FileSystem.reason(errno))")
        }
    }
}
