import Foundation
import SaltmillMigration
import Testing

/// The schema and the reader know the same fields.
@Suite struct SpecSchemaTests {
    /// Where the schema describes each kind of mapping: a name under `$defs`, or the root.
    private static let definitions: [SpecShape: String] = [
        .source: "source", .courtesy: "courtesy", .target: "target", .create: "create", .key: "key", .hash: "hash", .range: "range",
        .salt: "salt",
        .index: "index",
        .indexHash: "indexHash", .indexRange: "indexRange", .indexSalt: "indexSalt", .attribute: "attribute", .rate: "rate",
        .window: "window", .rejects: "rejects", .notify: "notify",
    ]

    private func schema(_ name: String = "migration") throws -> [String: Any] {
        let data = try Data(contentsOf: SpecExamples.folder.appending(path: "\(name).schema.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func definition(_ shape: SpecShape) throws -> [String: Any] {
        let root = try schema()
        guard shape != .spec else { return root }
        let name = try #require(Self.definitions[shape])
        return try #require((root["$defs"] as? [String: Any])?[name] as? [String: Any])
    }

    @Test(arguments: SpecShape.allCases) func schemaAndReaderKnowTheSameFields(_ shape: SpecShape) throws {
        let definition = try definition(shape)
        let properties = try #require(definition["properties"] as? [String: Any])
        #expect(Set(properties.keys) == Set(shape.fields))
        #expect(definition["additionalProperties"] as? Bool == false)
    }

    /// A value that no field takes: where it draws no complaint, the field is not read.
    @Test(arguments: SpecShape.allCases) func everyFieldThatIsKnownIsRead(_ shape: SpecShape) throws {
        for field in shape.fields {
            let (path, yaml) = Self.document(shape, field, "[[]]")
            let error = #expect(throws: SpecError.self) { try MigrationSpec(yaml: yaml, file: "f", environment: [:]) }
            #expect(error?.problems.contains { $0.path.hasPrefix(path) } == true, "\(path) is not read")
        }
    }

    /// A spec whose mapping of this kind holds this field, and the field's path.
    private static func document(_ shape: SpecShape, _ field: String, _ value: String) -> (path: String, yaml: String) {
        let entry = "\"\(field)\": \(value)"
        func spec(_ sections: String) -> String { "{ version: 1, \(sections) }" }
        // Options that belong to one type are asked under that type.
        let type = ["encoding": "B", "separator": "SS", "true": "BOOL", "false": "BOOL"][field] ?? "S"
        let typed = field == "type" ? entry : "type: \(type), \(entry)"
        switch shape {
        case .spec: return (field, field == "version" ? "{ \(entry) }" : spec(entry))
        case .source:
            let kind = ["ranges", "zone", "tls", "ca", "courtesy"].contains(field) ? "url: \"mysql://h/d\", table: t" : "file: f"
            return ("source.\(field)", spec("source: { \(field == "file" ? "" : "\(kind), ")\(entry) }"))
        case .courtesy:
            return ("source.courtesy.\(field)", spec("source: { url: \"mysql://h/d\", table: t, courtesy: { \(entry) } }"))
        case .target: return ("target.\(field)", spec("target: { \(entry) }"))
        case .create:
            return ("target.create.\(field)", spec("target: { create: { \(field == "billing" ? "" : "billing: provisioned, ")\(entry) } }"))
        case .key: return ("key.\(field)", spec("key: { \(field == "hash" ? "" : "hash: { attribute: a, type: S }, ")\(entry) }"))
        case .hash: return ("key.hash.\(field)", spec("key: { hash: { \(field == "attribute" ? "" : "attribute: a, ")\(typed) } }"))
        case .range: return ("key.range.\(field)", spec("key: { range: { \(field == "attribute" ? "" : "attribute: a, ")\(typed) } }"))
        case .salt: return ("key.hash.salt.\(field)", spec("key: { hash: { attribute: a, type: S, salt: { \(entry) } } }"))
        case .index:
            let create = "target: { create: { billing: provisioned, write: 1, read: 1 } }"
            return ("indexes[0].\(field)", spec("\(create), indexes: [{ \(entry) }]"))
        case .indexHash: return ("indexes[0].hash.\(field)", spec("indexes: [{ hash: { \(entry) } }]"))
        case .indexRange: return ("indexes[0].range.\(field)", spec("indexes: [{ range: { \(entry) } }]"))
        case .indexSalt: return ("indexes[0].hash.salt.\(field)", spec("indexes: [{ hash: { salt: { \(entry) } } }]"))
        case .attribute: return ("attributes.a.\(field)", spec("attributes: { a: { \(typed) } }"))
        case .rate: return ("rate.\(field)", spec("rate: { \(entry) }"))
        case .window: return ("rate.windows[0].\(field)", spec("rate: { windows: [{ \(entry) }] }"))
        case .rejects: return ("rejects.\(field)", spec("rejects: { \(entry) }"))
        case .notify: return ("notify.\(field)", spec("notify: { \(entry) }"))
        }
    }

    @Test(arguments: ["migration", "run-report", "plan", "prices"]) func everyPropertyIsDescribed(_ name: String) throws {
        let root = try schema(name)
        let definitions = try #require(root["$defs"] as? [String: [String: Any]])
        for (name, definition) in definitions { #expect(definition["description"] is String, "\(name)") }
        for object in [root] + objects(root) {
            for (field, value) in object["properties"] as? [String: [String: Any]] ?? [:] {
                let reference = (value["$ref"] as? String).flatMap { definitions[String($0.dropFirst("#/$defs/".count))] }
                #expect(value["description"] is String || reference?["description"] is String, "\(field)")
            }
        }
    }

    /// Every described mapping inside a schema; conditions (`if`, `then`, `else`, `allOf`, `not`) describe nothing of their own.
    private func objects(_ value: Any) -> [[String: Any]] {
        if let list = value as? [Any] { return list.flatMap(objects) }
        guard let object = value as? [String: Any] else { return [] }
        let inner = object.filter { !["if", "then", "else", "allOf", "not"].contains($0.key) }.values.flatMap(objects)
        return object["properties"] is [String: Any] ? [object] + inner : inner
    }

    @Test(arguments: SpecExamples.names) func theExamplesAreRead(_ name: String) throws {
        #expect(try MigrationSpec(path: SpecExamples.path(name), environment: SpecExamples.environment).job == name)
    }

    @Test func everyExampleIsTested() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: SpecExamples.folder.appending(path: "examples").path)
        #expect(Set(files.filter { $0.hasSuffix(".yaml") }) == Set(SpecExamples.names.map { "\($0).yaml" }))
    }
}
