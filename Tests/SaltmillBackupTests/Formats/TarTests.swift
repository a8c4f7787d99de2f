import Foundation
import SaltmillBackup
import SaltmillBytes
import Testing

@Suite struct TarTests {
    private func archive(_ folder: TestFolder, table: JSONValue = Sample.table) throws -> [UInt8] {
        let path = try folder.write("", to: UUID().uuidString)
        let file = try #require(FileHandle(forWritingAtPath: path))
        let stream = DumpStream(descriptor: file.fileDescriptor)
        _ = try Sample.write([Array(Sample.items[..<2]), [Sample.items[3]]], to: stream, table: table)
        try stream.commit()
        try file.close()
        return [UInt8](try Data(contentsOf: URL(filePath: path)))
    }

    private func extract(_ bytes: [UInt8], _ folder: TestFolder, to name: String = "out") throws {
        let path = try folder.write(bytes, to: "archive.tar")
        let file = try #require(FileHandle(forReadingAtPath: path))
        defer { try? file.close() }
        try TarReader.extract(from: file.fileDescriptor, into: "\(folder.path)/\(name)")
    }

    @Test func whatIsWrittenIsRead() throws {
        let folder = try TestFolder()
        try extract(try archive(folder), folder)
        let table = try #require(try DumpReader(opening: "\(folder.path)/out").tables.first)
        #expect(try Sample.read(table).count == 3)
        let mode = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/out/answers/saltmill-manifest.json")[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test func theManifestIsTheLastMember() throws {
        let folder = try TestFolder()
        let bytes = try archive(folder)
        var names: [String] = []
        var offset = 0
        while bytes[offset] != 0 {
            names.append(String(decoding: bytes[offset..<(offset + 100)].prefix { $0 != 0 }, as: UTF8.self))
            let size = Int(String(decoding: bytes[(offset + 124)..<(offset + 135)], as: UTF8.self), radix: 8) ?? 0
            offset += 512 + (size + 511) / 512 * 512
        }
        #expect(names.last == "answers/saltmill-manifest.json" && bytes.count == offset + 1024)
    }

    @Test func longNamesAreKept() throws {
        let folder = try TestFolder()
        guard case .object(var members) = Sample.table else { return }
        let name = String(repeating: "long.name-", count: 25)
        members[0].value = .string(name)
        let bytes = try archive(folder, table: .object(members))
        try extract(bytes, folder)
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/out/\(name)/saltmill-manifest.json"))
    }

    @Test func whatIsCutOffIsRefusedAndNothingRemains() throws {
        let folder = try TestFolder()
        let bytes = try archive(folder)
        for length in [0, 100, 512, 700, bytes.count / 512 / 2 * 512, bytes.count - 1024, bytes.count - 512, bytes.count - 1] {
            let error = #expect(throws: DumpError.self, "\(length)") { try extract(Array(bytes[..<length]), folder) }
            #expect(error?.offset == UInt64(length))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { !$0.hasPrefix("out") })
    }

    @Test func onlyZerosMayFollowTheEnd() throws {
        let folder = try TestFolder()
        let bytes = try archive(folder)
        try extract(bytes + [UInt8](repeating: 0, count: 100_000), folder, to: "filled")
        let error = #expect(throws: DumpError.self) { try extract(bytes + [UInt8](repeating: 0, count: 700) + [1], folder) }
        #expect(error?.offset == UInt64(bytes.count + 700))
        #expect(throws: DumpError.self) { try extract(bytes + bytes, folder) }
    }

    @Test func readingCanBeInterrupted() async throws {
        try await Task {
            let folder = try TestFolder()
            let bytes = try archive(folder)
            withUnsafeCurrentTask { $0?.cancel() }
            #expect(throws: CancellationError.self) { try extract(bytes, folder) }
            #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/out.partial"))
        }.value
    }

    /// A header as any tar program could make it.
    private func header(_ name: String, type: String = "0") -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        block.replaceSubrange(0..<name.utf8.count, with: name.utf8)
        block.replaceSubrange(124..<135, with: "00000000000".utf8)
        block.replaceSubrange(148..<156, with: "        ".utf8)
        block[156] = Array(type.utf8)[0]
        block.replaceSubrange(257..<263, with: Array("ustar".utf8) + [0])
        let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
        block.replaceSubrange(148..<155, with: Array(String(repeating: "0", count: 6 - sum.count).utf8) + Array(sum.utf8) + [0])
        return block
    }

    @Test func membersThatLeaveTheFolderAreRefused() throws {
        let folder = try TestFolder()
        let end = [UInt8](repeating: 0, count: 1024)
        try extract(header("./a/", type: "5") + header("./a/b") + end, folder, to: "good")
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/good/a/b"))
        let bad = [
            header("/etc/x"), header("../x"), header("a/../../x"), header("a/.."), header("a//x"), header("x", type: "1"),
            header("x", type: "2"),
            header("a.partial"), header("a.partial") + header("a"), header("x", type: "3"), header("x", type: "4"), header("x", type: "6"),
            header("x", type: "L"), header("a") + header("a"),
        ]
        for member in bad { #expect(throws: DumpError.self) { try extract(member + end, folder) } }
        var broken = header("x")
        broken[0] = 0x79
        #expect(throws: DumpError.self) { try extract(broken + end, folder) }
    }
}
