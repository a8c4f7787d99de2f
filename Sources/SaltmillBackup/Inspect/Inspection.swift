package import SaltmillBytes
package import SaltmillItems

/// What a dump holds, and whether it is sound: every file read, every checksum, count and digest compared, every item looked at.
package struct Inspection: Sendable {
    /// Something at a place of the dump.
    package struct Finding: Equatable, Sendable {
        package var file: String
        /// Offset in bytes of the file's text; nil for the file as a whole.
        package var offset: UInt64?
        package var message: String

        init(_ error: DumpError) {
            file = error.file
            offset = error.offset
            message = error.message
        }

        init(_ file: String, at offset: UInt64, _ message: String) {
            self.file = file
            self.offset = offset
            self.message = message
        }

        var json: JSONValue {
            ["file": .string(file), "offset": offset.map { .integer($0) } ?? .null, "message": .string(message)]
        }
    }

    /// What was found of one table.
    package struct Table: Sendable {
        /// Nil where the dump does not tell it.
        package var name: String?
        /// When its content was read, in the dump's own words.
        package var when: String?
        package var parts = 0
        /// Length of its data files on disk.
        package var bytes = 0
        /// Changes of an incremental export that are deletions; they are not in ``digest``.
        package var deletions = 0
        /// How many items there are that a table can hold, and their digest.
        package var digest = ItemDigest.empty
        /// Items that no table can hold.
        package var faults = 0
        /// Nested binaries and members of binary sets, and how many of them look as if they had been encoded in Base64 twice.
        package var nestedBinaries = 0
        package var doubledBinaries = 0
        package var hasManifest = false
        package var hasSchema = false
        /// Why it holds less than the whole table, as its manifest says: none of its items, some of them, or some of their attributes.
        package var isSchemaOnly = false
        package var filter: String?
        package var projection: String?

        var json: JSONValue {
            [
                "name": JSONValue(name), "when": JSONValue(when), "parts": .integer(parts), "bytes": .integer(bytes),
                "items": .integer(digest.count), "digest": .string(digest.hex), "deletions": .integer(deletions),
                "faults": .integer(faults),
                "nested_binaries": .integer(nestedBinaries), "doubled_binaries": .integer(doubledBinaries),
                "manifest": .bool(hasManifest), "schema": .bool(hasSchema),
                "schema_only": .bool(isSchemaOnly), "filter": JSONValue(filter), "projection": JSONValue(projection),
            ]
        }
    }

    /// No more findings of a kind than this are kept; the numbers in ``Table`` count all.
    package static let maximumFindings = 100

    package let path: String
    /// Nil when there is no dump, or one that is too damaged to tell.
    package private(set) var format: DumpFormat?
    /// Whether there is a dump, whole or damaged; without it ``problems`` says what there is instead.
    package private(set) var isDump = true
    package private(set) var tables: [Table] = []
    /// What is wrong.
    package private(set) var problems: [Finding] = []
    /// What looks wrong and need not be.
    package private(set) var suspicions: [Finding] = []

    /// Nothing is wrong.
    package var isSound: Bool { problems.isEmpty }

    /// Some table's items are not all there, or not with all attributes, because the dump was asked for so.
    package var isSelection: Bool { tables.contains { $0.isSchemaOnly || $0.filter != nil || $0.projection != nil } }

    /// Inspects what stands at a path.
    package init(path: String) { self.init(path: path) { _, _ in } }

    /// Inspects what stands at a path.
    /// - Parameter progress: is told, after each part and now and then within it, how many bytes on disk of how many have been read; to stop, it throws.
    package init(path: String, progress: (_ done: Int, _ of: Int) throws -> Void) rethrows {
        self.path = path
        let reader: DumpReader
        do throws(DumpError) {
            reader = try DumpReader(opening: path)
        } catch {
            isDump = !error.isNoDump
            problems.append(Finding(error))
            return
        }
        format = reader.format
        let total = reader.tables.reduce(0) { $0 + $1.parts.reduce(0) { $0 + $1.bytes } }
        var done = 0
        for dumped in reader.tables {
            var table = Table(name: dumped.name, when: dumped.when)
            table.hasManifest = dumped.manifest != nil
            table.hasSchema = dumped.description != nil
            if let facts = dumped.manifest?.facts {
                (table.isSchemaOnly, table.filter, table.projection) = (facts.segments == 0, facts.filter, facts.projection)
            }
            let before = problems.count
            for (index, part) in dumped.parts.enumerated() {
                try inspect(dumped, index, &table) { try progress(done, total) }
                table.parts += 1
                table.bytes += part.bytes
                done += part.bytes
                try progress(done, total)
            }
            let items = table.digest.count + table.deletions + table.faults
            if problems.count == before, let expected = dumped.expected.count, expected != items {
                problems.append(Finding(DumpError(dumped.label, "the dump says that the table has \(expected) items, and it has \(items)")))
            }
            tables.append(table)
        }
    }

    /// Items between two calls of `pause`.
    private static let stride = 4096

    private mutating func inspect(_ dumped: DumpedTable, _ index: Int, _ table: inout Table, pause: () throws -> Void) rethrows {
        let file = dumped.parts[index].file
        var reader: PartReader
        do throws(DumpError) {
            reader = try dumped.open(index)
        } catch {
            problems.append(Finding(error))
            return
        }
        var deleted = ItemDigest.empty
        defer {
            table.digest += reader.digest - deleted
            table.deletions += deleted.count
        }
        while true {
            let before = reader.digest
            let found: DumpedItem?
            do throws(DumpError) {
                found = try reader.next()
            } catch {
                problems.append(Finding(error))
                return
            }
            guard let item = found else { return }
            if reader.count % Self.stride == 0 { try pause() }
            if let fault = item.fault {
                table.faults += 1
                if table.faults <= Self.maximumFindings { problems.append(Finding(file, at: item.offset, fault.description)) }
                continue
            }
            if item.kind == .delete { deleted += reader.digest - before }
            let nested = reader.scanner.withCanonicalItem { NestedBinaries($0) }
            table.nestedBinaries += nested.count
            guard nested.doubled > 0 else { continue }
            table.doubledBinaries += nested.doubled
            if suspicions.count < Self.maximumFindings {
                suspicions.append(
                    Finding(
                        file, at: item.offset,
                        "\(nested.doubled) of the item's \(nested.count) nested binaries are Base64 once more: a restore by dynamodump does that"
                    ))
            }
        }
    }

    package var json: JSONValue {
        [
            "version": 1, "path": .string(path), "dump": .bool(isDump), "format": JSONValue(format?.rawValue), "sound": .bool(isSound),
            "tables": .array(tables.map(\.json)), "problems": .array(problems.map(\.json)), "suspicions": .array(suspicions.map(\.json)),
        ]
    }
}
