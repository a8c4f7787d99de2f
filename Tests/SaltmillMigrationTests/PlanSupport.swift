import Foundation
import SaltmillMigration
import SaltmillPartitions
import Testing

/// A spec and its file in a folder of their own, to be planned for.
struct PlanSample {
    var rows: [String] = (0..<1_000).map { "k\($0),d\($0 % 500),text" }
    var header = "id,day,body"
    var key = "{ hash: { attribute: id, type: S } }"
    var attributes = "{ day: S, body: S }"
    var create = "{ billing: provisioned, write: 1000, read: 10 }"
    var indexes = ""
    var rate = "{ ceiling: 100/s }"
    var start = "2026-11-02T12:00:00Z"
    var physics = Physics.adaptive
    var simulates = false
    var prices: PriceList?
    /// What a server would say of the table; the spec's `create` otherwise.
    var adjust: (inout PlanTarget) -> Void = { _ in }

    func plan() throws -> LoadPlan {
        let folder = FileManager.default.temporaryDirectory.appending(path: "plan-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("\(header)\n\(rows.joined(separator: "\n"))\n".utf8).write(to: URL(filePath: "\(folder)/rows.csv"))
        let yaml = """
            { version: 1, job: rows, source: { file: rows.csv }, target: { table: rows\(create.isEmpty ? "" : ", create: \(create)") },
              key: \(key), attributes: \(attributes), \(indexes.isEmpty ? "" : "indexes: \(indexes),") rate: \(rate) }
            """
        let spec = try MigrationSpec(yaml: yaml, file: "\(folder)/rows.yaml", environment: [:])
        var options = LoadPlanner.Options(start: Int64(try Date(start, strategy: .iso8601).timeIntervalSince1970))
        options.physics = physics
        options.simulates = simulates
        options.prices = prices
        var target = try PlanTarget(spec)
        adjust(&target)
        return try LoadPlanner(spec, target: target, options: options).plan()
    }

    func traps() throws -> Set<PlanTrap.Kind> { Set(try plan().traps.map(\.kind)) }
}

extension LoadPlan {
    /// When it is done, by UTC.
    var endText: String? { timeline.end.map { LoadPlan.instant($0) } }
}
