import SaltmillBytes
package import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources

/// Compares a whole table with what the spec makes of the source: each item of one is in the other, with the same content.
///
/// Both sides are held as hashes, 16 bytes a row, so it is for tables of up to some million rows.
package struct TableComparison: Sendable {
    package var expected = 0
    package var found = 0
    package var missing = 0
    package var extra = 0
    package var different = 0

    package var isEqual: Bool { missing == 0 && extra == 0 && different == 0 }

    /// Reads source and table.
    /// - Throws: ``DynamoDBFailure``, ``SpecError``, `SourceError`.
    package init(_ spec: MigrationSpec, client: DynamoDBClient) async throws {
        let input = try spec.openSource()
        var wanted = try Self.items(of: RecordSource(unsurveyed: input), try spec.resolve(columns: input.columns), spec.duplicates)
        expected = wanted.count
        var request = ScanRequest(table: spec.target.table)
        request.isConsistent = true
        repeat {
            let page = try await client.scan(request)
            for item in page.items {
                found += 1
                let (key, content) = Self.hashes(of: item, spec.keySchema)
                guard let other = wanted.removeValue(forKey: key) else {
                    extra += 1
                    continue
                }
                if other != content { different += 1 }
            }
            request.start = page.next
        } while request.start != nil
        missing = wanted.count
    }

    /// Key and content of the items that the source makes; of two with one key the one that the policy lets win.
    private static func items(
        of source: RecordSource, _ spec: ResolvedSpec, _ duplicates: DuplicatePolicy
    ) throws -> [UInt64: UInt64] {
        var wanted: [UInt64: UInt64] = [:]
        var encoder = ItemEncoder(spec.mapping, columnCount: spec.columns.count)
        var batch = RowBatch(columnCount: spec.columns.count)
        for range in source.ranges {
            var reader = try source.open(range)
            while try reader.read(into: &batch, maximumRows: 1000, maximumBytes: 1 << 20) {
                var chunk = ItemChunk(indexCount: spec.mapping.indexes.count)
                var rejects: [RejectedRow] = []
                encoder.encode(batch, into: &chunk, rejects: &rejects)
                for encoded in chunk.items {
                    let bytes = Array(chunk.bytes[Int(encoded.offset)..<Int(encoded.offset + encoded.length)])
                    var scanner = JSONScanner()
                    let (key, content) = hashes(of: try Item(&scanner, bytes.span), spec.spec.keySchema)
                    if duplicates == .first, wanted[key] != nil { continue }
                    wanted[key] = content
                }
            }
        }
        return wanted
    }

    /// Hashes of an item's key and of all of it, in canonical form: attributes by name, numbers normalised, sets in order.
    private static func hashes(of item: Item, _ schema: KeySchema) -> (key: UInt64, content: UInt64) {
        var key: [UInt8] = []
        item[schema.hash.name]?.write(to: &key)
        if let range = schema.range { item[range.name]?.write(to: &key) }
        var content: [UInt8] = []
        for attribute in item.attributes.sorted(by: { $0.name < $1.name }) {
            JSONText.appendQuoted(attribute.name, to: &content)
            canonical(attribute.value).write(to: &content)
        }
        return (KeyHash.hash64(key.span), KeyHash.hash64(content.span))
    }

    private static func canonical(_ value: AttributeValue) -> AttributeValue {
        switch value {
        case .ss(let members): .ss(members.sorted())
        case .ns(let members): .ns(members.sorted())
        case .bs(let members): .bs(members.sorted { $0.lexicographicallyPrecedes($1) })
        case .l(let elements): .l(elements.map(canonical))
        case .m(let item):
            .m(Item(item.attributes.map { Attribute($0.name, canonical($0.value)) }.sorted { $0.name < $1.name }))
        default: value
        }
    }
}
