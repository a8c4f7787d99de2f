/// How far local time is ahead of UTC, and when that changes; all that a schedule needs to know about a time zone.
package struct ZoneOffsets: Equatable, Sendable {
    /// A change of the offset.
    package struct Transition: Equatable, Sendable {
        /// When the clocks are changed, in seconds since 1970.
        package var utc: Int64
        /// Seconds that local time is ahead of UTC from then on.
        package var offset: Int

        package init(utc: Int64, offset: Int) {
            self.utc = utc
            self.offset = offset
        }
    }

    /// Seconds that local time is ahead of UTC before the first transition.
    package let initial: Int
    /// The transitions in the order of time; after the last one its offset stays.
    package let transitions: [Transition]

    package init(initial: Int, transitions: [Transition] = []) {
        precondition(zip(transitions, transitions.dropFirst()).allSatisfy { $0.utc < $1.utc }, "transitions are in the order of time")
        self.initial = initial
        self.transitions = transitions
    }

    package static let utc = ZoneOffsets(initial: 0)

    /// Seconds that local time is ahead of UTC.
    package func offset(atUTC utc: Int64) -> Int {
        let past = countOfTransitions(untilUTC: utc)
        return past == 0 ? initial : transitions[past - 1].offset
    }

    /// The first transition after an instant.
    package func nextTransition(afterUTC utc: Int64) -> Transition? {
        let past = countOfTransitions(untilUTC: utc)
        return past < transitions.count ? transitions[past] : nil
    }

    /// How many transitions have taken place at an instant, by bisection.
    private func countOfTransitions(untilUTC utc: Int64) -> Int {
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].utc <= utc { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
