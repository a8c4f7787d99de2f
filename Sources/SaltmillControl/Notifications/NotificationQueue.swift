/// Messages on their way to one place: about one a second, tried again for a while, never many.
///
/// A value without a clock: times are seconds of one that only goes forward.
package struct NotificationQueue: Sendable {
    /// Messages that may wait; of more the oldest are dropped and counted.
    package static let capacity = 64
    /// Seconds between two messages: what Slack's webhooks take (Slack API, "Rate limits").
    static let spacing = 1.0
    /// Pauses between the tries of a message, in seconds; behind the last it is dropped.
    static let pauses = [2.0, 10, 60]

    package enum Step: Sendable, Equatable {
        /// Send the message now; so many before it could not be sent.
        case send(JobNotification, dropped: Int)
        /// Nothing is to be done until then; nil: until there is another message.
        case wait(until: Double?)
    }

    private var waiting: [JobNotification] = []
    private var tries = 0
    private var earliest = -Double.infinity
    /// Messages that were dropped since the last one that arrived, and all.
    private var dropped = 0
    package private(set) var droppedInAll = 0

    package init() {}

    package mutating func append(_ notification: JobNotification) {
        if waiting.count == Self.capacity {
            // The first may be under way; what is dropped is the one behind it.
            waiting.remove(at: 1)
            drop()
        }
        waiting.append(notification)
    }

    package func step(now: Double) -> Step {
        guard let first = waiting.first else { return .wait(until: nil) }
        return now >= earliest ? .send(first, dropped: dropped) : .wait(until: earliest)
    }

    /// The first message has arrived.
    package mutating func sent(now: Double) {
        waiting.removeFirst()
        (tries, dropped, earliest) = (0, 0, now + Self.spacing)
    }

    /// The first message has not arrived.
    /// - Parameters:
    ///   - retryAfter: how long the receiver asks to wait, in seconds.
    ///   - isFinal: it will never be taken.
    package mutating func failed(now: Double, retryAfter: Double?, isFinal: Bool) {
        guard !isFinal, tries < Self.pauses.count else {
            waiting.removeFirst()
            drop()
            (tries, earliest) = (0, now + max(Self.spacing, retryAfter ?? 0))
            return
        }
        earliest = now + max(Self.pauses[tries], retryAfter ?? 0)
        tries += 1
    }

    private mutating func drop() {
        dropped += 1
        droppedInAll += 1
    }
}
