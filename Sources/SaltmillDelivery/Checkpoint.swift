package import SaltmillSources

/// How far a job is: enough to go on after any kill without losing or doubling a row.
package struct Checkpoint: Sendable, Equatable {
    package struct Range: Sendable, Equatable {
        /// The next record to read.
        package var frontier: RecordLocator
        /// Everything of the range has been read.
        package var isDone: Bool

        package init(frontier: RecordLocator, isDone: Bool = false) {
            self.frontier = frontier
            self.isDone = isDone
        }
    }

    /// A part of a file of rows set aside, counted in rows.
    package struct Deferral: Sendable, Equatable, Codable {
        package var bucket: Int
        package var head: UInt64
        package var tail: UInt64

        package init(bucket: Int, head: UInt64, tail: UInt64) {
            self.bucket = bucket
            self.head = head
            self.tail = tail
        }
    }

    package var ranges: [Range]
    /// Records that were read and are not settled: to be read again.
    package var unsettled: [RecordLocator] = []
    /// Where records that were read and set aside are listed.
    package var deferred: [Deferral] = []
    package var account = Account()
    package var usage: Usage
    /// Length of the reject file up to the last reject that is counted, in bytes.
    package var rejectBytes: UInt64 = 0
    /// Rejected rows by reason code.
    package var rejectReasons: [String: Int] = [:]
    /// How often the job has been started.
    package var runs = 0
    /// Time spent loading in all runs, in seconds.
    package var seconds = 0.0
    /// When it was taken, in seconds since 1970.
    package var takenAt = 0.0

    package init(ranges: [Range], indexCount: Int) {
        self.ranges = ranges
        usage = Usage(indexCount: indexCount)
    }
}

/// What a checkpoint belongs to: it is refused for anything else.
package struct JobIdentity: Sendable, Equatable, Codable {
    /// Named facts, such as the endpoint, the table's id, the source's digest and the fingerprint of the mapping.
    package var facts: [String: String]
    /// The canonical text of what shapes items, kept so that a difference can be shown.
    package var mapping: String

    package init(facts: [String: String], mapping: String) {
        self.facts = facts
        self.mapping = mapping
    }
}

/// Where checkpoints are kept.
package protocol StateStore: Sendable {
    /// The job's identity and last checkpoint; nil when the job has never been started.
    func load() throws -> (identity: JobIdentity, checkpoint: Checkpoint)?
    /// Begins the job's state.
    func begin(_ identity: JobIdentity, _ checkpoint: Checkpoint) throws
    /// Replaces the checkpoint; when it returns, the new one survives a power cut.
    /// - Parameter status: what a reader of the state is shown of the running job, as JSON.
    func save(_ checkpoint: Checkpoint, status: [UInt8]) throws
}
