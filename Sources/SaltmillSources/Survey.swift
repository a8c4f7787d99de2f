import SaltmillBytes

/// What a survey is to find out, and for whom.
package struct SurveyRequest: Sendable, Equatable {
    /// Text that stands for how keys are made from rows: equal texts mean equal keys from equal rows.
    package var keyFingerprint: String
    package var duplicates: DuplicatePolicy
    /// How many ranges of about equal length to cut the input into.
    package var rangeCount: Int
    /// Bytes of keys held in memory at once in the search for duplicates; all of it takes less than three times as much.
    package var memory: Int

    package init(keyFingerprint: String, duplicates: DuplicatePolicy, rangeCount: Int = 24, memory: Int = 4 << 20) {
        self.keyFingerprint = keyFingerprint
        self.duplicates = duplicates
        self.rangeCount = rangeCount
        self.memory = memory
    }
}

/// What one pass over an input has found: everything that later readers of its parts must know of the whole.
package struct Survey: Sendable, Equatable {
    /// A record at which a range begins.
    package struct Cut: Sendable, Equatable {
        package var locator: RecordLocator
        /// Number of the record, counted from 0, faulty ones included.
        package var record: UInt64
    }

    /// A partition key value that many rows carry.
    package struct HeavyHitter: Sendable, Equatable {
        /// ``RowKey/lane`` of those rows.
        package var lane: UInt64
        /// How many rows at least.
        package var rows: UInt64
        /// Where one of them is.
        package var exemplar: RecordLocator
    }

    /// A list in a file of its own beside the survey, of entries of equal length.
    package struct SideFile: Sendable, Equatable {
        package var count: UInt64
        /// SHA-256 of the list, in hexadecimal digits.
        var digest: String
        /// Path of the list.
        var path: String
    }

    package var stamp: FileStamp
    /// SHA-256 of the content, in hexadecimal digits.
    package var digest: String
    /// ``RecordInput/rowShape``.
    package var rowShape: String
    package var keyFingerprint: String
    package var duplicates: DuplicatePolicy
    /// Offset behind the last record.
    package var end: UInt64
    /// Records of the input, faulty ones included.
    package var recordCount: UInt64
    /// Records that are malformed or have the wrong number of cells.
    package var faultyCount: UInt64
    /// Rows without a usable primary key, apart from faulty records.
    package var keylessCount: UInt64
    /// Where ranges begin, ascending; empty when there are no records.
    package var cuts: [Cut]
    /// The most frequent partition key values, most frequent first, at most a hundred.
    package var heavyHitters: [HeavyHitter]
    /// How many more rows than said a heavy hitter may have, at most a thousandth of all rows. Every value with more than twice as many
    /// rows as this is a heavy hitter, as far as there is room.
    package var heavyHitterError: UInt64
    /// The ascending offsets of superseded records, or under `reject` of all records of doubled keys, 8 bytes each, little-endian; nil when
    /// duplicates were not looked for.
    package var void: SideFile?
    /// Places where expanding a compressed file can begin, if any were noted.
    var points: SideFile?

    /// The input, cut into ranges.
    package var ranges: [RowRange] {
        cuts.indices.map { index in
            RowRange(start: cuts[index].locator, end: index + 1 < cuts.count ? cuts[index + 1].locator.offset : end)
        }
    }

    /// Names of the survey's file in its folder, of the list of void records and of the places for expanding.
    static let fileName = "survey.json"
    static let voidName = "void.offsets"
    static let pointsName = "gzip.points"
    /// Folder for temporary files, in the survey's folder.
    static let scratchName = "scratch"
    static let version = 1
}
