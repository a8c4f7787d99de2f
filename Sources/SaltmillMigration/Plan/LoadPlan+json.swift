import Foundation
package import SaltmillBytes
import SaltmillDynamoDB

extension LoadPlan {
    /// The plan as `schemas/plan.schema.json` describes it.
    package var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("version", 1), .init("job", .string(job)), .init("source", .string(source)), .init("table", .string(target.table.name)),
            .init(
                "target",
                ["origin": .string(target.origin.rawValue), "billing": target.table.billing == .onDemand ? "on-demand" : "provisioned"]),
            .init(
                "rows",
                [
                    "read": .integer(rows.read), "to_write": .integer(rows.written), "superseded": .integer(rows.superseded),
                    "rejected": .integer(rows.rejected.values.reduce(0, +)),
                    "reasons": .object(rows.rejected.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value)) }),
                ]),
            .init("sample", sample?.json ?? .null),
            .init(
                "units",
                [
                    "table": .integer(resources[0].units),
                    "indexes": .object(resources.dropFirst().map { .init($0.name, .integer($0.units)) }),
                ]),
            .init("schedule", schedule), .init("resources", .array(resources.map(\.json))), .init("cost", cost?.json ?? .null),
            .init(
                "traps",
                .array(
                    traps.map { ["kind": .string($0.kind.rawValue), "what": .string($0.what), "cure": .string($0.cure)] })),
            .init("notes", .array(notes.map { .string($0) })),
        ]
        if let simulation { members.append(.init("simulation", simulation.json)) }
        return .object(members)
    }

    private var schedule: JSONValue {
        [
            "start": .string(Self.instant(timeline.start)), "end": timeline.end.map { .string(Self.instant($0)) } ?? .null,
            "seconds": seconds.map { number($0) } ?? .null, "open_seconds": number(timeline.openSeconds), "zone": .string(zone),
            "limit": .string(limit),
            "legs": .array(
                timeline.legs.map { leg in
                    [
                        "start": .string(Self.instant(leg.start)), "seconds": number(leg.end - leg.start), "limit": .string(leg.limit),
                        "closed": .bool(leg.isClosed), "units_per_second": number(leg.unitsPerSecond),
                    ]
                }),
        ]
    }

    /// An instant by UTC, to the second.
    package static func instant(_ seconds: Double) -> String {
        Date(timeIntervalSince1970: seconds.rounded()).formatted(.iso8601)
    }
}

extension LoadPlan.Resource {
    fileprivate var json: JSONValue {
        [
            "index": index.map { .string($0) } ?? .null, "hash_attribute": .string(hashAttribute), "items": .integer(items),
            "bytes": .integer(bytes), "units": .integer(units), "peak_units_per_second": number(peakUnitsPerSecond),
            "provisioned_write": provisionedWrite.map { .integer($0) } ?? .null, "shards": shards.map { .integer($0) } ?? .null,
            "advised_shards": .integer(advisedShards), "sorted": .bool(isSorted), "neighbour_share": number(neighbourShare),
            "partitions": [
                "now": partitions.now.map { .integer($0) } ?? .null, "after": .integer(partitions.after),
                "by_throughput": .integer(partitions.byThroughput), "by_size": .integer(partitions.bySize),
                "even_share": partitions.evenShare.map { number($0) } ?? .null,
            ],
            "hot_keys": .array(
                hotKeys.map { key in
                    [
                        "value": .string(key.value), "rows": .integer(key.rows), "units": .integer(key.units), "share": number(key.share),
                        "peak_share": number(key.peakShare), "peak_units_per_second": number(key.peakUnitsPerSecond),
                    ]
                }),
        ]
    }
}

extension LoadPlan.Sample {
    fileprivate var json: JSONValue {
        ["rows": .integer(rows), "count": isCounted ? "exact" : "estimate", "spread": .bool(isSpread)]
    }
}

extension PlanCost {
    fileprivate var json: JSONValue {
        [
            "currency": .string(prices.currency), "region": .string(prices.region), "date": .string(prices.date),
            "billing": isOnDemand ? "on-demand" : "provisioned", "load": number(load), "on_demand": number(onDemand),
            "provisioned": number(provisioned), "provisioned_write_units": .integer(writeUnits),
            "provisioned_read_units": .integer(readUnits), "hours": .integer(hours), "storage_month": number(storageMonth),
        ]
    }
}

extension LoadSimulation.Outcome {
    fileprivate var json: JSONValue {
        [
            "physics": .string(physics), "seconds": number(seconds), "open_seconds": number(openSeconds), "written": .integer(written),
            "units": .array(units.map { number($0) }), "refused_share": number(refusedShare),
            "refused": .object(refused.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value)) }),
            "most_set_aside": .integer(mostSetAside), "partitions": .array(partitions.map { .integer($0) }), "splits": .integer(splits),
            "cut_short": .bool(isCutShort),
            "intervals": .array(
                series.rows(120).map { sample in
                    [
                        "start": number(sample.start), "seconds": number(sample.seconds), "units_per_second": number(sample.unitsPerSecond),
                        "written": .integer(sample.written), "refused": .integer(sample.refused), "parked": .integer(sample.parked),
                        "partitions": .integer(sample.partitions), "closed_seconds": number(sample.closed),
                        "limit": .string(sample.limit),
                    ]
                }),
        ]
    }
}

/// A number with at most four decimals.
private func number(_ value: Double) -> JSONValue {
    let rounded = (value * 10_000).rounded() / 10_000
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? .integer(Int(rounded)) : .number(String(rounded))
}
