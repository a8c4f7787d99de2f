/// How many shards the hash key of a table or index needs so that no value of it is held to one partition's limit.
package enum SaltAdvice {
    /// Write units a second that one partition serves at most (Amazon DynamoDB Developer Guide, "Partitions and data distribution").
    package static let partitionLimit = 1_000.0
    /// Room for shards that fall on one partition together: two of them still fit.
    private static let headroom = 2.0

    /// The number of shards for a value that is to take `peak` write units a second; 1 where it needs no salt.
    /// - Parameter limit: units a second that one partition serves: ``partitionLimit``, or less where the table's units are divided evenly.
    package static func shards(peak: Double, limit: Double = partitionLimit) -> Int {
        guard peak > limit, limit > 0 else { return 1 }
        return Int((peak / limit * headroom).rounded(.up))
    }
}
