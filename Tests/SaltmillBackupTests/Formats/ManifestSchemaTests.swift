import Foundation
import SaltmillBackup
import SaltmillBytes
import Testing

@Suite struct ManifestSchemaTests {
    private func schema() throws -> JSONValue {
        try JSONValue(
            parsing: Array(
                Data(
                    contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../schemas").standardized
                        .appending(path: "dump-manifest.schema.json"))
            ).span)
    }

    /// Checks a value against the keywords that the schema uses.
    private func check(_ value: JSONValue, _ schema: JSONValue, _ root: JSONValue, _ place: String) {
        if let reference = schema["$ref"]?.string, let target = root["$defs"]?[String(reference.dropFirst("#/$defs/".count))] {
            check(value, target, root, place)
        }
        if let constant = schema["const"] { #expect(value == constant, "\(place)") }
        if let choices = schema["enum"]?.array { #expect(choices.contains(value), "\(place)") }
        let kind =
            switch value {
            case .null: "null"
            case .bool: "boolean"
            case .number: "integer"
            case .string: "string"
            case .array: "array"
            case .object: "object"
            }
        if let type = schema["type"] { #expect(type.string == kind || type.array?.contains(.string(kind)) == true, "\(place) is \(kind)") }
        if let pattern = schema["pattern"]?.string, let text = value.string {
            #expect(text.range(of: pattern, options: .regularExpression) != nil, "\(place): \(text)")
        }
        for element in value.array ?? [] { if let items = schema["items"] { check(element, items, root, place + "[]") } }
        guard let members = value.members else { return }
        for name in schema["required"]?.array ?? [] { #expect(value[name.string ?? ""] != nil, "\(place).\(name)") }
        for member in members {
            if let property = schema["properties"]?[member.name] {
                check(member.value, property, root, "\(place).\(member.name)")
            } else {
                #expect(schema["additionalProperties"] != false, "\(place).\(member.name) is not in the schema")
                if let other = schema["additionalProperties"], other.members != nil { check(member.value, other, root, place) }
            }
        }
    }

    @Test func manifestsAreAsTheSchemaSays() throws {
        let folder = try TestFolder()
        let schema = try schema()
        for (index, format) in RoundTripTests.formats.enumerated() {
            try Sample.write([Sample.items, []], to: "\(folder.path)/\(index)", options: DumpOptions(format: format))
            let file = try Data(contentsOf: URL(filePath: "\(folder.path)/\(index)/answers/saltmill-manifest.json"))
            let json = try JSONValue(parsing: Array(file).span)
            check(json, schema, schema, "manifest")
            #expect(try DumpManifest(json: json).json == json)
        }
    }

    @Test func whatTheSchemaRequiresIsDemanded() throws {
        let folder = try TestFolder()
        let json = try Sample.write([Sample.items], to: "\(folder.path)/dump").json
        let optional: Set<String> = ["note"]
        func without(_ json: JSONValue, _ schema: JSONValue) -> [(String, JSONValue)] {
            guard let members = json.members, schema["properties"] != nil else { return [] }
            return members.flatMap { member -> [(String, JSONValue)] in
                let isNullable = schema["properties"]?[member.name]?["type"]?.array?.contains("null") == true
                let removed = JSONValue.object(members.filter { $0.name != member.name })
                let inner = without(member.value, schema["properties"]?[member.name] ?? .null).map { name, value in
                    (name, JSONValue.object(members.map { $0.name == member.name ? JSONValue.Member($0.name, value) : $0 }))
                }
                return (isNullable || optional.contains(member.name) ? [] : [(member.name, removed)]) + inner
            }
        }
        let cases = without(json, try schema())
        #expect(cases.count >= 20)
        for (name, manifest) in cases { #expect(throws: ManifestFault.self, "\(name)") { try DumpManifest(json: manifest) } }
    }
}
