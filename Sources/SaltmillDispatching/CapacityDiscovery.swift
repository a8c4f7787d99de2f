import SaltmillPacing

/// Finds out what a table or an index admits.
///
/// Where nothing is known of it, nothing is limited until something is refused; the search then begins at the rate that was tried.
package struct CapacityDiscovery: Sendable {
    private var law: AdaptiveCapacity?
    private var tried = 0.0
    private var since: MonotonicTime

    /// - Parameter known: units a second that the table says it has.
    init(known: Double?, now: MonotonicTime) {
        law = known.map { AdaptiveCapacity(known: $0, now: now) }
        since = now
    }

    /// Units a second to try at most.
    package var rate: Double { law?.rate ?? .infinity }

    /// Takes in the units of one answer's tries.
    mutating func note(accepted: Double, refused: Double, now: MonotonicTime) {
        guard law == nil else {
            law?.note(accepted: accepted, refused: refused, now: now)
            return
        }
        tried += accepted + refused
        let elapsed = (now - since).inSeconds
        if refused > 0 {
            var first = AdaptiveCapacity(known: tried / max(elapsed, 0.001), now: now)
            first.know(nil)
            law = first
        } else if elapsed > 1 {
            tried = 0
            since = now
        }
    }
}
