import SaltedKeys
import Testing

@Suite struct SaltIdentityTests {
    private func number(_ text: String) throws -> String {
        var identity = SaltIdentity()
        try identity.append(number: text)
        return String(decoding: identity.bytes.drop { $0 != UInt8(ascii: ":") }.dropFirst(), as: UTF8.self)
    }

    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("0e99", "0"), ("+0.00", "0"), ("000", "0"), ("1", "1"), ("+1", "1"), ("-1", "-1"), ("007", "7"),
        ("1000", "1000"), ("1e3", "1000"), ("1E+3", "1000"), ("1000.000", "1000"), ("100000e-2", "1000"), (".5", "0.5"), ("5.", "5"),
        ("-.50", "-0.5"), ("0.05", "0.05"), ("12.5e1", "125"), ("12.5e-1", "1.25"), ("12.5e-2", "0.125"), ("12.5e-3", "0.0125"),
        ("1.5E2", "150"), ("10.10", "10.1"), ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("0.000e5", "0"), ("00012300.00450e-2", "123.000045"),
    ])
    func numbersArePlain(text: String, plain: String) throws {
        #expect(try number(text) == plain)
    }

    @Test func numbersReachAsFarAsTheStores() throws {
        #expect(try number("1e125") == "1" + String(repeating: "0", count: 125))
        #expect(try number("9.9e125").count == 126)
        #expect(try number("-1e-130") == "-0." + String(repeating: "0", count: 129) + "1")
    }

    @Test(arguments: [
        "", "+", "-", ".", "e5", ".e5", "1e", "1e+", "1e5.0", "1.2.3", " 1", "1 ", "--1", "+-1", "0x10", "NaN", "Infinity", "1,5", "１",
        "1e126", "10e125", "1e-131", "0.1e-130", "123456789012345678901234567890123456789", "1e999999999999999999999", "1_0",
    ])
    func whatIsNoNumberIsRefused(text: String) {
        #expect(throws: SaltError.number(text)) { try number(text) }
    }

    @Test func valuesAreKeptApart() {
        func bytes(_ values: String...) -> String {
            var identity = SaltIdentity()
            for value in values { identity.append(string: value) }
            return String(decoding: identity.bytes, as: UTF8.self)
        }
        #expect(bytes("ab", "c") == "2:ab1:c")
        #expect(bytes("a", "bc") == "1:a2:bc")
        #expect(bytes("") == "0:")
        #expect(bytes("a:b") == "3:a:b")
        #expect(bytes("é") == "2:é")
        #expect(bytes(String(repeating: "x", count: 10)).hasPrefix("10:"))
        #expect(bytes(String(repeating: "x", count: 999)).hasPrefix("999:"))
        #expect(bytes(String(repeating: "x", count: 1000)).hasPrefix("1000:"))
    }

    @Test func binaryAndCanonicalValuesGoInAsTheyAre() {
        var identity = SaltIdentity()
        identity.append(binary: [0, 255])
        identity.append(canonical: [UInt8(ascii: "7")].span)
        #expect(identity.bytes == Array("2:".utf8) + [0, 255] + Array("1:7".utf8))
        identity.removeAll()
        #expect(identity == SaltIdentity())
    }
}
