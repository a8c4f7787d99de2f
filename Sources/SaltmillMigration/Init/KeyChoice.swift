import SaltmillDispatching
import SaltmillSources

/// The primary key that a draft proposes for the target, and why.
struct KeyChoice: Sendable, Equatable {
    /// The column that becomes the hash key.
    var hash: String
    /// The columns that become the range key, together where there are several.
    var range: [String] = []
    /// Over how many shards each hash key is to be spread; nil where that is not needed.
    var shards: Int?
    /// Sentences for whoever reads the draft.
    var reasons: [String] = []

    /// How it is known that a key tells rows apart.
    enum Evidence: Sendable, Equatable {
        case primaryKey, uniqueKey
        /// No two of the first rows had the same.
        case sample(rows: Int)
    }

    /// A table whose throughput the advice on shards is made for, in units a second, and what one partition of it serves (Amazon
    /// DynamoDB Developer Guide, "Partitions and data distribution").
    private static let (wanted, partition) = (4000.0, 1000.0)
    /// Rows of one hash key from which on a load in the order of the source would stay on one partition for a second or more.
    private static let manyRows = 1000.0

    /// - Parameters:
    ///   - key: the columns that tell rows apart, at least one.
    ///   - evidence: how that is known.
    ///   - statistics: of the sampled columns, by name.
    ///   - rows: how many rows the source has, if it is known.
    init(_ key: [String], _ evidence: Evidence, statistics: [String: ColumnStatistics], rows: Int?) {
        hash = key.first ?? ""
        range = Array(key.dropFirst())
        let names = key.map { "`\($0)`" }.joined(separator: ", ")
        switch evidence {
        case .primaryKey: reasons = ["The source's primary key is \(names)."]
        case .uniqueKey: reasons = ["The source has no primary key; \(names) is its first unique key."]
        case .sample(let rows): reasons = ["CHECK: no two of the first \(rows) rows have the same \(names)."]
        }
        guard !range.isEmpty else {
            reasons.append("No two rows share it, so they spread over all partitions without a salt.")
            return
        }
        reasons.append("Rows with one `\(hash)` are read together, in the order of the rest.")
        if range.count > 1 {
            reasons.append("The other \(range.count) columns become one range key; check that `#` stands in none of their values.")
        }
        guard let sampled = statistics[hash], sampled.rows > 1, sampled.distinct > 0 else { return }
        let perValue = Double(rows ?? sampled.rows) / Double(sampled.distinct)
        let isSkewed = sampled.topShare > Self.partition / Self.wanted
        guard isSkewed || (sampled.distinct < sampled.rows / 2 && perValue >= Self.manyRows) else {
            reasons.append(
                "In \(sampled.rows) sampled rows there are \(sampled.distinct) different values of `\(hash)`: no salt is needed.")
            return
        }
        // Rows arrive in the order of the key: while one value lasts, all of them are its.
        let advised = ShardAdvice.shards(share: 1, wanted: Self.wanted, capacity: nil, partition: Self.partition)
        shards = max(advised, 2)
        let share = (sampled.topShare * 1000).rounded() / 10
        reasons.append(
            "In \(sampled.rows) sampled rows there are only \(sampled.distinct) different values of `\(hash)`, and \(share) % of the rows have the "
                + "most frequent one: unsalted they would all go to one partition.")
    }
}
