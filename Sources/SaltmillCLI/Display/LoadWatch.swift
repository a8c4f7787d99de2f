import Dispatch
import Foundation
import Glibc
import SaltmillControl
import SaltmillDelivery
import SaltmillMigration
import Synchronization

/// Keeps a running load's books: looks at it again and again, journals what happens, and lets people steer it.
final class LoadWatch: LoadObserving {
    /// How often it is looked at, in seconds.
    static let interval = 0.5

    let journal: JobJournal
    let controls: LoadControls
    private let controller: JobController
    private let given: [ControlSetting]
    private let folder: JobFolder
    private let sockets: ControlFolder
    private let service = ServiceNotifier(environment: ProcessInfo.processInfo.environment)

    private struct State {
        var detector = EventDetector()
        var window = RateWindow()
        var server: ControlServer?
        var isHeld = false
    }
    private let state = Mutex(State())
    /// Looks are taken on a queue of its own: a survey may keep every thread of the task system busy.
    private let queue = DispatchQueue(label: "saltmill.watch")
    private let viewer = Mutex<(@Sendable (JobSnapshot) -> Void)?>(nil)

    /// - Parameter given: settings that were given on the command line: they go before those kept from earlier.
    init(_ job: LoadJob, given: [ControlSetting] = []) {
        self.given = given
        folder = JobFolder(job.spec.jobFolder)
        sockets = ControlFolder(environment: ProcessInfo.processInfo.environment)
        journal = JobJournal(folder: folder.path)
        controls = LoadControls(job: job)
        controller = JobController(
            controls, folder: folder.path, stopFiles: [folder.path + "/pause", sockets.stopFile], journal: journal)
    }

    /// Has every look told to somebody too, who must not wait for anything.
    func show(to viewer: @escaping @Sendable (JobSnapshot) -> Void) { self.viewer.withLock { $0 = viewer } }

    func loadBegan() throws {
        let now = Clocks.now
        let last = JournalReader(folder: folder.path).last
        journal.append(
            .make(.started, at: now.wall) {
                $0.pid = getpid()
                $0.host = ProcessInfo.processInfo.hostName
                if let last, last.name != .finished {
                    $0.seconds = max((now.wall - last.time.timeIntervalSince1970).rounded(), 0)
                    $0.reason = "the run before ended without a word, \(JobEvent.span($0.seconds ?? 0)) ago"
                }
            })
        do throws(ControlError) {
            for note in try controller.restore(except: given) { controls.job.monitor.note(note) }
        } catch {
            throw JobFailure(.usage, error.description)
        }
        // A load that nobody can steer is better than none.
        do throws(ControlError) { try listen() } catch { controls.job.monitor.note("the load cannot be steered: \(error)") }
        state.withLock { $0.isHeld = true }
        service.ready()
        scheduleLook()
    }

    private func scheduleLook() {
        queue.asyncAfter(deadline: .now() + Self.interval) { [weak self] in
            guard let self, state.withLock({ $0.isHeld }) else { return }
            look()
            scheduleLook()
        }
    }

    private func listen() throws(ControlError) {
        try sockets.make()
        let absolute = URL(fileURLWithPath: folder.path).standardizedFileURL.path
        let path = try sockets.socket(job: controls.name, folder: absolute)
        let controller = controller
        let server = try ControlServer(path: path) { controller.answer($0, uid: $1) }
        state.withLock { $0.server = server }
        do { try folder.write(Array(path.utf8), to: folder.control) } catch { throw ControlError(error.description) }
    }

    /// Runs until its task is cancelled.
    func run() async {
        while true {
            do { try await ContinuousClock().sleep(for: .seconds(Self.interval)) } catch { return }
            if !state.withLock({ $0.isHeld }) { viewer.withLock { $0 }?(controls.look()) }
        }
    }

    private func look() {
        let snapshot = controls.look()
        viewer.withLock { $0 }?(snapshot)
        controller.note(snapshot)
        let events = state.withLock { state in
            snapshot.progress.map { state.window.note($0) }
            return state.detector.note(snapshot)
        }
        journal.append(events)
        service.alive(line(snapshot))
    }

    private func line(_ snapshot: JobSnapshot) -> String {
        guard let progress = snapshot.progress else { return snapshot.phase.rawValue }
        return ProgressLine.loading(progress, state.withLock { $0.window })
    }

    func loadEnded(_ result: Result<LoadReport, any Error>) {
        service.stopping()
        let server = state.withLock { state in
            state.isHeld = false
            return state.server
        }
        server?.stop()
        unlink(folder.control)
        look()
        let last = controls.look()
        journal.append(state.withLock { $0.detector.finish(last.clocks, last.progress) })
        journal.append(
            .make(.finished, at: last.clocks.wall) { event in
                event.run = last.progress?.run
                switch result {
                case .success(let report):
                    event.outcome = report.outcome
                    event.exitCode = report.exitCode
                    event.reason = report.message
                    event.account = report.account
                case .failure(let error):
                    event.outcome = error is CancellationError ? "interrupted" : "failed"
                    event.exitCode = ExitStatus.code(of: error) ?? ExitStatus.failed
                    event.reason = error is CancellationError ? "interrupted" : "\(error)"
                }
            })
        journal.flush()
    }

    // MARK: Signals

    /// Reads the spec's rate and schedule again; where that fails, the old ones stay.
    func reread(_ read: () throws -> MigrationSpec) {
        guard state.withLock({ $0.isHeld }) else { return }
        var event = JobEvent(.reread, at: Clocks.now.wall)
        do {
            let spec = try read()
            guard spec.job == controls.name else { throw ControlError("the spec is of another job now, \(spec.job)") }
            try controls.job.steering.change { $0.follow(spec) }
            let (rate, window) = (controls.value(of: .rate), controls.value(of: .window))
            event.reason = "rate \(rate.spec), windows \(window.spec)"
            if rate.current != rate.spec || window.current != window.spec { event.reason? += "; settings given by `ctl` stay in force" }
        } catch {
            event.reason = "rate and schedule stay as they were: \(error)"
        }
        journal.append(event)
        controls.job.monitor.note("the spec was read again: \(event.reason ?? "")")
    }

    func printProgress() { Terminal.error(line(controls.look())) }
}
