import SaltmillBytes
import SaltmillPartitions

/// All tables, and what every operation does to them. Only one thread at a time may use it.
final class Engine {
    let configuration: EndpointConfiguration
    let store: any RowStore
    let describer: TableDescriber
    var tables: [String: Table] = [:]
    /// Number for the next table's rows.
    var nextCollection: UInt32 = 1
    /// Items and keys of the request at hand.
    var reader = ItemReader()
    /// Stored items of the request at hand.
    var storedReader = ItemReader()
    /// Transactions of the last minutes, by their tokens; they are forgotten when the endpoint ends.
    var tokens: [String: Transactions.Remembered] = [:]
    private let log: RequestLog?
    /// What the log will tell of the request at hand, by table.
    var logEntries: [RequestLog.Entry] = []
    /// Tables whose partitions the request at hand may have changed.
    var touchedTables: [Table] = []

    /// - Throws: for a data file or a log that cannot be opened.
    init(_ configuration: EndpointConfiguration) throws {
        self.configuration = configuration
        store = try configuration.dataFile.map { try SQLiteRowStore(path: $0) } ?? MemoryRowStore()
        describer = TableDescriber(region: configuration.region, clock: configuration.clock)
        log = try configuration.requestLog.map { try RequestLog(path: $0) }
        try loadTables()
    }

    /// Answers one request.
    func answer(_ operation: Operation, _ body: [UInt8]) -> Answer {
        reader.removeAll()
        storedReader.removeAll()
        logEntries.removeAll()
        touchedTables.removeAll()
        let answer = attempt(operation, body)
        for table in touchedTables { noteSplits(of: table) }
        log?.write(logEntries, operation, status: answer.status, at: configuration.clock.epoch())
        return answer
    }

    private func attempt(_ operation: Operation, _ body: [UInt8]) -> Answer {
        do {
            let request = try RequestBody(body)
            return try store.use { try perform(operation, request) }
        } catch let error as ServiceError {
            return Answer(error)
        } catch let error as JSONError {
            return Answer(.serialization("The request's JSON is not of the shape that \(operation.rawValue) has: \(error)"))
        } catch {
            return Answer(.internalError("The endpoint's own store failed: \(error)"))
        }
    }

    private func perform(_ operation: Operation, _ request: RequestBody) throws -> Answer {
        switch operation {
        case .createTable: try createTable(request)
        case .describeTable: try describeTable(request)
        case .listTables: try listTables(request)
        case .updateTable: try updateTable(request)
        case .deleteTable: try deleteTable(request)
        case .tagResource: try tagResource(request)
        case .untagResource: try untagResource(request)
        case .listTagsOfResource: try listTagsOfResource(request)
        case .describeTimeToLive: try describeTimeToLive(request)
        case .updateTimeToLive: try updateTimeToLive(request)
        case .updateContinuousBackups: try updateContinuousBackups(request)
        case .describeContinuousBackups: try describeContinuousBackups(request)
        case .describeLimits: try describeLimits(request)
        case .describeEndpoints: try describeEndpoints(request)
        case .putItem: try putItem(request)
        case .getItem: try getItem(request)
        case .deleteItem: try deleteItem(request)
        case .updateItem: try updateItem(request)
        case .batchWriteItem: try batchWriteItem(request)
        case .batchGetItem: try batchGetItem(request)
        case .query: try query(request)
        case .scan: try scan(request)
        case .transactWriteItems: try transactWriteItems(request)
        case .transactGetItems: try transactGetItems(request)
        case .executeStatement: try executeStatement(request)
        case .batchExecuteStatement: try batchExecuteStatement(request)
        case .executeTransaction: try executeTransaction(request)
        }
    }

    private func loadTables() throws {
        try store.use {
            let contents = try store.contents()
            let now = configuration.clock.monotonic()
            for bytes in try store.records() {
                let record = try TableRecord(parsing: bytes)
                let definition = record.definition
                let collections = [definition.collection] + definition.indexes.map(\.collection)
                let throughputs = [definition.throughput] + definition.indexes.compactMap(\.throughput)
                let maxima = [definition.maximum] + definition.globalIndexes.map { definition.indexes[$0].maximum }
                let table = Table(definition, contents: collections.map { contents[$0] ?? .init() })
                let sets = record.partitions.indices.map { number in
                    var map = record.partitions[number]
                    map.scale(toBytes: table.bytes(of: number == 0 ? .table : .index(number - 1)))
                    return PartitionSet(throughputs[number], map: map, maximum: maxima[number], physics: physics, at: now)
                }
                table.partitions = PartitionedTable(table: sets[0], indexes: Array(sets.dropFirst()))
                tables[definition.name] = table
                nextCollection = max(nextCollection, (collections.max() ?? 0) + 1)
            }
        }
    }

    /// The rules of splitting are kept even where nothing is refused.
    var physics: Physics { configuration.physics ?? .adaptive }

    /// Draws units, all or none, unless nothing is ever refused here.
    func admit(_ charges: [Charge], to table: Table, at now: Int64) throws(Refusal) {
        guard configuration.physics != nil else { return }
        try table.partitions.admit(charges, at: now)
    }

    func admit(_ charge: Charge, to table: Table, at now: Int64) throws(Refusal) {
        guard configuration.physics != nil else { return }
        try table.partitions.admit(charge, at: now)
    }

    /// The answer to a request that was refused as a whole.
    func throttled(_ refusal: Refusal, _ table: Table) -> ServiceError {
        .throttled(
            refusal, isOnDemand: table.definition.throughput == .onDemand,
            resource: describer.arn(table.name, index: table.indexName(refusal.resource)))
    }
}
