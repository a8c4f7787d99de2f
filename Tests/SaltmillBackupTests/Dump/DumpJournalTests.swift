import Foundation
import SaltmillBackup
import SaltmillBytes
import Testing

/// The journal of an unfinished dump: what is read is what was written, whatever a kill has left of it.
@Suite struct DumpJournalTests {
    private static func part(_ number: Int) throws -> DumpPart {
        try DumpPart(
            json: [
                "file": .string("data/\(number).json.gz"), "bytes": .integer(number),
                "sha256": .string(String(repeating: "ab", count: 32)), "md5": .string(String(repeating: "cd", count: 16)), "items": 0,
                "digest": .string(String(repeating: "0", count: 64)),
            ])
    }

    /// A journal of two tables, and what it says.
    private static func write(_ path: String) async throws -> DumpJournal.Content {
        var content = DumpJournal.Content(id: "1234", endpoint: "http://h/", request: ["tables": ["a*"]], names: ["a1", "a2"])
        let journal = try DumpJournal(path: path)
        try await journal.begin(content)
        #expect(await !journal.hasTables)
        content.tables = [
            .init(name: "a1", id: "id1", began: 1_700_000_000.125, segments: 2),
            .init(name: "a2", id: "id2", began: 1_700_000_001, segments: 1),
        ]
        for table in content.tables { try await journal.begin(table) }
        #expect(await journal.hasTables)
        let key = Array(#"{"k":{"S":"ä\n"}}"#.utf8)
        try await journal.note("a1", segment: 1, part: try part(1), next: key)
        try await journal.note("a1", segment: 1, part: try part(2), next: nil)
        try await journal.note("a2", segment: 0, part: try part(3), next: key)
        content.tables[0].segments[1].parts = [try part(1), try part(2)]
        content.tables[0].segments[1].isDone = true
        content.tables[1].segments[0].parts = [try part(3)]
        content.tables[1].segments[0].next = key
        return content
    }

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.appending(path: "journal").path)
    }

    @Test func whatWasWrittenIsRead() async throws {
        try await withFolder { path in
            #expect(try DumpJournal.read(path) == nil)
            let content = try await Self.write(path)
            #expect(try DumpJournal.read(path) == content)
        }
    }

    @Test func aLineThatWasCutOffIsAsGoodAsNone() async throws {
        try await withFolder { path in
            _ = try await Self.write(path)
            let whole = try Data(contentsOf: URL(filePath: path))
            for length in 0..<whole.count {
                try whole.prefix(length).write(to: URL(filePath: path))
                let content = try DumpJournal.read(path)
                let lines = whole.prefix(length).count { $0 == 0x0A }
                #expect((content == nil) == (lines == 0))
                #expect((content?.tables.flatMap(\.segments).flatMap(\.parts).count ?? 0) == max(lines - 3, 0))
            }
            // Behind what was read it goes on with a line of its own.
            try whole.dropLast(3).write(to: URL(filePath: path))
            #expect(try DumpJournal.read(path)?.tables[1].segments[0].parts.isEmpty == true)
            try await DumpJournal(path: path).note("a2", segment: 0, part: try Self.part(4), next: nil)
            #expect(try DumpJournal.read(path)?.tables[1].segments[0].parts == [try Self.part(4)])
        }
    }

    @Test func aPlaceThatCannotBeReadIsNoEnd() async throws {
        try await withFolder { path in
            let content = try await Self.write(path)
            let journal = try DumpJournal(path: path)
            await #expect(throws: DumpError.self) { try await journal.note("a2", segment: 0, part: nil, next: Array("{".utf8)) }
            #expect(try DumpJournal.read(path) == content)
        }
    }

    @Test func whatMakesNoSenseIsRefused() async throws {
        try await withFolder { path in
            _ = try await Self.write(path)
            let whole = try Data(contentsOf: URL(filePath: path))
            for line in [
                "x", "{}", #"{"table":"a3","segment":0,"part":null,"next":null}"#, #"{"table":"a1","segment":2,"part":null,"next":null}"#,
                #"{"table":"a1","segment":0,"part":{},"next":null}"#,
            ] {
                try (whole + Data("\(line)\n".utf8)).write(to: URL(filePath: path))
                #expect(throws: DumpError.self, "\(line)") { try DumpJournal.read(path) }
            }
            let foreign = #"{"version":2,"id":"1","endpoint":"","request":{},"names":[]}"#
            try Data("\(foreign)\n".utf8).write(to: URL(filePath: path))
            #expect(throws: DumpError.self) { try DumpJournal.read(path) }
        }
    }
}
