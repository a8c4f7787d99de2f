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
    /// Items that do not meet it are examined, but not returned.
    var filter: Condition?
    /// What is returned of items; nil for all.
    var projection: ProjectedPaths?
    /// Entries of a local index lack attributes that are asked for, which are fetched from the table.
    var fetchesItems = false

    /// Whose partitions serve the page.
    var resource: Resource { index.map { table.resource(ofIndex: $0) } ?? .table }
}

/// What a page held, besides the items that it returns.
struct Page {
    var examined = 0
    var returned = 0
    /// Bytes of the items that were examined.
    var size = 0
    /// Where it stopped; nil behind the last row.
    var last: (key: RowKey, item: [UInt8])?
    var consumed = ConsumedCapacity()
}

extension Engine {
    /// A page ends behind the item with which it reaches this size (API Reference, "Query").
    static let pageBytes = 1024 * 1024

    /// Reads a page and makes it an answer.
    func page(_ request: PageRequest, _ detail: ReturnConsumedCapacity) throws -> Answer {
        var body: [UInt8] = []
        body.append(request.returnsItems ? "{\"Items\":[" : "{")
        let page = try read(request, into: &body)
        if request.returnsItems { body.append("],") }
        body.append(contentsOf: "\"Count\":\(page.returned),\"ScannedCount\":\(page.examined)".utf8)
        if let last = page.last {
            body.append(",\"LastEvaluatedKey\":")
            body.append(contentsOf: try keyJSON(last.item, request.table.keys(index: request.index)))
        }
        appendConsumed(
            page.consumed.json(request.table, detail, withTable: request.index == nil || request.fetchesItems), to: &body)
        body.append(UInt8(ascii: "}"))
        return Answer(body: body)
    }

    /// The JSON of a stored item's keys.
    func keyJSON(_ item: [UInt8], _ keys: [KeyAttribute]) throws -> [UInt8] {
        let item = try readStored(item)
        return KeyReader.json(keys, of: item, in: storedReader.buffer)
    }

    /// Reads a page, and appends what it returns to an array that has been begun.
    func read(_ request: PageRequest, into body: inout [UInt8]) throws -> Page {
        let now = configuration.clock.monotonic()
        if configuration.physics != nil {
            do {
                try request.table.partitions.begin(request.resource, .read, position: request.positions.lowerBound, at: now)
            } catch {
                throw throttled(error, request.table)
            }
        }
        var page = Page()
        var touched = TouchedPartitions(request.table.partitions[request.resource], from: request.positions.lowerBound)
        var fetched = 0.0
        let filterNames = request.filter.map { $0.paths.map(\.attributeInJSON) }
        try store.scan(request.range, descending: request.descending) { key, itemSize, item in
            page.examined += 1
            page.size += itemSize
            touched.add(itemSize, at: key)
            if request.fetchesItems {
                let row = try store.row(try place(of: item, request.table))
                fetched += ConsumedCapacity.readUnits(row?.size ?? 0, consistent: request.consistent)
                if let row, try append(row.item.span, request, filterNames, to: &body) { page.returned += 1 }
            } else if try append(item, request, filterNames, to: &body) {
                page.returned += 1
            }
            guard page.size >= Self.pageBytes || page.examined == request.limit else { return true }
            page.last = (RowKey(bytes: key.array), item.array)
            return false
        }
        touched.end(at: page.last?.key.position ?? request.positions.upperBound)
        let units = ConsumedCapacity.readUnits(page.size, consistent: request.consistent, minimum: touched.count)
        if configuration.physics != nil {
            request.table.partitions.draw(touched.charges(units, request.resource), at: now)
        }
        if let index = request.index { page.consumed.add(units, index: index) } else { page.consumed.table = units }
        page.consumed.table += fetched
        return page
    }

    /// Appends an item to the page if it meets the filter.
    private func append(
        _ item: Span<UInt8>, _ request: PageRequest, _ filterNames: [[UInt8]]?, to body: inout [UInt8]
    ) throws -> Bool {
        if let filter = request.filter {
            var scanner = JSONScanner()
            guard filter.isMet(by: try ItemValue.members(&scanner, item, only: filterNames)) else { return false }
        }
        guard request.returnsItems else { return true }
        if body.last != UInt8(ascii: "[") { body.append(UInt8(ascii: ",")) }
        if let projection = request.projection { try projection.append(item, to: &body) } else { body.append(item) }
        return true
    }

    /// The key of the item that an index entry stands for.
    private func place(of entry: Span<UInt8>, _ table: Table) throws -> RowKey {
        var scanner = JSONScanner()
        storedReader.removeAll()
        let item = try storedReader.readMap(&scanner, entry)
        return try KeyReader.rowKey(
            of: item, in: storedReader.buffer, table.definition.keys, collection: table.definition.collection, place: .key)
    }

    /// The row behind which a page begins, checked to lie where the page is read.
    func startKey(_ item: ItemBuffer.Item?, _ table: Table, index: Int?) throws -> RowKey? {
        guard let item else { return nil }
        let invalid = ServiceError.validation("The provided starting key is invalid")
        let definition = table.definition
        guard item.attributes.count == table.keys(index: index).count else { throw invalid }
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
    func index(_ name: String?, _ table: Table, consistent: Bool) throws -> Int? {
        guard let name else { return nil }
        guard let index = table.definition.indexes.firstIndex(where: { $0.name == name }) else {
            throw ServiceError.validation("The table does not have the specified index: \(name)")
        }
        guard !consistent || !table.definition.indexes[index].isGlobal else {
            throw ServiceError.validation("Consistent reads are not supported on global secondary indexes")
        }
        return index
    }

    /// Checks `Select` against what else the request says.
    func checkSelect(_ select: Select?, _ body: RequestBody) throws {
        let projection = ["ProjectionExpression", "AttributesToGet"].first { body.has($0) }
        switch (select, projection) {
        case (.allProjectedAttributes?, _) where !body.has("IndexName"):
            throw ServiceError.validation("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
        case (.specificAttributes?, nil):
            throw ServiceError.validation(
                "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
        case (let select?, let parameter?) where select != .specificAttributes:
            throw ServiceError.validation("Cannot specify the \(parameter) when choosing to get \(select.rawValue)")
        default: return
        }
    }

    /// Whether entries of an index lack attributes that are asked for, and come from the table instead.
    /// - Throws: a ValidationException where that is not possible: a global index has only what it projects.
    func fetchesItems(_ select: Select?, _ projection: ProjectedPaths?, _ table: Table, index: Int?) throws -> Bool {
        guard let index = index.map({ table.definition.indexes[$0] }), index.projection != .all else { return false }
        guard select != .allAttributes || !index.isGlobal else {
            throw ServiceError.invalidParameter(
                "Select type ALL_ATTRIBUTES is not supported for global secondary index \(index.name) "
                    + "because its projection type is not ALL")
        }
        let held = table.attributes(heldBy: index)
        let lacking = (projection?.paths ?? []).map(\.attribute).filter { !held.contains($0) }
        guard lacking.isEmpty || !index.isGlobal else {
            let names = lacking.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
            throw ServiceError.invalidParameter("Global secondary index \(index.name) does not project [\(names)]")
        }
        return select == .allAttributes || !lacking.isEmpty
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
