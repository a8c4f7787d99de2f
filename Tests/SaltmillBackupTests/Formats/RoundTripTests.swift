import Foundation
import SaltmillBackup
import SaltmillBytes
import SaltmillItems
import Testing

@Suite struct RoundTripTests {
    static let formats: [DumpFormat] = [.aws, .dynamodump]

    @Test(arguments: formats) func everythingComesBack(_ format: DumpFormat) throws {
        let folder = try TestFolder()
        let pages = [Array(Sample.items[..<2]), [], Array(Sample.items[2...])]
        let written = try Sample.write(pages, to: "\(folder.path)/dump", options: DumpOptions(format: format))
        let dump = try DumpReader(opening: "\(folder.path)/dump")
        #expect(dump.format == format)
        let table = try #require(dump.tables.first)
        #expect(dump.tables.count == 1 && table.name == "answers" && table.description == Sample.table)
        #expect(table.manifest == written)
        #expect(table.manifest?.facts == Sample.facts())
        #expect(table.expected.digest == (try Sample.digest(Sample.items)))
        #expect(table.parts.map(\.count) == [2, 0, 3])
        let items = try Sample.read(table)
        #expect(items.count == Sample.items.count)
        #expect(try Sample.digest(items) == Sample.digest(Sample.items))
        // Our own lines are the items as they came off the wire, byte by byte.
        if format == .aws { #expect(items == Sample.items) }
    }

    @Test(arguments: formats) func theFolderOfOneTableCanBeNamed(_ format: DumpFormat) throws {
        let folder = try TestFolder()
        try Sample.write([Sample.items], to: "\(folder.path)/dump/", options: DumpOptions(format: format))
        let table = try #require(try DumpReader(opening: "\(folder.path)/dump/answers/").tables.first)
        #expect(try Sample.read(table).count == Sample.items.count && table.manifest != nil)
    }

    @Test func anItemIsFollowedByItsAttributes() throws {
        let folder = try TestFolder()
        try Sample.write([Sample.items], to: "\(folder.path)/dump")
        let table = try #require(try DumpReader(opening: "\(folder.path)/dump").tables.first)
        var reader = try table.open(0)
        let item = try #require(try reader.next())
        #expect(item.kind == .put && item.offset == 0 && item.fault == nil)
        let attributes = reader.scanner.attributes
        #expect(
            attributes.map { reader.scanner.withCanonical($0.name) { String(decoding: $0.array, as: UTF8.self) } }
                == ["id", "n", "b", "t", "f", "z", "ss", "ns", "bs", "l", "m"])
        #expect(reader.scanner.withCanonical(attributes[1].value) { $0.array } == Array("N".utf8) + [0, 0, 0, 5] + Array("-12.5".utf8))
        #expect(reader.withItem { String(decoding: $0.extracting(attributes[1].member).array, as: UTF8.self) } == #""n":{"N":"-12.50"}"#)
        let second = try #require(try reader.next())
        #expect(second.offset == UInt64(Sample.items[0].utf8.count + #"{"Item":}"#.utf8.count + 1))
    }

    @Test(arguments: formats) func onlyTheOwnerMayRead(_ format: DumpFormat) throws {
        let folder = try TestFolder()
        try Sample.write([Sample.items], to: "\(folder.path)/new/dump", options: DumpOptions(format: format))
        let manager = FileManager.default
        for name in try manager.subpathsOfDirectory(atPath: "\(folder.path)/new") {
            let attributes = try manager.attributesOfItem(atPath: "\(folder.path)/new/\(name)")
            #expect(
                attributes[.posixPermissions] as? Int == (attributes[.type] as? FileAttributeType == .typeDirectory ? 0o700 : 0o600),
                "\(name)")
            #expect(!name.contains("partial"))
        }
    }

    @Test func whatIsThereIsNeverTouched() throws {
        let folder = try TestFolder()
        let old = try folder.write("old", to: "dump")
        #expect(throws: DumpError.self) { try Sample.write([Sample.items], to: "\(folder.path)/dump") }
        let other = try DumpFolder(path: "\(folder.path)/late", resume: false)
        _ = try Sample.write([Sample.items], to: other)
        _ = try folder.write("older", to: "late/file")
        #expect(throws: DumpError.self) { try other.commit() }
        #expect(try String(contentsOfFile: old, encoding: .utf8) == "old")
        #expect(try String(contentsOfFile: "\(folder.path)/late/file", encoding: .utf8) == "older")
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/late.partial/answers/saltmill-manifest.json"))
    }

    @Test(arguments: formats) func anInterruptedDumpIsGoneOnWith(_ format: DumpFormat) throws {
        let folder = try TestFolder()
        let path = "\(folder.path)/dump"
        let options = DumpOptions(format: format)
        var finished: [DumpPart] = []
        do {
            let first = try TableDumpWriter(
                to: try DumpFolder(path: path, resume: false), table: Sample.table, began: Sample.began, options: options)
            for (segment, item) in Sample.items[..<3].enumerated() {
                var part = try first.openPart(segment: segment)
                let bytes = Array(item.utf8)
                try part.append(bytes.span)
                if segment == 2 { continue }
                try part.endPage(scanned: 1, lastKey: nil)
                finished.append(try part.close())
            }
        }
        #expect(throws: DumpError.self) { try DumpReader(opening: "\(path).partial") }
        #expect(throws: DumpError.self) { try DumpFolder(path: path, resume: false) }
        // The second part was closed, but the job's own record of it was lost.
        let known = try finished.dropLast().map { try DumpPart(json: $0.json) }
        let destination = try DumpFolder(path: path, resume: true)
        _ = try folder.write("progress", to: "dump.partial/.saltmill-progress")
        let writer = try TableDumpWriter(to: destination, table: Sample.table, began: Sample.began, options: options)
        try writer.resume(with: known)
        var part = try writer.openPart(segment: 1)
        for item in Sample.items[1...] {
            let bytes = Array(item.utf8)
            try part.append(bytes.span)
        }
        try part.endPage(scanned: 4, lastKey: nil)
        _ = try writer.finish(Sample.facts(), parts: known + [try part.close()])
        try destination.commit()
        let table = try #require(try DumpReader(opening: path).tables.first)
        #expect(try Sample.digest(Sample.read(table)) == Sample.digest(Sample.items))
        #expect(table.parts.count == 2)
        let names = try FileManager.default.subpathsOfDirectory(atPath: path)
        #expect(!names.contains { $0.contains("progress") || $0.contains("partial") })
        #expect(throws: DumpError.self) { try DumpFolder(path: path, resume: true) }
    }

    @Test func aMissingPartIsNoticedWhenADumpIsGoneOnWith() throws {
        let folder = try TestFolder()
        let writer = try TableDumpWriter(to: try DumpFolder(path: "\(folder.path)/d", resume: false), table: Sample.table, began: 0)
        let part = DumpPart(file: "gone", bytes: 1, sha256: Digests.sha256([UInt8]().span), md5: [], digest: .empty)
        #expect(throws: DumpError.self) { try writer.resume(with: [part]) }
    }

    @Test func partsAreFullByTheirText() throws {
        let folder = try TestFolder()
        var options = DumpOptions()
        options.partBytes = 1000
        let writer = try TableDumpWriter(
            to: try DumpFolder(path: "\(folder.path)/d", resume: false), table: Sample.table, began: 0, options: options)
        var part = try writer.openPart(segment: 0)
        let item = Array(#"{"id":{"S":"\#(String(repeating: "x", count: 400))"}}"#.utf8)
        try part.append(item.span)
        try part.append(item.span)
        let isFullEarly = part.isFull
        try part.append(item.span)
        let isFull = part.isFull
        #expect(isFull && !isFullEarly)
    }

    @Test func whatIsNoItemIsNotWritten() throws {
        let folder = try TestFolder()
        let writer = try TableDumpWriter(to: try DumpFolder(path: "\(folder.path)/d", resume: false), table: Sample.table, began: 0)
        for text in ["", "[]", #"{"a":1}"#, #"{"a":{"S":"x"}"#, #"{"a":{"N":"1"}} {}"#, #"{"a":{"B":null}}"#] {
            var part = try writer.openPart(segment: 0)
            let bytes = Array(text.utf8)
            var refused = false
            do { try part.append(bytes.span) } catch { refused = true }
            #expect(refused, "\(text)")
        }
        #expect(try FileManager.default.subpathsOfDirectory(atPath: "\(folder.path)/d.partial").filter { $0.contains("json") }.isEmpty)
    }

    /// What is written can be read: an item that dynamodump's indentation makes too long is refused while it is dumped.
    @Test func itemsThatIndentationMakesTooLongAreRefused() throws {
        let folder = try TestFolder()
        let nulls = Array(repeating: #"{"NULL":true}"#, count: 90_000).joined(separator: ",")
        let item = #"{"id":{"S":"a"},"l":"# + String(repeating: #"{"L":["#, count: 32) + nulls + String(repeating: "]}", count: 32) + "}"
        #expect(
            #expect(throws: DumpError.self) {
                try Sample.write([[item]], to: "\(folder.path)/d", options: DumpOptions(format: .dynamodump))
            }?.message.contains("dump this table as aws") == true)
        try Sample.write([[item]], to: "\(folder.path)/a")
        #expect(Inspection(path: "\(folder.path)/a").isSound)
    }

    @Test func blanksOfAServerDoNotBreakLines() throws {
        let folder = try TestFolder()
        try Sample.write([["{ \"id\" : {\n\"S\" : \"a b\\\" c\" } }"]], to: "\(folder.path)/dump")
        let table = try #require(try DumpReader(opening: "\(folder.path)/dump").tables.first)
        #expect(try Sample.read(table) == [#"{"id":{"S":"a b\" c"}}"#])
    }
}
