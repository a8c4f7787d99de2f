import Glibc
import SaltmillBytes

/// A buffer that moves over a data file's text; it grows only as far as one line or value needs it to.
struct TextWindow: ~Copyable {
    /// The largest line: an item of 400 KB stays below it even where every byte of it is written as an escape.
    static let maximumLine = 4 << 20
    /// The largest item of a format that has no lines. In dynamodump's shape an item of 400 KB can be longer, when it has a hundred thousand
    /// elements nested some thirty levels deep; such an item is not written.
    static let maximumValue = 32 << 20

    /// Length of the buffer that holds most lines, and of what is read at once.
    private static let usualSize = 1 << 17

    let name: String
    private(set) var input: DumpInput
    private(set) var bytes: [UInt8] = Array(repeating: 0, count: usualSize)
    /// Position of the next byte to look at, and of the end of what was read.
    private(set) var start = 0
    private var end = 0
    /// Offset in the text of the buffer's first byte.
    private var base: UInt64 = 0

    init(_ input: consuming DumpInput, name: String) {
        self.input = input
        self.name = name
    }

    /// Offset in the text of a position in ``bytes``.
    func offset(of position: Int) -> UInt64 { base + UInt64(position) }

    /// Reads on behind what is there, moving that to the front first; false at the end.
    private mutating func more() throws(DumpError) -> Bool {
        if start > 0 {
            let (first, last) = (start, end)
            bytes.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[first..<last])) }
            base += UInt64(start)
            end -= start
            start = 0
        }
        if end == bytes.count { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
        let count = try Self.fill(&bytes, from: end, &input)
        end += count
        return count > 0
    }

    /// Gives back the room that a long line took; what was taken before is lost.
    mutating func trim() {
        guard bytes.count > Self.usualSize, end - start <= Self.usualSize else { return }
        var smaller = Array(bytes[start..<end])
        smaller.append(contentsOf: repeatElement(0, count: Self.usualSize - smaller.count))
        bytes = smaller
        base += UInt64(start)
        (start, end) = (0, end - start)
    }

    private static func fill(_ bytes: inout [UInt8], from first: Int, _ input: inout DumpInput) throws(DumpError) -> Int {
        var space = bytes.mutableSpan
        return try space.withUnsafeMutableBytes { buffer throws(DumpError) in
            try input.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[first..<min(buffer.count, first + usualSize)]))
        }
    }

    /// Takes the next line, without the newline at its end; nil at the end of the text.
    mutating func line() throws(DumpError) -> Range<Int>? {
        var searched = 0
        while true {
            let (first, last) = (start + searched, end)
            let newline = bytes.withUnsafeBytes { buffer -> Int? in
                guard let base = buffer.baseAddress, let found = memchr(base + first, 0x0A, last - first) else { return nil }
                return base.distance(to: UnsafeRawPointer(found))
            }
            if let newline {
                try check(newline - start, Self.maximumLine, "line")
                defer { start = newline + 1 }
                return start..<newline
            }
            searched = end - start
            try check(searched, Self.maximumLine, "line")
            guard try more() else {
                guard start < end else { return nil }
                defer { start = end }
                return start..<end
            }
        }
    }

    private func check(_ count: Int, _ limit: Int, _ what: StaticString) throws(DumpError) {
        guard count <= limit else {
            throw DumpError(name, at: offset(of: start), "a \(what) is longer than \(limit >> 20) MB, which no item needs")
        }
    }

    /// The next byte that is not white space, without taking it; nil at the end.
    mutating func peek() throws(DumpError) -> UInt8? {
        while true {
            while start < end {
                let byte = bytes[start]
                guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
                start += 1
            }
            guard try more() else { return nil }
        }
    }

    /// Takes one given byte behind white space.
    mutating func expect(_ byte: UInt8) throws(DumpError) {
        guard let found = try peek() else { throw DumpError(name, at: offset(of: start), "the file is cut off") }
        guard found == byte else {
            throw DumpError(name, at: offset(of: start), "\"\(Character(Unicode.Scalar(byte)))\" is expected here")
        }
        start += 1
    }

    /// Takes the next JSON value behind white space; whether it is well-formed inside is for others to find.
    mutating func value() throws(DumpError) -> Range<Int> {
        guard let first = try peek() else { throw DumpError(name, at: offset(of: start), "the file is cut off") }
        var position = start
        var depth = 0
        var isString = false
        while true {
            while position < end {
                let byte = bytes[position]
                position += 1
                if isString {
                    if byte == UInt8(ascii: "\\") {
                        position += 1
                    } else if byte == UInt8(ascii: "\"") {
                        isString = false
                        if depth == 0 { return take(to: position) }
                    }
                    continue
                }
                switch byte {
                case UInt8(ascii: "\""): isString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth < 0 { return take(to: position - 1) }
                    if depth == 0 { return take(to: position) }
                case UInt8(ascii: ","), 0x20, 0x0A, 0x0D, 0x09: if depth == 0 { return take(to: position - 1) }
                default: break
                }
            }
            let taken = position - start
            try check(taken, Self.maximumValue, "value")
            guard try more() else {
                guard depth == 0, !isString, first != UInt8(ascii: "\"") else {
                    throw DumpError(name, at: offset(of: end), "the file is cut off")
                }
                return take(to: end)
            }
            position = start + taken
        }
    }

    private mutating func take(to position: Int) -> Range<Int> {
        defer { start = position }
        return start..<position
    }

    /// Lends bytes for reading.
    func withBytes<Result, Fault: Error>(_ range: Range<Int>, _ body: (Span<UInt8>) throws(Fault) -> Result) throws(Fault) -> Result {
        try body(bytes.span.extracting(range))
    }

    /// Lends the buffer for changes within what was taken.
    mutating func change<Result, Fault: Error>(_ body: (inout [UInt8]) throws(Fault) -> Result) throws(Fault) -> Result {
        try body(&bytes)
    }

    /// The file's checksums, once it was read to its end.
    mutating func finishSHA256() -> SHA256Digest { input.finishSHA256() }
    mutating func finishMD5() -> [UInt8] { input.finishMD5() }
}
