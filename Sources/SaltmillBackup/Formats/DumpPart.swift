package import SaltmillBytes
package import SaltmillItems

/// A finished data file of a dump.
package struct DumpPart: Equatable, Sendable {
    /// Path relative to the table's folder.
    package var file: String
    /// Length on disk.
    package var bytes: Int
    /// Of the file as it is on disk.
    package var sha256: SHA256Digest
    /// Of the file as it is on disk, 16 bytes: what the AWS manifests hold.
    package var md5: [UInt8]
    /// How many items, and their digest.
    package var digest: ItemDigest

    package init(file: String, bytes: Int, sha256: SHA256Digest, md5: [UInt8], digest: ItemDigest) {
        self.file = file
        self.bytes = bytes
        self.sha256 = sha256
        self.md5 = md5
        self.digest = digest
    }

    /// As it stands in the manifest.
    package var json: JSONValue {
        [
            "file": .string(file), "bytes": .integer(bytes), "sha256": .string(sha256.description), "md5": .string(HexText.text(md5.span)),
            "items": .integer(digest.count), "digest": .string(digest.hex),
        ]
    }

    /// Reads ``json``.
    /// - Throws: ``ManifestFault``.
    package init(json: JSONValue) throws(ManifestFault) {
        let fields = ManifestFields(json, in: "parts")
        file = try fields.text("file")
        bytes = try fields.count("bytes")
        sha256 = SHA256Digest(words: try fields.sha256("sha256"))
        md5 = try fields.hex("md5", length: 16)
        digest = try fields.digest(items: "items", sum: "digest")
    }
}
