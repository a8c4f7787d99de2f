import Foundation
import SaltmillBackup
import Testing

/// A dump's folder on its way to its name.
@Suite struct DumpFolderTests {
    @Test func slashesBehindThePathAreNoPartOfIt() throws {
        let test = try TestFolder()
        let folder = try DumpFolder(path: "\(test.path)/dump//", resume: false)
        #expect(folder.path == "\(test.path)/dump" && folder.partialPath == "\(test.path)/dump.partial")
        #expect(DumpFolder.withoutSlashes("/") == "/" && DumpFolder.withoutSlashes("a") == "a")
    }

    @Test func whatIsReadAgainBeforeItHasItsNameMustBeWhatWasWritten() throws {
        let test = try TestFolder()
        let folder = try DumpFolder(path: "\(test.path)/dump", resume: false)
        let manifest = try Sample.write([Sample.items], to: folder)
        _ = try test.write("{}\n", to: "dump.partial/\(DumpJournal.fileName)")
        let expected = DumpReport.Table(name: "answers", manifest: manifest)
        try DumpVerification.run(folder.partialPath, expected: [expected])
        let file = URL(filePath: "\(folder.partialPath)/answers/\(manifest.parts[0].file)")
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: file)
        #expect(throws: DumpError.self) { try DumpVerification.run(folder.partialPath, expected: [expected]) }
        #expect(folder.setAside() == "\(test.path)/dump.bad")
        #expect(try FileManager.default.contentsOfDirectory(atPath: test.path) == ["dump.bad"])
    }

    @Test func whatCannotBeGivenItsNameCanBeGoneOnWith() throws {
        let test = try TestFolder()
        let folder = try DumpFolder(path: "\(test.path)/dump", resume: false)
        let journal = try test.write("{}\n", to: "dump.partial/\(DumpJournal.fileName)")
        let lock = try test.write("1\n", to: "dump.partial/\(DumpFolder.jobPrefix)lock")
        let other = try test.write("mine", to: "dump/file")
        #expect(throws: DumpError.self) { try folder.commit() }
        #expect(FileManager.default.fileExists(atPath: journal) && FileManager.default.fileExists(atPath: lock))
        // So can one that was killed before it took its name.
        try FileManager.default.moveItem(atPath: journal, toPath: "\(journal)-aside")
        try FileManager.default.removeItem(atPath: other)
        try FileManager.default.removeItem(atPath: "\(test.path)/dump")
        _ = try DumpFolder(path: "\(test.path)/dump", resume: true)
        #expect(FileManager.default.fileExists(atPath: journal))
        try folder.commit()
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(test.path)/dump").isEmpty)
    }
}
