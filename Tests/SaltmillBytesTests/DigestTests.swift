import SaltmillBytes
import Testing

@Suite struct DigestTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func sha256GivesThePublishedDigests(text: String, expected: String) {
        #expect(Digests.sha256(bytes(text).span).description == expected)
    }

    @Test func oneContextServesManyMessagesInPieces() {
        var digester = Digester(.sha256)
        let thousand = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
        for _ in 0..<2 {
            for _ in 0..<1000 { digester.update(thousand.span) }
            #expect(digester.finishSHA256().description == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        }
    }

    @Test func aDigestGivesItsBytesAndWords() {
        let digest = Digests.sha256(bytes("abc").span)
        #expect(digest.bytes.prefix(4) == [0xBA, 0x78, 0x16, 0xBF])
        #expect(digest.bytes.last == 0xAD)
        #expect(digest[31] == 0xAD)
        #expect(HexText.text(digest.bytes.span) == digest.description)
        #expect(digest != Digests.sha256(bytes("abd").span))
    }

    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ])
    func md5GivesThePublishedDigests(text: String, expected: String) {
        #expect(HexText.text(Digests.md5(bytes(text).span).span) == expected)
    }

    /// RFC 4231, cases 1, 2, 3 and 6; the last one's key is longer than a block.
    @Test(arguments: [
        ([UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func hmacGivesThePublishedCodes(key: [UInt8], message: [UInt8], expected: String) {
        #expect(Digests.hmacSHA256(key: key.span, message.span).description == expected)
    }

    @Test func crc32IsThatOfZlibAndOfTheService() {
        #expect(CRC32.checksum(bytes("123456789").span) == 0xCBF4_3926)
        #expect(CRC32.checksum([UInt8]().span) == 0)
        #expect(CRC32.checksum(bytes("<UnknownOperationException/>\n").span) == 3_552_371_480)
        var pieces = CRC32()
        for piece in ["1234", "", "56789"] { pieces.update(bytes(piece).span) }
        #expect(pieces.value == 0xCBF4_3926)
    }
}
