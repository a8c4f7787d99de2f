package import SaltmillDynamoDB
package import SaltmillItems
package import SaltmillPacing
package import SaltmillSources

/// A migration as its spec tells it, checked for everything that can be known without source and target.
///
/// Names are the user's: columns by name, attributes by name. ``resolve(columns:)`` makes them positions.
package struct MigrationSpec: Sendable, Equatable {
    /// What the job's state is kept under: letters, digits, `_`, `.` and `-`, at most 64 of them.
    package var job: String
    package var source: FileSource
    package var target: TargetTable
    package var key: PrimaryKey
    /// Global secondary indexes, in the order of the file.
    package var indexes: [SecondaryIndex]
    /// The attributes beside the key's, in the order of the file.
    package var attributes: [SpecAttribute]
    /// Columns that are left out on purpose.
    package var dropped: [String]
    package var duplicates: DuplicatePolicy
    /// How fast to write outside of all windows.
    package var ceiling: RateCeiling
    /// When something else than ``ceiling`` applies; the first window that matches wins.
    package var windows: [RateSchedule.Window]
    /// The IANA name of the time zone that the windows' times are meant in; there is one wherever there are windows.
    package var zone: String?
    package var rejects: RejectPolicy
    /// Where messages go; nil where nobody is told.
    package var notify: NotifySettings?
    /// What masks are keyed by; nil where values are written as they are. Not part of the file: ``masked(environment:)`` sets it.
    package var maskSecret: MaskSecret?
    /// Where the spec was read from; places are for messages only.
    package var origin: SpecOrigin

    /// The job's own folder, beside the spec: `<job>.saltmill`.
    package var jobFolder: String { origin.resolve("\(job).saltmill") }

    /// How fast to write, and when.
    package var schedule: RateSchedule { RateSchedule(windows: windows, otherwise: .ceiling(ceiling)) }

    /// The offsets of ``zone`` for ten years; those of UTC where the spec names none.
    /// - Parameter start: the instant to begin with, in seconds since 1970.
    package func zoneOffsets(fromUTC start: Int64) throws(UnknownZone) -> ZoneOffsets {
        guard let zone else { return .utc }
        return try ZoneOffsets(zone: zone, fromUTC: start)
    }

    /// Every attribute that rows fill, the primary key's first.
    package var allAttributes: [SpecAttribute] { [key.hash] + (key.range.map { [$0] } ?? []) + attributes }
}

/// Where a spec was read from.
package struct SpecOrigin: Sendable, Equatable {
    /// The spec's file as the user gave it.
    package var file: String
    /// Where each field stands, by path.
    package var places: [String: SpecPlace]

    package init(file: String, places: [String: SpecPlace] = [:]) {
        self.file = file
        self.places = places
    }

    /// A path of the spec: as it is when absolute, else below the spec's folder.
    package func resolve(_ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}

/// Where rows come from: a file, or a live database.
package struct FileSource: Sendable, Equatable {
    /// What is in the file, or what else it is.
    package enum Content: Sendable, Equatable {
        case csv(CSVFormat)
        /// One object a line; `isTyped` when values are in DynamoDB JSON.
        case jsonLines(isTyped: Bool)
        case sqlite(SQLiteSelection)
        /// Rows of a database that is being written to.
        case database(DatabaseSelection)
    }

    /// The file as the spec names it; a database without its user.
    package var name: String
    /// The file, relative names resolved against the spec's folder; `-` for standard input, and empty for a live database.
    package var path: String
    package var content: Content
    /// The file is a reject file: its lines hold rows of such content.
    package var isRejectFile: Bool
    /// The columns of a database's table when the spec was written; nil where they were not put on record.
    package var recorded: [RecordedColumn]?

    package init(name: String, path: String, content: Content = .csv(CSVFormat()), isRejectFile: Bool = false) {
        self.name = name
        self.path = path
        self.content = content
        self.isRejectFile = isRejectFile
    }

    /// Rows do not say what their columns are called.
    package var hasNamelessRows: Bool {
        switch content {
        case .jsonLines, .database: false
        case .csv, .sqlite: true
        }
    }

    /// The format of a CSV file.
    package var csv: CSVFormat? { if case .csv(let format) = content { format } else { nil } }
}

/// The table to write to.
package struct TargetTable: Sendable, Equatable {
    /// What to do with a table that already has items.
    package enum Existing: String, Sendable, CaseIterable {
        case refuse
        /// Items replace those of the same keys.
        case overwrite
        /// Items that are there stay; only rows of other keys are written.
        case keep
    }

    /// What the table is for.
    package enum Purpose: String, Sendable, CaseIterable { case production, test }

    package var table: String
    package var purpose: Purpose
    package var existing: Existing
    /// How to create the table where it does not exist; `nil`: it must exist.
    package var create: Billing?

    package init(table: String, purpose: Purpose = .production, existing: Existing = .refuse, create: Billing? = nil) {
        self.table = table
        self.purpose = purpose
        self.existing = existing
        self.create = create
    }
}

/// Where rejected rows go, and how many are too many.
package struct RejectPolicy: Sendable, Equatable {
    package enum Limit: Sendable, Equatable {
        case none
        /// Stop when more rows than this are rejected.
        case rows(Int)
        /// Stop when more than this share (0 to 1) of the rows is rejected.
        case share(Double)
    }

    /// The reject file, relative names resolved against the spec's folder.
    package var path: String
    package var limit: Limit

    package init(path: String, limit: Limit = .none) {
        self.path = path
        self.limit = limit
    }
}
