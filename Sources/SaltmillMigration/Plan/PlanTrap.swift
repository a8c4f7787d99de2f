import SaltmillDispatching
import SaltmillDynamoDB
import SaltmillPacing
import SaltmillSources
import SaltmillPartitions

/// Something that will go wrong, or cost more than it seems: what, why and the cure.
package struct PlanTrap: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case hotHashKey = "hot-hash-key"
        case hotIndexKey = "hot-index-key"
        case sortedInput = "sorted-input"
        case splitsForGood = "splits-for-good"
        case narrowIndex = "narrow-index"
        case onDemandStart = "on-demand-start"
        case itemSize = "item-size"
        case emptyKey = "empty-key"
        case keyCollision = "key-collision"
        case sameKey = "same-key"
        case numberDigits = "number-digits"
        case nesting = "nesting"
        case decreases = "decreases"
        case stream = "stream"
        case expiry = "expiry"
        case expired = "expired"
        case liveSource = "live-source"
        case silentChanges = "silent-changes"
    }

    package var kind: Kind
    /// What will happen, with the figures.
    package var what: String
    /// What to do about it.
    package var cure: String
}

/// What traps are looked for in.
struct TrapEvidence {
    var spec: MigrationSpec
    var target: PlanTarget
    var measure: SourceMeasure
    var resources: [LoadPlan.Resource]
    var timeline: LoadTimeline
    /// Distinct keys that a collation would take for one.
    var collisions: Int
    /// What is known of the live database that the source is.
    var database: PlanReading.Evidence?

    var traps: [PlanTrap] {
        resources.compactMap(hotKey) + resources.compactMap(sorted) + resources.dropFirst().compactMap(narrow)
            + [splits, onDemand, decreases, collision, sameKey, stream, expiry, pastExpiry].compactMap(\.self) + rejects
            + (database.map { ofDatabase($0) } ?? [])
    }

    // MARK: Keys

    private func hotKey(_ resource: LoadPlan.Resource) -> PlanTrap? {
        guard let hot = resource.hotKeys.first else { return nil }
        let share = resource.partitions.evenShare.map { min($0, Physics.partitionCap.write) }
        let isOver = hot.peakUnitsPerSecond > Physics.partitionCap.write
        let isOverShare = share.map { resource.partitions.after > 1 && hot.peakUnitsPerSecond > $0 } ?? false
        guard isOver || isOverShare else { return nil }
        let limit = isOver ? "one partition serves 1,000" : "an even share of it is \(PlanNumber.whole(share ?? 0))"
        let back = resource.index == nil ? "" : ", and a refusing index holds the table's own writes back"
        let advised = resource.advisedShards
        let action = resource.shards.map { "raise its salt from \($0) to \(advised) shards" } ?? "salt it over \(advised) shards"
        let relaxed =
            resource.relaxedShards.map { ", or over \($0) with a ceiling of \(PlanNumber.percent(ShardAdvice.relaxedCeiling))" } ?? ""
        return PlanTrap(
            kind: resource.index == nil ? .hotHashKey : .hotIndexKey,
            what:
                "\(hot.value) of \(subject(resource)) takes up to \(PlanNumber.whole(hot.peakUnitsPerSecond)) units/s (\(PlanNumber.percent(hot.share)) of the units in all, \(PlanNumber.percent(hot.peakShare)) at its worst time); \(limit)\(back)",
            cure: "\(action)\(relaxed), before the table exists: another number of shards is another table")
    }

    private func sorted(_ resource: LoadPlan.Resource) -> PlanTrap? {
        guard resource.isSorted else { return nil }
        return PlanTrap(
            kind: .sortedInput,
            what:
                "the \(database == nil ? "file is" : "rows are read") sorted by \(resource.hashAttribute): \(PlanNumber.percent(resource.neighbourShare)) of neighbouring rows carry the same value of \(subject(resource)), a hot partition that moves on through the load",
            cure: "salt the key\(database == nil ? ", or shuffle the file" : ""); a load reads several parts at once, which softens it")
    }

    private func subject(_ resource: LoadPlan.Resource) -> String {
        resource.index.map { "index \($0)'s hash key \(resource.hashAttribute)" } ?? "the hash key \(resource.hashAttribute)"
    }

    private func narrow(_ index: LoadPlan.Resource) -> PlanTrap? {
        guard let table = resources.first, let ofIndex = index.provisionedWrite, let ofTable = table.provisionedWrite, index.units > 0
        else {
            return nil
        }
        // The index's units come to an end later than the table's.
        guard Double(ofIndex) / Double(index.units) < 0.99 * Double(ofTable) / Double(max(table.units, 1)) else { return nil }
        let needed = Int((Double(ofTable) * Double(index.units) / Double(max(table.units, 1))).rounded(.up))
        return PlanTrap(
            kind: .narrowIndex,
            what:
                "index \(index.name) has \(PlanNumber.grouped(ofIndex)) write units/s and the load needs \(PlanNumber.grouped(needed)) of it to keep up with the table: it holds the table's writes back",
            cure: "give it \(PlanNumber.grouped(needed)) write units for the load, or create it after the load")
    }

    private var collision: PlanTrap? {
        guard collisions > 0 else { return nil }
        return PlanTrap(
            kind: .keyCollision,
            what:
                "\(PlanNumber.grouped(collisions)) rows\(database == nil ? "" : " of the sample") have a key that differs from another's only by case or by spaces at the end; a database takes them for one row, the store for two",
            cure: "make the cells alike in the source, if they mean the same")
    }

    private var sameKey: PlanTrap? {
        guard measure.superseded > 0 else { return nil }
        return PlanTrap(
            kind: .sameKey,
            what:
                "\(PlanNumber.grouped(measure.superseded)) rows have a key that another row has too (1000 and 1e3 are one number) and will not be written; `duplicates: \(spec.duplicates.rawValue)` decides which stays",
            cure: "if they are different rows, add a column to the key that tells them apart")
    }

    // MARK: The table

    private var splits: PlanTrap? {
        guard target.origin != .assumed, let table = resources.first, let share = table.partitions.evenShare else { return nil }
        let usable = Double(table.provisionedWrite ?? 0)
        guard table.partitions.after > 1, usable > 1_000 || table.partitions.bySize > table.partitions.byThroughput else { return nil }
        let reason =
            table.partitions.bySize > table.partitions.byThroughput
            ? "the load's size splits the table into \(table.partitions.bySize) partitions"
            : "\(PlanNumber.grouped(Int(usable))) write units split the table into \(table.partitions.byThroughput) partitions"
        return PlanTrap(
            kind: .splitsForGood,
            what:
                "\(reason), and partitions never merge: lowered to a tenth after the load, each would keep \(PlanNumber.whole(share / 10)) units/s under the rules of 2015",
            cure: "load at a lower rate for longer, if the table is to be small afterwards")
    }

    private var onDemand: PlanTrap? {
        guard let leg = timeline.legs.first(where: { $0.limit.hasPrefix("on-demand start") }) else { return nil }
        return PlanTrap(
            kind: .onDemandStart,
            what:
                "a new on-demand table takes 4,000 writes/s at first and twice its peak half an hour later; the load is held by that (\(leg.limit))",
            cure: "set its warm throughput before the load, or give a ceiling of 4,000/s and let it grow")
    }

    private var decreases: PlanTrap? {
        guard target.origin != .assumed, let write = resources.first?.provisionedWrite, write > 1 else { return nil }
        // Nobody steps the capacity of a load that goes at one rate.
        guard spec.windows.contains(where: { $0.value != .ceiling(spec.ceiling) }) else { return nil }
        return PlanTrap(
            kind: .decreases,
            what:
                "provisioned units can be raised at any time but lowered only 4 times at once and 27 times a day (UTC), for the table and for each index",
            cure: "do not step the capacity down hour by hour along the schedule; lower it once, when the load is done")
    }

    private var stream: PlanTrap? {
        guard target.hasStream else { return nil }
        return PlanTrap(
            kind: .stream, what: "the table has a stream: whoever reads it is told of all \(PlanNumber.grouped(measure.written)) writes",
            cure: "disable the stream or its readers during the load, unless they are meant to see it")
    }

    private var expiry: PlanTrap? {
        guard let attribute = target.expiry else { return nil }
        return PlanTrap(
            kind: .expiry,
            what: "items of the table expire by \(attribute): those loaded with a time that has passed are deleted within days",
            cure: "disable TTL until the load is verified")
    }

    private var pastExpiry: PlanTrap? {
        guard measure.expired > 0, let attribute = target.expiry else { return nil }
        return PlanTrap(
            kind: .expired,
            what:
                "\(PlanNumber.grouped(measure.expired)) rows have a time in \(attribute) that has passed: they are paid for and then deleted",
            cure: "leave them out of the source")
    }

    // MARK: Rows

    private static let rejectKinds: [(code: String, kind: PlanTrap.Kind, text: String, cure: String)] = [
        ("item.size", .itemSize, "make an item over 400 KB", "drop or shorten attributes, or keep large texts elsewhere"),
        ("key.empty", .emptyKey, "have an empty key", "give the rows a value, or choose another key"),
        ("key.missing", .emptyKey, "have no key", "give the rows a value, or choose another key"),
        (
            "index.key", .emptyKey, "have an empty or null value in an index's key",
            "make the cell null and its policy omit: the row is then left out of the index"
        ),
        ("number.digits", .numberDigits, "have a number of more than 38 digits", "round it, or map the attribute as S"),
        ("nesting", .nesting, "have a document nested over 32 levels", "make the document flatter, or map it as S"),
    ]

    private var rejects: [PlanTrap] {
        Self.rejectKinds.compactMap { code, kind, text, cure in
            guard let count = measure.rejected[code], count > 0 else { return nil }
            let line = database == nil ? measure.firstRejects[code]?.line : nil
            let first = line.map { ", the first on line \(PlanNumber.grouped(Int($0)))" } ?? ""
            return PlanTrap(
                kind: kind, what: "\(PlanNumber.grouped(count)) \(count == 1 ? "row" : "rows") \(text) and will be rejected\(first)",
                cure: cure)
        }
    }
}

/// Figures for people.
package enum PlanNumber {
    /// `20,000,000`.
    package static func grouped(_ value: Int) -> String {
        var digits = Array(String(value.magnitude))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return (value < 0 ? "-" : "") + String(digits)
    }

    package static func whole(_ value: Double) -> String {
        guard abs(value) < 1e15 else { return "∞" }
        if abs(value) < 10, value != value.rounded() { return "\((value * 10).rounded() / 10)" }
        return grouped(Int(value.rounded()))
    }

    /// One decimal below ten percent, none above.
    package static func percent(_ share: Double) -> String {
        let percent = share * 100
        if percent >= 10 || percent == percent.rounded() { return "\(Int(percent.rounded())) %" }
        return percent < 0.1 ? "< 0.1 %" : "\((percent * 10).rounded() / 10) %"
    }
}
