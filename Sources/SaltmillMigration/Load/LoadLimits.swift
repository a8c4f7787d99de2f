import SaltmillDispatching
import SaltmillDynamoDB
import SaltmillPacing

extension RateCeiling {
    /// The limits that this ceiling means for a table.
    ///
    /// An absolute ceiling is on the sum over table and indexes; a share holds for the table and for each index by itself, since each has
    /// its own provisioned units.
    /// - Parameter indexNames: the global indexes in the order of the items' index bits.
    /// - Throws: ``LoadFailure`` when a share is asked of a table that has nothing provisioned.
    func limits(of table: TableDescription, indexNames: [String], now: MonotonicTime) throws(LoadFailure) -> [RateLimit] {
        switch self {
        case .none: return []
        case .absolute(let rate, .units): return [RateLimit(.units, rate: rate, now: now)]
        case .absolute(let rate, .items): return [RateLimit(.items, rate: rate, now: now)]
        case .absolute(let rate, .bytes): return [RateLimit(.bytes, rate: rate, now: now)]
        case .share(let share):
            guard case .provisioned(let throughput) = table.billing else {
                throw LoadFailure(
                    .usage,
                    "the table \(table.name) is on-demand, so there is nothing provisioned to take a share of; give the ceiling as a number, e.g. 800/s, or as none"
                )
            }
            var limits = [RateLimit(.units, resources: 1, rate: share * Double(throughput.write), now: now)]
            for (number, name) in indexNames.enumerated() {
                guard let write = table.globalIndexes.first(where: { $0.name == name })?.throughput?.write else { continue }
                limits.append(RateLimit(.units, resources: 1 << UInt32(number + 1), rate: share * Double(write), now: now))
            }
            return limits
        }
    }
}
