package import SaltmillBytes
package import SaltmillItems

/// A data file of a dump that is read.
package struct DumpedPart: Sendable {
    /// How items stand in a file.
    enum Shape: Sendable, Equatable {
        /// One line each: `{"Item":{…}}`.
        case itemLines
        /// One line each: the item itself.
        case bareLines
        /// One line each: a change with its keys and images.
        case changeLines
        /// One line each: the item itself, with types in the spelling of the old Java programs.
        case pipelineLines
        /// A page of a scan, `{"Items":[…],…}`.
        case page
        /// One array.
        case array
    }

    /// Path relative to the dump; what messages name.
    package var file: String
    /// Path to open.
    package var path: String
    /// Length on disk.
    package var bytes: Int
    /// How many items or changes the dump says are in it, those that no table can hold among them; nil where it says nothing, as below.
    package var count: Int?
    package var sha256: SHA256Digest?
    package var md5: [UInt8]?
    package var digest: ItemDigest?
    var shape: Shape
    /// Whether a `LastEvaluatedKey` in this page means that the pages behind it are missing.
    var isLastPage = false

    init(file: String, path: String, shape: Shape) {
        self.file = file
        self.path = path
        self.shape = shape
        bytes = FileSystem.size(of: path) ?? 0
    }
}

/// An item that ``PartReader`` has come to.
package struct DumpedItem: Sendable {
    package enum Kind: Sendable { case put, delete }

    /// What a change of an incremental export means: the item is to be put in the place of any other of its key, or the item is nothing
    /// but a key, and what has that key is to be deleted. All items of other dumps are put.
    package var kind: Kind
    /// Offset in bytes, in the part's text, of the line or value that holds the item.
    package var offset: UInt64
    /// Why this is no item that a table can hold; nothing else is known of it then.
    package var fault: ItemFault?
}
