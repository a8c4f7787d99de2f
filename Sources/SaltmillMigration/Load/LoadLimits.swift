import Foundation
import SaltmillDelivery
import SaltmillDispatching
import SaltmillDynamoDB
import SaltmillPacing

/// The limits of a load, and the rates they have under each ceiling of its schedule.
///
/// An absolute ceiling is on the sum over table and indexes; a share holds for the table and for each index by itself, since each has its own
/// provisioned units. There is one limit for each thing that any ceiling of the schedule counts; those that do not apply are infinite. Beside the user's
/// ceilings stands what the store itself admits: less than is provisioned while others write too, and found out from refusals where nothing is.
struct LoadLimits: Sendable {
    private struct Kind: Hashable {
        var measure: RateLimit.Measure
        var resources: UInt32
    }

    private let kinds: [Kind]
    private let schedule: RateSchedule
    private let offsets: ZoneOffsets
    private let zoneName: String
    /// For each ceiling of the schedule, the rates of all kinds.
    private let rates: [(ceiling: CeilingInForce, rates: [Double])]
    /// Units that the table and each index are provisioned with; nil where that is not known.
    let provisioned: [Double?]

    /// - Parameters:
    ///   - ceiling: replaces every ceiling of the spec's; closed windows stay closed.
    ///   - indexNames: the global indexes in the order of the items' index bits.
    /// - Throws: ``JobFailure`` when a share is asked of a table that has nothing provisioned, whenever that would apply; ``UnknownZone``.
    init(_ spec: MigrationSpec, ceiling: RateCeiling?, table: TableDescription, now: Int64) throws {
        var schedule = spec.schedule
        if let ceiling {
            let windows = schedule.windows.filter { $0.value == .off }
            schedule = RateSchedule(windows: windows, otherwise: .ceiling(ceiling))
        }
        self.schedule = schedule
        offsets = try spec.zoneOffsets(fromUTC: now)
        zoneName = spec.zone ?? "UTC"
        var kinds: [Kind] = []
        var known: [(CeilingInForce, [Kind: Double])] = []
        for value in [schedule.otherwise] + schedule.windows.map(\.value) {
            var rates: [Kind: Double] = [:]
            if case .ceiling(let ceiling) = value { rates = try Self.rates(ceiling, of: table, indexNames: spec.indexes.map(\.name)) }
            for kind in rates.keys.sorted(by: { $0.resources < $1.resources }) where !kinds.contains(kind) { kinds.append(kind) }
            known.append((value, rates))
        }
        var provisioned: [Double?] = [nil]
        if case .provisioned(let throughput) = table.billing { provisioned = [Double(throughput.write)] }
        for index in spec.indexes {
            provisioned.append(table.globalIndexes.first { $0.name == index.name }?.throughput.map { Double($0.write) })
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

    /// Whether the same things are limited, so that one may take the other's place in a running load.
    func isLike(_ other: LoadLimits) -> Bool { kinds == other.kinds }

    /// What applies at a time of day.
    func pace(at utc: Int64) -> Pace {
        let value = schedule.value(atUTC: utc, zone: offsets)
        let next = schedule.nextChange(afterUTC: utc, zone: offsets)
        let rates = rates.first { $0.ceiling == value }?.rates ?? kinds.map { _ in .infinity }
        var closed: String?
        if value == .off { closed = "closed by the schedule\(next.map { " until \(text($0))" } ?? "")" }
        return Pace(rates: rates, closed: closed, text: value.description, until: next)
    }

    private func text(_ utc: Int64) -> String {
        let local = Date(timeIntervalSince1970: Double(utc + Int64(offsets.offset(atUTC: utc))))
        let style = Date.ISO8601FormatStyle().year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false)
        return "\(local.formatted(style)) \(zoneName)"
    }
}
