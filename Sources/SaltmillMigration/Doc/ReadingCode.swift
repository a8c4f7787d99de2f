import SaltedKeys
import SaltmillItems

/// Programs that read a salted key, to copy.
struct ReadingCode {
    let table: String
    /// An index to read instead of the table.
    var index: String?
    /// The attribute that is the hash key.
    let hash: SpecAttribute
    let range: SpecAttribute?
    let salt: SpecSalt

    /// The bytes of a value that goes into the identity, from a variable called like the attribute's position.
    private static func identity(_ attribute: SpecAttribute, _ variable: String) -> String {
        switch attribute.type {
        case .N: "format(Decimal(\(variable)).normalize(), \"f\").encode()"
        case .B: variable
        default: "\(variable).encode()"
        }
    }

    /// In Python with boto3: the physical key, all items of a logical key, and one item.
    func python(keys: [SpecAttribute]) -> String {
        let name = { (attribute: SpecAttribute) in attribute.name == hash.name ? "key" : "sort" }
        let by = salt.by.compactMap { by in keys.first { $0.name == by } }
        let identity = by.map { Self.identity($0, name($0)) }.joined(separator: ", ")
        var lines = [
            "import hashlib, boto3",
            "from decimal import Decimal",
            "from boto3.dynamodb.conditions import Key",
            "",
            "SHARDS, SEPARATOR = \(salt.recipe.shards), \(quoted(salt.recipe.separator))",
            "table = boto3.resource(\"dynamodb\").Table(\(quoted(table)))",
            "",
            "def physical(logical, *by):              # by: the bytes of \(salt.by.joined(separator: ", ")), in this order",
            "    identity = b\"\".join(b\"%d:%s\" % (len(value), value) for value in by)",
            "    shard = int.from_bytes(hashlib.sha256(identity).digest()[:4], \"big\") % SHARDS",
            "    return f\"{logical}{SEPARATOR}{shard}\"",
            "",
            "def gather(logical):                     # every item of one logical key, shard by shard",
            "    for shard in range(SHARDS):",
            "        query = {\(index.map { "\"IndexName\": \(quoted($0)), " } ?? "")\"KeyConditionExpression\": Key(\(quoted(hash.name))).eq(f\"{logical}{SEPARATOR}{shard}\")}",
            "        while True:",
            "            page = table.query(**query)",
            "            yield from page[\"Items\"]",
            "            if \"LastEvaluatedKey\" not in page:",
            "                break",
            "            query[\"ExclusiveStartKey\"] = page[\"LastEvaluatedKey\"]",
        ]
        if index == nil {
            let sortKey = range.map { ", \(quoted($0.name)): sort" } ?? ""
            lines += [
                "",
                "def get(key\(range == nil ? "" : ", sort")):                       # one item",
                "    return table.get_item(Key={\(quoted(hash.name)): physical(key, \(identity))\(sortKey)}).get(\"Item\")",
            ]
        }
        return lines.joined(separator: "\n")
    }

    /// The same from a shell.
    var shell: String {
        "saltmill query \(shellQuoted(table))\(index.map { " --index \(shellQuoted($0))" } ?? "") KEY"
    }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 32 || scalar.value == 127:
                result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private func shellQuoted(_ text: String) -> String {
        text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-/".contains($0)) }
            ? text : "'\(text.replacing("'", with: "'\\''"))'"
    }
}
