import Foundation
import SaltmillBytes
import SaltmillMigration
import SaltmillPartitions
import Testing

/// A plan's JSON is what its schema says, and the price file's schema is what is read.
@Suite struct PlanSchemaTests {
    private func schema(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: SpecExamples.folder.appending(path: "\(name).schema.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test func aPlanIsAsItsSchemaSays() throws {
        var sample = PlanSample()
        sample.rows = (0..<3_000).map { "k\($0),\($0 % 2 == 0 ? "hot" : "d\($0)"),text" } + ["k1,again,text", "\"\",d,text"]
        sample.key = "{ hash: { attribute: id, type: S } }"
        sample.indexes = "[{ name: by_day, hash: { attribute: day }, projection: keys, write: 1000, read: 1 }]"
        sample.rate = "{ ceiling: 90%, zone: UTC, windows: [{ days: all, from: \"12:00\", to: \"13:00\", ceiling: off }] }"
        sample.physics = Physics(.even2015, burst: .zero)
        sample.prices = try PriceList(json: Array(PlanFigureTests.prices.utf8), name: "p")
        sample.simulates = true
        let root = try schema("plan")
        let definitions = try #require(root["$defs"] as? [String: [String: Any]])
        let full = try sample.plan()
        #expect(full.simulation != nil && full.cost != nil && !full.traps.isEmpty && !full.rows.rejected.isEmpty)
        var ofDatabase = try PlanSample().plan()
        ofDatabase.sample = LoadPlan.Sample(rows: 2_000, isCounted: false, isSpread: true)
        for plan in [full, try PlanSample().plan(), ofDatabase] {
            let json = try JSONSerialization.jsonObject(with: Data(plan.json.bytes))
            #expect(mismatches(json, root, definitions, at: "") == [])
        }
    }

    @Test func theExamplePricesAreAsTheirSchemaSaysAndAreRead() throws {
        let url = SpecExamples.folder.appending(path: "examples/prices.json")
        let root = try schema("prices")
        let definitions = try #require(root["$defs"] as? [String: [String: Any]])
        let json = try JSONSerialization.jsonObject(with: try Data(contentsOf: url))
        #expect(mismatches(json, root, definitions, at: "") == [])
        let prices = try PriceList(path: url.path)
        #expect(prices.region == "us-east-1" && prices.millionWrites > 0)
    }

    @Test func everyKindOfTrapIsInTheSchema() throws {
        let properties = try #require(try schema("plan")["properties"] as? [String: [String: Any]])
        let items = properties["traps"]?["items"] as? [String: Any]
        let kind = (items?["properties"] as? [String: [String: Any]])?["kind"]
        #expect(Set(kind?["enum"] as? [String] ?? []) == Set(PlanTrap.Kind.allCases.map(\.rawValue)))
    }

    /// Where a value is not as its schema says, as far as these schemas go.
    private func mismatches(_ value: Any, _ schema: [String: Any], _ definitions: [String: [String: Any]], at path: String) -> [String] {
        if let reference = schema["$ref"] as? String {
            return mismatches(value, definitions[String(reference.dropFirst("#/$defs/".count))] ?? [:], definitions, at: path)
        }
        if let allowed = schema["enum"] as? [String] { return allowed.contains(value as? String ?? "") ? [] : [path] }
        let types = (schema["type"] as? [String]) ?? (schema["type"] as? String).map { [$0] } ?? []
        guard types.isEmpty || types.contains(where: { isOf($0, value) }) else { return ["\(path) is \(value), not \(types)"] }
        if let list = value as? [Any], let items = schema["items"] as? [String: Any] {
            return list.enumerated().flatMap { mismatches($1, items, definitions, at: "\(path)[\($0)]") }
        }
        guard let object = value as? [String: Any] else { return [] }
        if let each = schema["additionalProperties"] as? [String: Any] {
            return object.flatMap { mismatches($1, each, definitions, at: "\(path).\($0)") }
        }
        let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
        let missing = Set(schema["required"] as? [String] ?? []).subtracting(object.keys).map { "\(path).\($0) is missing" }
        return missing
            + object.flatMap { name, inner in
                properties[name].map { mismatches(inner, $0, definitions, at: "\(path).\(name)") } ?? ["\(path).\(name) is not described"]
            }
    }

    private func isOf(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "null": value is NSNull
        case "string": value is String
        case "boolean": value is Bool
        case "integer": (value as? Double).map { $0 == $0.rounded() && $0 >= 0 } ?? false
        case "number": (value as? Double).map { $0 >= 0 } ?? false
        case "array": value is [Any]
        case "object": value is [String: Any]
        default: false
        }
    }
}
