import Foundation
import Glibc
import SaltmillBytes
import SaltmillControl
import SaltmillDelivery
import Synchronization
import Testing

/// A job with one number to set, which remembers what it was told.
final class ToldJob: ControlledJob {
    struct State {
        var rate: String?
        var wait: Wait?
        var isReady = true
        var isStopped = false
        var progress = DeliveryProgress.sample()
    }
    let state = Mutex(State())
    var name: String { "told" }
    var isReady: Bool { state.withLock { $0.isReady } }

    func value(of setting: ControlSetting) -> (current: String, spec: String) {
        setting == .rate ? (state.withLock { $0.rate ?? "80%" }, "80%") : ("none", "none")
    }
    func set(_ setting: ControlSetting, to value: String?) throws -> String {
        guard setting == .rate, value.map({ $0.hasSuffix("/s") }) ?? true else { throw ControlError("`\(value ?? "")` is no ceiling") }
        state.withLock { $0.rate = value }
        return value ?? "80%"
    }
    func pause(_ wait: Wait?) { state.withLock { $0.wait = wait } }
    func stop() -> Bool {
        state.withLock { $0.isStopped = true }
        return true
    }
    func look() -> JobSnapshot { JobSnapshot(clocks: .now, phase: .loading, progress: state.withLock { $0.progress }) }
    func status(_ snapshot: JobSnapshot) -> (text: String, json: JSONValue) { ("told: running", ["job": "told"]) }
    var wait: Wait? { state.withLock { $0.wait } }
    var rate: String? { state.withLock { $0.rate } }
}

@Suite struct ControllerTests {
    private func controller(_ job: ToldJob, in folder: String) -> (JobController, JobJournal) {
        let journal = JobJournal(folder: folder)
        return (JobController(job, folder: folder, stopFiles: [folder + "/pause", folder + "/all"], journal: journal), journal)
    }

    private func events(_ journal: JobJournal, in folder: String) -> [JobEvent] {
        journal.flush()
        return JournalReader(folder: folder).events()
    }

    @Test func aChangeIsInForceJournalledWithItsActorAndKept() throws {
        try withFolder { folder in
            let job = ToldJob()
            let (controller, journal) = controller(job, in: folder)
            let reply = controller.answer(ControlRequest("rate=100/s", from: "10.0.0.7"), uid: 0)
            #expect(reply.isDone && reply.message == "rate changed from 80% to 100/s; kept over restarts until `rate=spec`")
            #expect(job.rate == "100/s")
            let event = events(journal, in: folder).first
            #expect(event?.name == .setting && event?.old == "80%" && event?.new == "100/s")
            #expect(event?.actor == Actor(uid: 0, from: "10.0.0.7"))

            let next = ToldJob()
            let (restarted, _) = self.controller(next, in: folder)
            let notes = try restarted.restore()
            #expect(next.rate == "100/s" && notes.count == 1)
            #expect(restarted.answer(ControlRequest("rate=?"), uid: 0).message.contains("set by") == true)
            #expect(restarted.answer(ControlRequest("rate=spec"), uid: 0).isDone && next.rate == nil)
            let last = ToldJob()
            #expect(try self.controller(last, in: folder).0.restore().isEmpty && last.rate == nil)
        }
    }

    @Test func theSameValueAgainIsNoEvent() throws {
        try withFolder { folder in
            let (controller, journal) = controller(ToldJob(), in: folder)
            for _ in 0..<50 { #expect(controller.answer(ControlRequest("rate=100/s"), uid: 0).isDone) }
            #expect(events(journal, in: folder).count == 1)
        }
    }

    @Test func whatIsRefusedChangesNothing() throws {
        try withFolder { folder in
            let job = ToldJob()
            let (controller, journal) = controller(job, in: folder)
            for bad in ["rate=fast", "speed=3", "rate=", "hibernate=yesterday", ""] {
                let reply = controller.answer(ControlRequest(bad), uid: 0)
                #expect(!reply.isDone && !reply.message.contains("\n"), "\(bad)")
            }
            #expect(job.rate == nil && job.wait == nil && events(journal, in: folder).isEmpty)
            #expect(!FileManager.default.fileExists(atPath: KeptSteering.path(in: folder)))
            job.state.withLock { $0.isReady = false }
            #expect(controller.answer(ControlRequest("rate=100/s"), uid: 0).isDone == false && job.rate == nil)
        }
    }

    @Test func aPauseHoldsOverARestartUntilSomebodyEndsIt() throws {
        try withFolder { folder in
            let job = ToldJob()
            let (controller, journal) = controller(job, in: folder)
            #expect(controller.answer(ControlRequest("pause for lunch"), uid: 0).isDone)
            #expect(job.wait?.cause == .paused && job.wait?.reason.contains("for lunch") == true)
            #expect(events(journal, in: folder).map(\.name) == [.paused])

            let next = ToldJob()
            let (restarted, again) = self.controller(next, in: folder)
            let notes = try restarted.restore()
            #expect(notes.count == 1 && next.wait?.reason.contains("for lunch") == true)
            #expect(restarted.answer(ControlRequest("resume"), uid: 0).isDone && next.wait == nil)
            #expect(events(again, in: folder).map(\.name) == [.paused, .paused, .unpaused])
        }
    }

    @Test func hibernationEndsByItself() throws {
        try withFolder { folder in
            let job = ToldJob()
            let (controller, journal) = controller(job, in: folder)
            #expect(controller.answer(ControlRequest("hibernate=30m"), uid: 0).isDone)
            var snapshot = job.look()
            controller.note(snapshot)
            #expect(job.wait?.reason.contains("hibernating until") == true)
            snapshot.clocks.wall += 1799
            controller.note(snapshot)
            #expect(job.wait != nil)
            snapshot.clocks.wall += 2
            controller.note(snapshot)
            #expect(job.wait == nil && events(journal, in: folder).map(\.name) == [.paused, .unpaused])
        }
    }

    @Test(arguments: ["pause", "all"])
    func aStopFilePausesForAsLongAsItIsThere(_ name: String) throws {
        try withFolder { folder in
            let job = ToldJob()
            let (controller, journal) = controller(job, in: folder)
            #expect(FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil))
            controller.note(job.look())
            #expect(job.wait?.reason == "paused by the file \(folder)/\(name)")
            #expect(controller.answer(ControlRequest("resume"), uid: 0).message.contains("remove it"))
            #expect(job.wait != nil)
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
            controller.note(job.look())
            #expect(job.wait == nil && events(journal, in: folder).map(\.name) == [.paused, .unpaused])
        }
    }

    @Test func explainNamesTheOneThatBinds() throws {
        var clocks = Clocks(wall: 0, boot: 100, awake: 100)
        var progress = DeliveryProgress.sample()
        progress.limits = [
            LimitInForce(kind: .ceiling, measure: "units", resource: nil, rate: 100, provisioned: nil, isFound: true),
            .capacity(of: "table", provisioned: 1000),
        ]
        let before = JobSnapshot(clocks: clocks, phase: .loading, progress: progress)
        clocks.boot += 5
        progress.usage.units[0] += 495
        progress.account.written += 495
        progress.limiter = .ceiling
        let limited = Explanation(JobSnapshot(clocks: clocks, phase: .loading, progress: progress), before: before)
        #expect(limited.binding == "ceiling" && limited.limiters.first { $0.verdict == "binds" }?.value == "99 units/s")
        for (limiter, name) in [
            (RateLimiter.capacity(index: nil), "capacity of table"), (.source, "source"), (.requestsInFlight, "concurrency"),
            (.hotKey(attribute: "day", value: "1", index: nil), "hot keys"),
        ] {
            progress.limiter = limiter
            #expect(Explanation(JobSnapshot(clocks: clocks, phase: .loading, progress: progress), before: before).binding == name)
        }
        progress.wait = Wait(.paused, "paused by ann")
        let paused = Explanation(JobSnapshot(clocks: clocks, phase: .loading, progress: progress), before: before)
        #expect(paused.binding == "pause" && paused.limiters.filter { $0.verdict == "binds" }.count == 1)
        #expect(Explanation(JobSnapshot(clocks: clocks, phase: .surveying), before: nil).binding == "surveying")
    }

    // MARK: The socket

    @Test func theSocketAnswersWhoeverMayAskAndHangsUpOnTheSlow() throws {
        try withFolder { folder in
            let path = folder + "/job.sock"
            let server = try ControlServer(path: path) { request, uid in ControlReply("\(request.command) for \(uid)") }
            defer { server.stop() }
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
            // Connections that say nothing hold nobody up.
            let idle = (0..<20).map { _ in connection(to: path) }
            defer { for descriptor in idle { close(descriptor) } }
            for number in 0..<200 {
                let reply = try ControlClient.ask(ControlRequest("n \(number)"), at: path)
                #expect(reply.message == "n \(number) for \(geteuid())")
            }
            #expect(exchange(path, Array("rate=?\n".utf8)) == "rate=? for \(geteuid())\n")
            #expect(exchange(path, Array("{\"command\":1}\n".utf8)).contains("\"ok\":false"))
            #expect(exchange(path, [UInt8](repeating: 0x61, count: 5000)).hasPrefix("error: the request is longer"))
        }
    }

    @Test func aSocketNobodyListensOnIsToldFromOneThatAnswers() throws {
        try withFolder { folder in
            let path = folder + "/job.sock"
            #expect(throws: ControlClient.Failure.dead) { try ControlClient.ask(ControlRequest("status"), at: path) }
            let server = try ControlServer(path: path) { _, _ in ControlReply("") }
            // Another run of the job takes the place of a socket that was left behind.
            server.stop()
            #expect(FileManager.default.createFile(atPath: path, contents: nil))
            let second = try ControlServer(path: path) { _, _ in ControlReply("second") }
            #expect(try ControlClient.ask(ControlRequest("status"), at: path).message == "second")
            second.stop()
            #expect(throws: ControlClient.Failure.dead) { try ControlClient.ask(ControlRequest("status"), at: path) }
        }
    }

    private func connection(to path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        return descriptor
    }

    private func exchange(_ path: String, _ bytes: [UInt8]) -> String {
        let descriptor = connection(to: path)
        defer { close(descriptor) }
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { answer += buffer[..<count] }
        return String(decoding: answer, as: UTF8.self)
    }
}
