import SaltedKeys
import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillItems
import SaltmillPacing
import SaltmillSources

/// The source of a scenario: record *n* begins at offset 100 × *n* on line *n* + 1.
struct ModelSource: Sendable {
    let scenario: Scenario
    let mapping: ItemMapping
    /// First row of each range, and the end of the last.
    let cuts: [Int]

    init(_ scenario: Scenario) {
        self.scenario = scenario
        mapping = Self.mapping(scenario, saltedBy: [1])
        cuts = (0...scenario.ranges).map { $0 * scenario.rows.count / scenario.ranges }
    }

    /// The key is `day` and `id`; `row` tells rows of one key apart.
    static func mapping(_ scenario: Scenario, saltedBy: [Int]) -> ItemMapping {
        func attribute(_ name: String, _ type: AttributeType, _ column: Int) -> AttributeMapping {
            AttributeMapping(name: name, type: type, source: .column(column))
        }
        let attributes = [
            attribute("day", .S, 1), attribute("id", .N, 2), attribute("row", .N, 0), attribute("kind", .S, 3), attribute("text", .S, 4),
        ]
        let salt = scenario.shards.map { SaltMapping(recipe: SaltRecipe(shards: $0), by: saltedBy) }
        guard scenario.hasIndex else { return ItemMapping(attributes: attributes, hasRange: true, salt: salt) }
        let indexSalt = scenario.indexShards.map { SaltMapping(recipe: SaltRecipe(shards: $0), by: [1]) }
        let index = IndexMapping(
            name: "by_kind", hashAttribute: indexSalt == nil ? "kind" : "kind_shard", rangeAttribute: nil, salt: indexSalt, hashSource: 3)
        return ItemMapping(attributes: attributes, hasRange: true, salt: salt, indexes: [index])
    }

    func locator(_ row: Int) -> RecordLocator { RecordLocator(offset: UInt64(row) * 100, line: UInt64(row) + 1) }
    static func row(_ locator: RecordLocator) -> Int { Int(locator.offset) / 100 }

    /// The checkpoint of a job that has not begun.
    var start: Checkpoint {
        Checkpoint(
            ranges: cuts.dropLast().map { Checkpoint.Range(frontier: locator($0)) }, indexCount: scenario.hasIndex ? 1 : 0)
    }

    func batch(_ numbers: some Sequence<Int>) -> RowBatch {
        var batch = RowBatch(columnCount: 5)
        for number in numbers {
            let row = scenario.rows[number]
            let start = batch.bytes.count
            func cell(_ text: String?) {
                batch.cells.append(
                    Cell(offset: UInt32(batch.bytes.count), length: UInt32(text?.utf8.count ?? 0), flags: text == nil ? [.null] : []))
                if let text { batch.bytes.append(contentsOf: text.utf8) }
            }
            cell(String(number))
            cell("d\(row.day)")
            // One number has many spellings.
            cell(row.nature == .unmappable ? "many" : number % 3 == 0 ? "\(row.id).0" : String(row.id))
            cell(row.kind.map { "k\($0)" })
            cell((row.nature == .poison ? "poison" : "") + String(repeating: "x", count: row.textLength))
            batch.records.append(
                Record(
                    locator: locator(number), raw: start..<batch.bytes.count,
                    fault: row.nature == .malformed ? RowFault("csv.columns", "the record has too few columns") : nil,
                    isSuperseded: row.isSuperseded))
        }
        return batch
    }
}

/// Reads a model source from a checkpoint on.
struct ModelReader: ChunkReader, Sendable {
    let source: ModelSource
    let variant: WrongVariant?
    private var positions: [Int]
    private var encoders: [ItemEncoder]
    private var random: SplitMix64

    init(_ source: ModelSource, from checkpoint: Checkpoint, variant: WrongVariant?, seed: UInt64) {
        self.source = source
        self.variant = variant
        positions = checkpoint.ranges.map { ModelSource.row($0.frontier) }
        encoders = (variant?.saltIdentities ?? [[1]]).map {
            ItemEncoder(ModelSource.mapping(source.scenario, saltedBy: $0), columnCount: 5)
        }
        random = SplitMix64(seed: seed)
    }

    var rangeCount: Int { positions.count }

    mutating func read(range: Int) -> LoadedChunk? {
        let end = source.cuts[range + 1]
        let first = positions[range]
        guard first < end else { return nil }
        positions[range] = min(first + source.scenario.chunkRows, end)
        return chunk(first..<positions[range], end: source.locator(positions[range]))
    }

    mutating func reread(_ locators: [RecordLocator]) -> LoadedChunk {
        chunk(locators.map(ModelSource.row), end: locators.last ?? RecordLocator(offset: 0, line: 0))
    }

    func rejectLine(for locator: RecordLocator, code: String, reason: String) -> [UInt8] {
        Array("\(ModelSource.row(locator)) \(code)\n".utf8)
    }

    private mutating func chunk(_ numbers: some Collection<Int>, end: RecordLocator) -> LoadedChunk {
        let batch = source.batch(numbers)
        var items = ItemChunk(indexCount: source.mapping.indexes.count)
        var faults: [RejectedRow] = []
        encoders[encoders.count == 1 ? 0 : random.int(0...encoders.count - 1)].encode(batch, into: &items, rejects: &faults)
        let rejects = faults.map { row in
            let line = rejectLine(for: batch.records[row.record].locator, code: row.fault.code, reason: "")
            return LoadedChunk.Reject(record: row.record, line: line, code: row.fault.code)
        }
        let chunk = LoadedChunk(
            items: items, locators: batch.records.map(\.locator), end: end, rejects: rejects,
            superseded: batch.records.indices.filter { batch.records[$0].isSuperseded })
        return variant?.alter(chunk) ?? chunk
    }
}
