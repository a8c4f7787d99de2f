package import SaltmillPacing

/// A write that is ready to be sent, as far as deciding about it goes.
package struct Offer: Sendable {
    /// What the offering side knows the write by; handed back untouched.
    package var token: UInt64
    /// Identity of the item: writes with equal keys are never in flight together.
    package var key: UInt64
    /// The hash of its value of the table's hash key.
    package var lane: UInt64
    /// Write units the table is expected to charge, before the learnt correction.
    package var units: UInt32
    /// Bit *i* is set when index *i* is written too.
    package var indexes: UInt32
    /// Length of the write in a request, in bytes.
    package var bytes: UInt32
    /// Size of the item, in bytes.
    package var size: UInt32

    package init(token: UInt64, key: UInt64, lane: UInt64, units: UInt32, indexes: UInt32 = 0, bytes: UInt32, size: UInt32 = 0) {
        self.token = token
        self.key = key
        self.lane = lane
        self.units = units
        self.indexes = indexes
        self.bytes = bytes
        self.size = size
    }
}

/// A write that has been taken up and is not settled yet. Numbers are small and used again once a write is settled.
package typealias Slot = Int

/// A request in flight.
package struct BatchID: Hashable, Sendable {
    package var number: UInt64

    package init(number: UInt64) { self.number = number }
}

/// What came of a request.
package enum Outcome: Sendable, Equatable {
    /// It was answered: all its writes were done but those at the `refused` positions of the batch.
    ///
    /// `consumed` is what was charged, first by the table, then by each index; nil when the answer did not say.
    case answered(refused: [Int], consumed: [Double]?)
    /// Its one write was not done since something stands in its place that is to stay; nothing is left to do.
    ///
    /// `units` is what the table charged for looking; its indexes charged nothing.
    case declined(units: Double)
    /// It was refused as a whole for going too fast: nothing was done.
    ///
    /// `resources` is what refused it: bit 0 the table, bit *i* + 1 global index *i*; all bits when the answer did not say.
    case throttled(resources: UInt32 = .max)
    /// No usable answer: each of its writes may or may not have been done.
    case failed
    /// It was refused as a whole because one of its writes can never be done.
    case invalid
}

/// What a settled request means for its writes.
package struct Settlement: Sendable, Equatable {
    /// Writes that are done. Their slots are free again.
    package var written: [Slot] = []
    /// Writes that can never be done. Their slots are free again.
    package var rejected: [Slot] = []
    /// Writes that were refused and wait for another try.
    package var refused: [Slot] = []
}

/// What to do next.
package enum Step: Sendable, Equatable {
    /// Send these writes in one request.
    case send(BatchID, [Slot])
    /// Nothing to send before this time, or before an offer or a settlement when nil.
    case wait(until: MonotonicTime?)
    /// Everything offered is settled and no more will be offered.
    case finished
}
