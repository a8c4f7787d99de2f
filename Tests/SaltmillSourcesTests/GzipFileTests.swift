import SaltmillBytes
import SaltmillSources
import Testing

/// Files long enough to be entered in the middle.
@Suite struct GzipFileTests {
    let folder = TestFolder()

    /// 30 MB of CSV, with line ends in quotes.
    private static let text: [UInt8] = {
        var text = Array("key,lane,text\n".utf8)
        var random = SeededGenerator(seed: 1)
        for key in 0..<300_000 {
            text += "\(key % 290_000),\(key % 7),\"".utf8
            text += String(repeating: "row \(random.next() % 1_000_000)\n", count: 6).utf8
            text += "\"\n".utf8
        }
        return text
    }()

    private func survey(_ input: any RecordInput) throws -> Survey {
        var keys = NumberKeys()
        let request = SurveyRequest(keyFingerprint: "", duplicates: .last, rangeCount: 16)
        if let known = try Survey.load(from: folder.path + "/survey", of: input, for: request) { return known }
        return try Survey.take(of: input, for: request, keys: &keys, in: folder.path + "/survey")
    }

    @Test(arguments: [1, 3, 400]) func anyPlaceIsReadAsInThePlainFile(_ members: Int) throws {
        let bytes = gzip(Self.text, members: members)
        let file = try CSVFile(path: folder.write(bytes, to: "rows.csv.gz"))
        let survey = try survey(file)
        #expect(survey.digest == Digests.sha256(bytes.span).description)
        #expect(survey.recordCount == 300_000 && survey.end == UInt64(Self.text.count) && survey.ranges.count == 16)
        #expect(TestFolder.names(in: folder.path + "/survey") == ["gzip.points", "survey.json", "void.offsets"])

        let plain = RecordSource(unsurveyed: try CSVFile(path: folder.write(Self.text)))
        let source = try RecordSource(file, survey: survey)
        for (number, range) in source.ranges.enumerated() {
            var expected = try plain.open(range)
            var reader = try source.open(range)
            var (batch, other) = (RowBatch(columnCount: 3), RowBatch(columnCount: 3))
            // All of some ranges, the start of the others.
            for _ in 0..<(number % 5 == 3 ? .max : 3) {
                guard try expected.read(into: &other, maximumRows: 1_000, maximumBytes: 1 << 20) else { break }
                #expect(try reader.read(into: &batch, maximumRows: 1_000, maximumBytes: 1 << 20))
                #expect(batch.bytes == other.bytes && batch.cells == other.cells && reader.frontier == expected.frontier)
                guard batch.bytes == other.bytes else { return }
            }
        }
        // The survey that was kept knows its places.
        let again = try RecordSource(file, survey: self.survey(file))
        let chosen = [survey.ranges[1].start, survey.ranges[9].start, survey.ranges[15].start]
        var (batch, other) = (RowBatch(columnCount: 3), RowBatch(columnCount: 3))
        try again.reread(chosen, into: &batch)
        try plain.reread(chosen, into: &other)
        #expect(batch.records.map(\.locator) == chosen && batch.bytes == other.bytes)
    }

    @Test func aDamagedListOfPlacesIsStale() throws {
        let file = try CSVFile(path: folder.write(gzip(Self.text, members: 1), to: "rows.csv.gz"))
        let request = SurveyRequest(keyFingerprint: "", duplicates: .last, rangeCount: 16)
        _ = try survey(file)
        var points = folder.read("survey/gzip.points")
        #expect(points.count > 100_000)
        points[50_000] ^= 1
        folder.write(points, to: "survey/gzip.points")
        #expect(try Survey.load(from: folder.path + "/survey", of: file, for: request) == nil)
    }

    @Test func aTruncatedOrCorruptFileIsAnErrorThatTellsWhere() throws {
        let whole = gzip(Array(Self.text.prefix(3_000_000)), members: 2)
        for length in [whole.count - 1, whole.count - 9, whole.count / 2 + 1, whole.count / 3, 12] {
            let error = #expect(throws: SourceError.self) {
                let file = try CSVFile(path: folder.write(Array(whole.prefix(length)), to: "rows.csv.gz"))
                _ = try survey(file)
            }
            #expect(error?.kind == .read && error?.message.contains("cut off at byte \(length);") == true, "\(length)")
        }
        for place in [whole.count / 5, whole.count * 2 / 3, whole.count - 3] {
            var bytes = whole
            bytes[place] ^= 0x55
            let error = #expect(throws: SourceError.self) {
                _ = try survey(CSVFile(path: folder.write(bytes, to: "rows.csv.gz")))
            }
            #expect(error?.kind == .read && error?.message.contains("is corrupt near byte") == true, "\(place)")
        }
        let trailing = #expect(throws: SourceError.self) {
            _ = try survey(CSVFile(path: folder.write(whole + Array("text".utf8), to: "rows.csv.gz")))
        }
        #expect(trailing?.kind == .read)
    }

    @Test func rowsBeforeADamageAreReadWithoutASurvey() throws {
        let whole = gzip(Self.text, members: 1)
        let source = RecordSource(unsurveyed: try CSVFile(path: folder.write(Array(whole.prefix(whole.count / 2)), to: "rows.csv.gz")))
        var reader = try source.open(source.ranges[0])
        var batch = RowBatch(columnCount: 3)
        var count = 0
        #expect(throws: SourceError.self) {
            while try reader.read(into: &batch, maximumRows: 1_000, maximumBytes: 1 << 20) { count += batch.records.count }
        }
        #expect(count > 100_000)
    }

    @Test func anEmptyContentIsAnEmptyFile() throws {
        let error = #expect(throws: SourceError.self) { try CSVFile(path: folder.write(gzip([], members: 1), to: "rows.csv.gz")) }
        #expect(error?.message.contains("has no header line") == true)
    }
}
