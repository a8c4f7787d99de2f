import SaltmillBytes

/// The binaries of an item that dynamodump encodes a second time when it restores: those within lists and maps, and all members of sets.
struct NestedBinaries {
    /// How many there are.
    private(set) var count = 0
    /// How many of them are themselves the Base64 text of some bytes.
    private(set) var doubled = 0
    private var index = 0

    /// - Parameter item: an item's canonical form.
    init(_ item: Span<UInt8>) { value(item, level: 0) }

    private mutating func number(_ item: Span<UInt8>) -> Int {
        defer { index += 4 }
        return (0..<4).reduce(0) { $0 << 8 | Int(item[index + $1]) }
    }

    /// Reads over a length and as many bytes.
    private mutating func text(_ item: Span<UInt8>) -> Range<Int> {
        let length = number(item)
        defer { index += length }
        return index..<(index + length)
    }

    /// - Parameter level: how many lists and maps are open around the value, the item being one.
    private mutating func value(_ item: Span<UInt8>, level: Int) {
        let type = item[index]
        index += 1
        switch type {
        case UInt8(ascii: "S"), UInt8(ascii: "N"): _ = text(item)
        case UInt8(ascii: "B"):
            let bytes = text(item)
            if level > 1 { look(at: item.extracting(bytes)) }
        case UInt8(ascii: "s"), UInt8(ascii: "n"): for _ in 0..<number(item) { _ = text(item) }
        case UInt8(ascii: "b"): for _ in 0..<number(item) { look(at: item.extracting(text(item))) }
        case UInt8(ascii: "L"): for _ in 0..<number(item) { value(item, level: level + 1) }
        case UInt8(ascii: "M"):
            for _ in 0..<number(item) {
                _ = text(item)
                value(item, level: level + 1)
            }
        default: break
        }
    }

    private mutating func look(at bytes: Span<UInt8>) {
        count += 1
        var decoded: [UInt8] = []
        if !bytes.isEmpty, (try? Base64.append(decoding: bytes, to: &decoded)) != nil { doubled += 1 }
    }
}
