import Glibc
import SaltmillBytes
import SaltmillDelivery
import Synchronization

/// Does what people ask of a running job: over the control socket, by stop files, by signals. Every change is journalled, with who asked for it, and kept
/// over restarts.
package final class JobController: Sendable {
    private struct State {
        var kept = KeptSteering()
        /// The stop file that was there when it was last looked.
        var stopFile: String?
        /// The pause in force, since when, and who asked for it.
        var pause: (wait: Wait, since: Clocks, actor: Actor?)?
        /// The looks of the last seconds, oldest first.
        var recent: [JobSnapshot] = []
    }

    private let job: any ControlledJob
    private let folder: String
    private let stopFiles: [String]
    private let journal: JobJournal
    private let state = Mutex(State())

    /// - Parameters:
    ///   - folder: the job's folder.
    ///   - stopFiles: while one of these exists, the job pauses.
    package init(_ job: any ControlledJob, folder: String, stopFiles: [String], journal: JobJournal) {
        self.job = job
        self.folder = folder
        self.stopFiles = stopFiles
        self.journal = journal
    }

    // MARK: From the loop that looks at the job

    /// Puts in force what an earlier run was told.
    /// - Parameter except: settings that this run was given on the command line: what was kept of them is dropped.
    /// - Returns: one sentence for each thing that is not as the spec says.
    /// - Throws: ``ControlError`` when what is kept cannot be read, or one of the settings is no longer possible.
    package func restore(except: [ControlSetting] = []) throws(ControlError) -> [String] {
        var kept = try KeptSteering(folder: folder)
        let all = kept
        for setting in except { kept[setting] = nil }
        if kept != all { try kept.save(folder: folder) }
        var notes: [String] = []
        for setting in ControlSetting.allCases {
            guard let override = kept[setting] else { continue }
            do { _ = try job.set(setting, to: override.value) } catch {
                throw ControlError(
                    "\(setting) was set to \(override.value) by \(override.actor), and cannot be: \(error); delete \(KeptSteering.path(in: folder)) to go by the spec"
                )
            }
            notes.append(
                "\(setting) is \(override.value), as \(override.actor) set it at \(MomentText.text(override.since)); `\(setting)=spec` goes by the spec again"
            )
        }
        state.withLock { $0.kept = kept }
        follow(Clocks.now)
        if let pause = state.withLock({ $0.pause }) { notes.append("\(pause.wait.reason); `saltmill ctl \(job.name) resume` goes on") }
        return notes
    }

    /// Takes in a look at the job; to be called twice a second. Pauses end here, and stop files are seen.
    package func note(_ snapshot: JobSnapshot) {
        let present = stopFiles.first { Self.isOurs($0) }
        state.withLock { state in
            state.stopFile = present
            state.recent.append(snapshot)
            while state.recent.count > 2, state.recent[1].clocks.boot <= snapshot.clocks.boot - 5 { state.recent.removeFirst() }
        }
        follow(snapshot.clocks)
    }

    /// Pauses the job or lets it go on, as commands and stop files have it now.
    /// - Parameter actor: who asked for a change just now.
    private func follow(_ now: Clocks, actor: Actor? = nil) {
        let events: [JobEvent]? = state.withLock { state in
            if let until = state.kept.pause?.until, until <= now.wall { state.kept.pause = nil }
            var wait: Wait?
            if let pause = state.kept.pause {
                let what = pause.until.map { "hibernating until \(MomentText.text($0)), asked for" } ?? "paused"
                wait = Wait(.paused, "\(what) by \(pause.actor) at \(MomentText.text(pause.since))\(pause.reason.map { ": \($0)" } ?? "")")
            } else if let file = state.stopFile {
                wait = Wait(.paused, "paused by the file \(file)")
            }
            guard wait != state.pause?.wait else { return nil }
            var events: [JobEvent] = []
            if let old = state.pause, wait == nil {
                events.append(
                    .make(.unpaused, at: now.wall) {
                        $0.seconds = ((now.boot - old.since.boot) * 1000).rounded() / 1000
                        $0.actor = actor
                        $0.reason = old.wait.reason
                    })
            }
            if let wait {
                events.append(
                    .make(.paused, at: now.wall) {
                        $0.reason = wait.reason
                        $0.actor = actor ?? state.kept.pause?.actor
                    })
            }
            state.pause = wait.map { ($0, state.pause?.since ?? now, actor) }
            // In the order of the changes: the job must not write while its state says that it is paused.
            job.pause(wait)
            return events
        }
        if let events { journal.append(events) }
    }

    /// A file is there, and of this user's or root's own making: others must not be able to stop a load.
    private static func isOurs(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && (status.st_uid == geteuid() || status.st_uid == 0)
    }

    // MARK: Requests

    /// Answers a request.
    /// - Parameter uid: who asks.
    package func answer(_ request: ControlRequest, uid: UInt32) -> ControlReply {
        do throws(ControlError) {
            let command = try ControlCommand(parsing: request.command)
            var reply = try perform(command, for: Actor(uid: uid, from: request.from))
            reply.details.insert(.init("job", .string(job.name)), at: 0)
            return reply
        } catch {
            return ControlReply(error)
        }
    }

    private func perform(_ command: ControlCommand, for actor: Actor) throws(ControlError) -> ControlReply {
        let now = Clocks.now
        switch command {
        case .help: return ControlReply(ControlCommand.helpText)
        case .status:
            let status = job.status(job.look())
            return ControlReply(status.text + settingsText, [.init("status", status.json), .init("settings", settingsJSON)])
        case .explain:
            let (before, present) = (state.withLock { $0.recent.first }, job.look())
            let explanation = Explanation(present, before: before)
            return ControlReply(explanation.text, explanation.members)
        case .read(let setting):
            let value = job.value(of: setting)
            let override = state.withLock { $0.kept[setting] }
            let origin = override.map { ", set by \($0.actor) at \(MomentText.text($0.since)); the spec says \(value.spec)" } ?? ""
            return ControlReply(
                "\(setting) = \(value.current)\(origin)",
                [.init("setting", .string(setting.rawValue)), .init("value", .string(value.current)), .init("spec", .string(value.spec))])
        case .set(let setting, let text): return try set(setting, to: text, for: actor, now)
        case .reset(let setting): return try set(setting, to: nil, for: actor, now)
        case .pause(let reason):
            return try pause(KeptSteering.Pause(reason: reason, actor: actor, since: now.wall, until: nil), now)
        case .hibernate(let text):
            let end = try MomentText.end(text, now: now.wall)
            return try pause(KeptSteering.Pause(reason: nil, actor: actor, since: now.wall, until: end), now)
        case .resume: return try resume(actor, now)
        case .stop(let reason):
            guard job.stop() else { throw ControlError("the job is not loading yet; interrupt its process to stop it") }
            journal.append(
                .make(.stopping, at: now.wall) {
                    $0.actor = actor
                    $0.reason = reason
                })
            return ControlReply("stopping after a checkpoint; `saltmill load` goes on")
        }
    }

    private func set(
        _ setting: ControlSetting, to text: String?, for actor: Actor, _ now: Clocks
    ) throws(ControlError) -> ControlReply {
        guard job.isReady else { throw ControlError("the job is still preparing; settings can be changed once it has looked at its table") }
        let old = job.value(of: setting).current
        let new: String
        do { new = try job.set(setting, to: text) } catch { throw ControlError("\(error)") }
        do throws(ControlError) {
            try keep { $0[setting] = text.map { KeptSteering.Override(value: $0, actor: actor, since: now.wall) } }
        } catch {
            throw ControlError("\(setting) is \(new) now, but only for this run: \(error)")
        }
        // Speeds are told from looks under one setting.
        state.withLock { $0.recent = [] }
        if old != new {
            journal.append(
                .make(.setting, at: now.wall) {
                    $0.actor = actor
                    $0.setting = setting.rawValue
                    ($0.old, $0.new) = (old, new)
                })
        }
        let change = old == new ? "\(setting) is \(new) already" : "\(setting) changed from \(old) to \(new)"
        return ControlReply(
            "\(change)\(text == nil ? ", as the spec says" : "; kept over restarts until `\(setting)=spec`")",
            [.init("setting", .string(setting.rawValue)), .init("old", .string(old)), .init("new", .string(new))])
    }

    private func pause(_ pause: KeptSteering.Pause, _ now: Clocks) throws(ControlError) -> ControlReply {
        try keep { $0.pause = pause }
        follow(now, actor: pause.actor)
        let end = pause.until.map { "hibernating until \(MomentText.text($0))" } ?? "paused until `resume`, over restarts too"
        return ControlReply("\(end); requests under way may still come back, the job stays locked", [.init("paused", .bool(true))])
    }

    private func resume(_ actor: Actor, _ now: Clocks) throws(ControlError) -> ControlReply {
        let wasPaused = state.withLock { $0.kept.pause != nil }
        if wasPaused { try keep { $0.pause = nil } }
        follow(now, actor: actor)
        if let file = state.withLock({ $0.stopFile }) {
            return ControlReply(
                "\(wasPaused ? "the pause is over, but " : "")the file \(file) still pauses the job; remove it",
                [.init("paused", .bool(true))])
        }
        let other = job.look().progress?.wait.map { "; still waiting: \($0.reason)" } ?? ""
        return ControlReply("\(wasPaused ? "goes on" : "the job is not paused")\(wasPaused ? "" : other)", [.init("paused", .bool(false))])
    }

    /// Changes what is kept, on the disk first.
    private func keep(_ change: (inout KeptSteering) -> Void) throws(ControlError) {
        // Requests come one after the other, so nothing changes between the two.
        var kept = state.withLock { $0.kept }
        let old = kept
        change(&kept)
        if kept != old { try kept.save(folder: folder) }
        let new = kept
        state.withLock { $0.kept = new }
    }

    // MARK: Texts

    private var settingsText: String {
        let kept = state.withLock { $0.kept }
        let lines = ControlSetting.allCases.compactMap { setting in
            kept[setting].map {
                "\n  \(setting.rawValue) = \($0.value), set by \($0.actor) at \(MomentText.text($0.since)), overriding the spec's \(job.value(of: setting).spec)"
            }
        }
        return lines.joined()
    }

    private var settingsJSON: JSONValue {
        .object(
            ControlSetting.allCases.map { setting in
                let value = job.value(of: setting)
                return .init(setting.rawValue, ["value": .string(value.current), "spec": .string(value.spec)])
            })
    }
}
