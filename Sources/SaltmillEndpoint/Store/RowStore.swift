import SaltmillBytes

/// Rows in the order of their keys, and what is known of the tables that they belong to.
///
/// All tables' items and all indexes' entries are rows of one store; ``RowKey`` tells them apart. Only one thread at a time may use it.
protocol RowStore: AnyObject {
    /// Runs `body` with the store at hand: everything else must be called inside of it.
    func use<Result>(_ body: () throws -> Result) throws -> Result

    /// Runs `body` in a transaction, which is committed when it returns and rolled back when it throws.
    func transaction<Result>(_ body: () throws -> Result) throws -> Result

    /// The size of a row, where there is one.
    func size(_ key: RowKey) throws -> Int?

    func row(_ key: RowKey) throws -> StoredRow?

    func put(_ key: RowKey, size: Int, item: Span<UInt8>) throws

    func delete(_ key: RowKey) throws

    /// Reads the rows of a range in order, until `body` returns false. What `body` writes elsewhere does not disturb it.
    /// - Parameter body: gets the key, the size and the item; the key and the item are valid during the call only.
    func scan(_ range: KeyRange, descending: Bool, _ body: (Span<UInt8>, Int, Span<UInt8>) throws -> Bool) throws

    func deleteAll(_ range: KeyRange) throws

    /// Notes how many rows a table or index has.
    func setContents(_ contents: Table.Contents, of collection: UInt32) throws

    func contents() throws -> [UInt32: Table.Contents]

    /// The records of all tables.
    func records() throws -> [[UInt8]]

    func setRecord(_ record: [UInt8], of table: String) throws

    /// Removes a table's record and the counts of its collections.
    func removeRecord(of table: String, collections: [UInt32]) throws

    /// Forgets how many rows tables or indexes have.
    func removeContents(of collections: [UInt32]) throws
}

extension RowStore {
    func scan(_ range: KeyRange, _ body: (Span<UInt8>, Int, Span<UInt8>) throws -> Bool) throws {
        try scan(range, descending: false, body)
    }
}

/// A row as it was stored.
struct StoredRow {
    /// Size by the item-size rules.
    var size: Int
    var item: [UInt8]
}
