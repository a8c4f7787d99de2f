import Glibc

/// How many salted values cure a hot key.
package enum ShardAdvice {
    /// The most a partition serves, in write units a second (Amazon DynamoDB Developer Guide, "Partitions and data distribution").
    private static let partitionCap = 1000.0
    /// The load may take so much longer than its ceiling says, all in all.
    private static let tolerance = 0.03
    /// Chance that some partition gets more of the shards than that allows.
    private static let risk = 0.1
    /// Part of what a table or index admits that a load may keep to instead of taking all of it: shards then need not be spread that evenly.
    package static let relaxedCeiling = 0.8
    /// The most shards that a salt may have.
    private static let most = 100_000

    /// The number of shards with which a load runs at its ceiling, but for some per cent, rounded up to 1, 2 or 5 times a power of ten.
    ///
    /// With *P* partitions of *c* units a second and a load of *W* units, a part *s* of it on the key, a partition that gets (1 + *d*) times its even part of
    /// the *N* shards has to take *W/P* × (1 + *s·d*). That is within *c* (and the tolerance) for *d* up to *D* = (*c·P/W* × 1.03 − 1) / *s*. Shards are
    /// placed by hash; by Chernoff's bound a partition gets more than (1 + *D*) *N/P* of them with a chance of at most exp(−*N/P* × *h*), where
    /// *h* = (1 + *D*) ln(1 + *D*) − *D*. So *N* = *P* ln(*P*/risk) / *h*.
    /// - Parameters:
    ///   - share: part of the rows that have the value.
    ///   - wanted: what the load is to cost the table or index, in units a second.
    ///   - capacity: what the table or index admits; nil where that is not known.
    ///   - partition: what one partition gives, in units a second.
    package static func shards(share: Double, wanted: Double, capacity: Double?, partition: Double) -> Int {
        guard share > 0, wanted > 0, wanted < .infinity else { return 1 }
        let total = max(capacity ?? wanted, wanted)
        let each = min(max(partition, 1), partitionCap, total)
        let count = max((total / each).rounded(), 1)
        guard count > 1 else { return 1 }
        let room = (total / wanted * (1 + tolerance) - 1) / share
        let h = (1 + room) * log(1 + room) - room
        // One shard alone must fit as well.
        let least = max(count / (1 + room), 2)
        return rounded(min(max(count * log(count / risk) / h, least), Double(most)))
    }

    private static func rounded(_ count: Double) -> Int {
        var power = 1.0
        while power * 10 < count { power *= 10 }
        for factor in [1.0, 2, 5, 10] where power * factor >= count.rounded(.down) { return Int(power * factor) }
        return most
    }

    /// What a partition gives in all, when a key got so much of it beside the others' writes.
    ///
    /// Others' writes are spread evenly, so that the partition serves its part of them too.
    package static func partition(given: Double, toOthers others: Double, capacity: Double?) -> Double {
        guard let capacity, capacity > 0 else { return min(given, partitionCap) }
        return min(given / max(1 - others / capacity, 1e-3), partitionCap, capacity)
    }
}
