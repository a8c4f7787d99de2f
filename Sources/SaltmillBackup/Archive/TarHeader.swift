import SaltmillBytes

/// The 512 bytes before a member of a tar archive (POSIX.1-2001, pax, "ustar Interchange Format").
enum TarHeader {
    static let blockSize = 512

    /// What a header says.
    struct Member: Equatable {
        var name: String
        var size: Int
        var type: UInt8
    }

    private static let magic: [UInt8] = Array("ustar\u{0}00".utf8)

    /// The blocks before a regular file: one, or three with a pax header where the name or the size does not fit into one.
    static func blocks(name: String, size: Int) -> [UInt8] {
        let bytes = Array(name.utf8)
        let fits = bytes.count <= 100 && bytes.allSatisfy { $0 < 0x80 } && size < 1 << 33
        guard !fits else { return block(name: bytes, size: size, type: UInt8(ascii: "0")) }
        let records = record("path", name) + record("size", String(size))
        let padding = [UInt8](repeating: 0, count: TarHeader.padding(records.count))
        return block(name: Array("pax_header".utf8), size: records.count, type: UInt8(ascii: "x")) + records + padding
            + block(
                name: Array(bytes.prefix(100).map { $0 < 0x80 ? $0 : UInt8(ascii: "_") }), size: size & (1 << 33 - 1),
                type: UInt8(ascii: "0"))
    }

    /// How many bytes fill the last block of a content.
    static func padding(_ size: Int) -> Int { (blockSize - size % blockSize) % blockSize }

    /// `LENGTH KEY=VALUE` and a newline, the length counting itself.
    private static func record(_ key: String, _ value: String) -> [UInt8] {
        let rest = key.utf8.count + value.utf8.count + 3
        var length = rest + String(rest).utf8.count
        if String(length).utf8.count + rest > length { length = String(length).utf8.count + rest }
        return Array("\(length) \(key)=\(value)\n".utf8)
    }

    private static func block(name: [UInt8], size: Int, type: UInt8) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: blockSize)
        func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
        }
        func octal(_ value: Int, _ digits: Int) -> [UInt8] {
            let text = String(value, radix: 8)
            return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
        }
        put(name, at: 0)
        put(octal(0o600, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(size, 11), at: 124)
        put(octal(0, 11), at: 136)
        put([UInt8](repeating: 0x20, count: 8), at: 148)
        block[156] = type
        put(magic, at: 257)
        put(octal(block.reduce(0) { $0 + Int($1) }, 6), at: 148)
        block[154] = 0
        return block
    }

    /// Reads a header block.
    /// - Returns: nil for a block of zeros, which ends an archive.
    /// - Throws: what is wrong with it, as a sentence.
    static func read(_ block: [UInt8]) throws(TarFault) -> Member? {
        guard block.contains(where: { $0 != 0 }) else { return nil }
        guard block[257..<262].elementsEqual("ustar".utf8) else { throw TarFault(description: "this is no tar archive of the ustar form") }
        var sum = 0
        for (index, byte) in block.enumerated() { sum += (148..<156).contains(index) ? 0x20 : Int(byte) }
        guard try octal(block[148..<156]) == sum else { throw TarFault(description: "a header's checksum is wrong") }
        func text(_ range: Range<Int>) throws(TarFault) -> String {
            guard let text = String(validating: block[range].prefix { $0 != 0 }, as: UTF8.self) else {
                throw TarFault(description: "a member's name is not UTF-8")
            }
            return text
        }
        // The old GNU form, "ustar" and blanks, has other fields where the prefix is.
        let prefix = block[262] == 0 ? try text(345..<500) : ""
        let name = try text(0..<100)
        return Member(name: prefix.isEmpty ? name : "\(prefix)/\(name)", size: try octal(block[124..<136]), type: block[156])
    }

    private static func octal(_ field: ArraySlice<UInt8>) throws(TarFault) -> Int {
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        guard digits.count <= 12, digits.allSatisfy({ $0 &- 0x30 < 8 }) else {
            throw TarFault(description: "a header has a field that is no octal number")
        }
        return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
    }

    /// Reads the records of a pax header.
    static func records(_ content: [UInt8]) throws(TarFault) -> [String: String] {
        var records: [String: String] = [:]
        var rest = content[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0 &- 0x30 < 10 }
            guard digits.count < 8, let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 2,
                length <= rest.count,
                let text = String(validating: rest.prefix(length).dropFirst(digits.count + 1).dropLast(), as: UTF8.self),
                let equals = text.firstIndex(of: "=")
            else { throw TarFault(description: "a pax header is malformed") }
            records[String(text[..<equals])] = String(text[text.index(after: equals)...])
            rest = rest.dropFirst(length)
        }
        return records
    }
}

/// What is wrong with a tar archive.
struct TarFault: Error, Equatable, CustomStringConvertible {
    var description: String
}
