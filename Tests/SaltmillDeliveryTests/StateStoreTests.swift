import Foundation
import SaltmillDelivery
import SaltmillSources
import Testing

/// A folder that goes away with the test.
struct Scratch: ~Copyable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "saltmill-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

@Suite struct StateStoreTests {
    private var checkpoint: Checkpoint {
        var checkpoint = Checkpoint(
            ranges: [.init(frontier: .init(offset: 12, line: 3)), .init(frontier: .init(offset: 99, line: 9), isDone: true)], indexCount: 2)
        checkpoint.unsettled = [.init(offset: 1, line: 1), .init(offset: 1 << 40, line: 1 << 33)]
        checkpoint.account.read = 10
        checkpoint.account.written = 7
        checkpoint.account.rejected = 1
        checkpoint.usage.units = [7.5, 1, 2]
        checkpoint.rejectBytes = 123
        checkpoint.rejectReasons = ["number.syntax": 1]
        checkpoint.runs = 4
        checkpoint.seconds = 1.5
        return checkpoint
    }

    @Test func givesBackWhatWasSaved() throws {
        let scratch = try Scratch()
        let store = try SQLiteStateStore(path: scratch.file("state.db"))
        #expect(try store.load() == nil)
        let identity = JobIdentity(facts: ["table": "t", "source": "abc"], mapping: "a: b")
        try store.begin(identity, Checkpoint(ranges: checkpoint.ranges, indexCount: 2))
        try store.save(checkpoint, status: Array(#"{"x":1}"#.utf8))
        let again = try SQLiteStateStore(path: scratch.file("state.db"))
        let loaded = try again.load()
        #expect(loaded?.identity == identity)
        #expect(loaded?.checkpoint == checkpoint)
        #expect(try again.status() == #"{"x":1}"#)
    }

    @Test func refusesAListThatDoesNotFitTheAccount() throws {
        let scratch = try Scratch()
        let store = try SQLiteStateStore(path: scratch.file("state.db"))
        var wrong = checkpoint
        wrong.unsettled.removeLast()
        try store.begin(JobIdentity(facts: [:], mapping: ""), wrong)
        #expect(throws: StateError.self) { try store.load() }
    }

    @Test func aSecondHolderIsRefusedAndToldWho() throws {
        let scratch = try Scratch()
        let path = scratch.file("lock")
        #expect(!JobLock.isHeld(path: path))
        do {
            let lock = try JobLock(path: path)
            #expect(JobLock.isHeld(path: path))
            #expect { _ = try JobLock(path: path) } throws: { error in
                "\(error)".contains("process \(ProcessInfo.processInfo.processIdentifier)")
            }
            _ = consume lock
        }
        #expect(!JobLock.isHeld(path: path))
    }

    @Test func theRejectFileIsCutToWhatIsCounted() throws {
        let scratch = try Scratch()
        let path = scratch.file("rejects.jsonl")
        do {
            let file = try RejectFile(path: path, length: 0)
            try file.append(Array("one\n".utf8))
            try file.append(Array("two\n".utf8))
            #expect(file.length == 8)
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        do {
            let file = try RejectFile(path: path, length: 4)
            try file.append(Array("three\n".utf8))
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\nthree\n")
        #expect(throws: RejectFileError.self) { _ = try RejectFile(path: path, length: 100) }
        #expect(throws: RejectFileError.self) { _ = try RejectFile(path: scratch.file("other"), length: 1) }
    }

    @Test func withoutRejectsThereIsNoFile() throws {
        let scratch = try Scratch()
        let file = try RejectFile(path: scratch.file("rejects.jsonl"), length: 0)
        try file.append([])
        #expect(!FileManager.default.fileExists(atPath: scratch.file("rejects.jsonl")))
    }
}
