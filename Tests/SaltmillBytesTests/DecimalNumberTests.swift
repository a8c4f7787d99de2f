import SaltmillBytes
import Testing

@Suite struct DecimalNumberTests {
    private func text(_ number: DecimalNumber) -> String {
        var output: [UInt8] = []
        number.appendText(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func normalized(_ text: String) throws -> (text: String, size: Int) {
        var output = Array("<".utf8)
        let size = try DecimalNumber.appendText(normalizing: Array(text.utf8).span, to: &output)
        return (String(decoding: output.dropFirst(), as: UTF8.self), size)
    }

    private func ordered(_ text: String) throws -> [UInt8] {
        var output: [UInt8] = []
        try DecimalNumber(parsing: Array(text.utf8).span).appendOrdered(to: &output)
        return output
    }

    // MARK: Text

    static let spellings: [(String, String)] = [
        ("0", "0"), ("-0", "0"), ("+0", "0"), ("0.000", "0"), ("0e99", "0"), ("0e-999999999999999999999", "0"), ("000", "0"),
        ("1", "1"), ("+3", "3"), ("-1", "-1"), ("00042", "42"), ("1.0", "1"), ("1.5E2", "150"), ("1e+5", "100000"), (".123", "0.123"),
        ("5.", "5"), ("-.5", "-0.5"), ("0001.23", "1.23"), ("100", "100"), ("-100", "-100"), ("1e3", "1000"), ("100000e-2", "1000"),
        ("10.010", "10.01"), ("0.00100", "0.001"), ("12.5e-3", "0.0125"), ("12.5e1", "125"), ("12.5e2", "1250"), ("5.e1", "50"),
        (".5e1", "5"), ("00000000000000000000000000000000000000000000001", "1"), ("1.00000000000000000000000000000000000000000000", "1"),
        ("18446744073709551616", "18446744073709551616"), ("9999999999999999999", "9999999999999999999"),
        ("10000000000000000001", "10000000000000000001"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("1234567890123456789.0123456789012345678", "1234567890123456789.0123456789012345678"),
        ("-99999999999999999999999999999999999999", "-99999999999999999999999999999999999999"),
        ("1000000000000000000000000000000000000000", "1000000000000000000000000000000000000000"),
    ]

    @Test(arguments: spellings) func everySpellingHasOnePlainText(spelling: String, plain: String) throws {
        let number = try DecimalNumber(parsing: Array(spelling.utf8).span)
        #expect(text(number) == plain)
        let normal = try normalized(spelling)
        #expect(normal.text == plain)
        #expect(normal.size == number.size)
        #expect(try DecimalNumber(parsing: Array(plain.utf8).span) == number)
    }

    @Test func theLimitsAreWithin() throws {
        let nines = String(repeating: "9", count: 38)
        #expect(try normalized("9.\(nines.dropFirst())E+125").text == nines + String(repeating: "0", count: 88))
        #expect(try normalized("-\(nines)e88").text == "-" + nines + String(repeating: "0", count: 88))
        #expect(try normalized("1E-130").text == "0." + String(repeating: "0", count: 129) + "1")
        #expect(try normalized("1.\(String(repeating: "0", count: 36))1e-130").text.hasSuffix("01"))
        #expect(try normalized("0." + String(repeating: "0", count: 200) + "1e100").text == "0." + String(repeating: "0", count: 100) + "1")
        #expect(try normalized("1" + String(repeating: "0", count: 200) + "e-100").text == "1" + String(repeating: "0", count: 100))
    }

    static let faults: [(String, DecimalError)] =
        [
            "", "+", "-", ".", "-.", "e", "e5", ".e5", "1e", "1e+", "1e-", "1e5.5", "1.2.3", " 1", "1 ", "1\n", "--1", "+-1", "0x1F", "NaN",
            "Infinity", "-Infinity", "1,5", "1_000", "１", "1e5e5", "abc", "12a", "1e1000000 ", "1-",
        ].map { ($0, .syntax) }
        + ["1e126", "10e125", "-1e126", "1e99999999999999999999999", "0.1e127", "1234567890123456789012345678901234567891e90"].map {
            ($0, .overflow)
        }
        + ["1e-131", "0.1e-130", "-1e-131", "1e-99999999999999999999999"].map { ($0, .underflow) }
        + [
            "123456789012345678901234567890123456789", "-123456789012345678901234567890123456789",
            "1.00000000000000000000000000000000000001",
            "100000000000000000000000000000000000001", "0.123456789012345678901234567890123456789e-50",
        ].map { ($0, .tooManyDigits) }

    @Test(arguments: faults) func whatTheStoreRefusesIsRefused(text: String, error: DecimalError) {
        #expect(throws: error) { try DecimalNumber(parsing: Array(text.utf8).span) }
        #expect(throws: error) { try normalized(text) }
    }

    @Test func refusalsAreWordedAsTheStoreWordsThem() {
        #expect(DecimalError.syntax.serviceMessage(for: "x") == "The parameter cannot be converted to a numeric value: x")
        #expect(DecimalError.tooManyDigits.serviceMessage(for: "x") == "Attempting to store more than 38 significant digits in a Number")
    }

    // MARK: Size

    static let sizes: [(String, Int)] = [
        ("0", 1), ("-0", 1), ("1", 2), ("-1", 3), ("10", 2), ("12", 2), ("1.2", 3), ("100", 2), ("123", 3), ("1234", 3), ("0.5", 2),
        ("-5", 3), ("3.14", 3), ("1672531200", 5), ("1e125", 2), ("1E-130", 2), ("0.012345", 4), ("999.9", 4), ("-999.9", 5),
        ("12345678901234567890123456789012345678", 20), ("-9.9999999999999999999999999999999999999E125", 21),
        // A negative number of 38 digits and even exponent counts one more than its encoding is long.
        ("-1.2345678901234567890123456789012345678", 22),
    ]

    @Test(arguments: sizes) func sizesFollowTheExactRule(text: String, size: Int) throws {
        #expect(try DecimalNumber(parsing: Array(text.utf8).span).size == size)
        #expect(try normalized(text).size == size)
    }

    // MARK: Order

    static let encodings: [(String, [UInt8])] = [
        ("0", [0x80]), ("1", [0xC1, 0x02]), ("10", [0xC1, 0x0B]), ("123", [0xC2, 0x02, 0x18]), ("1234", [0xC2, 0x0D, 0x23]),
        ("999.9", [0xC2, 0x0A, 0x64, 0x5B]), ("0.012345", [0xC0, 0x02, 0x18, 0x2E]), ("1.2", [0xC1, 0x02, 0x15]),
        ("3.14", [0xC1, 0x04, 0x0F]), ("0.5", [0xC0, 0x33]), ("-1", [0x3E, 0x64, 0x66]), ("-5", [0x3E, 0x60, 0x66]),
        ("-999.9", [0x3D, 0x5C, 0x02, 0x0B, 0x66]), ("-0.09", [0x3F, 0x5C, 0x66]),
    ]

    @Test(arguments: encodings) func encodingsAreTheRecordedOnes(text: String, bytes: [UInt8]) throws {
        #expect(try ordered(text) == bytes)
    }

    @Test func aLongNegativeNumberHasNoClosingByte() throws {
        #expect(try ordered("-1.2345678901234567890123456789012345678").count == 21)
        #expect(try ordered("-12345678901234567890123456789012345678").count == 21)
        #expect(try ordered("-1.2345678901234567890123456789012345678").last != 0x66)
        #expect(try ordered("-12345678901234567890123456789012345678").last == 0x66)
    }

    @Test func encodingsSortLikeNumbers() throws {
        let ascending = [
            "-9.9999999999999999999999999999999999999E125", "-1e125", "-12346", "-12345.6", "-12345", "-1234", "-101", "-100.5", "-100",
            "-99",
            "-10", "-9.5", "-9", "-1.01", "-1.001", "-1", "-0.99", "-0.1", "-0.09", "-0.0101", "-0.01", "-0.001", "-1e-129", "-1e-130", "0",
            "1e-130", "1.5e-130", "1e-129", "0.001", "0.01", "0.0101", "0.09", "0.1", "0.99", "1", "1.001", "1.01", "9", "9.5", "10", "99",
            "100",
            "100.5", "101", "1234", "12345", "12345.6", "12346", "1e125", "9.9999999999999999999999999999999999999E125",
        ]
        let encodings = try ascending.map(ordered)
        for (index, encoding) in encodings.dropLast().enumerated() {
            #expect(encoding.lexicographicallyPrecedes(encodings[index + 1]), "\(ascending[index]) < \(ascending[index + 1])")
        }
    }

    // MARK: Against a slow reading of the rules

    /// Significant digits and the first one's exponent, worked out on strings.
    private func slow(_ text: String) -> (negative: Bool, digits: [Int], exponent: Int) {
        let negative = text.hasPrefix("-")
        let parts = text.drop { "+-".contains($0) }.lowercased().split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        var digits = mantissa.joined().compactMap(\.wholeNumberValue)
        var exponent = mantissa[0].count - 1 + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        while digits.first == 0 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.last == 0 { digits.removeLast() }
        return digits.isEmpty ? (false, [], 0) : (negative, digits, exponent)
    }

    @Test func randomNumbersAgreeWithTheSlowReading() throws {
        var random = SeededRandom(seed: 0x5A17)
        for _ in 0..<20_000 {
            var text = ["", "-", "+"].randomElement(using: &random) ?? ""
            let length = Int.random(in: 1...40, using: &random)
            let point = Int.random(in: 0...60, using: &random)
            for position in 0..<length {
                if position == point { text += "." }
                text += String(Bool.random(using: &random) ? 0 : Int.random(in: 0...9, using: &random))
            }
            if Bool.random(using: &random) { text += "e\(Int.random(in: -140...140, using: &random))" }
            let expected = slow(text)
            let fault: DecimalError? =
                expected.digits.isEmpty
                ? nil
                : expected.exponent > 125
                    ? .overflow : expected.exponent < -130 ? .underflow : expected.digits.count > 38 ? .tooManyDigits : nil
            if let fault {
                #expect(throws: fault, "\(text)") { try normalized(text) }
                continue
            }
            let (plain, size) = try normalized(text)
            let found = slow(plain)
            #expect(found == expected, "\(text)")
            #expect(!plain.contains("e") && !plain.hasPrefix("+") && (!plain.contains(".") || !plain.hasSuffix("0")), "\(text)")
            #expect(plain == "0" || plain.drop { $0 == "-" }.first != "0" || plain.drop { $0 == "-" }.hasPrefix("0."), "\(text)")
            let (d, e) = (expected.digits.count, expected.exponent)
            let rule = d == 0 ? 1 : 1 + (d + 1) / 2 + (d % 2 == 0 && e % 2 == 0 ? 1 : 0) + (expected.negative ? 1 : 0)
            #expect(size == rule, "\(text)")
            let encoding = try ordered(text)
            #expect(encoding.count == size || (expected.negative && d == 38 && e % 2 == 0 && encoding.count == size - 1), "\(text)")
        }
    }
}

/// A generator of the same numbers in every run (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
