import SaltedKeys
import SaltmillBytes
import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources
import Testing

/// Random rows, against a second encoder that is slow and works on strings and trees.
@Suite struct RandomItemsTests {
    static let columns = 6

    @Test(arguments: 0..<40) func rowsBecomeWhatTheSlowEncoderSays(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) + 1)
        let mapping = Self.mapping(&random)
        let rows = (0..<60).map { _ in (0..<Self.columns).map { _ in Self.cell(&random) } }
        let encoded = Encoded(mapping, rows)

        let rejected = Set(encoded.rejects.map(\.record))
        #expect(encoded.chunk.items.count + rejected.count == rows.count)
        var items = encoded.chunk.items.indices.makeIterator()
        for (record, row) in rows.enumerated() {
            guard let expected = try SlowEncoder(mapping: mapping, row: row).item() else {
                #expect(rejected.contains(record), "\(row)")
                continue
            }
            guard !rejected.contains(record), let item = items.next() else {
                Issue.record("row \(row) was rejected: \(encoded.rejects.first { $0.record == record }?.fault.message ?? "")")
                continue
            }
            let json = Array(encoded.json(item).utf8)
            #expect(try JSONValue(parsing: json.span) == .object(expected.members), "\(row)")
            #expect(Int(encoded.chunk.items[item].size) == expected.size, "\(row)")
            let key = Array((encoded.key(item) + "}").utf8)
            #expect(try JSONValue(parsing: key.span) == .object(Array(expected.members.prefix(mapping.hasRange ? 2 : 1))))
            #expect(Int(encoded.chunk.items[item].record) == record)
        }
    }

    private static func mapping(_ random: inout SeededRandom) -> ItemMapping {
        let hasRange = Bool.random(using: &random)
        let isSalted = Bool.random(using: &random)
        var attributes = [AttributeMapping("pk", .S, column: 0)]
        if hasRange { attributes.append(AttributeMapping("sk", Bool.random(using: &random) ? .N : .S, column: 1)) }
        for column in 1..<columns {
            let type = [AttributeType.S, .N, .B, .BOOL, .SS, .NS].randomElement(using: &random) ?? .S
            let null = [NullPolicy.omit, .null, .empty].randomElement(using: &random) ?? .omit
            attributes.append(AttributeMapping("c\(column)", type, column: column, null: null, encoding: .utf8, separator: "e"))
        }
        attributes.append(
            AttributeMapping(
                name: "both", type: .S, source: .template([.column(2, zeroPaddedTo: 5), .literal("é\n"), .column(3, zeroPaddedTo: 0)])))
        let salt = SaltMapping(recipe: SaltRecipe(shards: 7, separator: "é"), by: hasRange ? [1, 0] : [0])
        return ItemMapping(attributes: attributes, hasRange: hasRange, salt: isSalted ? salt : nil)
    }

    private static func cell(_ random: inout SeededRandom) -> String? {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return nil
        case 1: return ["true", "NO", "1", "0", ""].randomElement(using: &random)
        case 2...6: return String(Int.random(in: -2000...2000, using: &random)) + (["", ".50", "e3"].randomElement(using: &random) ?? "")
        default:
            let letters = ["a", "e", "\"", "\\", "\n", "é", "東", "🧂", " ", "0", "xyzxyzxyz"]
            return (0..<Int.random(in: 0...6, using: &random)).map { _ in letters.randomElement(using: &random) ?? "" }.joined()
        }
    }
}

/// Makes an item the obvious way.
private struct SlowEncoder {
    var mapping: ItemMapping
    var row: [String?]

    func item() throws -> (members: [JSONValue.Member], size: Int)? {
        var members: [JSONValue.Member] = []
        var size = 0
        for (position, attribute) in mapping.attributes.enumerated() {
            let isKey = position < (mapping.hasRange ? 2 : 1)
            guard var text = text(attribute.source) else {
                guard !isKey else { return nil }
                switch attribute.null {
                case .null:
                    members.append(JSONValue.Member(attribute.name, ["NULL": true]))
                    size += attribute.name.utf8.count + 1
                case .empty where attribute.type == .S || attribute.type == .B:
                    members.append(JSONValue.Member(attribute.name, [attribute.type.rawValue: ""]))
                    size += attribute.name.utf8.count
                default: break
                }
                continue
            }
            if isKey, text.isEmpty { return nil }
            if position == 0, let salt = mapping.salt {
                guard let shard = shard(salt) else { return nil }
                text = salt.recipe.physicalKey(logical: text, shard: shard)
            }
            guard let (value, valueSize) = value(attribute, text) else { return nil }
            members.append(JSONValue.Member(attribute.name, .object([JSONValue.Member(attribute.type.rawValue, value)])))
            size += attribute.name.utf8.count + valueSize
        }
        return (members, size)
    }

    private func text(_ source: ValueSource) -> String? {
        switch source {
        case .column(let column): return row[column]
        case .constant(let text): return text
        case .template(let parts):
            var whole = ""
            for part in parts {
                switch part {
                case .literal(let text): whole += text
                case .column(let column, let width):
                    guard let text = row[column] else { return nil }
                    whole += String(repeating: "0", count: max(0, width - text.unicodeScalars.count)) + text
                }
            }
            return whole
        }
    }

    private func shard(_ salt: SaltMapping) -> Int? {
        var identity = SaltIdentity()
        for position in salt.by {
            guard let text = text(mapping.attributes[position].source) else { return nil }
            if mapping.attributes[position].type == .N {
                guard (try? identity.append(number: text)) != nil else { return nil }
            } else {
                identity.append(string: text)
            }
        }
        return salt.recipe.shard(of: identity)
    }

    private func value(_ attribute: AttributeMapping, _ text: String) -> (JSONValue, Int)? {
        switch attribute.type {
        case .S: return (.string(text), text.utf8.count)
        case .N: return number(text).map { (.string($0.0), $0.1) }
        case .B: return (.string(base64(text)), text.utf8.count)
        case .BOOL:
            let lower = text.lowercased()
            if ["true", "t", "yes", "y", "1"].contains(lower) { return (true, 1) }
            return ["false", "f", "no", "n", "0"].contains(lower) ? (false, 1) : nil
        default:
            guard !text.isEmpty else { return nil }
            let parts = text.split(separator: "e", omittingEmptySubsequences: false).map(String.init)
            let values = parts.compactMap { attribute.type == .NS ? number($0) : ($0, $0.utf8.count) }
            guard values.count == parts.count, Set(values.map { Array($0.0.utf8) }).count == parts.count else { return nil }
            return (.array(values.map { .string($0.0) }), values.reduce(0) { $0 + $1.1 })
        }
    }

    /// Plain text and size of the numbers that the test makes: integers, with `.50` or `e3` behind some.
    private func number(_ text: String) -> (String, Int)? {
        let sign = text.hasPrefix("-") ? "-" : ""
        let body = text.dropFirst(sign.count)
        guard !body.isEmpty, body.first?.isASCII == true, let scaled = scaled(String(body)) else { return nil }
        // Hundredths, so that all of them are whole.
        guard scaled != 0 else { return ("0", 1) }
        let cents = scaled % 100
        let plain =
            sign + String(scaled / 100) + (cents == 0 ? "" : cents % 10 == 0 ? ".\(cents / 10)" : cents < 10 ? ".0\(cents)" : ".\(cents)")
        let all = String(scaled)
        let digits = all.count - all.reversed().prefix { $0 == "0" }.count
        let exponent = all.count - 3
        return (plain, 1 + (digits + 1) / 2 + (digits % 2 == 0 && exponent % 2 == 0 ? 1 : 0) + sign.count)
    }

    private func scaled(_ body: String) -> Int? {
        func digits(_ text: some StringProtocol) -> Int? { text.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } ? Int(text) : nil }
        if body.hasSuffix(".50") { return digits(body.dropLast(3)).map { $0 * 100 + 50 } }
        if body.hasSuffix("e3") { return digits(body.dropLast(2)).map { $0 * 100_000 } }
        return digits(body).map { $0 * 100 }
    }

    private func base64(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var bits = text.utf8.flatMap { byte in (0..<8).map { byte >> (7 - UInt8($0)) & 1 } }
        while bits.count % 6 != 0 { bits.append(0) }
        var output = ""
        for start in stride(from: 0, to: bits.count, by: 6) {
            output.append(alphabet[bits[start..<start + 6].reduce(0) { $0 << 1 | Int($1) }])
        }
        while output.count % 4 != 0 { output += "=" }
        return output
    }
}
