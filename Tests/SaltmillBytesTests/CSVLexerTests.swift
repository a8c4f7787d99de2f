import SaltmillBytes
import Testing

@Suite struct CSVLexerTests {
    /// Text, and for each record its cells, the quoted ones in quotes and joined by `|`.
    static let wellFormed: [(String, [String])] = [
        ("", []),
        ("\n\r\n\n", []),
        ("\r", []),
        ("a", ["a"]),
        ("a,b,c\n1,2,3\n", ["a|b|c", "1|2|3"]),
        ("a,b\r\n1,2", ["a|b", "1|2"]),
        ("a,b\r\n1,2\r", ["a|b", "1|2"]),
        (",\n", ["|"]),
        (",,", ["||"]),
        ("\"\"\n\n\"\"\r\n", ["\"\"", "\"\""]),
        ("a\n\nb\n", ["a", "b"]),
        (" \n", [" "]),
        ("\"a,b\",c\n", ["\"a,b\"|c"]),
        ("\"a\nb\",\"c\r\nd\"\n", ["\"a\nb\"|\"c\r\nd\""]),
        ("\"a\rb\"\r\n", ["\"a\rb\""]),
        ("a\rb,c\r\r\n", ["a\rb|c\r"]),
        ("\"\"\"\"\n", ["\"\"\""]),
        ("\"say \"\"hi\"\"\",\"\"\"x\"\n", ["\"say \"hi\"\"|\"\"x\""]),
        ("\"a\"", ["\"a\""]),
        ("\"a\",\r\n", ["\"a\"|"]),
        ("x,\"\"\nlong unquoted text behind it,y\n", ["x|\"\"", "long unquoted text behind it|y"]),
        ("\u{0},\u{1F}\u{7F}\n", ["\u{0}|\u{1F}\u{7F}"]),
        ("äöü,日本語\n", ["äöü|日本語"]),
    ]

    @Test(arguments: wellFormed)
    func readsWellFormedText(text: String, expected: [String]) {
        let records = CSVFeed(bytes: Array(text.utf8), delimiter: 0x2C, limit: 1_000).records(sight: 0, step: 1)
        let shown = records.map { record in
            record.cells.map { cell in
                let value = String(decoding: cell.value, as: UTF8.self)
                return cell.isQuoted ? "\"\(value)\"" : value
            }.joined(separator: "|")
        }
        #expect(shown == expected)
        #expect(records.allSatisfy { $0.fault == nil })
    }

    /// Malformed text, the fault, and the offset at which reading must go on.
    static let malformed: [(String, CSVFault, Int)] = [
        ("a\"b,c\nd,e\n", .quoteInsideCell, 6),
        ("a,b\"\r\nd,e\n", .quoteInsideCell, 6),
        ("\"a\"b,c\nd,e\n", .textBehindQuote, 7),
        ("\"a\" ,c\nd,e\n", .textBehindQuote, 7),
        ("\"a\"\rb,c\nd,e\n", .textBehindQuote, 8),
        // What follows the fault on its line is not looked at, quotes included.
        ("\"a\"b,\"c\nd,e\n", .textBehindQuote, 8),
        // The fault stands on the record's second line.
        ("\"a\nb\"c\nd,e\n", .textBehindQuote, 7),
        ("a,\"b\nd,e\n", .unterminatedQuote, 5),
        ("a,\"b\"\"\nd,e\n", .unterminatedQuote, 7),
        ("\"a\nb\",\"c\nd,e\n", .unterminatedQuote, 3),
    ]

    @Test(arguments: malformed)
    func goesOnBehindAMalformedRecord(text: String, fault: CSVFault, next: Int) {
        let records = CSVFeed(bytes: Array(text.utf8), delimiter: 0x2C, limit: 1_000).records(sight: 0, step: 1)
        #expect(records.first?.fault == fault)
        #expect(records.dropFirst().first?.start == next)
    }

    @Test func aRecordOverTheLimitIsCutAndItsLineSkipped() {
        let text = Array("0123456789abcdefXYZ\nnext\n".utf8)
        let records = CSVFeed(bytes: text, delimiter: 0x2C, limit: 16).records(sight: 0, step: 3)
        #expect(records.map(\.fault) == [.tooLong(inQuotes: false), nil])
        #expect(records.map(\.length) == [16, 4])
        #expect(records.map(\.start) == [0, 20])
    }

    @Test func aRecordAsLongAsTheLimitIsRead() {
        let text = Array("0123456789abcde\n0123456789abcdef".utf8)
        let records = CSVFeed(bytes: text, delimiter: 0x2C, limit: 16).records(sight: 0, step: 1)
        #expect(records.map(\.fault) == [nil, nil])
        #expect(records.map(\.length) == [15, 16])
    }

    @Test func anOpenQuoteSwallowsNoMoreThanItsLine() {
        let text = Array("a,\"b\nc,d\ne,f\ng,h\ni,j\nk,l\n".utf8)
        let records = CSVFeed(bytes: text, delimiter: 0x2C, limit: 16).records(sight: 0, step: 1)
        #expect(records.map(\.fault) == [.tooLong(inQuotes: true), nil, nil, nil, nil, nil])
        #expect(records[1].start == 5)
    }

    @Test func countsCellsThatItDoesNotKeep() {
        var lexer = CSVLexer(delimiter: 0x2C, maximumCells: 2, maximumLength: 100)
        let text = Array("a,b,c,d\n".utf8)
        let step = lexer.next(text.span, from: 0, isEnd: true)
        guard case .record(let extent) = step else {
            Issue.record("\(step)")
            return
        }
        #expect(extent.length == 7 && extent.consumed == 8 && extent.lines == 1)
        #expect(lexer.cellCount == 4)
        #expect(lexer.cellEnds.map(\.offset) == [1, 3])
    }

    @Test(arguments: [0x2C, 0x3B, 0x09, 0x7C, 0x01, 0xA7] as [UInt8])
    func agreesWithAPlainReaderHoweverTheTextIsSplit(delimiter: UInt8) {
        for seed in 0..<UInt64(400) {
            var random = CSVNastyText(seed: seed &* 31 &+ UInt64(delimiter))
            let text = random.text(pieces: 60, delimiter: delimiter)
            let limit = random.next(2) == 0 ? 1_000 : 16 + random.next(24)
            let expected = CSVReference(bytes: text, delimiter: delimiter, limit: limit).records()
            let feed = CSVFeed(bytes: text, delimiter: delimiter, limit: limit)
            guard feed.records(sight: text.count, step: 1) == expected, feed.records(sight: 0, step: 1) == expected,
                (0...text.count).allSatisfy({ feed.records(sight: $0, step: text.count) == expected })
            else {
                Issue.record("seed \(seed), limit \(limit): \(String(decoding: text, as: UTF8.self).debugDescription)")
                return
            }
        }
    }

    @Test func readsTheSameRecordsFromAnyRecordOn() {
        for seed in 0..<UInt64(600) {
            var random = CSVNastyText(seed: seed)
            let text = random.text(pieces: 60, delimiter: 0x2C)
            let feed = CSVFeed(bytes: text, delimiter: 0x2C, limit: 16 + random.next(200))
            let records = feed.records(sight: text.count, step: 1)
            for (index, record) in records.enumerated() {
                guard feed.records(from: record.start, sight: text.count, step: 1) == Array(records[index...]) else {
                    Issue.record("seed \(seed) from byte \(record.start)")
                    return
                }
            }
        }
    }

    @Test func theTextsOfThePropertyTestsHoldEveryKindOfRecord() {
        var faults: [String: Int] = [:]
        for seed in 0..<UInt64(1_500) {
            var random = CSVNastyText(seed: seed)
            let text = random.text(pieces: 60, delimiter: 0x2C)
            for record in CSVReference(bytes: text, delimiter: 0x2C, limit: 40).records() {
                faults[record.fault.map { "\($0)" } ?? (record.cells.contains { $0.isQuoted } ? "quoted" : "plain"), default: 0] += 1
            }
        }
        #expect(faults.count == 7 && faults.values.allSatisfy { $0 > 40 }, "\(faults)")
    }
}
