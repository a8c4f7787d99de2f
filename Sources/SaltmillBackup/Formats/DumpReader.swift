package import SaltmillBytes
package import SaltmillItems

/// A dump on disk, in any format that can be read: which one it is, is found out.
package struct DumpReader: Sendable {
    package let path: String
    package let format: DumpFormat
    package let tables: [DumpedTable]

    /// Recognises what stands at a path and reads its schemas and manifests, not its items.
    /// - Parameter path: a dump's folder, one table's folder within it, a downloaded export, or one file of items.
    /// - Throws: ``DumpError`` for what is no dump, is not complete, holds links, or mixes dumps.
    package init(opening path: String) throws(DumpError) {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.path = path
        let tables: [DumpedTable]
        try DumpRecognition.checkFinished(path)
        switch FileSystem.kind(of: path) {
        case nil: throw DumpError.noDump(path, "there is nothing at this path")
        case .link: throw DumpError.noDump(path, "this is a link; name the dump itself")
        case .other: throw DumpError.noDump(path, "this is neither a folder nor a file; a tar on standard input is named -")
        case .file: tables = try DumpRecognition.file(path)
        case .folder: tables = try DumpRecognition.folder(path)
        }
        guard let first = tables.first else { throw DumpError.noDump(path, "there is no dump in this folder, in any format that is known") }
        if let other = tables.first(where: { $0.format != first.format }) {
            throw DumpError(
                path,
                "dumps of two formats are mixed here, \(first.format.rawValue) (\(first.label)) and \(other.format.rawValue) (\(other.label)); name one of them"
            )
        }
        format = first.format
        self.tables = tables
    }
}

/// One table of a dump that is read.
package struct DumpedTable: Sendable {
    package var format: DumpFormat
    /// The table's name; nil where the format does not tell it.
    package var name: String?
    /// `DescribeTable`'s `Table`; nil where the format does not have it.
    package var description: JSONValue?
    /// Nil for dumps of other programs.
    package var manifest: DumpManifest?
    /// What the dump says of its items as a whole; nil where it says nothing. `count` is that of all items, those among them that no table
    /// can hold; they are not in `digest`.
    package var expected: (count: Int?, digest: ItemDigest?)
    /// In the order in which they are to be read.
    package var parts: [DumpedPart]
    /// When the table's content was read, as the dump says: its own text.
    package var when: String?

    /// What messages call the table.
    package var label: String { name ?? parts.first?.file ?? "no name" }

    init(format: DumpFormat, name: String?, description: JSONValue? = nil, parts: [DumpedPart]) {
        self.format = format
        self.name = name
        self.description = description
        self.parts = parts
    }

    /// Begins to read a part.
    /// - Parameters:
    ///   - part: its position in ``parts``.
    ///   - isDigested: whether the digest of its items is made, and compared with the one that the dump has of them. A part that was checked
    ///     before needs it no more: its file's checksum tells whether it is still the same.
    package func open(_ part: Int, isDigested: Bool = true) throws(DumpError) -> PartReader {
        try PartReader(parts[part], isDigested: isDigested)
    }
}
