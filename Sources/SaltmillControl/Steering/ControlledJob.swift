package import SaltmillBytes
package import SaltmillDelivery

/// A running job as whoever controls it sees it; it does not know what it loads, nor how.
package protocol ControlledJob: Sendable {
    /// What the job is called.
    var name: String { get }
    /// Whether settings can be judged yet: the job has looked at what it writes to.
    var isReady: Bool { get }
    /// What is in force, and what would be without anything having been set.
    func value(of setting: ControlSetting) -> (current: String, spec: String)
    /// Changes a setting from now on; nil goes by the spec again.
    /// - Returns: what is in force then.
    /// - Throws: with one sentence when the value cannot be; nothing is changed then.
    func set(_ setting: ControlSetting, to value: String?) throws -> String
    /// Writes nothing for this reason; nil goes on.
    func pause(_ wait: Wait?)
    /// Asks the job to stop after a checkpoint; false when there is nothing to stop yet.
    func stop() -> Bool
    func look() -> JobSnapshot
    /// How far the job is, for people and for programs.
    func status(_ snapshot: JobSnapshot) -> (text: String, json: JSONValue)
}
