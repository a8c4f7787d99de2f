import Foundation
import SaltmillControl
import SaltmillDelivery
import Testing

@Suite struct JournalTests {
    private func event(_ number: Int) -> JobEvent {
        .make(.paused, at: 1_800_000_000 + Double(number)) { $0.reason = "number \(number)" }
    }

    @Test func everyFieldOfAnEventComesBack() throws {
        var event = JobEvent(.progress, at: 1_800_000_000.123)
        event.run = 3
        event.account = DeliveryProgress.sample().account
        event.units = [1.5, .infinity]
        event.key = HotKeyEntry(key: #"{"a":{"S":"ä\n\"/"}}"#, refusals: 1, tries: 2, share: 0.5, shards: 7)
        event.exitCode = 3
        event.reason = "a line\nbreak \u{0}"
        #expect(!event.line.contains(0x0A))
        #expect(JobEvent(line: event.line) == event)
        #expect(String(decoding: event.line, as: UTF8.self).contains(#""time":"2027-01-15T08:00:00.123Z""#))
    }

    @Test func everyKindOfEventHasASentence() {
        for name in JobEvent.Name.allCases { #expect(!JobEvent(name, at: 0).sentence.contains("Optional"), "\(name)") }
    }

    @Test func eventsAreReadInOrderAndOnlyTheOwnerMayReadThem() throws {
        try withFolder { folder in
            let journal = JobJournal(folder: folder)
            for number in 0..<1000 { journal.append(event(number)) }
            journal.flush()
            let events = JournalReader(folder: folder).events()
            #expect(events.map(\.reason) == (0..<1000).map { "number \($0)" })
            #expect(JournalReader(folder: folder).events(since: events[990].time).count == 10)
            let mode = try FileManager.default.attributesOfItem(atPath: folder + "/journal.jsonl")[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func aLineThatAKillCutOffIsLeftOutAndNothingElse() throws {
        try withFolder { folder in
            let first = JobJournal(folder: folder)
            for number in 0..<10 { first.append(event(number)) }
            first.flush()
            let path = folder + "/journal.jsonl"
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for cut in [1, 20, 60] {
                try whole.dropLast(cut).write(to: URL(fileURLWithPath: path))
                #expect(JournalReader(folder: folder).events().count == 9)
                let second = JobJournal(folder: folder)
                second.append(event(99))
                second.flush()
                #expect(JournalReader(folder: folder).events().map(\.reason) == (0..<9).map { "number \($0)" } + ["number 99"])
                #expect(JournalReader(folder: folder).last?.reason == "number 99")
            }
        }
    }

    @Test func theJournalStaysBelowItsBoundAndKeepsTheNewest() throws {
        try withFolder { folder in
            let size = 64 << 10
            #expect(11 * JournalFiles.fileSize <= 50_000_000)
            let journal = JobJournal(folder: folder, fileSize: size)
            let filler = String(repeating: "x", count: 1000)
            for number in 0..<1200 {
                journal.append(
                    .make(.reread, at: Double(number)) {
                        $0.reason = filler
                        $0.run = number
                    })
                if number % 50 == 0 { journal.flush() }
            }
            journal.flush()
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            let total = try names.reduce(0) { total, name in
                total + (try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[.size] as? Int ?? 0)
            }
            #expect(total <= 11 * size && total > 9 * size)
            let runs = JournalReader(folder: folder).events().compactMap(\.run)
            #expect(runs.last == 1199 && runs == Array((runs.first ?? 0)...1199))
        }
    }

    @Test func aFollowerSeesWhatIsAddedAcrossARotation() throws {
        try withFolder { folder in
            let journal = JobJournal(folder: folder, fileSize: 8 << 10)
            journal.append(event(0))
            journal.flush()
            var follower = JournalFollower(folder: folder)
            defer { follower.end() }
            #expect(follower.next().isEmpty)
            let filler = String(repeating: "x", count: 2 << 10)
            var seen: [Int] = []
            for number in 1...12 {
                journal.append(
                    .make(.reread, at: 0) {
                        $0.reason = filler
                        $0.run = number
                    })
                journal.flush()
                seen += follower.next().compactMap(\.run)
            }
            #expect(seen == Array(1...12))
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(files.count > 2)
        }
    }

    @Test func aJournalThatCannotBeWrittenLosesNothingAtFirstAndCountsTheRest() throws {
        try withFolder { folder in
            let missing = folder + "/later"
            let journal = JobJournal(folder: missing)
            for number in 0..<3000 { journal.append(event(number)) }
            journal.flush()
            try FileManager.default.createDirectory(atPath: missing, withIntermediateDirectories: true)
            journal.append(event(3000))
            journal.flush()
            let events = JournalReader(folder: missing).events()
            let lost = events.reduce(0) { $0 + ($1.lost ?? 0) }
            #expect(lost > 0 && events.filter { $0.name == .paused }.count + lost == 3001)
            #expect(events.first?.reason == "number 0")
        }
    }
}
