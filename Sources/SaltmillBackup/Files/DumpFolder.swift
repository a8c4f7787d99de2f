import Glibc

/// A dump being written as a folder: all of it beside the final path with `.partial` behind the name, for its owner alone, until
/// ``commit()`` gives it that name in one step. What is at the final path is never touched.
package final class DumpFolder: DumpDestination {
    /// Where the dump will be.
    package let path: String
    /// Where it is until then.
    package let partialPath: String

    /// How names begin that belong to a job; ``commit()`` removes such files at the top of the folder.
    package static let jobPrefix = ".saltmill-"

    /// How the name of a dump ends that cannot be relied on, a number perhaps behind it.
    static let badEnding = ".bad"

    /// A path without the slashes behind it, so that something can be put behind the name.
    package static func withoutSlashes(_ path: String) -> String {
        var path = path[...]
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        return String(path)
    }

    /// - Parameters:
    ///   - path: must not exist.
    ///   - resume: whether the unfinished dump of an earlier run is to be gone on with; it must exist then, and must not otherwise.
    package init(path: String, resume: Bool) throws(DumpError) {
        let path = Self.withoutSlashes(path)
        self.path = path
        partialPath = path + ".partial"
        guard !FileSystem.exists(path) else {
            throw DumpError(path, "there is something at this path already; name another one, since a dump never replaces anything")
        }
        if resume {
            guard FileSystem.kind(of: partialPath) == .folder else {
                throw DumpError(partialPath, "there is no unfinished dump to go on with")
            }
            // A run may have been killed within ``commit()``.
            if !FileSystem.exists(journal) { rename(journalAside, journal) }
        } else {
            guard !FileSystem.exists(partialPath) else {
                throw DumpError(partialPath, "an unfinished dump is here: go on with it, or remove it first")
            }
            if let slash = path.lastIndex(of: "/"), slash > path.startIndex { try FileSystem.makeFolders(String(path[..<slash])) }
            try FileSystem.makeFolders(partialPath)
        }
    }

    private var journal: String { "\(partialPath)/\(DumpJournal.fileName)" }
    private var journalAside: String { "\(journal)-aside" }

    package func newFile(_ path: String) throws(DumpError) -> any DumpOutput {
        let full = "\(partialPath)/\(path)"
        if let slash = full.lastIndex(of: "/") { try FileSystem.makeFolders(String(full[..<slash])) }
        return try NewFile(path: full)
    }

    package func keep(only files: Set<String>, under folder: String) throws(DumpError) {
        for file in try FileSystem.files(under: "\(partialPath)/\(folder)") where !files.contains("\(folder)/\(file)") {
            unlink("\(partialPath)/\(folder)/\(file)")
        }
    }

    package func size(of path: String) -> Int? { FileSystem.size(of: "\(partialPath)/\(path)") }

    package func commit() throws(DumpError) {
        try FileSystem.syncFolders(partialPath)
        // A journal tells an unfinished dump: under its own name the dump must not have one, and without one it could not be gone on with.
        rename(journal, journalAside)
        // A folder takes the place of nothing but an empty folder.
        guard rename(partialPath, path) == 0 else {
            let number = errno
            rename(journalAside, journal)
            let reason =
                [EEXIST, ENOTEMPTY, ENOTDIR].contains(number)
                ? "something else took the dump's place while it was made" : FileSystem.reason(number)
            throw DumpError(path, "\(reason); the dump is whole and stays at \(partialPath): move it where you want it")
        }
        try FileSystem.syncFolder(path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".")
        // The lock among them: before, a second run would have made another one.
        try removeJobFiles(in: path)
    }

    /// Gives a dump that cannot be relied on a name that says so, so that the next run begins anew.
    /// - Returns: where it is now.
    package func setAside() -> String {
        var place = path + Self.badEnding
        var number = 1
        while FileSystem.exists(place) {
            number += 1
            place = "\(path)\(Self.badEnding)\(number)"
        }
        guard rename(partialPath, place) == 0 else { return partialPath }
        return place
    }

    private func removeJobFiles(in folder: String) throws(DumpError) {
        for name in try FileSystem.names(in: folder) where name.hasPrefix(Self.jobPrefix) { unlink("\(folder)/\(name)") }
    }
}
