import Foundation
import Glibc
import SaltmillControl
import SaltmillDelivery
import SaltmillMigration
import Synchronization

/// Looks at a running load again and again, and keeps its journal.
final class LoadWatch: Sendable {
    /// How often it is looked at.
    static let interval: Duration = .milliseconds(500)

    let journal: JobJournal
    private let folder: String
    private let monitor: LoadMonitor
    private let detector = Mutex(EventDetector())
    private let isHeld = Mutex(false)

    /// - Parameter folder: the job's folder.
    init(folder: String, monitor: LoadMonitor) {
        self.folder = folder
        self.monitor = monitor
        journal = JobJournal(folder: folder)
    }

    /// The job's lock is held from now on.
    func begin() {
        let now = Clocks.now
        let last = JournalReader(folder: folder).last
        journal.append(
            .make(.started, at: now.wall) {
                $0.pid = getpid()
                $0.host = ProcessInfo.processInfo.hostName
                if let last, last.name != .finished {
                    $0.seconds = max((now.wall - last.time.timeIntervalSince1970).rounded(), 0)
                    $0.reason = "the run before ended without a word, \(JobEvent.span($0.seconds ?? 0)) ago"
                }
            })
        isHeld.withLock { $0 = true }
    }

    /// Runs until its task is cancelled.
    func run() async {
        while true {
            do { try await ContinuousClock().sleep(for: Self.interval) } catch { return }
            look()
        }
    }

    private func look() {
        guard isHeld.withLock({ $0 }) else { return }
        let snapshot = snapshot()
        journal.append(detector.withLock { $0.note(snapshot) })
    }

    private func snapshot() -> JobSnapshot {
        switch monitor.phase {
        case .preparing: JobSnapshot(clocks: .now, phase: .preparing)
        case .surveying: JobSnapshot(clocks: .now, phase: .surveying)
        case .loading(let progress): JobSnapshot(clocks: .now, phase: .loading, progress: progress)
        }
    }

    /// The run is over, and the lock still held.
    func end(_ result: Result<LoadReport, any Error>) {
        look()
        isHeld.withLock { $0 = false }
        let last = snapshot()
        journal.append(detector.withLock { $0.finish(last.clocks, last.progress) })
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
}
