import ArgumentParser
import Foundation
import SaltmillBytes
import SaltmillControl
import SaltmillMigration

/// A load's live page, where one is asked for.
enum LoadPage {
    /// Runs the load with its page being served, and tells where that is; those who watch are told how it ended.
    /// - Throws: `ControlError` when the address cannot be listened on, before the load begins; and what the load throws.
    static func serving<Report: Sendable>(
        _ address: ListenAddress?, _ job: LoadJob, _ watch: LoadWatch, while load: () async throws -> Report
    ) async throws -> Report {
        guard let address else { return try await load() }
        let server = try await serve(address, job, watch)
        let result: Result<Report, any Error>
        do { result = .success(try await load()) } catch { result = .failure(error) }
        await server.stop()
        return try result.get()
    }

    private static func serve(_ address: ListenAddress, _ job: LoadJob, _ watch: LoadWatch) async throws -> LiveServer {
        let (spec, monitor, steering) = (job.spec, job.monitor, job.steering)
        let live = LiveJob(
            name: spec.job, table: spec.target.table, events: JournalReader(folder: spec.jobFolder).recent(100),
            pace: { steering.pace(at: $0) }, segments: { monitor.segments })
        let service = LiveService(live, rule: HostRule(names: [address.host, ProcessInfo.processInfo.hostName])) {
            do { return try JobStatus(spec).json } catch { return ["job": .string(spec.job), "error": .string("\(error)")] }
        }
        let server = try await LiveServer.start(address, service)
        watch.show { live.note($0) }
        watch.journal.listen { live.note($0) }
        Terminal.error("saltmill: live page at \(address.url(port: server.port))")
        if !address.isLoopback {
            monitor.note("whoever reaches the live page can read it: it shows values of hot keys and the messages of this load")
        }
        return server
    }
}

/// Where to listen, on the command line.
enum ListenOption {
    static func parse(_ text: String) throws -> ListenAddress {
        do { return try ListenAddress(parsing: text) } catch { throw ValidationError("\(error)") }
    }
}
