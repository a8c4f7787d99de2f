import SaltmillBytes

/// An input that is one file of text.
package protocol FileInput: RecordInput {
    var input: InputFile { get }
}

extension FileInput {
    package var name: String { input.path }
    package var stamp: FileStamp { input.stamp }
    package var end: UInt64? { input.stamp.size }

    package func checkUnchanged() throws(SourceError) { try input.checkUnchanged() }

    package func digest() throws -> String { try input.digest() }
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
