import GRDB
import GRDBSQLite
import SaltmillBytes

/// A prepared statement for the rows' path: binds and reads bytes where they lie, without making values of them.
///
/// Bytes are bound by reference: they must stay where they are until ``reset()``.
struct HotStatement {
    /// Keeps the statement alive.
    private let statement: Statement
    private let handle: OpaquePointer

    init(_ statement: Statement) {
        self.statement = statement
        handle = statement.sqliteStatement
    }

    func bind(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int32) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            sqlite3_bind_zeroblob(handle, index, 0)
            return
        }
        // A destructor of nil is SQLITE_STATIC: SQLite does not copy.
        sqlite3_bind_blob64(handle, index, base, UInt64(bytes.count), nil)
    }

    func bind(_ number: Int, at index: Int32) { sqlite3_bind_int64(handle, index, Int64(number)) }

    /// Goes on to the next row; false behind the last one.
    /// - Throws: `DatabaseError`.
    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            let message = sqlite3_db_handle(handle).flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        }
    }

    /// Ends a run, so that bound bytes may go and the transaction can be committed.
    func reset() { sqlite3_reset(handle) }

    func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(handle, column)) }

    /// Lends a column's bytes.
    func withBlob<Result>(_ column: Int32, _ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        let count = Int(sqlite3_column_bytes(handle, column))
        let base = sqlite3_column_blob(handle, column)?.assumingMemoryBound(to: UInt8.self)
        return try body(UnsafeBufferPointer(start: base, count: base == nil ? 0 : count).span)
    }
}
