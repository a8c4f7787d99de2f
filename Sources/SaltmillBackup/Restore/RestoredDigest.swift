import Glibc
import SaltmillBytes
import SaltmillDelivery
import SaltmillItems
import SaltmillSources

/// The digest that a restored table must have.
struct RestoredDigest {
    let table: DumpedTable
    let transform: ItemTransform
    /// Of the dump as it stands, where that is known.
    let known: ItemDigest?
    let rejectFile: String

    /// - Parameter rejected: how many items were rejected.
    func expected(rejected: Int) throws -> ItemDigest {
        // The digest of an incremental export counts the keys of what was deleted.
        if rejected == 0, transform.isEmpty, let known, !table.holdsChanges { return known }
        let left = try rejectedPlaces(rejected)
        var digester = ItemDigester()
        for part in table.parts.indices {
            let cursor = try PartCursor(table, part: part)
            while try cursor.advance() {
                guard let item = cursor.current, item.kind == .put, item.fault == nil,
                    !left.contains(DumpLocator.make(part: part, offset: item.offset, item: 0).offset)
                else { continue }
                try add(cursor, to: &digester)
            }
        }
        return digester.digest
    }

    private func add(_ cursor: PartCursor, to digester: inout ItemDigester) throws {
        var bytes = cursor.withItem { item, _ in item.withUnsafeBufferPointer { Array($0) } }
        if !transform.isEmpty { bytes = try transform.apply(to: bytes.span) }
        try digester.add(bytes.span)
    }

    /// Where the items of the reject file stand in the dump.
    private func rejectedPlaces(_ count: Int) throws -> Set<UInt64> {
        guard count > 0 else { return [] }
        let parts = Dictionary(table.parts.enumerated().map { ($1.file, $0) }, uniquingKeysWith: { first, _ in first })
        var places = Set<UInt64>(minimumCapacity: count)
        guard let file = fopen(rejectFile, "r") else {
            throw JobFailure(
                .failed, "the reject file \(rejectFile) is gone, so the table cannot be compared; verify with --verify count")
        }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while true {
            let length = getline(&line, &capacity, file)
            guard length > 0, let line else { break }
            let bytes = UnsafeRawBufferPointer(start: line, count: length)
            let json = try JSONValue(parsing: Array(bytes).span)
            if let name = json["file"]?.string, let part = parts[name], let offset = json["offset"]?.int {
                places.insert(DumpLocator.make(part: part, offset: UInt64(offset), item: 0).offset)
            }
        }
        return places
    }
}
