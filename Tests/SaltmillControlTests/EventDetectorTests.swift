import Foundation
import SaltmillControl
import SaltmillDelivery
import Testing

/// A job that is looked at twice a second, by clocks that the test moves.
struct WatchedJob {
    var detector = EventDetector()
    var clocks = Clocks(wall: 1_800_000_000, boot: 5000, awake: 4000)
    var progress: DeliveryProgress
    var events: [JobEvent] = []

    init(run: Int = 1) { progress = .sample(run: run) }

    /// Lets time pass, changing the progress before every look.
    mutating func pass(_ seconds: Double, _ change: (inout DeliveryProgress) -> Void = { _ in }) {
        for _ in 0..<Int(seconds * 2) {
            clocks.wall += 0.5
            clocks.boot += 0.5
            clocks.awake += 0.5
            change(&progress)
            events += detector.note(JobSnapshot(clocks: clocks, phase: .loading, progress: progress))
        }
    }

    /// The events but for samples.
    var told: [JobEvent] { events.filter { $0.name != .progress && $0.name != .phase } }
    var names: [JobEvent.Name] { told.map(\.name) }
}

@Suite struct EventDetectorTests {
    @Test func anUneventfulLoadIsOnlySampled() {
        var job = WatchedJob()
        job.pass(600) { $0.account.written += 50 }
        #expect(job.names.isEmpty)
        #expect(job.events.first?.name == .phase && job.events.first?.new == "loading")
        // 30 in the first half minute, every ten seconds up to five minutes, then every minute.
        #expect((58...64).contains(job.events.count))
    }

    @Test func aMonthOfSamplesAndRestartsFitsTheJournal() {
        var job = WatchedJob()
        job.pass(900) { $0.account.written += 50 }
        let bytesOfRun = job.events.reduce(0) { $0 + $1.line.count + 1 }
        let bytesOfMinute = 2 * (job.events.last?.line.count ?? 0)
        #expect(bytesOfRun * 1000 < 40 << 20, "a thousand restarts: \(bytesOfRun) bytes each")
        #expect(bytesOfMinute * 30 * 1440 < 40 << 20)
    }

    @Test func aWaitIsToldOnceItLastsAndWithItsLengthWhenItIsOver() {
        var job = WatchedJob()
        job.pass(5)
        job.pass(3600) { $0.wait = Wait(.network, "no connection to 127.0.0.1:1") }
        job.pass(5) { $0.wait = nil }
        #expect(job.names == [.waiting, .waited])
        #expect(job.told.first?.cause == "network" && job.told.first?.time.timeIntervalSince1970 == 1_800_000_005.5)
        #expect(abs((job.told.last?.seconds ?? 0) - 3601) < 1.5)
    }

    @Test func requestsThatFailNowAndThenAreNoWait() {
        var job = WatchedJob()
        var look = 0
        job.pass(600) {
            look += 1
            $0.wait = look % 4 == 0 ? Wait(.endpoint, "500") : nil
        }
        #expect(job.names.isEmpty)
    }

    @Test func anAnswerInTheMiddleOfAnOutageDoesNotCutItInTwo() {
        var job = WatchedJob()
        job.pass(60) { $0.wait = Wait(.network, "no connection") }
        job.pass(0.5) { $0.wait = nil }
        job.pass(60) { $0.wait = Wait(.network, "no connection") }
        job.pass(2) { $0.wait = nil }
        #expect(job.names == [.waiting, .waited])
    }

    @Test func anotherCauseIsAnotherWait() {
        var job = WatchedJob()
        job.pass(60) { $0.wait = Wait(.network, "no connection") }
        job.pass(60) { $0.wait = Wait(.credentials, "expired") }
        job.pass(60) { $0.wait = Wait(.window, "closed") }
        job.pass(60) { $0.wait = nil }
        #expect(job.names == [.waiting, .waited, .waiting, .waited, .waiting, .waited])
        #expect(job.told.map(\.cause) == ["network", "network", "credentials", "credentials", "window", "window"])
    }

    @Test func aPauseIsToldByWhoeverTookTheCommand() {
        var job = WatchedJob()
        job.pass(60) { $0.wait = Wait(.paused, "paused by ann") }
        job.pass(60) { $0.wait = nil }
        #expect(job.names.isEmpty)
    }

    @Test func refusalsAreOneSpellWithACause() {
        var job = WatchedJob()
        job.pass(20) { $0.account.written += 50 }
        job.pass(120) {
            $0.account.written += 50
            $0.usage.refusedItems += 10
        }
        job.pass(10) { $0.account.written += 50 }
        job.pass(60) {
            $0.account.written += 50
            $0.usage.refusedItems += 10
        }
        job.pass(60) { $0.account.written += 50 }
        #expect(job.names == [.refused, .admitted])
        #expect(job.told.last?.refused == 3600 && job.told.last?.cause == "capacity")
        #expect(abs((job.told.last?.seconds ?? 0) - 190) < 12)
    }

    @Test func aFewRefusalsAreNoEvent() {
        var job = WatchedJob()
        var look = 0
        job.pass(600) {
            look += 1
            $0.account.written += 500
            if look % 20 == 0 { $0.usage.refusedItems += 1 }
        }
        #expect(job.names.isEmpty)
    }

    @Test func aHotKeyIsNamedOnceAndIsTheCauseOfItsRefusals() {
        var job = WatchedJob()
        job.pass(20) { $0.account.written += 50 }
        job.pass(60) {
            $0.account.written += 50
            $0.usage.refusedItems += 10
            $0.parkedLanes = 1
            $0.hotKeys = [.init(key: #"{"day":{"S":"2015-12-07"}}"#, refusals: $0.usage.refusedItems, tries: 1000, share: 0.9, shards: 100)]
        }
        #expect(job.names == [.hotKey, .refused])
        #expect(job.told.last?.cause == "hot-key")
        #expect(job.told.last?.sentence.contains("a salt of 100 shards would cure it") == true)
    }

    @Test func aNewCapacityIsToldAndAnUnchangedOneIsNot() {
        var job = WatchedJob()
        job.pass(10) { $0.limits = [.capacity(of: "table", provisioned: 1000)] }
        job.pass(10) { $0.limits = [.capacity(of: "table", provisioned: 400)] }
        job.pass(10) { $0.limits = [.capacity(of: "table", provisioned: nil)] }
        #expect(job.told.map { "\($0.old ?? "") to \($0.new ?? "")" } == ["1000/s to 400/s", "400/s to on demand"])
    }

    @Test func aMachineThatSleptIsNotAClockThatWasSet() {
        var job = WatchedJob()
        job.pass(5)
        job.clocks.wall += 7200
        job.clocks.boot += 7200
        job.pass(5)
        job.clocks.wall -= 3600
        job.pass(5)
        #expect(job.names == [.suspended, .clock])
        #expect(job.told.map(\.seconds) == [7200, -3600])
    }

    @Test func lengthsDoNotDependOnTheClockOnTheWall() {
        var job = WatchedJob()
        job.pass(10) { $0.wait = Wait(.disk, "full") }
        job.clocks.wall -= 3600
        job.pass(10)
        job.pass(2) { $0.wait = nil }
        #expect(abs((job.told.last { $0.name == .waited }?.seconds ?? 0) - 20) < 1.5)
    }

    @Test func rejectsAreToldAtMarksThatGrow() {
        var job = WatchedJob()
        job.pass(150) { $0.account.rejected += 1 }
        #expect(job.told.map { $0.account?.rejected ?? 0 } == [1, 2, 5, 10, 20, 50, 100, 200])
        var resumed = WatchedJob(run: 2)
        resumed.progress.account.rejected = 300
        resumed.pass(5)
        #expect(resumed.names == [.resumed])
        resumed.pass(1) { $0.account.rejected = 500 }
        #expect(resumed.names == [.resumed, .rejects])
    }

    @Test func theEndOfARunEndsWhatIsUnderWay() {
        var job = WatchedJob()
        job.pass(60) { $0.wait = Wait(.network, "no connection") }
        job.events += job.detector.finish(job.clocks, job.progress)
        #expect(job.names == [.waiting, .waited])
        #expect(job.told.allSatisfy { $0.run == 1 })
    }
}
