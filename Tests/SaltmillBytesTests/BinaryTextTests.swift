import SaltmillBytes
import Testing

@Suite struct BinaryTextTests {
    private func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        Base64.append(encoding: bytes.span, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func decode(_ text: String) throws -> [UInt8] {
        var output: [UInt8] = [1]
        do {
            try Base64.append(decoding: Array(text.utf8).span, to: &output)
        } catch {
            #expect(output == [1], "what was there stays")
            throw error
        }
        return Array(output.dropFirst())
    }

    private func hex(_ text: String) throws -> [UInt8] {
        var output: [UInt8] = [1]
        do {
            try Hex.append(decoding: Array(text.utf8).span, to: &output)
        } catch {
            #expect(output == [1], "what was there stays")
            throw error
        }
        return Array(output.dropFirst())
    }

    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func theStandardsVectorsHold(plain: String, text: String) throws {
        #expect(encode(Array(plain.utf8)) == text)
        #expect(try decode(text) == Array(plain.utf8))
    }

    @Test func everyByteComesBack() throws {
        for length in 0..<300 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ length) }
            #expect(try decode(encode(bytes)) == bytes)
        }
        #expect(encode([0xFB, 0xFF, 0xBF]) == "+/+/")
    }

    @Test(arguments: [
        ("Z", BinaryTextError.length), ("Zg", .length), ("Zg=", .length), ("Zm9vY", .length), ("====", .character(at: 0)),
        ("Z===", .character(at: 1)), ("Zg==Zg==", .character(at: 2)), ("Zm=v", .character(at: 2)), ("Zm9 ", .character(at: 3)),
        ("Zm-v", .character(at: 2)), ("Zm_v", .character(at: 2)), ("Zm9v\nZm9", .character(at: 4)), ("Zmé", .character(at: 2)),
        ("Zh==", .looseBits), ("Zm9=", .looseBits),
    ])
    func otherTextsAreNotBase64(text: String, error: BinaryTextError) {
        #expect(throws: error) { try decode(text) }
    }

    @Test func hexadecimalIsReadInEitherCase() throws {
        #expect(try hex("") == [])
        #expect(try hex("00ff7F80aB") == [0x00, 0xFF, 0x7F, 0x80, 0xAB])
    }

    @Test(arguments: [
        ("0", BinaryTextError.length), ("0g", .character(at: 1)), ("g0", .character(at: 0)), ("00 1", .character(at: 2)),
        ("0x10", .character(at: 1)), ("001:", .character(at: 3)),
    ])
    func otherTextsAreNotHexadecimal(text: String, error: BinaryTextError) {
        #expect(throws: error) { try hex(text) }
    }
}
