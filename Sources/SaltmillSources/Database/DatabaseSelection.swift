import SaltmillBytes

/// Which rows of a database to read, and in what order.
package struct DatabaseSelection: Sendable, Equatable {
    package enum Rows: Sendable, Equatable {
        /// A table, perhaps with its schema before a dot.
        case table(String)
        case query(String)
    }

    package var url: DatabaseURL
    package var options: DatabaseOptions
    package var rows: Rows
    /// The columns by which rows are told apart and read in order, or the name of a unique key; empty for the primary key.
    package var key: [String]
    /// In how many parts to read, in turns.
    package var ranges: Int
    /// What stands behind times that are in no zone: `Z` or an offset such as `+09:00`; empty for nothing.
    package var zone: String
    package var courtesy: SourceCourtesy

    package static let defaultRanges = 8

    package init(
        url: DatabaseURL, options: DatabaseOptions = DatabaseOptions(), rows: Rows, key: [String] = [], ranges: Int = defaultRanges,
        zone: String = "", courtesy: SourceCourtesy = SourceCourtesy()
    ) {
        self.url = url
        self.options = options
        self.rows = rows
        self.key = key
        self.ranges = ranges
        self.zone = zone
        self.courtesy = courtesy
    }

    /// What messages call the source.
    package var name: String {
        switch rows {
        case .table(let table): "\(url.name).\(table)"
        case .query: url.name
        }
    }
}
