import Foundation
import SaltmillBytes
import SaltmillControl
import SaltmillDelivery
import Testing

@Suite struct JobStoryTests {
    private static let start = 1_800_000_000.0

    private func progress(_ seconds: Double, written: Int, refused: Int = 0) -> JobEvent {
        .make(.progress, at: Self.start + seconds) {
            var account = Account()
            (account.read, account.written) = (written + 10, written)
            $0.account = account
            $0.total = 1_000_000
            $0.units = [Double(written), Double(written) / 2]
            $0.refused = refused
            $0.ceiling = 1000
        }
    }

    private func event(_ name: JobEvent.Name, _ seconds: Double, _ fill: (inout JobEvent) -> Void = { _ in }) -> JobEvent {
        .make(name, at: Self.start + seconds, fill)
    }

    private func told(_ events: [JobEvent]) -> JobStory {
        var story = JobStory()
        for event in events { story.note(event) }
        return story
    }

    @Test func waitsPausesRefusalsAndKillsHaveTheirLengths() {
        let story = told([
            event(.started, 0), event(.waiting, 10) { $0.cause = "network" }, event(.waited, 70) { $0.cause = "network" },
            event(.paused, 80) { $0.reason = "backup" }, event(.refused, 85) { $0.cause = "capacity" },
            event(.unpaused, 100), event(.admitted, 105) { $0.cause = "capacity" },
            // Killed at 200 while it waited; started again at 500.
            event(.waiting, 150) { $0.cause = "table" },
            event(.started, 500) { $0.seconds = 300 },
            event(.waiting, 600) { $0.cause = "disk" }, event(.finished, 610) { $0.outcome = "done" },
        ])
        #expect(story.waits.map(\.cause) == ["network", "paused", "table", "not running", "disk"])
        #expect(story.waits.map(\.seconds) == [60, 20, 50, 300, 10])
        #expect(story.refusals.map(\.seconds) == [20])
        #expect(story.runs == 2 && story.outcome == "done")
    }

    /// A month of samples every minute, and a thousand restarts, leave a report of bounded size whose sums are those of the journal.
    @Test func aLongStoryStaysSmallAndCountsNothingTwice() {
        var story = JobStory()
        var written = 0
        for minute in 0..<43_200 {
            if minute.isMultiple(of: 43) { story.note(event(.started, Double(minute) * 60) { $0.seconds = 5 }) }
            written += 600
            story.note(progress(Double(minute) * 60 + 30, written: written, refused: minute))
        }
        #expect(story.samples.count <= 1200 && story.samples.count > 500)
        #expect(story.days.count == 31 || story.days.count == 30)
        #expect(story.days.values.map(\.written).reduce(0, +) == written)
        #expect(story.days.values.map(\.refused).reduce(0, +) == 43_199)
        #expect(story.runs == 1005 && story.waits.count == 500 && story.omitted == 505)
        #expect(story.page(job: "answers", rejects: [:]).utf8.count < 300_000)
    }

    @Test func thePageEscapesWhatComesFromData() {
        let hostile = "<script>alert(1)</script>\" onload='x'"
        let story = told([
            event(.started, 0), progress(1, written: 10), progress(60, written: 5000, refused: 7),
            event(.hotKey, 61) {
                $0.key = HotKeyEntry(
                    key: String(decoding: JSONValue.object([.init(hostile, ["S": .string(hostile)])]).bytes, as: UTF8.self), index: hostile,
                    refusals: 1, tries: 2, share: 0.5, shards: 50)
            },
            event(.waiting, 62) { ($0.cause, $0.reason) = ("network", hostile) },
            event(.setting, 63) { ($0.setting, $0.old, $0.new) = ("rate", hostile, "1/s") },
            event(.finished, 64) { ($0.outcome, $0.reason) = ("failed", hostile) },
        ])
        let page = story.page(job: hostile, rejects: [hostile: 3])
        #expect(!page.contains("<script>") && !page.contains("onload='"))
        #expect(page.contains("a salt of 50 shards") && page.contains("<svg"))
    }

    @Test func anEmptyStoryIsAPageToo() {
        #expect(JobStory().page(job: "answers", rejects: [:]).contains("no journal yet"))
    }
}
