import SaltmillBytes
import SaltmillControl
import SaltmillDelivery
import SaltmillMigration
import SaltmillPacing

/// A load as its control sees it: settings are texts there, and ceilings and windows here.
struct LoadControls: ControlledJob {
    let job: LoadJob

    var name: String { job.spec.job }
    var isReady: Bool { job.steering.hasTable }

    private static let concurrency = 1...64
    private static let chunk = 1...25

    func value(of setting: ControlSetting) -> (current: String, spec: String) {
        let settings = job.steering.settings
        switch setting {
        case .rate:
            let spec = settings.schedule.otherwise.description
            return (settings.ceiling?.description ?? spec, spec)
        case .share: return (settings.share.map { RateCeiling.share($0).description } ?? "none", "none")
        case .window:
            let spec = WindowText.text(settings.schedule.windows)
            return (settings.windows.map(WindowText.text) ?? spec, spec)
        case .concurrency: return ("\(settings.requests ?? LoadSettings.usualRequests)", "\(LoadSettings.usualRequests)")
        case .chunk: return ("\(settings.items ?? LoadSettings.usualItems)", "\(LoadSettings.usualItems)")
        }
    }

    func set(_ setting: ControlSetting, to value: String?) throws -> String {
        switch setting {
        case .rate:
            let ceiling = try value.map { try RateCeiling(parsing: $0) }
            try job.steering.change { $0.ceiling = ceiling }
        case .share:
            let share = try value.map { try Self.share($0) }
            try job.steering.change { $0.share = share }
        case .window:
            let windows = try value.map { try WindowText.windows(parsing: $0) }
            try job.steering.change { settings in
                guard windows?.isEmpty ?? true || settings.zone != nil else {
                    throw ControlError(
                        "windows need a time zone, and the spec names none; add `rate.zone` to the spec and have it read again (SIGHUP)")
                }
                settings.windows = windows
            }
        case .concurrency:
            let number = try value.map { try Self.number($0, setting, Self.concurrency) }
            try job.steering.change { $0.requests = number }
        case .chunk:
            let number = try value.map { try Self.number($0, setting, Self.chunk) }
            try job.steering.change { $0.items = number }
        }
        return self.value(of: setting).current
    }

    private static func share(_ text: String) throws -> Double {
        guard case .share(let share)? = try? RateCeiling(parsing: text) else {
            throw ControlError("`\(text.prefix(40))` is no share; write more than 0 and at most 100, e.g. share=40%")
        }
        return share
    }

    private static func number(_ text: String, _ setting: ControlSetting, _ range: ClosedRange<Int>) throws -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw ControlError(
                "`\(text.prefix(40))` is no \(setting); write a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    // Nothing is thrown for a pause: the limits stay as they are.
    func pause(_ wait: Wait?) { try? job.steering.change { $0.pause = wait } }

    func stop() -> Bool { job.steering.stop() }

    func look() -> JobSnapshot {
        switch job.monitor.phase {
        case .preparing: JobSnapshot(clocks: .now, phase: .preparing)
        case .surveying: JobSnapshot(clocks: .now, phase: .surveying)
        case .loading(let progress): JobSnapshot(clocks: .now, phase: .loading, progress: progress)
        }
    }

    func status(_ snapshot: JobSnapshot) -> (text: String, json: JSONValue) {
        let state = snapshot.phase == .loading ? "running" : snapshot.phase.rawValue
        let status = JobStatus(job.spec, state: state, progress: snapshot.progress)
        return (StatusText.make(status), status.json)
    }
}
