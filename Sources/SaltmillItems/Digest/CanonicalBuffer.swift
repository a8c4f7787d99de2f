/// Memory that canonical forms are written to: grows, keeps its space, and is written without a check of who else holds it.
struct CanonicalBuffer: ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init() { memory = .allocate(byteCount: 1 << 12, alignment: 16) }

    deinit { memory.deallocate() }

    mutating func removeAll() { count = 0 }

    /// What most items need at most, in bytes.
    static let usualSize = 1 << 16

    /// Drops what was written, and memory beyond ``usualSize``.
    mutating func trim() {
        count = 0
        guard memory.count > Self.usualSize else { return }
        memory.deallocate()
        memory = .allocate(byteCount: 1 << 12, alignment: 16)
    }

    /// Drops what was written from `position` on.
    mutating func cut(to position: Int) { count = position }

    @inline(__always)
    private mutating func reserve(_ extra: Int) {
        if memory.count - count < extra { grow(extra) }
    }

    @inline(never)
    private mutating func grow(_ extra: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(memory.count * 2, count + extra), alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        memory.deallocate()
        memory = larger
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        memory[count] = byte
        count += 1
    }

    /// Appends four bytes, most significant first.
    @inline(__always)
    mutating func append(_ value: UInt32) {
        reserve(4)
        memory.storeBytes(of: value.bigEndian, toByteOffset: count, as: UInt32.self)
        count += 4
    }

    /// Writes four bytes over those at `position`.
    @inline(__always)
    mutating func set(_ value: UInt32, at position: Int) {
        memory.storeBytes(of: value.bigEndian, toByteOffset: position, as: UInt32.self)
    }

    /// Appends a span's bytes.
    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>) {
        reserve(bytes.count)
        bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: $0) }
        count += bytes.count
    }

    /// Appends an array's bytes.
    mutating func append(_ bytes: [UInt8]) { append(bytes.span) }

    /// Appends part of another buffer.
    mutating func append(_ range: Range<Int>, of other: borrowing CanonicalBuffer) {
        other.withBytes(range) { append($0) }
    }

    /// Lends what was written there.
    @inline(__always)
    borrowing func withBytes<Result, Fault: Error>(
        _ range: Range<Int>, _ body: (Span<UInt8>) throws(Fault) -> Result
    ) throws(Fault) -> Result {
        try body(UnsafeRawBufferPointer(rebasing: memory[range]).bindMemory(to: UInt8.self).span)
    }

    /// Compares two parts as unsigned bytes, the shorter first where one begins the other: negative, zero or positive.
    borrowing func compare(_ left: Range<Int>, _ right: Range<Int>) -> Int {
        for offset in 0..<min(left.count, right.count) {
            let difference = Int(memory[left.lowerBound + offset]) - Int(memory[right.lowerBound + offset])
            if difference != 0 { return difference }
        }
        return left.count - right.count
    }

    /// The first eight bytes of a part as a number that sorts like them, zeros behind a shorter one.
    @inline(__always)
    borrowing func prefix(_ range: Range<Int>) -> UInt64 {
        if range.lowerBound + 8 <= memory.count {
            let word = UInt64(bigEndian: memory.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self))
            return range.count >= 8 ? word : word & ~(UInt64.max >> UInt64(8 * range.count))
        }
        return range.prefix(8).reduce(0) { $0 << 8 | UInt64(memory[$1]) } << UInt64(64 - 8 * min(range.count, 8))
    }
}
