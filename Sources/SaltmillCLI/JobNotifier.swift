import Glibc
import SaltmillControl
import SaltmillDynamoDB
import SaltmillMigration

/// A load's messages, as its spec says where they go.
struct JobNotifier {
    let notifier: Notifier
    private let job: String

    /// Nil where nobody is to be told.
    init?(_ spec: MigrationSpec, monitor: LoadMonitor) {
        guard let settings = spec.notify else { return nil }
        var targets: [NotificationTarget] = []
        if let url = settings.slack { targets.append(.slack(url: url)) }
        if let url = settings.webhook { targets.append(.webhook(url: url)) }
        if !settings.command.isEmpty { targets.append(.command(settings.command)) }
        guard !targets.isEmpty else { return nil }
        job = spec.job
        notifier = Notifier(
            targets, rules: NotificationRules(job: spec.job, host: Self.host, digestInterval: settings.digest),
            // A client of its own: what hangs here keeps no request of the load waiting.
            transport: CurlTransport(TransportOptions(maximumConnections: 4)), complaint: { monitor.note($0) })
    }

    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "?" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Sends a test message everywhere and tells what became of it.
    /// - Throws: when it did not arrive everywhere.
    func test() async throws {
        let results = await notifier.test(job: job, host: Self.host)
        for result in results { Terminal.output("\(result.target): \(result.failure ?? "arrived")") }
        if results.contains(where: { $0.failure != nil }) { throw UsageError("a test message did not arrive; see above") }
    }
}
