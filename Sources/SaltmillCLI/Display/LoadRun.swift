import SaltmillControl
import SaltmillMigration

/// A load with its progress shown.
enum LoadRun {
    /// Runs the job and shows where it is until it ends.
    /// - Parameter watch: keeps the job's journal, where there is one.
    static func run(_ job: LoadJob, isQuiet: Bool, watch: LoadWatch? = nil, notifier: Notifier? = nil) async throws -> LoadReport {
        try await withThrowingTaskGroup(of: LoadReport?.self) { group in
            group.addTask {
                await ProgressDisplay(monitor: job.monitor, isQuiet: isQuiet).run()
                return nil
            }
            if let watch {
                group.addTask {
                    await watch.run()
                    return nil
                }
            }
            if let notifier {
                group.addTask {
                    await notifier.run()
                    return nil
                }
            }
            group.addTask { try await job.run() }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result {
                    // Let the display put the terminal in order before the report is printed.
                    group.cancelAll()
                    try await group.waitForAll()
                    return result
                }
            }
            throw CancellationError()
        }
    }
}
