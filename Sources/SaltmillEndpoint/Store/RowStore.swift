import GRDB
import SaltmillBytes

/// Rows in the order of their keys, in SQLite: in memory, or in a file in which every committed transaction survives the process being killed.
///
/// All tables' items and all indexes' entries are rows of one SQLite table; ``RowKey`` tells them apart. Only one thread at a time may use it.
final class RowStore {
    private let queue: DatabaseQueue
    private let select: HotStatement
    private let upsert: HotStatement
    private let remove: HotStatement
    private let ascending: HotStatement
    private let descending: HotStatement
    private let updateContents: HotStatement

    /// - Parameter path: the data file, made where there is none; nil for memory.
    /// - Throws: ``EndpointError``, or GRDB's `DatabaseError`, for a file that cannot be used.
    init(path: String?) throws {
        let queue = try DataFile.open(path)
        self.queue = queue
        func prepare(_ sql: String) throws -> HotStatement {
            try queue.writeWithoutTransaction { HotStatement(try $0.makeStatement(sql: sql)) }
        }
        select = try prepare("SELECT size, item FROM row WHERE key = ?1")
        upsert = try prepare(
            "INSERT INTO row (key, size, item) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET size = excluded.size, item = excluded.item"
        )
        remove = try prepare("DELETE FROM row WHERE key = ?1")
        ascending = try prepare("SELECT size, item, key FROM row WHERE key >= ?1 AND key < ?2 ORDER BY key")
        descending = try prepare("SELECT size, item, key FROM row WHERE key >= ?1 AND key < ?2 ORDER BY key DESC")
        updateContents = try prepare("INSERT OR REPLACE INTO collection (number, items, bytes) VALUES (?1, ?2, ?3)")
    }

    /// Runs `body` with the database at hand: everything else must be called inside of it.
    func use<Result>(_ body: () throws -> Result) throws -> Result { try queue.writeWithoutTransaction { _ in try body() } }

    /// Runs `body` in a transaction, which is committed when it returns and rolled back when it throws.
    func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try queue.unsafeReentrantWrite { database in
            try database.beginTransaction(.immediate)
            do {
                let result = try body()
                try database.commit()
                return result
            } catch {
                try? database.rollback()
                throw error
            }
        }
    }

    // MARK: - Rows

    /// A row as it was stored.
    struct Row {
        /// Size by the item-size rules.
        var size: Int
        var item: [UInt8]
    }

    /// The size of a row, where there is one.
    func size(_ key: RowKey) throws -> Int? {
        try key.bytes.withUnsafeBufferPointer { key in
            defer { select.reset() }
            select.bind(key, at: 1)
            return try select.step() ? select.int(0) : nil
        }
    }

    func row(_ key: RowKey) throws -> Row? {
        try key.bytes.withUnsafeBufferPointer { key in
            defer { select.reset() }
            select.bind(key, at: 1)
            guard try select.step() else { return nil }
            return Row(size: select.int(0), item: select.withBlob(1) { $0.array })
        }
    }

    func put(_ key: RowKey, size: Int, item: Span<UInt8>) throws {
        try key.bytes.withUnsafeBufferPointer { key in
            try item.withUnsafeBufferPointer { item in
                defer { upsert.reset() }
                upsert.bind(key, at: 1)
                upsert.bind(size, at: 2)
                upsert.bind(item, at: 3)
                _ = try upsert.step()
            }
        }
    }

    func delete(_ key: RowKey) throws {
        try key.bytes.withUnsafeBufferPointer { key in
            defer { remove.reset() }
            remove.bind(key, at: 1)
            _ = try remove.step()
        }
    }

    /// Reads the rows of a range in order, until `body` returns false.
    /// - Parameter body: gets the key, the size and the item; the key and the item are valid during the call only.
    func scan(_ range: KeyRange, descending isDescending: Bool = false, _ body: (Span<UInt8>, Int, Span<UInt8>) throws -> Bool) throws {
        let statement = isDescending ? descending : ascending
        try range.lower.bytes.withUnsafeBufferPointer { lower in
            try range.upper.bytes.withUnsafeBufferPointer { upper in
                defer { statement.reset() }
                statement.bind(lower, at: 1)
                statement.bind(upper, at: 2)
                while try statement.step() {
                    let goesOn = try statement.withBlob(2) { key in
                        try statement.withBlob(1) { item in try body(key, statement.int(0), item) }
                    }
                    guard goesOn else { return }
                }
            }
        }
    }

    func deleteAll(_ range: KeyRange) throws {
        let statement = HotStatement(try makeStatement("DELETE FROM row WHERE key >= ?1 AND key < ?2"))
        try range.lower.bytes.withUnsafeBufferPointer { lower in
            try range.upper.bytes.withUnsafeBufferPointer { upper in
                statement.bind(lower, at: 1)
                statement.bind(upper, at: 2)
                defer { statement.reset() }
                _ = try statement.step()
            }
        }
    }

    private func makeStatement(_ sql: String) throws -> Statement {
        try queue.unsafeReentrantWrite { try $0.makeStatement(sql: sql) }
    }

    // MARK: - Tables

    /// Notes how many rows a table or index has.
    func setContents(_ contents: Table.Contents, of collection: UInt32) throws {
        defer { updateContents.reset() }
        updateContents.bind(Int(collection), at: 1)
        updateContents.bind(contents.items, at: 2)
        updateContents.bind(contents.bytes, at: 3)
        _ = try updateContents.step()
    }

    func contents() throws -> [UInt32: Table.Contents] {
        try queue.unsafeReentrantWrite { database in
            var contents: [UInt32: Table.Contents] = [:]
            for row in try GRDB.Row.fetchAll(database, sql: "SELECT number, items, bytes FROM collection") {
                contents[row["number"]] = Table.Contents(items: row["items"], bytes: row["bytes"])
            }
            return contents
        }
    }

    /// The records of all tables.
    func records() throws -> [[UInt8]] {
        try queue.unsafeReentrantWrite { database in
            try String.fetchAll(database, sql: "SELECT record FROM definition ORDER BY name").map { Array($0.utf8) }
        }
    }

    func setRecord(_ record: [UInt8], of table: String) throws {
        try queue.unsafeReentrantWrite { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO definition (name, record) VALUES (?, ?)",
                arguments: [table, String(decoding: record, as: UTF8.self)])
        }
    }

    /// Removes a table's record and the counts of its collections.
    func removeRecord(of table: String, collections: [UInt32]) throws {
        try queue.unsafeReentrantWrite { database in
            try database.execute(sql: "DELETE FROM definition WHERE name = ?", arguments: [table])
        }
        try removeContents(of: collections)
    }

    /// Forgets how many rows tables or indexes have.
    func removeContents(of collections: [UInt32]) throws {
        try queue.unsafeReentrantWrite { database in
            for collection in collections {
                try database.execute(sql: "DELETE FROM collection WHERE number = ?", arguments: [collection])
            }
        }
    }
}
