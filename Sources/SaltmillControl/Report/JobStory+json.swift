import Foundation
package import SaltmillBytes
import SaltmillDelivery

extension JobStory {
    /// The story for other programs, described by `schemas/job-report.schema.json`.
    package func json(job: String, rejects: [String: Int]) -> JSONValue {
        .object([
            .init("version", 1), .init("job", .string(job)), .init("began", Self.time(began)), .init("last", Self.time(last)),
            .init("runs", .integer(runs)), .init("outcome", outcome.map { .string($0) } ?? .null),
            .init("message", message.map { .string($0) } ?? .null), .init("rows", rows),
            .init("rejects", .object(rejects.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value)) })),
            .init("days", .object(days.sorted { $0.key < $1.key }.map { .init($0.key, Self.day($0.value)) })),
            .init("waits", .array(waits.map(Self.span))), .init("refusals", .array(refusals.map(Self.span))),
            .init("changes", .array(changes.map { ["time": Self.time($0.time), "text": .string($0.text)] })),
            .init(
                "hot_keys",
                .array(
                    hotKeys.map { key in
                        [
                            "attribute": .string(key.name.attribute), "value": .string(key.name.value),
                            "index": key.index.map { .string($0) } ?? .null, "refusals": .integer(key.refusals),
                            "tries": .integer(key.tries), "advised_shards": key.shards.map { .integer($0) } ?? .null,
                        ]
                    })),
            .init(
                "samples",
                .array(
                    samples.map { sample in
                        [
                            "time": Self.time(sample.time), "written": .integer(sample.written), "units": Self.number(sample.units),
                            "refused": .integer(sample.refused), "ceiling": sample.ceiling.map(Self.number) ?? .null,
                        ]
                    })),
            .init("omitted", .integer(omitted)), .init("lost_events", .integer(lost)),
        ])
    }

    private var rows: JSONValue {
        guard let account else { return .null }
        return [
            "total": total.map { .integer($0) } ?? .null, "read": .integer(account.read), "written": .integer(account.written),
            "kept": .integer(account.kept), "rejected": .integer(account.rejected), "filtered": .integer(account.filtered),
            "superseded": .integer(account.superseded), "pending": .integer(account.pending),
        ]
    }

    private static func day(_ day: Day) -> JSONValue {
        ["written": .integer(day.written), "units": number(day.units), "refused": .integer(day.refused)]
    }

    private static func span(_ span: Span) -> JSONValue {
        [
            "cause": .string(span.cause), "reason": .string(span.reason), "from": time(span.from), "to": time(span.to),
            "seconds": span.seconds.map(number) ?? .null,
        ]
    }

    private static func time(_ date: Date?) -> JSONValue {
        date.map { .string($0.formatted(.iso8601)) } ?? .null
    }

    private static func number(_ value: Double) -> JSONValue {
        let rounded = (value * 1000).rounded() / 1000
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? .integer(Int(rounded)) : .number(String(rounded))
    }
}
