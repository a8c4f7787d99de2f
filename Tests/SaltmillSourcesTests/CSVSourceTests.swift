import Glibc
import SaltmillSources
import Testing

@Suite struct CSVSourceTests {
    let folder = TestFolder()

    private func source(_ text: String, _ format: CSVFormat = CSVFormat()) throws -> RecordSource {
        RecordSource(unsurveyed: try CSVFile(path: folder.write(text), format: format))
    }

    @Test func anEmptyCellIsNullAndAnEmptyQuotedOneIsNot() throws {
        let records = try source("a,b,c\n,\"\",x\n").records()
        #expect(records.map(\.texts) == [[nil, "", "x"]])
        #expect(records[0].cells.map(\.flags) == [.null, .quoted, []])
    }

    @Test func nullMarkersAreComparedWithWholeUnquotedCells() throws {
        let long = String(repeating: "n", count: 70)
        let source = try source("a,b,c,d,e,f\nNA,\"NA\",NAN,,\\N,\(long)\n", CSVFormat(nulls: ["NA", "\\N", long]))
        #expect(try source.records().map(\.texts) == [[nil, "NA", "NAN", "", nil, nil]])
    }

    @Test func cellsTellHowTheyWereQuoted() throws {
        let cells = try source("a,b,c\n1,\"2\",\"3\"\"\"\n").records()[0].cells
        #expect(cells.map(\.flags) == [[], .quoted, [.quoted, .escaped]])
        #expect(cells[2].bytes == Array("3\"\"".utf8))
    }

    @Test func aFaultyRecordIsReportedWholeAndReadingGoesOn() throws {
        let text = "a,b\n1,2\n3\n4,5,6\n7,8\"\n\"9\" ,0\n\"x\n\",y\n\n1,\"\n2,3\n"
        let records = try source(text).records()
        #expect(records.map { $0.fault?.code } == [nil, "csv.columns", "csv.columns", "csv.quote", "csv.quote", nil, "csv.quote", nil])
        #expect(
            records.map { String(decoding: $0.raw, as: UTF8.self) } == [
                "1,2", "3", "4,5,6", "7,8\"", "\"9\" ,0", "\"x\n\",y", "1,\"", "2,3",
            ])
        #expect(records.map(\.locator.line) == [2, 3, 4, 5, 6, 7, 10, 11])
        #expect(records.allSatisfy { $0.cells.count == 2 })
        #expect(records[1].cells.allSatisfy { $0.bytes.isEmpty && $0.flags == [] })
        #expect(records[2].fault?.message.contains("3 cells where 2 are expected") == true)
    }

    @Test func aRecordOverTheLimitIsAFaultOfItsOwn() throws {
        let long = String(repeating: "x", count: 300_000)
        let source = try source("a,b\n1,2\n\(long),3\n4,5\n6,\"\(long)\n7,8\n", CSVFormat(maximumRecordLength: 100_000))
        let records = try source.records()
        #expect(records.map { $0.fault?.code } == [nil, "csv.length", nil, "csv.length", nil])
        #expect(records.map(\.locator.line) == [2, 3, 4, 5, 6])
        #expect(records.map(\.raw.count) == [3, 100_000, 3, 100_000, 3])
        #expect(records[3].fault?.message.contains("closing quote") == true)
    }

    @Test func aRecordLongerThanABlockIsRead() throws {
        let long = String(repeating: "\"\"\n,x", count: 200_000)
        let records = try source("a,b\n1,2\n3,\"\(long)\"\n5,6\n").records()
        #expect(records.map { $0.fault?.code } == [nil, nil, nil])
        #expect(records[1].cells[1].bytes.count == 1_000_000)
        #expect(records.map(\.locator.line) == [2, 3, 200_004])
    }

    @Test func aBatchEndsAtEitherLimit() throws {
        let source = try source("a\n" + String(repeating: "123456789\n", count: 10))
        var reader = try source.open(source.ranges[0])
        var batch = RowBatch(columnCount: 1)
        #expect(try reader.read(into: &batch, maximumRows: 3, maximumBytes: 1_000))
        #expect(batch.records.count == 3 && batch.bytes.count == 30)
        #expect(reader.frontier == RecordLocator(offset: 32, line: 5))
        #expect(try reader.read(into: &batch, maximumRows: 1_000, maximumBytes: 35))
        #expect(batch.records.count == 4)
        #expect(try reader.read(into: &batch, maximumRows: 1_000, maximumBytes: 1))
        #expect(batch.records.count == 1)
        #expect(try reader.read(into: &batch, maximumRows: 1_000, maximumBytes: 1_000))
        #expect(batch.records.count == 2)
        #expect(try !reader.read(into: &batch, maximumRows: 1_000, maximumBytes: 1_000))
        #expect(batch.records.isEmpty)
        #expect(reader.frontier == RecordLocator(offset: 102, line: 12))
    }

    @Test func aRangeCanBeResumedAtEveryFrontier() throws {
        for seed in 0..<UInt64(40) {
            let source = RecordSource(unsurveyed: try NastyFile(seed: seed).file(in: folder))
            let all = try source.records()
            var reader = try source.open(source.ranges[0])
            var batch = RowBatch(columnCount: source.columns.count)
            var count = 0
            while try reader.read(into: &batch, maximumRows: 1 + Int(seed % 3), maximumBytes: 1_000) {
                count += batch.records.count
                let rest = try source.records(of: RowRange(start: reader.frontier, end: source.ranges[0].end))
                #expect(rest == Array(all[count...]), "seed \(seed) at \(reader.frontier)")
            }
            #expect(count == all.count)
        }
    }

    @Test func anyRecordsCanBeReadAgain() throws {
        for seed in 0..<UInt64(60) {
            var random = SeededGenerator(seed: seed)
            let source = RecordSource(unsurveyed: try NastyFile(seed: seed).file(in: folder))
            let chosen = try source.records().filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
            var batch = RowBatch(columnCount: source.columns.count)
            try source.reread(chosen.map(\.locator).shuffled(using: &random), into: &batch)
            #expect(batch.taken == chosen, "seed \(seed)")
        }
    }

    @Test func recordsFarApartAreReadAgain() throws {
        let rows = (0..<5_000).map { "\($0),\(String(repeating: "y", count: $0 % 90))\n" }.joined()
        let source = try source("a,b\n" + rows)
        let all = try source.records()
        let chosen = [0, 1, 2, 900, 2_500, 2_501, 4_998, 4_999].map { all[$0] }
        var batch = RowBatch(columnCount: 2)
        try source.reread(chosen.map(\.locator), into: &batch)
        #expect(batch.taken == chosen)
    }

    @Test func aLocatorWithoutARecordIsAnError() throws {
        let source = try source("a,b\n1,2\n\n3,4\n")
        var batch = RowBatch(columnCount: 2)
        for offset in [8, 13, 1_000] as [UInt64] {
            let error = #expect(throws: SourceError.self) {
                try source.reread([RecordLocator(offset: offset, line: 9)], into: &batch)
            }
            #expect(error?.kind == .changed)
        }
    }

    @Test func aFileThatIsCutShortWhileItIsReadIsAnError() throws {
        let source = try source("a\n" + String(repeating: "123456789\n", count: 100_000))
        let error = #expect(throws: SourceError.self) {
            var reader = try source.open(source.ranges[0])
            var batch = RowBatch(columnCount: 1)
            _ = try reader.read(into: &batch, maximumRows: 10, maximumBytes: 100)
            #expect(truncate("\(folder.path)/rows.csv", 500_000) == 0)
            while try reader.read(into: &batch, maximumRows: 100, maximumBytes: 10_000) {}
        }
        #expect(error?.kind == .changed)
    }

    @Test func aFileThatIsWrittenToWhileItIsReadIsAnError() throws {
        let text = "a\n" + String(repeating: "123456789\n", count: 100_000)
        let source = try source(text)
        let error = #expect(throws: SourceError.self) {
            var reader = try source.open(source.ranges[0])
            var batch = RowBatch(columnCount: 1)
            _ = try reader.read(into: &batch, maximumRows: 10, maximumBytes: 100)
            folder.write(text)
            while try reader.read(into: &batch, maximumRows: 100, maximumBytes: 10_000) {}
        }
        #expect(error?.message.contains("was modified while it was being read") == true)
    }
}
