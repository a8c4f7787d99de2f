import ArgumentParser
import Foundation
import SaltmillBytes
import SaltmillControl
import SaltmillDelivery
import SaltmillMigration

struct CtlCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctl",
        abstract: "Asks a running load how it does, and steers it.",
        discussion: """
            COMMAND is one of
              status                what is done, and what limits the load now
              explain               every limit with its value and verdict: which one binds
              pause [REASON]        write nothing from now on; resume ends it
              hibernate=30m         a pause that ends by itself, after a span (30m, 8h, 2d) or at an instant (2026-12-01T22:00:00Z)
              resume                end a pause
              stop [REASON]         stop after a checkpoint; `saltmill load` goes on
              rate=200/s            another ceiling: 200/s, 500 items/s, 2 MB/s, 80% or none; hours that the schedule closes stay closed
              share=40%             at most this of what is provisioned, beside the other ceilings
              window='mon-fri 22:00-06:00 none; sat-sun 00:00-24:00 500/s'
              concurrency=8         requests under way at once, 1 to 64
              chunk=10              items in one request, 1 to 25
              NAME=?                what a setting is; NAME=spec goes by the spec again

            Settings and pauses are kept over restarts, and journalled with who gave them (`saltmill log`). While the file `pause` exists in the
            job's folder, or in the folder of the control sockets for all jobs of the user, the load pauses too.

            EXAMPLES
              saltmill ctl answers.yaml explain
              saltmill ctl answers pause database maintenance until noon
              saltmill ctl answers rate=100/s
            """)

    @Argument(help: ArgumentHelp(JobReference.help)) var job: String
    @Argument(parsing: .allUnrecognized, help: "What to ask or do.") var command: [String]
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let from = (environment["SSH_CONNECTION"] ?? environment["SSH_CLIENT"])?.split(separator: " ").first.map(String.init)
        let sudo = environment["SUDO_USER"].map { "sudo by \($0)" }
        let origin = [from, sudo].compactMap { $0 }.joined(separator: ", ")
        let request = ControlRequest(command.joined(separator: " "), from: origin.isEmpty ? nil : origin)
        let place = try RunningJob(job, environment: environment)
        let reply: ControlReply
        do throws(ControlClient.Failure) {
            reply = try ControlClient.ask(request, at: place.socket)
        } catch {
            switch error {
            case .dead: throw JobFailure(.failed, "the job \(place.job) is not running; start it with `saltmill load`")
            case .broken(let reason): throw JobFailure(.failed, reason)
            }
        }
        if json { Terminal.output(String(decoding: reply.json.bytes, as: UTF8.self)) }
        guard reply.isDone else {
            if !json { Terminal.error("saltmill: \(reply.message)") }
            throw ExitCode(ExitStatus.usage)
        }
        if !json { Terminal.output(reply.message) }
    }
}

/// Where a running job's control socket is.
struct RunningJob {
    var job: String
    var socket: String

    /// - Parameter text: the job as for ``JobReference``; a name alone also finds jobs that run elsewhere.
    /// - Throws: `JobFailure` when there is no such job, it does not run, or several are called so.
    init(_ text: String, environment: [String: String]) throws {
        if text.hasSuffix(".sock") {
            (job, socket) = (text, text)
            return
        }
        let reference: JobReference
        do {
            reference = try JobReference(text)
        } catch let missing as JobFailure {
            guard !text.contains("/") else { throw missing }
            let folder = ControlFolder(environment: environment)
            let running = folder.sockets(job: text).filter { (try? ControlClient.ask(ControlRequest("rate=?"), at: $0)) != nil }
            guard let only = running.first else {
                throw JobFailure(.usage, "\(missing.description); nor does one of this name run (looked in \(folder.path))")
            }
            guard running.count == 1 else {
                throw JobFailure(.usage, "\(running.count) running jobs are called \(text); name the spec of the one that is meant")
            }
            (job, socket) = (text, only)
            return
        }
        job = reference.job
        guard let path = FileManager.default.contents(atPath: JobFolder(reference.folder).control) else {
            throw JobFailure(.failed, "the job \(reference.job) is not running; start it with `saltmill load`")
        }
        socket = String(decoding: path, as: UTF8.self)
    }
}
