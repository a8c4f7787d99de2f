import SaltmillControl
import SaltmillDelivery
import Testing

@Suite struct NotificationRulesTests {
    private static let start = 1_800_000_000.0

    /// What a job is told in the course of events, given as seconds from the start and what is noted then; looked at every second.
    private func messages(hours: Double, _ events: [(Double, JobEvent)], digest: Double = 21_600) -> [JobNotification] {
        var rules = NotificationRules(job: "answers", host: "mill1", digestInterval: digest)
        var rest = events[...]
        var messages: [JobNotification] = []
        for second in 0...Int(hours * 3600) {
            while let next = rest.first, next.0 <= Double(second) {
                messages += rules.note(next.1, now: next.0)
                rest.removeFirst()
            }
            messages += rules.due(now: Double(second), wall: Self.start + Double(second))
        }
        return messages
    }

    private func event(_ name: JobEvent.Name, _ seconds: Double, _ fill: (inout JobEvent) -> Void = { _ in }) -> (Double, JobEvent) {
        (seconds, .make(name, at: Self.start + seconds, fill))
    }

    private func refusal(_ from: Double, to end: Double, cause: String = "hot-key") -> [(Double, JobEvent)] {
        [
            event(.refused, from) {
                $0.cause = cause
                $0.reason = "day = 2015-12-07: 900 of 1000 tries refused; a salt of 100 shards would cure it"
            },
            event(.admitted, end) {
                $0.cause = cause
                $0.seconds = end - from
                $0.refused = 900
            },
        ]
    }

    /// Three days under a hot key that refuses for ten minutes, is quiet for one, and so on.
    @Test func threeDaysUnderAHotKeyAreFewMessagesWithCauseAndCure() {
        var events: [(Double, JobEvent)] = []
        for begin in stride(from: 60.0, to: 72 * 3600, by: 660) { events += refusal(begin, to: begin + 600) }
        let sent = messages(hours: 72, events)
        #expect(sent.count <= 20 && sent.count >= 3)
        let refusals = sent.filter { $0.kind == .refusals }
        #expect(refusals.count == 3, "once a day")
        for message in refusals { #expect(message.text.contains("2015-12-07") && message.text.contains("salt of 100 shards")) }
        for message in sent { #expect(message.job == "answers" && message.host == "mill1") }
    }

    @Test func shortRefusalsAndWaitsComeInADigestAlone() {
        let wait = [
            event(.waiting, 100) {
                $0.cause = "network"
                $0.reason = "no connection to db"
            },
            event(.waited, 160) {
                $0.cause = "network"
                $0.seconds = 60
            },
        ]
        let sent = messages(hours: 2, refusal(10, to: 90) + wait, digest: 3600)
        #expect(sent.map(\.kind) == [.digest])
        #expect(sent.first?.text.contains("network") == true)
    }

    /// An outage is told when it has lasted five minutes, with what is to be done, and again when it is over.
    @Test func aLongOutageIsToldAndItsEnd() {
        let events = [
            event(.waiting, 100) {
                $0.cause = "network"
                $0.reason = "no connection to db"
            },
            event(.waited, 4000) {
                $0.cause = "network"
                $0.seconds = 3900
            },
        ]
        let sent = messages(hours: 2, events)
        #expect(sent.map(\.kind) == [.state, .state])
        #expect(sent[0].time == Self.start + 400)
        #expect(sent[0].text.contains("no connection to db") && sent[0].text.contains("goes on by itself"))
        #expect(sent[1].text.contains("1h 5m"))
    }

    @Test func windowsPausesAndTheEndAreToldAtOnceAndTheRestBeforeTheEnd() {
        let events = [
            event(.phase, 0) { ($0.old, $0.new) = ("surveying", "loading") },
            event(.waiting, 10) {
                $0.cause = "window"
                $0.reason = "closed until 22:00"
            },
            event(.waited, 20) { $0.cause = "window" },
            event(.setting, 25) { ($0.setting, $0.old, $0.new) = ("rate", "100/s", "200/s") },
            event(.finished, 30) {
                $0.outcome = "done"
                $0.exitCode = 0
                $0.reason = "every row is accounted for"
            },
        ]
        let sent = messages(hours: 0.1, events)
        #expect(sent.map(\.kind) == [.state, .state, .state, .digest, .state])
        #expect(sent[3].text.contains("100/s to 200/s"))
        #expect(sent[4].text.contains("every row is accounted for"))
    }

    @Test func aDigestIsBounded() {
        let events = (0..<500).map { number in event(.rejects, Double(number)) { $0.account = Account() } }
        let sent = messages(hours: 7, events)
        #expect(sent.count == 1 && (sent.first?.text.split(separator: "\n").count ?? 0) <= 22)
        #expect(sent.first?.text.contains("480 more") == true)
    }
}
