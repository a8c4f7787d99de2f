import SaltmillBytes

/// Reads a reject file line by line, from any of them on.
struct RejectFileLines: Sendable {
    /// Longest line in bytes: a record of the greatest length, each byte of it escaped, and the names of very many columns.
    private static let maximumLength = 64 << 20

    private var window: FileWindow
    /// Where in the window the next line begins.
    private var position = 0
    private var line: UInt64

    init(_ content: any ContentReading, at locator: RecordLocator, blockSize: Int) {
        window = FileWindow(content, at: locator.offset, blockSize: blockSize)
        line = locator.line
    }

    /// Where the next line begins.
    var locator: RecordLocator { RecordLocator(offset: window.offset + UInt64(position), line: line) }

    var progress: UInt64 { window.content.progress(at: locator.offset) }

    /// Goes on at another line.
    mutating func jump(to locator: RecordLocator) {
        if locator.offset >= window.offset, locator.offset <= window.offset + UInt64(window.count) {
            position = Int(locator.offset - window.offset)
        } else {
            window.jump(to: locator.offset)
            position = 0
        }
        line = locator.line
    }

    /// The next line that is not blank and begins before `end`, and where it begins; nil when there is none.
    /// - Throws: ``SourceError`` for a line that is none of a reject file.
    mutating func next(before end: UInt64) throws(SourceError) -> (locator: RecordLocator, line: RejectLine)? {
        while true {
            let start = locator
            guard start.offset < end, let text = try takeLine() else { return nil }
            let bytes = window.buffer.span.extracting(text)
            guard (0..<bytes.count).contains(where: { ![0x20, 0x09, 0x0A, 0x0D].contains(bytes[$0]) }) else { continue }
            do {
                return (start, try RejectLine(parsing: bytes))
            } catch {
                throw SourceError(
                    .read,
                    "\(window.content.path):\(start.line): this is no line of a reject file: \(error.reason); correct it or take it out")
            }
        }
    }

    /// Where in the window the next line is, its end included; it is then passed. Nil at the end of the file.
    private mutating func takeLine() throws(SourceError) -> Range<Int>? {
        var searched = position
        while true {
            let end = CSVLexer.endOfLine(window.buffer.span.extracting(first: window.count), from: searched)
            if end == nil, !window.isAtEnd {
                guard window.count - position <= Self.maximumLength else {
                    throw SourceError(
                        .read, "\(window.content.path):\(line): the line is longer than \(Self.maximumLength) bytes; take it out")
                }
                searched = window.count - position
                try window.slide(to: position)
                position = 0
                continue
            }
            let range = position..<(end ?? window.count)
            guard !range.isEmpty else { return nil }
            position = range.upperBound
            if end != nil { line += 1 }
            return range
        }
    }
}
