import Foundation
import SaltmillDelivery
import SaltmillDispatching
import SaltmillDynamoDB
import SaltmillPacing

/// The limits of a load, and the rates they have under each ceiling of its schedule.
///
/// An absolute ceiling is on the sum over table and indexes; a share holds for the table and for each index by itself, since each has its own
/// provisioned units. There is one limit for each thing that a ceiling can count, since another ceiling may be set while the load runs; those that do
/// not apply are infinite. Beside the user's ceilings stands what the store itself admits: less than is provisioned while others write too, and found
/// out from refusals where nothing is.
struct LoadLimits: Sendable {
    private struct Kind: Hashable {
        var measure: RateLimit.Measure
        var resources: UInt32
    }

    private let kinds: [Kind]
    private let share: Double?
    private let schedule: RateSchedule
    private let offsets: ZoneOffsets
    private let zoneName: String
    /// For each ceiling of the schedule, the rates of all kinds.
    private let rates: [(ceiling: CeilingInForce, rates: [Double])]
    /// Units that the table and each index are provisioned with; nil where that is not known.
    let provisioned: [Double?]

    /// - Parameter indexes: the global indexes in the order of the items' index bits.
    /// - Throws: ``JobFailure`` when a share is asked of a table that has nothing provisioned, whenever that would apply; ``UnknownZone``.
    init(_ settings: LoadSettings, indexes: [String], table: TableDescription, now: Int64) throws {
        schedule = settings.scheduleInForce
        offsets = try settings.zoneOffsets(fromUTC: now)
        zoneName = settings.zone ?? "UTC"
        var kinds = [RateLimit.Measure.units, .items, .bytes].map { Kind(measure: $0, resources: .max) }
        kinds += (0...indexes.count).map { Kind(measure: .units, resources: 1 << UInt32($0)) }
        share = settings.share
        let shared = try settings.share.map { try Self.rates(.share($0), of: table, indexNames: indexes) } ?? [:]
        var known: [(CeilingInForce, [Kind: Double])] = []
        for value in [schedule.otherwise] + schedule.windows.map(\.value) {
            var rates = shared
            if case .ceiling(let ceiling) = value {
                rates.merge(try Self.rates(ceiling, of: table, indexNames: indexes)) { min($0, $1) }
            }
            known.append((value, rates))
        }
        var provisioned: [Double?] = [nil]
        if case .provisioned(let throughput) = table.billing { provisioned = [Double(throughput.write)] }
        for name in indexes {
            provisioned.append(table.globalIndexes.first { $0.name == name }?.throughput.map { Double($0.write) })
        }
        self.provisioned = provisioned.map { $0.flatMap { $0 > 0 ? $0 : nil } }
        self.kinds = kinds
        rates = known.map { value, rates in (value, kinds.map { rates[$0] ?? .infinity }) }
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
            guard case .provisioned(let throughput) = table.billing else {
                throw JobFailure(
                    .usage,
                    "the table \(table.name) is on-demand, so there is nothing provisioned to take a share of; give the ceiling as a number, e.g. 800/s, or as none"
                )
            }
            var rates = [Kind(measure: .units, resources: 1): share * Double(throughput.write)]
            for (number, name) in indexNames.enumerated() {
                guard let write = table.globalIndexes.first(where: { $0.name == name })?.throughput?.write else { continue }
                rates[Kind(measure: .units, resources: 1 << UInt32(number + 1))] = share * Double(write)
            }
            return rates
        }
    }

    /// The limits: first the user's, whose rates ``pace(at:)`` has, then the store's own, one for the table and each index.
    func limits(now: MonotonicTime) -> [RateLimit] {
        kinds.map { RateLimit($0.measure, resources: $0.resources, rate: .infinity, now: now) }
            + provisioned.enumerated().map { RateLimit.discovered(resource: $0, known: $1, now: now) }
    }

    /// What applies at a time of day.
    func pace(at utc: Int64) -> Pace {
        let value = schedule.value(atUTC: utc, zone: offsets)
        let next = schedule.nextChange(afterUTC: utc, zone: offsets)
        let rates = rates.first { $0.ceiling == value }?.rates ?? kinds.map { _ in .infinity }
        let closed = value == .off ? Wait(.window, "closed by the schedule\(next.map { " until \(text($0))" } ?? "")") : nil
        let name = share.map { "\(value), at most \(RateCeiling.share($0)) of what is provisioned" } ?? value.description
        return Pace(rates: rates, closed: closed, text: name, isWindow: value != schedule.otherwise, until: next)
    }

    private func text(_ utc: Int64) -> String {
        let local = Date(timeIntervalSince1970: Double(utc + Int64(offsets.offset(atUTC: utc))))
        let style = Date.ISO8601FormatStyle().year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false)
        return "\(local.formatted(style)) \(zoneName)"
    }
}
