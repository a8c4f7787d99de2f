/// The part of a file that a reader works on: a buffer that moves over it.
struct FileWindow: Sendable {
    let file: InputFile
    /// File offset of the buffer's first byte.
    private(set) var offset: UInt64
    /// How many bytes of the buffer hold the file's content.
    private(set) var count = 0
    private(set) var buffer: [UInt8]
    private let blockSize: Int

    /// - Parameters:
    ///   - offset: where in the file to begin.
    ///   - blockSize: size of the buffer in bytes; it is larger only while a record needs it to be.
    init(_ file: InputFile, at offset: UInt64, blockSize: Int) {
        self.file = file
        self.offset = offset
        self.blockSize = blockSize
        buffer = Array(repeating: 0, count: blockSize)
    }

    /// The window reaches to the end of the file.
    var isAtEnd: Bool { offset + UInt64(count) >= file.stamp.size }

    /// Drops the content before `position`, reads on behind the rest, and gives the positions of what was read; empty at the end.
    mutating func slide(to position: Int) throws(SourceError) -> Range<Int> {
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
        let file = file
        var space = buffer.mutableSpan
        let read = try space.withUnsafeMutableBytes { bytes throws(SourceError) in
            try file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[kept...]), at: target)
        }
        count += read
        return kept..<count
    }

    /// Forgets the content and goes on at `offset`.
    mutating func jump(to offset: UInt64) {
        self.offset = offset
        count = 0
    }
}
