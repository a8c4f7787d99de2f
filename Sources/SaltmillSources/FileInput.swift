import SaltmillBytes

/// An input that is one file of text.
package protocol FileInput: RecordInput {
    var content: FileContent { get set }
}

extension FileInput {
    package var name: String { content.file.path }
    package var stamp: FileStamp { content.file.stamp }
    package var end: UInt64? { content.end }

    package func checkUnchanged() throws(SourceError) { try content.file.checkUnchanged() }

    package func digest() throws -> String { try content.file.digest() }

    package func knowing(_ survey: Survey) throws(SourceError) -> Self {
        guard let points = survey.points else { return self }
        var known = self
        known.content.points = AccessPoints(try InputFile(path: points.path))
        return known
    }
}

extension InputFile {
    /// SHA-256 of the file's content, in hexadecimal digits.
    func digest() throws -> String {
        var digester = Digester(.sha256)
        try show(0..<stamp.size) {
            try Task.checkCancellation()
            digester.update($0)
        }
        return digester.finishSHA256().description
    }
}
