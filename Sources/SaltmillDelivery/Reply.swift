package import SaltmillDynamoDB

/// What a write request came to.
package enum Reply: Sendable {
    /// It was answered: every item was written but those with these key hashes.
    ///
    /// `consumed` is what the table (with its local indexes) and each global index charged; nil when the answer does not say.
    case answered(refused: [UInt64], consumed: [Double]?)
    /// Its one item was not written since the table has one of its key, which it is to keep: an equal one, or another.
    ///
    /// `units` is what the table charged for looking; nil when that is not known.
    case present(isEqual: Bool, units: Double?)
    /// It was refused as a whole for going too fast, by these resources: bit 0 the table, bit *i* + 1 global index *i*; all bits when the answer
    /// does not say.
    case throttled(resources: UInt32 = .max)
    /// One of its items can never be written: a code for the report and the store's own words.
    case invalid(code: String, message: String)
    /// It may or may not have been applied; it is worth sending again.
    case failed(Problem)
    /// The server does not tell in this detail what was used up; from now on it is asked otherwise.
    case reform(ReturnedCapacity)
    /// Going on would do harm: the job stops.
    case broken(Problem)
}

/// What keeps a job from going on.
package struct Problem: Sendable, Equatable {
    /// One sentence: what is wrong, where, and the fix.
    package var message: String
    /// What the job waits for.
    package var cause: Wait.Cause
    /// Nothing will change by itself: while nothing has been written yet, the job stops rather than wait.
    package var isPermanent: Bool

    package init(_ message: String, cause: Wait.Cause = .endpoint, isPermanent: Bool = false) {
        self.message = message
        self.cause = cause
        self.isPermanent = isPermanent
    }
}

/// What sends write requests and runs delivery's turns.
package protocol BatchSending: Sendable {
    /// Sends a request's body; the completion is called once, from the sender's own thread.
    func send(_ body: [UInt8], completion: @escaping @Sendable (Reply) -> Void)
    /// Sets what is called on the sender's thread whenever something happened; it returns how long until it wants to be called again.
    func setDriver(_ driver: (@Sendable () -> Duration?)?)
    /// Has the driver called soon.
    func wake()
}

/// Why delivery came to an end.
package enum Ending: Sendable, Equatable {
    /// Every row is settled.
    case finished
    /// Somebody asked for it.
    case interrupted
    /// The time given was used up.
    case runTime
    /// The schedule closed; says until when.
    case window(String)
    /// It may work later.
    case temporary(String)
    /// It will not work before something is changed.
    case failed(String)
}
