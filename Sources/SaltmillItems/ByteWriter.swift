/// Bytes being written into memory of their own, sixteen at a time.
///
/// Whoever writes makes room first; a store that finds none traps, so that nothing is ever written outside of the memory. The bytes behind those
/// that count may be overwritten.
struct ByteWriter: ~Copyable {
    private var start: UnsafeMutableRawPointer
    private var capacity: Int
    /// How many bytes have been written.
    private(set) var count = 0

    /// How many bytes are stored at once.
    static let blockSize = 16

    /// - Parameter capacity: how many bytes to make room for at first.
    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        start = .allocate(byteCount: self.capacity, alignment: Self.blockSize)
    }

    deinit { start.deallocate() }

    /// Makes room for so many bytes, and for the rest of the last one's block.
    @inline(__always)
    mutating func makeRoom(_ more: Int) {
        if capacity - count < more + Self.blockSize { grow(more + Self.blockSize) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = max(capacity * 2, count + more)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: Self.blockSize)
        memory.copyMemory(from: start, byteCount: count)
        start.deallocate()
        start = memory
        capacity = larger
    }

    /// Writes the first bytes of a block, for which there is room.
    /// - Parameter length: how many of them, 0 to 16.
    @inline(__always)
    mutating func store(_ block: SIMD16<UInt8>, length: Int) {
        precondition(capacity - count >= Self.blockSize)
        (start + count).storeBytes(of: block, as: SIMD16<UInt8>.self)
        count += length
    }

    /// Writes the lowest bytes of a word, the lowest first, for which there is room.
    /// - Parameter length: how many of them, 0 to 8.
    @inline(__always)
    mutating func store(_ word: UInt64, length: Int) {
        precondition(capacity - count >= Self.blockSize)
        (start + count).storeBytes(of: word.littleEndian, as: UInt64.self)
        count += length
    }

    /// Writes one byte.
    @inline(__always)
    mutating func append(_ byte: UInt8) {
        makeRoom(1)
        store(UInt64(byte), length: 1)
    }

    /// Writes a part of some bytes, meant for short ones.
    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        makeRoom(range.count)
        let raw = bytes.bytes
        var index = range.lowerBound
        while index < range.upperBound {
            store(raw.block(at: index), length: min(Self.blockSize, range.upperBound - index))
            index += Self.blockSize
        }
    }

    /// Writes all of some bytes.
    mutating func append(_ bytes: Span<UInt8>) {
        makeRoom(bytes.count)
        bytes.withUnsafeBytes { source in
            if let base = source.baseAddress { (start + count).copyMemory(from: base, byteCount: source.count) }
        }
        count += bytes.count
    }

    /// Forgets what was written behind the first so many bytes.
    mutating func truncate(to length: Int) {
        precondition(length <= count)
        count = length
    }

    /// Appends what was written to an array, in one piece.
    borrowing func copy(to output: inout [UInt8]) {
        output.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
    }
}

extension RawSpan {
    /// The sixteen bytes from `index` on; those behind the end are zero.
    @inline(__always)
    func block(at index: Int) -> SIMD16<UInt8> {
        if index + 16 <= byteCount { return unsafeLoadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self) }
        return lastBlock(at: index)
    }

    private func lastBlock(at index: Int) -> SIMD16<UInt8> {
        var block = SIMD16<UInt8>()
        for position in index..<Swift.max(byteCount, index) {
            block[position - index] = unsafeLoad(fromByteOffset: position, as: UInt8.self)
        }
        return block
    }
}
