import Glibc
import SaltmillBytes
import SaltmillSources
import Testing

@Suite struct SurveyTests {
    let folder = TestFolder()

    private func take(
        _ file: CSVFile, _ policy: DuplicatePolicy = .last, ranges: Int = 5, memory: Int = 4 << 20, hash: NumberKeys.Hash = .mixed
    ) throws -> Survey {
        var keys = NumberKeys(hash: hash)
        let request = SurveyRequest(keyFingerprint: "test", duplicates: policy, rangeCount: ranges, memory: memory)
        return try Survey.take(of: file, for: request, keys: &keys, in: folder.path + "/survey")
    }

    @Test func countsRecordsAndDigestsTheFile() throws {
        let file = try CSVFile(path: folder.write("\u{FEFF}key,lane\n1,1\n2\n\n,3\n4,4"))
        let survey = try take(file)
        #expect(survey.recordCount == 4)
        #expect(survey.faultyCount == 1)
        #expect(survey.keylessCount == 1)
        // By sha256sum.
        #expect(survey.digest == "298a49a100e1992b65bf328a6d53fb8d844bb2baa69828941a811b78cd520145")
    }

    @Test func digestsEveryByteOfALongFile() throws {
        let text = Array(("key,lane\n" + (0..<60_000).map { "\($0),\"\n\($0 % 7)\"\n" }.joined() + "\n\n\n").utf8)
        let survey = try take(try CSVFile(path: folder.write(text)))
        #expect(survey.digest == Digests.sha256(text.span).description)
        #expect(survey.recordCount == 60_000)
    }

    @Test func rangesTogetherAreTheFile() throws {
        for seed in 0..<UInt64(60) {
            let file = try NastyFile(seed: seed).file(in: folder)
            let expected = try RecordSource(unsurveyed: file).records()
            let survey = try take(file, .unchecked, ranges: 1 + Int(seed % 9))
            let source = try RecordSource(file, survey: survey)
            #expect(try source.records() == expected, "seed \(seed)")
            #expect(survey.recordCount == expected.count)
            #expect(survey.faultyCount == expected.count { $0.fault != nil })
            #expect(survey.ranges.count <= 1 + Int(seed % 9))
            for cut in survey.cuts { #expect(expected[Int(cut.record)].locator == cut.locator) }
        }
    }

    @Test func rangesHaveAboutEqualLengths() throws {
        let file = try CSVFile(path: folder.write("key,lane\n" + (0..<10_000).map { "\($0),\"\n\"\n" }.joined()))
        let survey = try take(file, ranges: 16)
        #expect(survey.ranges.count == 16)
        let share = file.stamp.size / 16
        #expect(survey.ranges.allSatisfy { $0.end - $0.start.offset > share - 40 && $0.end - $0.start.offset < share + 40 })
        #expect(survey.ranges.last?.end == file.stamp.size)
    }

    @Test func aRecordAcrossSeveralCutPointsIsOneCut() throws {
        let rows = (0..<1_000).map { $0 == 500 ? "500,\"\(String(repeating: "x", count: 8_000))\"\n" : "\($0),1234\n" }
        let file = try CSVFile(path: folder.write("key,lane\n" + rows.joined()))
        // Half of the file is one record: the cut points inside it come to one.
        let lengths = try take(file, ranges: 16).ranges.map { $0.end - $0.start.offset }
        #expect(lengths.count == 10 && lengths.count { $0 > 8_000 } == 1, "\(lengths)")
    }

    @Test func aFileWithoutRecordsHasNoRanges() throws {
        let survey = try take(try CSVFile(path: folder.write("key,lane\n\n")))
        #expect(survey.recordCount == 0 && survey.ranges.isEmpty && survey.void?.count == 0)
    }

    /// Offsets of the records that a policy makes void, by a dictionary.
    private func void(_ records: [TakenRecord], _ policy: DuplicatePolicy) -> Set<UInt64> {
        var groups: [String: [UInt64]] = [:]
        for record in records where record.fault == nil {
            guard let key = record.texts[0] else { continue }
            groups[key, default: []].append(record.locator.offset)
        }
        return groups.values.reduce(into: []) { void, offsets in
            switch policy {
            case .last: void.formUnion(offsets.dropLast())
            case .first: void.formUnion(offsets.dropFirst())
            case .reject: if offsets.count > 1 { void.formUnion(offsets) }
            case .unchecked: break
            }
        }
    }

    @Test(arguments: DuplicatePolicy.allCases, NumberKeys.Hash.allCases)
    func findsWhatADictionaryFinds(policy: DuplicatePolicy, hash: NumberKeys.Hash) throws {
        for seed in 0..<UInt64(24) {
            // Few keys with many rows each, many keys with few, and memory for a handful of records up to all of them.
            let file = try NastyFile(seed: seed, rows: 300, keys: [1, 3, 40, 3_000][Int(seed % 4)]).file(in: folder)
            let plain = try RecordSource(unsurveyed: file).records()
            let survey = try take(file, policy, memory: [24, 200, 3_000, 1 << 20][Int(seed / 4 % 4)], hash: hash)
            let expected = void(plain, policy)
            #expect(survey.void.map { Int($0.count) } ?? 0 == expected.count, "seed \(seed)")
            for record in try RecordSource(file, survey: survey).records() {
                let isVoid = expected.contains(record.locator.offset)
                #expect(record.isSuperseded == (isVoid && policy != .reject), "seed \(seed), \(record.locator)")
                #expect((record.fault?.code == "duplicate.key") == (isVoid && policy == .reject), "seed \(seed), \(record.locator)")
            }
        }
    }

    @Test func marksAreTheSameWhenRecordsAreReadAgain() throws {
        for policy in [DuplicatePolicy.last, .reject] {
            let text = "key,lane\n" + (0..<9_000).map { "\($0 % 4_500),0\n" }.joined()
            let file = try CSVFile(path: folder.write(text))
            let source = try RecordSource(file, survey: try take(file, policy))
            let all = try source.records()
            #expect(all.count { $0.isSuperseded || $0.fault != nil } == (policy == .last ? 4_500 : 9_000))
            let chosen = stride(from: 1, to: 9_000, by: 613).map { all[$0] }
            var batch = RowBatch(columnCount: 2)
            try source.reread(chosen.map(\.locator), into: &batch)
            #expect(batch.taken == chosen)
        }
    }

    @Test func namesTheMostFrequentPartitionKeys() throws {
        // Two lanes with a fifth and a tenth of the rows among 28,000 that occur once.
        let rows = (0..<40_000).map { index in
            let lane = index % 5 == 0 ? 1 : index % 10 == 1 ? 2 : 1_000 + index
            return "\(index),\(lane)\n"
        }
        let file = try CSVFile(path: folder.write("key,lane\n" + rows.joined()))
        let survey = try take(file)
        #expect(survey.heavyHitters.prefix(2).map(\.lane) == [1, 2])
        #expect(survey.heavyHitterError <= 40)
        for (hitter, rows) in zip(survey.heavyHitters, [8_000, 4_000] as [UInt64]) {
            #expect(hitter.rows <= rows && hitter.rows + survey.heavyHitterError >= rows)
            var batch = RowBatch(columnCount: 2)
            try RecordSource(file, survey: survey).reread([hitter.exemplar], into: &batch)
            #expect(batch.taken[0].texts[1] == "\(hitter.lane)")
        }
    }

    @Test func countsFewPartitionKeysExactly() throws {
        let file = try CSVFile(path: folder.write("key,lane\n" + (0..<999).map { "\($0),\($0 * $0 % 10)\n" }.joined()))
        let survey = try take(file)
        #expect(survey.heavyHitterError == 0)
        #expect(survey.heavyHitters.map(\.lane) == [4, 6, 9, 1, 0, 5])
        #expect(survey.heavyHitters.map(\.rows) == [200, 200, 200, 199, 100, 100])
    }

    @Test func tellsProgressUpToTheEnd() throws {
        let file = try CSVFile(path: folder.write("key,lane\n" + (0..<50_000).map { "\($0),0\n" }.joined()))
        var steps: [UInt64] = []
        var keys = NumberKeys()
        let request = SurveyRequest(keyFingerprint: "", duplicates: .last)
        _ = try Survey.take(of: file, for: request, keys: &keys, in: folder.path + "/survey") { steps.append($0) }
        #expect(steps.count > 3 && steps == steps.sorted() && steps.last == file.stamp.size)
    }
}
