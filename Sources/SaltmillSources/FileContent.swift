/// What is in a file: its bytes as they are or, where it is compressed with gzip, expanded.
package struct FileContent: Sendable {
    package let file: InputFile
    /// The file begins as gzip files do (RFC 1952); no text that is read here does.
    package let isCompressed: Bool
    /// Where in a compressed file expanding can begin, once a survey has noted it.
    var points: AccessPoints?

    /// - Throws: ``SourceError`` when the file cannot be opened or is not a regular one.
    package init(path: String) throws(SourceError) {
        file = try InputFile(path: path)
        var start: [UInt8] = [0, 0]
        let opened = file
        var space = start.mutableSpan
        let count = try space.withUnsafeMutableBytes { bytes throws(SourceError) in try opened.read(into: bytes, at: 0) }
        isCompressed = count == 2 && start == [0x1F, 0x8B]
    }

    /// Length of the content, where that is known without reading it.
    var end: UInt64? { isCompressed ? nil : file.stamp.size }

    /// A reader of the content.
    /// - Parameter tap: sees every byte of the file as it comes.
    func reader(_ tap: SurveyTap? = nil) -> any ContentReading {
        isCompressed ? GzipReader(file, points, tap) : PlainReader(file: file, tap: tap)
    }

    /// A reader for a survey, which begins at `start`; what stands before it passes the tap too.
    func surveyReader(from start: UInt64, _ tap: SurveyTap) throws -> any ContentReading {
        if !isCompressed { try file.show(0..<start) { tap.update($0) } }
        return reader(tap)
    }
}

/// Reads content at any offset; forward is cheaper than back.
protocol ContentReading: Sendable {
    /// What messages call the file.
    var path: String { get }

    /// Fills `buffer` from `offset` on, as far as the content goes.
    /// - Returns: the number of bytes read, and whether the content ends behind them.
    /// - Throws: ``SourceError``.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SourceError) -> (count: Int, isEnd: Bool)

    /// How many bytes of the file have been read when the content has been up to `offset`.
    func progress(at offset: UInt64) -> UInt64
}

/// Reads a file as it is.
struct PlainReader: ContentReading {
    let file: InputFile
    let tap: SurveyTap?

    var path: String { file.path }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SourceError) -> (count: Int, isEnd: Bool) {
        let count = try file.read(into: buffer, at: offset)
        if let tap { tap.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]).bindMemory(to: UInt8.self).span) }
        return (count, offset + UInt64(count) >= file.stamp.size)
    }

    func progress(at offset: UInt64) -> UInt64 { offset }
}
