import SaltmillSources
import Testing

@Suite struct KeyLogTests {
    private let folder = TestFolder()

    private func encoded(_ keys: [[[UInt8]]]) -> EncodedKeys {
        var result = EncodedKeys()
        for key in keys {
            result.beginKey()
            for value in key { result.append(value) }
        }
        return result
    }

    @Test func keysAreFoundAgainInAnyOrderAndByALaterRun() throws {
        var random = SystemRandomNumberGenerator()
        let keys = (0..<500).map { number in
            [Array("key \(number)".utf8), (0..<number % 7).map { _ in UInt8.random(in: 0 ... .max, using: &random) }]
        }
        let path = folder.path + "/keys"
        var log = try KeyLog(folder: path)
        let places = try log.append(encoded(keys))
        try log.sync()
        #expect(encoded(keys).last == keys.last)
        log = try KeyLog(folder: path)
        let more = try log.append(encoded([[[1], [2]]]))
        #expect(Set(places + more).count == 501)
        let shuffled = Array(zip(places, keys)).shuffled()
        #expect(try log.keys(at: shuffled.map(\.0), width: 2) == shuffled.map(\.1))
        #expect(try log.keys(at: more, width: 2) == [[[1], [2]]])
    }

    @Test func filesWithoutUnsettledRowsAreRemovedAndOthersStay() throws {
        let path = folder.path + "/keys"
        let log = try KeyLog(folder: path)
        let big = [[[UInt8](repeating: 7, count: 3_000_000)]]
        let places = try (0..<8).flatMap { _ in try log.append(encoded(big)) }
        let kept = places[2]
        log.drop(before: KeyLog.segment(of: places[6])) { [KeyLog.segment(of: kept)] }
        for place in [kept, places[6], places[7]] { #expect(try log.keys(at: [place], width: 1) == big[0].map { [$0] }) }
        for place in [places[0], places[3], places[5]] {
            #expect(throws: SourceError.self) { try log.keys(at: [place], width: 1) }
        }
    }
}

@Suite struct KeySpaceTests {
    private func cuts(_ low: String, _ high: String, _ key: ResultColumn.KeyKind, parts: Int = 4) -> [String] {
        KeySpace.cuts(from: Array(low.utf8), to: Array(high.utf8), of: key, parts: parts).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func wholeNumbersAreCutEvenlyToTheEndsOfTheirRange() {
        #expect(cuts("-100", "100", .signed) == ["-50", "0", "50"])
        #expect(cuts("0", "18446744073709551615", .unsigned, parts: 2) == ["9223372036854775807"])
        #expect(cuts("-9223372036854775808", "9223372036854775807", .signed, parts: 2) == ["-1"])
        #expect(cuts("1", "3", .signed, parts: 8) == ["2"])
        #expect(cuts("5", "5", .signed).isEmpty)
    }

    @Test func daysAreCutAcrossLeapYearsAndTheEpoch() {
        #expect(cuts("1968-01-01", "1972-01-01", .date, parts: 2) == ["1969-12-31"])
        #expect(cuts("2024-02-28", "2024-03-01", .date, parts: 2) == ["2024-02-29"])
        #expect(cuts("2013-01-01 00:00:00", "2013-01-03 00:00:00", .other, parts: 2) == ["2013-01-02"])
    }

    @Test func textsAndIdentifiersAreCutWhereTheyBeginToDiffer() {
        let texts = cuts("row-000", "row-900", .text)
        #expect(texts == texts.sorted() && texts.count == 3 && texts.allSatisfy { $0.hasPrefix("row-") })
        let identifiers = cuts("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", .other, parts: 2)
        #expect(identifiers == ["7fffffff-ffff-ffff-0000-000000000000"])
        #expect(cuts("happy", "sad", .other).isEmpty)
    }

    @Test(arguments: [24, 300, 1_000, 1_024, 2_000])
    func scatteredPlacesSeeWhatRepeatsInStepWithThem(period: UInt64) throws {
        let places = KeySpace.scattered(from: Array("0".utf8), to: Array("200000".utf8), of: .signed, parts: 200)
            .compactMap { UInt64(String(decoding: $0, as: UTF8.self)) }
        #expect(places.count == 199)
        for (part, place) in places.enumerated() {
            let start = UInt64(part + 1) * 1_000
            #expect(place >= start - 100 && place <= start + 1_000)
        }
        let firstHalf = places.filter { $0 % period < period / 2 }
        #expect((85...115).contains(firstHalf.count))
    }

    @Test func fewKeysAreScatteredAsTheyAre() {
        #expect(KeySpace.scattered(from: Array("1".utf8), to: Array("9".utf8), of: .signed, parts: 4).count == 3)
        #expect(KeySpace.scattered(from: Array("1".utf8), to: Array("1".utf8), of: .signed, parts: 4).isEmpty)
    }

    @Test func placesKeepTheOrderOfNumbers() {
        let numbers = ["-9223372036854775808", "-1", "0", "9223372036854775807"]
        let places = numbers.compactMap { KeySpace.position(of: Array($0.utf8), .signed) }
        #expect(places == places.sorted() && places.count == 4)
        #expect(places.map { String(decoding: KeySpace.text(of: $0, .signed), as: UTF8.self) } == numbers)
    }
}
