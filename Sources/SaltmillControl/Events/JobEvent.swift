package import Foundation
package import SaltmillDelivery

/// Something that happened to a job: one line of its journal, and what notifications and reports are made of.
///
/// A flat value, so that the journal's lines are easy to read for people and for other programs; which fields there are depends on ``name``.
package struct JobEvent: Sendable, Equatable, Codable {
    package enum Name: String, Sendable, Codable, CaseIterable {
        /// A process took the job up: `pid`, `host`; `seconds` and `reason` when the run before it ended without a word.
        case started
        /// The job goes on where an earlier run left off: `account`.
        case resumed
        /// `old` → `new`: `preparing`, `surveying`, `loading`.
        case phase
        /// How far the job is, now and then: `account`, `total`, `units`, `refused`, `ceiling`, `capacity`, `limiter`.
        case progress
        /// Somebody changed a setting, `setting`: `old` → `new`, `actor`.
        case setting
        /// The spec was read again: `reason` says what became of it.
        case reread
        /// Somebody, or a stop file, paused the job: `reason`, `actor`.
        case paused
        /// The pause is over: `seconds`, `actor`.
        case unpaused
        /// The job waits: `cause`, `reason`. Told once a wait has lasted a while; `time` is when it began.
        case waiting
        /// A wait is over: `cause`, `reason`, `seconds`.
        case waited
        /// The store began to refuse: `cause` (`hot-key` or `capacity`), `reason`.
        case refused
        /// Refusals are over: `cause`, `seconds`, `refused` item tries.
        case admitted
        /// A value of a hash key was found to be hot: `key`.
        case hotKey = "hot-key"
        /// What the table or an index (`setting`) is provisioned with changed: `old` → `new`.
        case capacity
        /// The number of rejected rows passed a mark: `account`.
        case rejects
        /// The machine slept, or the process was held: `seconds`.
        case suspended
        /// The clock on the wall was set: `seconds` forward, negative for back.
        case clock
        /// Events were lost, `lost` of them, since the journal could not be written.
        case lost
        /// Somebody asked the job to stop: `actor`, `reason`.
        case stopping
        /// The run ended: `outcome`, `exitCode`, `reason`, `account`.
        case finished
    }

    package var time: Date
    package var name: Name
    /// Which of the job's runs it happened in, as far as is known.
    package var run: Int?
    package var actor: Actor?
    package var cause: String?
    package var reason: String?
    package var setting: String?
    package var old: String?
    package var new: String?
    package var seconds: Double?
    package var account: Account?
    package var total: Int?
    package var units: [Double]?
    /// Item tries that were refused: since the job began with ``Name/progress``, else in the span that is told of.
    package var refused: Int?
    package var ceiling: Double?
    package var capacity: Double?
    package var limiter: String?
    package var key: HotKeyEntry?
    package var pid: Int32?
    package var host: String?
    package var outcome: String?
    package var exitCode: Int32?
    package var lost: Int?

    package init(_ name: Name, at time: Double) {
        // To the millisecond, as it is written.
        self.time = Date(timeIntervalSince1970: (time * 1000).rounded() / 1000)
        self.name = name
    }

    /// An event with some of its fields set: `JobEvent.make(.paused, at: now) { $0.reason = … }`.
    package static func make(_ name: Name, at time: Double, _ fill: (inout JobEvent) -> Void) -> JobEvent {
        var event = JobEvent(name, at: time)
        fill(&event)
        return event
    }

    enum CodingKeys: String, CodingKey {
        case time, run, actor, cause, reason, setting, old, new, seconds, account, total, units, refused, ceiling, capacity, limiter, key,
            pid,
            host, outcome, lost
        case name = "event"
        case exitCode = "exit_code"
    }
}

extension JobEvent {
    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// One line of JSON, without its end.
    package var line: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            // Formatting cuts what is below a millisecond off.
            try container.encode((date + 0.0005).formatted(Self.style))
        }
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        // Nothing of an event can fail to be encoded.
        return (try? encoder.encode(self)).map(Array.init) ?? []
    }

    /// Reads a line.
    /// - Returns: nil for a line that was cut off, or is of another version.
    package init?(line: some Collection<UInt8>) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let text = try decoder.singleValueContainer().decode(String.self)
            let time = try Date(text, strategy: Self.style).timeIntervalSince1970
            return Date(timeIntervalSince1970: (time * 1000).rounded() / 1000)
        }
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let event = try? decoder.decode(JobEvent.self, from: Data(line)) else { return nil }
        self = event
    }
}
