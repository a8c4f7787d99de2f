import SaltmillBytes
import SaltmillPartitions

/// What one page of a Query or Scan is to be read from.
struct PageRequest {
    let table: Table
    /// Position of the index among the table's; nil for the table itself.
    let index: Int?
    let range: KeyRange
    /// The hash positions that the range lies in.
    let positions: ClosedRange<UInt64>
    let descending: Bool
    let limit: Int
    let consistent: Bool
    /// Whether items are returned, or only counted.
    let returnsItems: Bool

    /// Whose partitions serve the page.
    var resource: Resource { index.map { table.resource(ofIndex: $0) } ?? .table }

    /// Attributes that name a row: the table's keys and the index's.
    var keys: [KeyAttribute] {
        var keys = table.definition.keys.attributes
        for key in index.map({ table.definition.indexes[$0].keys.attributes }) ?? [] where !keys.contains(key) { keys.append(key) }
        return keys
    }
}

extension Engine {
    /// A page ends behind the item with which it reaches this size (API Reference, "Query").
    private static let pageBytes = 1024 * 1024

    /// Reads a page and makes it an answer.
    func page(_ request: PageRequest, _ detail: ReturnConsumedCapacity) throws -> Answer {
        let now = configuration.clock.monotonic()
        if configuration.physics != nil {
            do {
                try request.table.partitions.begin(request.resource, .read, position: request.positions.lowerBound, at: now)
            } catch {
                throw throttled(error, request.table)
            }
        }
        var body: [UInt8] = []
        body.append(request.returnsItems ? "{\"Items\":[" : "{")
        var touched = TouchedPartitions(request.table.partitions[request.resource], from: request.positions.lowerBound)
        var count = 0
        var size = 0
        var last: (key: RowKey, item: [UInt8])?
        try store.scan(request.range, descending: request.descending) { key, itemSize, item in
            count += 1
            size += itemSize
            touched.add(itemSize, at: key)
            if request.returnsItems {
                if count > 1 { body.append(UInt8(ascii: ",")) }
                body.append(item)
            }
            guard size >= Self.pageBytes || count == request.limit else { return true }
            last = (RowKey(bytes: key.array), item.array)
            return false
        }
        touched.end(at: last?.key.position ?? request.positions.upperBound)
        let units = ConsumedCapacity.readUnits(size, consistent: request.consistent, minimum: touched.count)
        if configuration.physics != nil {
            request.table.partitions.draw(touched.charges(units, request.resource), at: now)
        }
        if request.returnsItems { body.append("],") }
        body.append(contentsOf: "\"Count\":\(count),\"ScannedCount\":\(count)".utf8)
        if let last {
            let item = try readStored(last.item)
            body.append(",\"LastEvaluatedKey\":")
            body.append(contentsOf: KeyReader.json(request.keys, of: item, in: storedReader.buffer))
        }
        var consumed = ConsumedCapacity()
        if let index = request.index { consumed.add(units, index: index) } else { consumed.table = units }
        appendConsumed(consumed.json(request.table, detail, withTable: request.index == nil), to: &body)
        body.append(UInt8(ascii: "}"))
        return Answer(body: body)
    }

    /// The row behind which a page begins, checked to lie where the page is read.
    func startKey(_ body: RequestBody, _ table: Table, index: Int?) throws -> RowKey? {
        guard let item = try readMap("ExclusiveStartKey", of: body) else { return nil }
        let invalid = ServiceError.validation("The provided starting key is invalid")
        let definition = table.definition
        var names = definition.keys.attributes
        for key in index.map({ definition.indexes[$0].keys.attributes }) ?? [] where !names.contains(key) { names.append(key) }
        guard item.attributes.count == names.count else { throw invalid }
        do {
            let place = try KeyReader.rowKey(
                of: item, in: reader.buffer, definition.keys, collection: definition.collection, place: .key)
            guard let index else { return place }
            guard let key = try KeyReader.entryKey(of: item, in: reader.buffer, definition.indexes[index], place: place) else {
                throw invalid
            }
            return key
        } catch is ServiceError {
            throw invalid
        }
    }

    /// The position of the index that a Query or Scan names.
    func index(_ body: RequestBody, _ table: Table, consistent: Bool) throws -> Int? {
        guard let name = try body.string("IndexName") else { return nil }
        guard let index = table.definition.indexes.firstIndex(where: { $0.name == name }) else {
            throw ServiceError.validation("The table does not have the specified index: \(name)")
        }
        guard !consistent || !table.definition.indexes[index].isGlobal else {
            throw ServiceError.validation("Consistent reads are not supported on global secondary indexes")
        }
        return index
    }

    /// Whether a Query or Scan returns items, by its `Select`.
    func returnsItems(_ select: Select?, _ table: Table, index: Int?) throws -> Bool {
        switch select {
        case nil, .allProjectedAttributes?:
            guard select == nil || index != nil else {
                throw ServiceError.validation("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
            }
            return true
        case .count?: return false
        case .specificAttributes?:
            throw ServiceError.validation("This endpoint does not support Select SPECIFIC_ATTRIBUTES yet; leave it out")
        case .allAttributes?:
            guard let index, table.definition.indexes[index].projection != .all else { return true }
            guard !table.definition.indexes[index].isGlobal else {
                throw ServiceError.invalidParameter(
                    "Select type ALL_ATTRIBUTES is not supported for global secondary index \(table.definition.indexes[index].name) "
                        + "because its projection type is not ALL")
            }
            throw ServiceError.validation(
                "This endpoint does not support Select ALL_ATTRIBUTES on a local index that does not project ALL yet; leave it out")
        }
    }
}

/// The partitions that a page was read from, with how much it read of each.
private struct TouchedPartitions {
    private let partitions: PartitionSet
    private var current: Int
    private var boundary: UInt64
    private var bytes: [(partition: Int, bytes: Int)]

    init(_ partitions: PartitionSet, from position: UInt64) {
        self.partitions = partitions
        current = partitions.partition(at: position)
        boundary = partitions.end(ofPartition: current)
        bytes = [(current, 0)]
    }

    var count: Int { bytes.count }

    mutating func add(_ size: Int, at key: Span<UInt8>) {
        advance(to: RowKey.position(of: key))
        bytes[bytes.count - 1].bytes += size
    }

    mutating func end(at position: UInt64) { advance(to: position) }

    private mutating func advance(to position: UInt64) {
        while position > boundary {
            current += 1
            boundary = partitions.end(ofPartition: current)
            bytes.append((current, 0))
        }
    }

    /// The page's units, divided among the partitions as its bytes are.
    func charges(_ units: Double, _ resource: Resource) -> [Charge] {
        let total = bytes.reduce(0) { $0 + $1.bytes }
        return bytes.map { part in
            let share = total > 0 ? Double(part.bytes) / Double(total) : 1 / Double(bytes.count)
            return Charge(resource, .read, position: partitions.start(ofPartition: part.partition), units: units * share)
        }
    }
}
