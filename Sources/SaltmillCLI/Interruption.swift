import Dispatch
import Glibc
import Synchronization

/// Interrupts: the first SIGINT or SIGTERM asks the command to stop, which leaves a checkpoint; the second ends the process at once.
///
/// Wrappers like to deliver one interrupt twice: what comes within the blink of an eye after the first is the first.
enum Interruption {
    static func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let (beginning, begin) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for await _ in beginning {}
            try await body()
        }
        let first = Mutex<ContinuousClock.Instant?>(nil)
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler {
                let began = first.withLock { first in
                    first = first ?? .now
                    return first ?? .now
                }
                if ContinuousClock.now - began > .milliseconds(250) { _exit(ExitStatus.interrupted) }
                task.cancel()
            }
            return source
        }
        defer { for source in sources { source.cancel() } }
        // Sources are registered on another thread; a signal before that would be lost.
        for source in sources {
            await withCheckedContinuation { registered in
                source.setRegistrationHandler { registered.resume() }
                source.resume()
            }
        }
        begin.finish()
        try await task.value
    }
}
