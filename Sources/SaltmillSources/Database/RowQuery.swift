import SaltmillBytes

/// How a table's or query's rows are asked for, in the order of a key.
struct RowQuery: Sendable {
    /// The key that rows are told apart by.
    struct Key: Sendable, Equatable {
        /// Positions of its columns among the row's.
        var positions: [Int]
        var kinds: [ResultColumn.KeyKind]

        /// The key is one whole number: a row's place is the number itself.
        var isInteger: Bool { kinds == [.signed] || kinds == [.unsigned] }
    }

    /// A key's values, as a database writes them.
    typealias KeyValues = [[UInt8]]

    let columns: [ResultColumn]
    let key: Key
    /// What identifies the key: names of its columns.
    var keyColumns: [String] { key.positions.map { columns[$0].name } }
    /// Keys other than ``key`` that no two rows agree in, as far as is known.
    let otherKeys: [[String]]
    /// Counts the rows.
    let counting: String
    private let dialect: any SQLDialect
    private let from: String
    private let list: String
    private let order: String
    private let quotedKey: [String]
    /// What stands before each column's value in a record.
    private let members: [[UInt8]]

    /// Asks for columns and keys.
    /// - Throws: ``SourceError`` when there is nothing of that name, or rows cannot be told apart; ``SourcePause``.
    init(_ database: LiveDatabase, _ rows: DatabaseSelection.Rows, key names: [String]) throws {
        var index = ""
        let (dialect, place) = try database.ask { session in
            switch rows {
            case .table(let table): (session.dialect, session.dialect.table(table))
            case .query(let query):
                // A comment at the query's end must not swallow the parenthesis.
                (session.dialect, "(\(query[...(query.lastIndex { !$0.isWhitespace && $0 != ";" } ?? query.startIndex)])\n) AS source")
            }
        }
        let columns = try database.ask { try $0.columns(of: "SELECT * FROM \(place) LIMIT 0") }
        guard Set(columns.map(\.name)).count == columns.count else {
            throw SourceError(.header, "\(database.url.name): two columns have one name; give each a name of its own in the query")
        }
        var wanted = names
        var others: [[String]] = []
        if case .table(let name) = rows {
            let table = try database.url.table(name, in: database)
            let key = try Self.key(of: table, names, database.url)
            wanted = key.columns
            others = ([table.primaryKey].compactMap { $0 } + table.uniqueKeys).filter { $0 != key }.map(\.columns)
            // Without it a server may sort the whole table for each part.
            if database.url.kind == .mysql { index = " FORCE INDEX (\(dialect.quoted(key.name)))" }
        }
        var positions: [Int] = []
        for name in wanted {
            guard let position = columns.firstIndex(where: { $0.name == name }) else {
                throw SourceError(.header, "\(database.url.name): the query's result has no column \(name); name the key's columns")
            }
            guard columns[position].key != .none else {
                throw SourceError(
                    .header,
                    "\(database.url.name): rows cannot be read in the order of \(name), because of its type; name another unique key as `key`"
                )
            }
            positions.append(position)
        }
        self.columns = columns
        self.key = Key(positions: positions, kinds: positions.map { columns[$0].key })
        self.dialect = dialect
        otherKeys = others
        members = columns.enumerated().map { number, column in
            var text: [UInt8] = [UInt8(ascii: number == 0 ? "{" : ",")]
            JSONText.appendQuoted(column.name, to: &text)
            return text + [UInt8(ascii: ":")]
        }
        from = place + index
        // Without the index: a server may know a shorter one to count by.
        counting = "SELECT count(*) FROM \(place)"
        list = columns.map { $0.expression.replacing("?", with: dialect.quoted($0.name)) }.joined(separator: ", ")
        quotedKey = wanted.map { dialect.quoted($0) }
        order = quotedKey.joined(separator: ", ")
    }

    /// The key of a table that is meant.
    private static func key(of table: SourceTable, _ names: [String], _ url: DatabaseURL) throws(SourceError) -> SourceTable.Key {
        let keys = (table.primaryKey.map { [$0] } ?? []) + table.uniqueKeys
        let found = keys.first { key in names.isEmpty ? key == table.primaryKey : names == [key.name] || names == key.columns }
        guard let key = found else {
            let known = keys.map { "\($0.name) (\($0.columns.joined(separator: ", ")))" }.joined(separator: ", ")
            throw SourceError(
                .header,
                "\(url.name): \(table.name) has no \(names.isEmpty ? "primary key" : "unique key \(names.joined(separator: ", "))") to read it by"
                    + (known.isEmpty ? "; add one, or read it by a `query` with a `key`" : "; name one of these as `key`: \(known)"))
        }
        for name in key.columns where table.columns.first(where: { $0.name == name })?.isNullable == true {
            throw SourceError(
                .header, "\(url.name): \(name) of the key \(key.name) may be null, and rows without it would be missed; name another key")
        }
        return key
    }

    // MARK: Statements

    /// Where a range of keys begins.
    enum Start: Sendable, Equatable {
        case beginning
        case at(KeyValues)
        case behind(KeyValues)
    }

    /// Selects rows from a key on and up to another one, in order.
    func rows(from start: Start, upTo high: KeyValues, limit: Int) -> String {
        let low: [String] =
            switch start {
            case .beginning: []
            case .at(let key): [compare(true, orEqual: true, key)]
            case .behind(let key): [compare(true, orEqual: false, key)]
            }
        return select(list, low + [compare(false, orEqual: true, high)], limit)
    }

    /// Selects the rows with these keys.
    func rows(at keys: [KeyValues]) -> String {
        let cases = keys.map { key in
            "(\(zip(quotedKey, literals(key)).map { "\($0) = \($1)" }.joined(separator: " AND ")))"
        }
        return "SELECT \(list) FROM \(from) WHERE \(cases.joined(separator: " OR "))"
    }

    /// Selects the first key whose first column has at least some value, and that is behind another key.
    func firstKey(from value: [UInt8], behind low: KeyValues?) -> String {
        let bounds =
            ["\(quotedKey[0]) >= \(dialect.literal(value, of: key.kinds[0]))"] + (low.map { [compare(true, orEqual: false, $0)] } ?? [])
        return select(order, bounds, 1)
    }

    /// Selects rows whose key's first column has at least some value, and that are behind another key.
    func rows(from value: [UInt8], behind low: KeyValues?, limit: Int) -> String {
        let bounds =
            ["\(quotedKey[0]) >= \(dialect.literal(value, of: key.kinds[0]))"] + (low.map { [compare(true, orEqual: false, $0)] } ?? [])
        return select(list, bounds, limit)
    }

    /// Selects the first or the last key.
    func outermostKey(isLast: Bool) -> String {
        let order = isLast ? quotedKey.map { "\($0) DESC" }.joined(separator: ", ") : order
        return "SELECT \(self.order) FROM \(from) ORDER BY \(order) LIMIT 1"
    }

    /// Selects a key that several rows have, or that is null.
    var faultyKey: String {
        let nulls = quotedKey.map { "\($0) IS NULL" }.joined(separator: " OR ")
        return "SELECT \(order) FROM \(from) GROUP BY \(order) HAVING count(*) > 1 OR \(nulls) LIMIT 1"
    }

    private func select(_ list: String, _ bounds: [String], _ limit: Int) -> String {
        let condition = bounds.isEmpty ? "" : " WHERE \(bounds.joined(separator: " AND "))"
        return "SELECT \(list) FROM \(from)\(condition) ORDER BY \(order) LIMIT \(limit)"
    }

    private func compare(_ isBehind: Bool, orEqual: Bool, _ values: KeyValues) -> String {
        dialect.compare(quotedKey, isBehind, orEqual: orEqual, literals(values))
    }

    private func literals(_ values: KeyValues) -> [String] { zip(values, key.kinds).map { dialect.literal($0, of: $1) } }

    // MARK: Rows

    /// The key of a row.
    func keyValues(of row: UnsafeBufferPointer<RawValue?>) -> KeyValues { key.positions.map { row[$0].map { Array($0) } ?? [] } }

    /// Appends a row to a batch as a record.
    func append(_ row: UnsafeBufferPointer<RawValue?>, at locator: RecordLocator, zone: [UInt8], to batch: inout RowBatch) {
        let start = batch.bytes.count
        for column in columns.indices {
            batch.bytes.append(contentsOf: members[column])
            batch.append(row[column], as: columns[column].kind, zone: zone)
        }
        batch.bytes.append(UInt8(ascii: "}"))
        batch.records.append(Record(locator: locator, raw: start..<batch.bytes.count))
        batch.bytes.append(0x0A)
    }

    /// The key that a statement gives.
    func key(_ statement: String, _ database: LiveDatabase) throws -> KeyValues? {
        try database.ask { session in
            var found: KeyValues?
            _ = try session.read(statement) { row in found = row.map { $0.map { Array($0) } ?? [] } }
            return found
        }
    }

    // MARK: Samples

    /// Values of the key's first column behind which to look for a sample; none of a table without rows, only the lowest where the others cannot
    /// be guessed.
    func places(_ count: Int, in database: LiveDatabase) throws -> [[UInt8]] {
        guard let low = try key(outermostKey(isLast: false), database), let high = try key(outermostKey(isLast: true), database) else {
            return []
        }
        return [low[0]] + KeySpace.scattered(from: low[0], to: high[0], of: key.kinds[0], parts: count)
    }

    /// Reads rows at one place.
    /// - Parameters:
    ///   - last: key of the last row that was read at another place.
    ///   - first: number of the first row, which is its locator's offset.
    func sample(
        at place: [UInt8], behind last: KeyValues?, limit: Int, numbered first: Int = 0, zone: [UInt8] = [], from database: LiveDatabase
    ) throws -> (rows: RowBatch, keys: [KeyValues]) {
        try database.ask { session in
            var batch = RowBatch(columnCount: columns.count)
            var keys: [KeyValues] = []
            _ = try session.read(rows(from: place, behind: last, limit: limit)) { row in
                append(row, at: RecordLocator(offset: UInt64(first + keys.count), line: 0), zone: zone, to: &batch)
                keys.append(keyValues(of: row))
            }
            return (batch, keys)
        }
    }

    /// Takes rows at places spread over the key's range.
    func sample(_ count: Int, from database: LiveDatabase) throws -> SourceSample {
        var sample = SourceSample(columns: columns.map(\.name), rows: RowBatch(columnCount: columns.count))
        guard count > 0 else { return sample }
        let places = try places(KeySpace.points(for: count), in: database)
        var last: KeyValues?
        for (number, place) in places.enumerated() {
            let (batch, keys) = try self.sample(
                at: place, behind: last, limit: KeySpace.rows(at: number, of: places.count, in: count), from: database)
            sample.rows.append(batch, records: 0..<batch.records.count)
            last = keys.last ?? last
        }
        return sample
    }
}

extension DatabaseURL {
    /// Describes a table by a database that is open already.
    func table(_ name: String, in database: LiveDatabase) throws -> SourceTable {
        switch kind {
        case .mysql: try MySQLCatalog(database: database).table(name)
        default: try PostgreSQLCatalog(database: database).table(name)
        }
    }
}

extension RowBatch {
    /// Appends consecutive records of another batch.
    mutating func append(_ other: borrowing RowBatch, records range: Range<Int>) {
        guard let first = range.first, let last = range.last else { return }
        let start = other.records[first].raw.lowerBound
        // Behind each record stands one byte that ends it.
        let end = other.records[last].raw.upperBound + 1
        let shift = bytes.count - start
        bytes.append(other.bytes.span.extracting(start..<end))
        cells.reserveCapacity(cells.count + range.count * columnCount)
        for index in first * columnCount..<(last + 1) * columnCount {
            var cell = other.cells[index]
            cell.offset = UInt32(Int(cell.offset) + shift)
            cells.append(cell)
        }
        for index in range {
            var record = other.records[index]
            record.raw = record.raw.lowerBound + shift..<record.raw.upperBound + shift
            records.append(record)
        }
    }
}
