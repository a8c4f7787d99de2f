import Dispatch
import Glibc

/// Signals of a running load beside those that end it: SIGHUP reads the spec's rate again, SIGUSR1 prints the progress.
enum LoadSignals {
    static func with<Value: Sendable>(
        reread: @escaping @Sendable () -> Void, print: @escaping @Sendable () -> Void, body: () async throws -> Value
    ) async throws -> Value {
        let sources = [(SIGHUP, reread), (SIGUSR1, print)].map { number, handler in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: handler)
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        return try await body()
    }
}
