import Glibc

/// A dump being written as a folder: all of it beside the final path with `.partial` behind the name, for its owner alone, until
/// ``commit()`` gives it that name in one step. What is at the final path is never touched.
package final class DumpFolder: DumpDestination {
    /// Where the dump will be.
    package let path: String
    /// Where it is until then.
    package let partialPath: String

    /// How names begin that belong to a running job; ``commit()`` removes such files at the top of the folder.
    package static let jobPrefix = ".saltmill-"

    /// - Parameters:
    ///   - path: must not exist.
    ///   - resume: whether the unfinished dump of an earlier run is to be gone on with; it must exist then, and must not otherwise.
    package init(path: String, resume: Bool) throws(DumpError) {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.path = path
        partialPath = path + ".partial"
        guard !FileSystem.exists(path) else {
            throw DumpError(path, "there is something at this path already; name another one, since a dump never replaces anything")
        }
        if resume {
            guard FileSystem.kind(of: partialPath) == .folder else {
                throw DumpError(partialPath, "there is no unfinished dump to go on with")
            }
        } else {
            guard !FileSystem.exists(partialPath) else {
                throw DumpError(partialPath, "an unfinished dump is here: go on with it, or remove it first")
            }
            if let slash = path.lastIndex(of: "/"), slash > path.startIndex { try FileSystem.makeFolders(String(path[..<slash])) }
            try FileSystem.makeFolders(partialPath)
        }
    }

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
        for name in try FileSystem.names(in: partialPath) where name.hasPrefix(Self.jobPrefix) { unlink("\(partialPath)/\(name)") }
        try FileSystem.syncFolders(partialPath)
        // A folder takes the place of nothing but an empty folder.
        guard rename(partialPath, path) == 0 else {
            let reason =
                [EEXIST, ENOTEMPTY, ENOTDIR].contains(errno)
                ? "something else took the dump's place while it was made" : FileSystem.reason(errno)
            throw DumpError(path, "\(reason); the dump is whole and stays at \(partialPath): move it where you want it")
        }
        try FileSystem.syncFolder(path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".")
    }
}
