package import SaltmillDelivery
package import SaltmillDispatching
package import SaltmillDynamoDB
package import SaltmillPacing

/// How fast a restore may write.
package enum WriteCeiling: Sendable, Equatable {
    /// What an absolute ceiling counts each second.
    package enum Measure: Sendable, Equatable {
        /// Write capacity units.
        case units
        case items
        /// Bytes of item size, names included.
        case bytes
    }

    /// At most this much each second over the table and its indexes together.
    case absolute(Double, Measure)
    /// This share, above 0 and at most 1, of what is provisioned for the table and for each index.
    case share(Double)
    /// No ceiling of the user's.
    case none

    /// The limits: the user's, then what the store itself admits, which is found out where nothing is provisioned.
    /// - Throws: ``JobFailure`` when a share is asked of a table that has nothing provisioned.
    package func limits(of table: TableDescription, now: MonotonicTime) throws(JobFailure) -> [RateLimit] {
        let provisioned = Self.provisioned(of: table)
        let known = provisioned.enumerated().compactMap { resource, units in units.map { (resource, $0) } }
        var limits: [RateLimit] = []
        switch self {
        case .none: break
        case .absolute(let rate, .units): limits.append(RateLimit(.units, rate: rate, now: now))
        case .absolute(let rate, .items): limits.append(RateLimit(.items, rate: rate, now: now))
        case .absolute(let rate, .bytes): limits.append(RateLimit(.bytes, rate: rate, now: now))
        case .share(let share):
            guard known.first?.0 == 0 else {
                throw JobFailure(
                    .usage,
                    "the table \(table.name) is on-demand, so there is nothing provisioned to take a share of; give the rate as a number, e.g. 800/s, or as none"
                )
            }
            limits += known.map { resource, units in RateLimit(resources: 1 << UInt32(resource), rate: share * units, now: now) }
        }
        return limits + provisioned.enumerated().map { RateLimit.discovered(resource: $0, known: $1, now: now) }
    }

    /// What the table, and then each global index, is provisioned with, in write units a second; nil where it does not say.
    static func provisioned(of table: TableDescription) -> [Double?] {
        var provisioned: [Double?] = [nil]
        if case .provisioned(let throughput) = table.billing { provisioned = [Double(throughput.write)] }
        provisioned += table.globalIndexes.map { $0.throughput.map { Double($0.write) } }
        return provisioned.map { $0.flatMap { $0 > 0 ? $0 : nil } }
    }
}
