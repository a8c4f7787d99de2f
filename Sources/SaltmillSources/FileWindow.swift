/// The part of a file's content that a reader works on: a buffer that moves over it.
struct FileWindow: Sendable {
    let content: any ContentReading
    /// Content offset of the buffer's first byte.
    private(set) var offset: UInt64
    /// How many bytes of the buffer hold content.
    private(set) var count = 0
    private(set) var buffer: [UInt8]
    /// The window reaches to the end of the content.
    private(set) var isAtEnd = false
    private let blockSize: Int

    /// - Parameters:
    ///   - offset: where in the content to begin.
    ///   - blockSize: size of the buffer in bytes; it is larger only while a record needs it to be.
    init(_ content: any ContentReading, at offset: UInt64, blockSize: Int) {
        self.content = content
        self.offset = offset
        self.blockSize = blockSize
        buffer = Array(repeating: 0, count: blockSize)
    }

    /// Drops the content before `position`, and reads on behind the rest.
    mutating func slide(to position: Int) throws(SourceError) {
        let kept = count - position
        if position > 0 {
            buffer.withUnsafeMutableBytes { bytes in
                bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[position..<count]))
            }
        }
        offset += UInt64(position)
        count = kept
        if buffer.count - kept < blockSize / 2 {
            buffer.append(contentsOf: repeatElement(0, count: buffer.count))
        } else if buffer.count > blockSize, kept <= blockSize / 2 {
            buffer = Array(buffer[..<kept]) + repeatElement(0, count: blockSize - kept)
        }
        let target = offset + UInt64(kept)
        let content = content
        var space = buffer.mutableSpan
        let read = try space.withUnsafeMutableBytes { bytes throws(SourceError) in
            try content.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[kept...]), at: target)
        }
        count += read.count
        isAtEnd = read.isEnd
    }

    /// Forgets the content and goes on at `offset`.
    mutating func jump(to offset: UInt64) {
        self.offset = offset
        count = 0
        isAtEnd = false
    }

    /// Length of a byte order mark in UTF-8, in a window at the start of the file.
    /// - Throws: ``SourceError`` for a mark of UTF-16.
    func endOfMark() throws(SourceError) -> Int {
        let start = buffer[..<min(count, 3)]
        if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) {
            throw SourceError(.header, "\(content.path) is in UTF-16; convert it to UTF-8, e.g. with iconv")
        }
        return start.elementsEqual([0xEF, 0xBB, 0xBF]) ? 3 : 0
    }
}
