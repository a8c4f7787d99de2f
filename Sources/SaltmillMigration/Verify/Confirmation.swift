import Glibc
import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources

/// Looks at suspects again, on both sides, and writes down what really differs.
struct Confirmation {
    let spec: ResolvedSpec
    let source: any RowSource
    let run: RunLimits
    let store: VerifyStore
    let monitor: VerifyMonitor
    /// Where the state keeps what was found.
    let findings: WritableKeyPath<VerifyState, VerifyState.Findings>
    /// Where differences are written, and listed for a repair.
    let output: SpillFile
    let confirmed: SuspectList
    let line: DifferenceLine

    /// Suspects that are sorted by the place of their rows at once; each of them costs about a hundred bytes.
    private static let windowSize = 4096

    /// What was seen of a suspect.
    private struct Look {
        var suspect: Suspect
        var locator: RecordLocator?
        /// The item that the row makes; nil where there is none.
        var wanted: [UInt8]?
        var key: [UInt8]?
        var found: [UInt8]?
        var kind: Suspect.Kind?
        var content: UInt64 = 0
    }

    /// Goes on where an earlier run was.
    /// - Throws: ``Stopped``; ``JobFailure``; `SourceError`; `CancellationError`.
    func run(_ suspects: SuspectList, _ reads: inout PointReads) async throws {
        // Where rows are told by their order of being read, those of the load's reject file cannot be told from others.
        let isLasting = (source as? DatabaseSource)?.hasLastingLocators ?? true
        let rejected = isLasting ? try StoreRejects.offsets(spec.spec.rejects.path) : []
        let count = suspects.count
        var rows = RowReader(spec, source)
        var done = store.now[keyPath: findings].done
        while done < count {
            monitor.confirming(done: done, of: count, store.now[keyPath: findings].differences)
            var window = try suspects.read(from: done, count: Self.windowSize).map { suspect in
                Look(suspect: suspect, locator: suspect.source == Suspect.nowhere ? nil : try store.source.locator(at: suspect.source))
            }
            let size = window.count
            // Rows are read again in the order in which they stand.
            window.sort { ($0.locator?.offset ?? .max) < ($1.locator?.offset ?? .max) }
            var found = store.now[keyPath: findings]
            let before = reads.units
            for start in stride(from: 0, to: size, by: DynamoDBClient.maximumKeys) {
                let part = Array(window[start..<min(start + DynamoDBClient.maximumKeys, size)])
                for look in try await confirm(part, &rows, &reads) { try write(look, rejected, &found) }
                monitor.confirming(done: done + start + part.count, of: count, found.differences)
            }
            done += size
            found.done = done
            found.bytes = try output.sync()
            _ = try confirmed.file.sync()
            let units = reads.units - before
            store.change { state in
                state[keyPath: findings] = found
                state.units += units
            }
            try store.save()
        }
    }

    /// Looks once, and a second time at what is seen for the first time to differ.
    private func confirm(_ suspects: [Look], _ rows: inout RowReader, _ reads: inout PointReads) async throws -> [Look] {
        let looks = try await look(suspects, &rows, &reads)
        let fresh = looks.indices.filter { looks[$0].suspect.kind == .sampled && looks[$0].kind != nil }
        guard !fresh.isEmpty else { return looks }
        var all = looks
        for (position, look) in zip(fresh, try await look(fresh.map { suspects[$0] }, &rows, &reads)) { all[position] = look }
        return all
    }

    private func look(_ suspects: [Look], _ rows: inout RowReader, _ reads: inout PointReads) async throws -> [Look] {
        var looks = suspects
        let locators = looks.compactMap(\.locator)
        let items = try await patiently(run, waiting: { monitor.wait($0) }, { try rows.items(at: locators) })
        for position in looks.indices {
            if let locator = looks[position].locator, let row = items[locator.offset] {
                looks[position].wanted = row.item
                looks[position].key = row.key
            } else if looks[position].suspect.target != Suspect.nowhere {
                looks[position].key = try store.target.rest(at: looks[position].suspect.target)
            }
        }
        var hasher = ItemHasher(spec.spec.keySchema)
        var answers: [UInt64: (item: [UInt8], content: UInt64)] = [:]
        for item in try await reads.items(of: Array(Set(looks.compactMap(\.key)))) {
            let hashes = try hasher.hash(item.span)
            if !hashes.isTombstone { answers[hashes.high ^ hashes.low] = (item, hashes.content) }
        }
        for position in looks.indices {
            guard let key = looks[position].key else { continue }
            let hash = try hasher.hash(key.span)
            let answer = answers[hash.high ^ hash.low]
            looks[position].found = answer?.item
            looks[position].content = answer?.content ?? 0
            switch (looks[position].wanted, answer) {
            case (nil, nil): looks[position].kind = nil
            case (nil, _): looks[position].kind = .extra
            case (_, nil): looks[position].kind = .missing
            case (let wanted?, let answer?):
                let content = try hasher.hash(wanted.span).content
                looks[position].kind = content == answer.content ? nil : .different
            }
        }
        return looks
    }

    private func write(_ look: Look, _ rejected: Set<UInt64>, _ found: inout VerifyState.Findings) throws {
        guard let kind = look.kind, let key = look.key else {
            found.equal += 1
            return
        }
        switch kind {
        case .missing:
            if let locator = look.locator, rejected.contains(locator.offset) {
                found.rejected += 1
                return
            }
            found.missing += 1
        case .extra: found.extra += 1
        case .different, .sampled: found.different += 1
        }
        var hasher = ItemHasher(spec.spec.keySchema)
        var sides: [DifferenceLine.Attributes] = []
        if kind == .different {
            for item in [look.wanted, look.found].compactMap({ $0 }) {
                _ = try hasher.hash(item.span)
                sides.append(hasher.attributes(of: item.span))
            }
        }
        try output.append(line.make(kind, key: key, row: look.wanted == nil ? nil : look.locator, wanted: sides.first, found: sides.last))
        var suspect = look.suspect
        suspect.kind = kind
        suspect.content = look.content
        // A sampled row's key is known by its row alone.
        try confirmed.append(suspect)
    }
}

/// Reads single rows of the source again and makes items of them.
struct RowReader {
    private let source: any RowSource
    private var encoder: ItemEncoder
    private let indexCount: Int
    private var batch: RowBatch

    init(_ spec: ResolvedSpec, _ source: any RowSource) {
        self.source = source
        encoder = ItemEncoder(spec.mapping, columnCount: spec.columns.count)
        indexCount = spec.mapping.indexes.count
        batch = RowBatch(columnCount: spec.columns.count)
    }

    /// The items of the rows that stand there, by offset, with the JSON of their keys; none for rows that become none.
    mutating func items(at locators: [RecordLocator]) throws -> [UInt64: (item: [UInt8], key: [UInt8])] {
        guard !locators.isEmpty else { return [:] }
        var chunk = ItemChunk(indexCount: indexCount)
        var faults: [RejectedRow] = []
        try source.reread(locators.sorted(), into: &batch)
        encoder.encode(batch, into: &chunk, rejects: &faults)
        var items: [UInt64: (item: [UInt8], key: [UInt8])] = [:]
        for item in chunk.items {
            let start = Int(item.offset)
            let key = Array(chunk.bytes[start..<(start + Int(item.keyLength))]) + [UInt8(ascii: "}")]
            items[batch.records[Int(item.record)].locator.offset] = (Array(chunk.bytes[start..<(start + Int(item.length))]), key)
        }
        return items
    }
}

/// Rows of a reject file that could have become items, and that the store refused.
enum StoreRejects {
    /// Where those rows stand in the source; none where there is no such file.
    static func offsets(_ path: String) throws(JobFailure) -> Set<UInt64> {
        var offsets: Set<UInt64> = []
        guard let file = fopen(path, "r") else { return offsets }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while true {
            let length = getline(&line, &capacity, file)
            guard length > 0, let line else { return offsets }
            let bytes = Array(UnsafeRawBufferPointer(start: line, count: length))
            guard let json = try? JSONValue(parsing: bytes.span), json["code"]?.string?.hasPrefix("store.") == true,
                case .number(let text)? = json["offset"], let offset = UInt64(text)
            else { continue }
            offsets.insert(offset)
        }
    }
}
