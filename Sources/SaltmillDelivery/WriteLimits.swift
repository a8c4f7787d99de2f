package import SaltmillDispatching
package import SaltmillDynamoDB
package import SaltmillPacing

/// The limits of writing to a table, and the rates they have under each ceiling of a timetable.
///
/// An absolute ceiling is on the sum over table and indexes; a share holds for the table and for each index by itself, since each has its own
/// provisioned units. There is one limit for each thing that a ceiling can count, since another ceiling may be set while the job runs; those that do
/// not apply are infinite. Beside the user's ceilings stands what the store itself admits: less than is provisioned while others write too, and found
/// out from refusals where nothing is.
package struct WriteLimits: Sendable {
    private struct Kind: Hashable {
        var measure: RateLimit.Measure
        var resources: UInt32
    }

    private let kinds: [Kind]
    private let share: Double?
    private let timetable: RateTimetable
    /// For each ceiling of the timetable, the rates of all kinds.
    private let rates: [(ceiling: CeilingInForce, rates: [Double])]
    /// Units that the table and each index are provisioned with; nil where that is not known.
    package let provisioned: [Double?]

    /// - Parameters:
    ///   - share: of what is provisioned, beside every ceiling of the timetable; nil for all.
    ///   - indexes: the global indexes in the order of the items' index bits.
    /// - Throws: ``JobFailure`` when a share is asked of a table that has nothing provisioned, whenever that would apply.
    package init(_ timetable: RateTimetable, share: Double? = nil, indexes: [String], table: TableDescription) throws(JobFailure) {
        self.timetable = timetable
        self.share = share
        kinds =
            [RateLimit.Measure.units, .items, .bytes].map { Kind(measure: $0, resources: .max) }
            + (0...indexes.count).map { Kind(measure: .units, resources: 1 << UInt32($0)) }
        var shared: [Kind: Double] = [:]
        if let share { shared = try Self.rates(.share(share), of: table, indexNames: indexes) }
        var known: [(CeilingInForce, [Double])] = []
        for value in timetable.values {
            var rates = shared
            if case .ceiling(let ceiling) = value {
                rates.merge(try Self.rates(ceiling, of: table, indexNames: indexes)) { min($0, $1) }
            }
            known.append((value, kinds.map { rates[$0] ?? .infinity }))
        }
        rates = known
        var provisioned: [Double?] = [nil]
        if case .provisioned(let throughput) = table.billing { provisioned = [Double(throughput.write)] }
        for name in indexes {
            provisioned.append(table.globalIndexes.first { $0.name == name }?.throughput.map { Double($0.write) })
        }
        self.provisioned = provisioned.map { $0.flatMap { $0 > 0 ? $0 : nil } }
    }

    private static func rates(
        _ ceiling: RateCeiling, of table: TableDescription, indexNames: [String]
    ) throws(JobFailure) -> [Kind: Double] {
        switch ceiling {
        case .none: return [:]
        case .absolute(let rate, .units): return [Kind(measure: .units, resources: .max): rate]
        case .absolute(let rate, .items): return [Kind(measure: .items, resources: .max): rate]
        case .absolute(let rate, .bytes): return [Kind(measure: .bytes, resources: .max): rate]
        case .share(let share):
            guard case .provisioned(let throughput) = table.billing else { throw JobFailure(shareOf: table) }
            var rates = [Kind(measure: .units, resources: 1): share * Double(throughput.write)]
            for (number, name) in indexNames.enumerated() {
                guard let write = table.globalIndexes.first(where: { $0.name == name })?.throughput?.write else { continue }
                rates[Kind(measure: .units, resources: 1 << UInt32(number + 1))] = share * Double(write)
            }
            return rates
        }
    }

    /// The limits: first the user's, whose rates ``pace(at:)`` has, then the store's own, one for the table and each index.
    package func limits(now: MonotonicTime) -> [RateLimit] {
        kinds.map { RateLimit($0.measure, resources: $0.resources, rate: .infinity, now: now) }
            + provisioned.enumerated().map { RateLimit.discovered(resource: $0, known: $1, now: now) }
    }

    /// What applies at a time of day.
    package func pace(at utc: Int64) -> Pace {
        let moment = timetable.moment(at: utc)
        let rates = rates.first { $0.ceiling == moment.value }?.rates ?? kinds.map { _ in .infinity }
        let name = share.map { "\(moment.value), at most \(RateCeiling.share($0)) of what is provisioned" } ?? moment.value.description
        return Pace(
            rates: rates, closed: moment.closed.map { Wait(.window, $0) }, text: name,
            isWindow: moment.value != timetable.schedule.otherwise,
            until: moment.until)
    }

    /// For how long nothing else may be written after what was written, that the user's ceilings be kept.
    /// - Parameters:
    ///   - units: of the table and its indexes together.
    ///   - items: their number.
    ///   - bytes: their size.
    package func seconds(for units: Double, items: Int, bytes: Int, at utc: Int64) -> Double {
        zip(kinds, pace(at: utc).rates).reduce(0) { longest, limit in
            // What is known of all units together says nothing of one index.
            guard limit.0.resources & 1 != 0 else { return longest }
            let cost =
                switch limit.0.measure {
                case .units: units
                case .items: Double(items)
                case .bytes: Double(bytes)
                }
            return max(longest, cost / limit.1)
        }
    }
}

extension JobFailure {
    /// A share is asked of what is not provisioned.
    package init(shareOf table: TableDescription) {
        self.init(
            .usage,
            "the table \(table.name) is on-demand, so there is nothing provisioned to take a share of; give the ceiling as a number, e.g. 800/s, or as none"
        )
    }
}
