package import SaltmillBytes
package import SaltmillItems

/// How a table was scanned, and what belongs to it.
package struct DumpFacts: Equatable, Sendable {
    /// When the scan began and when it ended, in seconds since 1970.
    package var began: Double
    package var ended: Double
    package var isConsistent: Bool
    /// How many scans went side by side; 0 for a dump of the schema alone.
    package var segments: Int
    package var filter: String?
    package var projection: String?
    package var settings: TableSettings
    /// The same for all tables of a dump, and different for every dump.
    package var dumpID: String
    /// The names of all tables of the dump.
    package var tables: [String]

    package init(
        began: Double, ended: Double, isConsistent: Bool, segments: Int, filter: String? = nil, projection: String? = nil,
        settings: TableSettings, dumpID: String, tables: [String]
    ) {
        self.began = began
        self.ended = ended
        self.isConsistent = isConsistent
        self.segments = segments
        self.filter = filter
        self.projection = projection
        self.settings = settings
        self.dumpID = dumpID
        self.tables = tables
    }
}

/// `saltmill-manifest.json`, which stands in a table's folder beside the files of the format and is written last; its JSON is described
/// by `schemas/dump-manifest.schema.json`.
package struct DumpManifest: Equatable, Sendable {
    package static let fileName = "saltmill-manifest.json"
    /// The version of the manifest's own format.
    package static let version = 1
    static let scanNote =
        "A scan is no snapshot: an item that was written while the scan went on may be in the dump as it was before or after."

    package var format: DumpFormat
    /// The version of the program that wrote it.
    package var program: String
    /// `DescribeTable`'s `Table`.
    package var table: JSONValue
    package var facts: DumpFacts
    package var parts: [DumpPart]

    /// How many items the dump has, and their digest.
    package var digest: ItemDigest { parts.reduce(.empty) { $0 + $1.digest } }

    package var json: JSONValue {
        [
            "version": .integer(Self.version), "program": .string(program), "format": .string(format.rawValue),
            "dump": ["id": .string(facts.dumpID), "tables": .array(facts.tables.map { .string($0) })],
            "table": table,
            "scan": [
                "began": .string(Timestamp.text(facts.began)), "ended": .string(Timestamp.text(facts.ended)),
                "consistent": .bool(facts.isConsistent), "segments": .integer(facts.segments), "filter": JSONValue(facts.filter),
                "projection": JSONValue(facts.projection), "note": .string(Self.scanNote),
            ],
            "settings": facts.settings.json,
            "items": .integer(digest.count), "digest": .string(digest.hex),
            "parts": .array(parts.map(\.json)), "complete": true,
        ]
    }

    init(format: DumpFormat, program: String, table: JSONValue, facts: DumpFacts, parts: [DumpPart]) {
        self.format = format
        self.program = program
        self.table = table
        self.facts = facts
        self.parts = parts
    }

    /// Reads ``json``.
    /// - Throws: ``ManifestFault`` for other versions, for what is missing or of the wrong kind, and for sums that do not add up.
    package init(json: JSONValue) throws(ManifestFault) {
        let fields = ManifestFields(json, in: "")
        guard json["version"]?.int == Self.version else {
            let found = json["version"].map { String(decoding: $0.bytes, as: UTF8.self) } ?? "none"
            throw ManifestFault(description: "version is \(found), and this program reads version \(Self.version): use a newer saltmill")
        }
        guard try fields.bool("complete") else { throw ManifestFault(description: "the dump is not complete") }
        guard let format = DumpFormat(rawValue: try fields.text("format")), format.isWritable else {
            throw ManifestFault(description: "format must be \"aws\" or \"dynamodump\"")
        }
        self.format = format
        program = try fields.text("program")
        table = try fields.object("table").json
        _ = try fields.object("table").text("TableName")
        let (dump, scan) = (try fields.object("dump"), try fields.object("scan"))
        var tables: [String] = []
        for entry in try dump.list("tables") {
            guard let name = entry.string else { throw ManifestFault(description: "dump.tables must be a list of names") }
            tables.append(name)
        }
        facts = DumpFacts(
            began: try scan.time("began"), ended: try scan.time("ended"), isConsistent: try scan.bool("consistent"),
            segments: try scan.count("segments"), filter: try scan.textIfAny("filter"), projection: try scan.textIfAny("projection"),
            settings: try TableSettings(try fields.object("settings")), dumpID: try dump.text("id"), tables: tables)
        parts = []
        for part in try fields.list("parts") { parts.append(try DumpPart(json: part)) }
        guard try digest == fields.digest(items: "items", sum: "digest") else {
            throw ManifestFault(description: "items and digest are not the sums of those of the parts")
        }
    }
}
