import SaltmillBytes
import Testing

@Suite struct CanonicalKeyTests {
    @Test func aValueStandsBehindItsTypeAndLength() {
        var bytes: [UInt8] = []
        CanonicalKey.append(type: UInt8(ascii: "S"), value: Array("day".utf8).span, to: &bytes)
        CanonicalKey.append(type: UInt8(ascii: "N"), value: Array("-1.5".utf8).span, to: &bytes)
        CanonicalKey.append(type: UInt8(ascii: "B"), value: [UInt8]().span, to: &bytes)
        #expect(bytes == Array("S\0\0\0\u{3}dayN\0\0\0\u{4}-1.5B\0\0\0\0".utf8))
    }

    @Test func aValueMayBeWrittenBeforeItsLengthIsKnown() {
        var bytes: [UInt8] = [7]
        let start = CanonicalKey.open(type: UInt8(ascii: "S"), in: &bytes)
        bytes.append(contentsOf: [UInt8](repeating: 65, count: 0x1_02_03))
        CanonicalKey.close(from: start, in: &bytes)
        #expect(bytes.prefix(7) == [7, UInt8(ascii: "S"), 0, 1, 2, 3, 65])
        #expect(bytes.count == 1 + CanonicalKey.headerLength + 0x1_02_03)
    }
}
