import Glibc
import SaltmillBytes
import SaltmillSources
import Testing

/// What every source keeps to, whatever its rows stand in: the same rows, written in each way, are the same to whoever reads them.
@Suite struct SourceContractTests {
    private func survey(_ input: any RecordInput, _ folder: TestFolder, _ policy: DuplicatePolicy = .last, ranges: Int = 5) throws -> Survey
    {
        var keys = NumberKeys()
        let request = SurveyRequest(keyFingerprint: "test", duplicates: policy, rangeCount: ranges)
        return try Survey.take(of: input, for: request, keys: &keys, in: folder.path + "/survey")
    }

    @Test(arguments: SourceKind.allCases) func rowsAreWhatWasWritten(_ kind: SourceKind) throws {
        for seed in 0..<UInt64(12) {
            let folder = TestFolder()
            let rows = SampleRows(seed: seed, count: Int(seed) * 20 + 1)
            let records = try RecordSource(unsurveyed: rows.input(kind, in: folder)).records()
            #expect(records.map(\.values) == rows.rows, "seed \(seed)")
            #expect(records.allSatisfy { $0.fault == nil && !$0.isSuperseded })
        }
    }

    @Test(arguments: SourceKind.allCases) func rangesTogetherAreTheSource(_ kind: SourceKind) throws {
        for seed in 1..<UInt64(10) {
            let folder = TestFolder()
            let rows = SampleRows(seed: seed, count: Int(seed * seed) * 9)
            let input = try rows.input(kind, in: folder)
            let expected = try RecordSource(unsurveyed: input).records()
            let survey = try survey(input, folder, .unchecked, ranges: Int(seed))
            #expect(survey.recordCount == expected.count && survey.faultyCount == 0)
            #expect(survey.ranges.count == min(Int(seed), expected.count))
            #expect(try RecordSource(input, survey: survey).records() == expected, "seed \(seed)")
            for cut in survey.cuts { #expect(expected[Int(cut.record)].locator == cut.locator) }
        }
    }

    @Test(arguments: SourceKind.allCases) func aRangeIsResumedAtEveryFrontier(_ kind: SourceKind) throws {
        let folder = TestFolder()
        let input = try SampleRows(seed: 3, count: 120).input(kind, in: folder)
        let source = try RecordSource(input, survey: survey(input, folder, ranges: 2))
        for range in source.ranges {
            let all = try source.records(of: range)
            var reader = try source.open(range)
            var batch = RowBatch(columnCount: source.columns.count)
            var count = 0
            while try reader.read(into: &batch, maximumRows: 3, maximumBytes: 1_000) {
                count += batch.records.count
                let rest = try source.records(of: RowRange(start: reader.frontier, end: range.end))
                #expect(rest == Array(all[count...]), "at \(reader.frontier)")
            }
            #expect(count == all.count && count > 30)
            #expect(try source.records(of: RowRange(start: reader.frontier, end: range.end)).isEmpty)
        }
    }

    @Test(arguments: SourceKind.allCases) func anyRecordsAreReadAgain(_ kind: SourceKind) throws {
        for seed in 0..<UInt64(8) {
            let folder = TestFolder()
            var random = SeededGenerator(seed: seed)
            let input = try SampleRows(seed: seed, count: 300).input(kind, in: folder)
            let source = try RecordSource(input, survey: survey(input, folder))
            let chosen = try source.records().filter { _ in Int.random(in: 0..<7, using: &random) == 0 }
            var batch = RowBatch(columnCount: source.columns.count)
            try source.reread(chosen.map(\.locator).shuffled(using: &random), into: &batch)
            #expect(batch.taken == chosen && chosen.count > 20, "seed \(seed)")
        }
    }

    @Test(arguments: SourceKind.allCases) func aLocatorWithoutARecordIsAnError(_ kind: SourceKind) throws {
        let folder = TestFolder()
        let source = RecordSource(unsurveyed: try SampleRows(seed: 1, count: 50).input(kind, in: folder))
        var batch = RowBatch(columnCount: source.columns.count)
        let error = #expect(throws: SourceError.self) {
            try source.reread([RecordLocator(offset: 1 << 40, line: 7)], into: &batch)
        }
        #expect(error?.kind == .changed)
    }

    @Test(arguments: SourceKind.allCases, DuplicatePolicy.allCases)
    func rowsOfOneKeyAreMarkedAlike(_ kind: SourceKind, _ policy: DuplicatePolicy) throws {
        let (folder, plain) = (TestFolder(), TestFolder())
        let rows = SampleRows(seed: 9, count: 400)
        let input = try rows.input(kind, in: folder)
        let records = try RecordSource(input, survey: survey(input, folder, policy)).records()
        let csv = try rows.input(.csv, in: plain)
        let expected = try RecordSource(csv, survey: survey(csv, plain, policy)).records()
        #expect(records.map(\.isSuperseded) == expected.map(\.isSuperseded))
        #expect(records.map(\.fault) == expected.map(\.fault))
        #expect(records.contains { $0.isSuperseded || $0.fault != nil } == (policy != .unchecked))
    }

    @Test(arguments: SourceKind.allCases) func aSurveyIsKeptAndKnowsItsSource(_ kind: SourceKind) throws {
        let folder = TestFolder()
        let rows = SampleRows(seed: 5, count: 200)
        let input = try rows.input(kind, in: folder)
        let taken = try survey(input, folder)
        let request = SurveyRequest(keyFingerprint: "test", duplicates: .last, rangeCount: 5)
        let path = folder.path + "/survey"
        #expect(try Survey.load(from: path, of: rows.opened(kind, in: folder), for: request) == taken)

        // The same content, written again, is known by its digest.
        let again = try rows.input(kind, in: folder)
        let loaded = try #require(try Survey.load(from: path, of: again, for: request))
        #expect(loaded.digest == taken.digest && loaded.stamp == again.stamp)
        #expect(try RecordSource(again, survey: loaded).records() == RecordSource(again, survey: survey(again, folder)).records())

        var others = rows
        others.rows[77][2] = "another"
        #expect(try Survey.load(from: path, of: others.input(kind, in: folder), for: request) == nil)
    }

    @Test(arguments: SourceKind.allCases) func aSourceThatIsWrittenToWhileItIsReadIsAnError(_ kind: SourceKind) throws {
        let folder = TestFolder()
        let rows = SampleRows(seed: 4, count: 20_000)
        let source = RecordSource(unsurveyed: try rows.input(kind, in: folder))
        let error = #expect(throws: SourceError.self) {
            var reader = try source.open(source.ranges[0])
            var batch = RowBatch(columnCount: source.columns.count)
            _ = try reader.read(into: &batch, maximumRows: 10, maximumBytes: 1_000)
            try rows.change(kind, in: folder)
            while try reader.read(into: &batch, maximumRows: 100, maximumBytes: 10_000) {}
        }
        #expect(error?.kind == .changed)
    }

    // (A reject file without rows is refused: there is nothing to load again.)
    @Test(arguments: SourceKind.allCases.filter { !$0.isRejectFile }) func aSourceWithoutRowsHasNoRanges(_ kind: SourceKind) throws {
        let folder = TestFolder()
        let input = try SampleRows(seed: 1, count: 0).input(kind, in: folder)
        #expect(try RecordSource(unsurveyed: input).records().isEmpty)
        let survey = try survey(input, folder)
        #expect(survey.recordCount == 0 && survey.ranges.isEmpty && survey.void?.count == 0)
    }
}
