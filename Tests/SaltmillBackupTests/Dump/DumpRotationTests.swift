import Foundation
import SaltmillBackup
import SaltmillBytes
import Testing

/// A folder of dumps of more than one job.
@Suite struct DumpRotationTests {
    private let folder: TestFolder
    private let ours: DumpRotation
    private let theirs: DumpRotation

    init() throws {
        folder = try TestFolder()
        ours = DumpRotation(path: folder.path, job: ["tables": ["a"]])
        theirs = DumpRotation(path: folder.path, job: ["tables": ["b"]])
    }

    private func dump(_ rotation: DumpRotation, at time: Double) throws -> String {
        let path = try rotation.begin(at: time)
        try Sample.write([Sample.items], to: path)
        return path
    }

    private func names() throws -> Set<String> { Set(try FileManager.default.contentsOfDirectory(atPath: folder.path)) }

    @Test func onlyDumpsOfTheSameJobAreCountedAndRemoved() throws {
        let first = try dump(ours, at: 0)
        let other = try dump(theirs, at: 1)
        // Of the same second, and yet a dump of its own.
        let second = try dump(ours, at: 1)
        #expect(first.hasSuffix("/19700101T000000Z") && other.hasSuffix("01Z") && second.hasSuffix("02Z"))
        try Sample.write([Sample.items], to: "\(folder.path)/\(DumpRotation.name(at: 3))")
        #expect(try ours.prune(keeping: 2) == [])
        #expect(try ours.prune(keeping: 1) == [first])
        #expect(try theirs.prune(keeping: 1) == [])
        let left = try names()
        #expect(
            left == [
                "19700101T000001Z", "19700101T000002Z", "19700101T000003Z", ".saltmill-19700101T000001Z.json",
                ".saltmill-19700101T000002Z.json",
            ])
    }

    @Test func dumpsThatCannotBeReliedOnStayAsLongAsOthersOfTheirAge() throws {
        func setAside(_ rotation: DumpRotation, at time: Double, _ ending: String) throws {
            _ = try rotation.begin(at: time)
            _ = try folder.write("x", to: "\(DumpRotation.name(at: time))\(ending)/a/data.json.gz")
        }
        try setAside(ours, at: 0, ".bad2")
        try setAside(theirs, at: 1, ".bad")
        try setAside(ours, at: 20, ".bad")
        _ = try dump(ours, at: 10)
        _ = try dump(ours, at: 30)
        #expect(try ours.prune(keeping: 2) == [])
        let left = try names().filter { $0.contains(".bad") }
        #expect(left == ["19700101T000001Z.bad", "19700101T000020Z.bad"], "\(left)")
        _ = try dump(ours, at: 40)
        _ = try ours.prune(keeping: 1)
        #expect(try names().filter { $0.contains(".bad") } == ["19700101T000001Z.bad"])
    }

    @Test func unfinishedDumpsOfAnotherJobAreLeftAlone() throws {
        #expect(try ours.unfinished() == nil)
        let other = try theirs.begin(at: 5)
        _ = try folder.write("{}\n", to: "\(DumpRotation.name(at: 5)).partial/\(DumpJournal.fileName)")
        #expect(try ours.unfinished() == nil)
        #expect(try theirs.unfinished() == other)
        let early = try ours.begin(at: 1)
        _ = try folder.write("{}\n", to: "\(DumpRotation.name(at: 1)).partial/\(DumpJournal.fileName)")
        #expect(try ours.unfinished() == early)
        _ = try dump(ours, at: 9)
        #expect(try ours.prune(keeping: 1) == [])
        #expect(try ours.unfinished() == nil)
        #expect(try theirs.unfinished() == other)
    }

    @Test func whatIsIdleForLongIsNotGoneOnWith() throws {
        let path = try ours.begin(at: 5)
        _ = try folder.write("{}\n", to: "\(DumpRotation.name(at: 5)).partial/\(DumpJournal.fileName)")
        let now = Date.now.timeIntervalSince1970
        #expect(!DumpRotation.isStale(path, at: now + 24 * 3600))
        #expect(DumpRotation.isStale(path, at: now + 37 * 3600))
    }
}
