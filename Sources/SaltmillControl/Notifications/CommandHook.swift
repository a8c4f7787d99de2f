import Foundation
import Synchronization

/// Runs a program with a message: arguments and environment, never a shell.
enum CommandHook {
    /// Variables that a hook gets: those that a program needs to run, and none that may hold a secret.
    private static let inherited = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_RUNTIME_DIR"]

    /// - Returns: nil when it ended with 0, else what went wrong.
    static func run(_ words: [String], _ notification: JobNotification, dropped: Int, deadline: Duration) async -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: words.first ?? "")
        process.arguments = Array(words.dropFirst())
        process.environment = environment(notification, dropped)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let input = Pipe()
        process.standardInput = input
        let ended = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            ended.continuation.yield(process.terminationReason == .exit ? process.terminationStatus : -1)
            ended.continuation.finish()
        }
        do { try process.run() } catch { return "it cannot be run: \(error.localizedDescription)" }
        // A pipe takes a message whole: it has room for 64 KiB, and a digest has a few kilobytes. The signal of a reader gone is ignored.
        try? input.fileHandleForWriting.write(contentsOf: Data(notification.genericBody(dropped: dropped) + [0x0A]))
        try? input.fileHandleForWriting.close()
        let pid = process.processIdentifier
        let watchdog = Task {
            try await ContinuousClock().sleep(for: deadline)
            kill(pid, SIGKILL)
        }
        defer { watchdog.cancel() }
        for await status in ended.stream {
            return status == 0 ? nil : status < 0 ? "it was killed, or took too long" : "it ended with \(status)"
        }
        return "it was given up"
    }

    private static func environment(_ notification: JobNotification, _ dropped: Int) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment.filter { inherited.contains($0.key) }
        environment["SALTMILL_JOB"] = notification.job
        environment["SALTMILL_HOST"] = notification.host
        environment["SALTMILL_KIND"] = notification.kind.rawValue
        environment["SALTMILL_TEXT"] = notification.text
        environment["SALTMILL_DROPPED"] = "\(dropped)"
        return environment
    }
}
