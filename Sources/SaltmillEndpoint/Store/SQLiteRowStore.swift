import GRDB
import SaltmillBytes

/// Rows in an SQLite file, in which every committed transaction survives the process being killed.
final class SQLiteRowStore: RowStore {
    private let queue: DatabaseQueue
    private let select: HotStatement
    private let upsert: HotStatement
    private let remove: HotStatement
    private let ascending: HotStatement
    private let descending: HotStatement
    private let updateContents: HotStatement

    /// - Parameter path: the data file, made where there is none.
    /// - Throws: ``EndpointError``, or GRDB's `DatabaseError`, for a file that cannot be used.
    init(path: String) throws {
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

    func use<Result>(_ body: () throws -> Result) throws -> Result { try queue.writeWithoutTransaction { _ in try body() } }

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

    func size(_ key: RowKey) throws -> Int? {
        try key.bytes.withUnsafeBufferPointer { key in
            defer { select.reset() }
            select.bind(key, at: 1)
            return try select.step() ? select.int(0) : nil
        }
    }

    func row(_ key: RowKey) throws -> StoredRow? {
        try key.bytes.withUnsafeBufferPointer { key in
            defer { select.reset() }
            select.bind(key, at: 1)
            guard try select.step() else { return nil }
            return StoredRow(size: select.int(0), item: select.withBlob(1) { $0.array })
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

    func scan(_ range: KeyRange, descending isDescending: Bool, _ body: (Span<UInt8>, Int, Span<UInt8>) throws -> Bool) throws {
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

    func removeRecord(of table: String, collections: [UInt32]) throws {
        try queue.unsafeReentrantWrite { database in
            try database.execute(sql: "DELETE FROM definition WHERE name = ?", arguments: [table])
        }
        try removeContents(of: collections)
    }

    func removeContents(of collections: [UInt32]) throws {
        try queue.unsafeReentrantWrite { database in
            for collection in collections {
                try database.execute(sql: "DELETE FROM collection WHERE number = ?", arguments: [collection])
            }
        }
    }
}
