package import SaltmillBytes
import Synchronization

/// What the live page's server answers with; it knows of no connection.
package final class LiveService: Sendable {
    /// A job that was not looked at for so many seconds is stuck.
    static let healthyAge = 15.0

    let job: LiveJob
    let rule: HostRule
    private let status: @Sendable () -> JSONValue
    /// The status as it was read last: reading it opens the job's state, which is not to be done more than once a second.
    private let read = Mutex<(at: Double, text: String)?>(nil)

    /// - Parameters:
    ///   - rule: which `Host` headers are answered.
    ///   - status: what `saltmill status --json` prints.
    package init(_ job: LiveJob, rule: HostRule, status: @escaping @Sendable () -> JSONValue) {
        self.job = job
        self.rule = rule
        self.status = status
    }

    func statusText() -> String {
        let now = Clocks.now.awake
        return read.withLock { read in
            if let known = read, now - known.at < 1 { return known.text }
            let text = String(decoding: status().bytes, as: UTF8.self) + "\n"
            read = (now, text)
            return text
        }
    }
}
