import Glibc
import SaltmillSources
import Testing

@Suite struct SurveyFolderTests {
    let folder = TestFolder()
    let request = SurveyRequest(keyFingerprint: "test", duplicates: .last, rangeCount: 3)
    static let text = "key,lane\n" + (0..<100).map { "\($0 % 70),\($0 % 3)\n" }.joined()

    private var surveyFolder: String { folder.path + "/survey" }

    private func file(_ format: CSVFormat = CSVFormat()) throws -> CSVFile { try CSVFile(path: folder.path + "/rows.csv", format: format) }

    /// Writes the standard file and takes its survey.
    @discardableResult
    private func surveyed() throws -> Survey {
        folder.write(Self.text)
        var keys = NumberKeys()
        return try Survey.take(of: file(), for: request, keys: &keys, in: surveyFolder)
    }

    @Test func whatWasTakenIsLoaded() throws {
        let taken = try surveyed()
        #expect(try Survey.load(from: surveyFolder, of: file(), for: request) == taken)
        #expect(taken.void?.count == 30 && !taken.heavyHitters.isEmpty && taken.cuts.count == 3)
    }

    @Test func whatWasTakenWithoutDuplicatesIsLoaded() throws {
        folder.write(Self.text)
        var unchecked = request
        unchecked.duplicates = .unchecked
        var keys = NumberKeys()
        let taken = try Survey.take(of: file(), for: unchecked, keys: &keys, in: surveyFolder)
        #expect(taken.void == nil)
        #expect(try Survey.load(from: surveyFolder, of: file(), for: unchecked) == taken)
        #expect(TestFolder.names(in: surveyFolder) == ["survey.json"])
    }

    @Test func thereMayBeNone() throws {
        folder.write(Self.text)
        #expect(try Survey.load(from: surveyFolder, of: file(), for: request) == nil)
    }

    @Test func filesAreTheOwnersAloneAndNoOthersAreLeft() throws {
        try surveyed()
        #expect(TestFolder.names(in: surveyFolder) == ["survey.json", "void.offsets"])
        for (name, mode) in [("", 0o700), ("/survey.json", 0o600), ("/void.offsets", 0o600)] as [(String, UInt32)] {
            var status = stat()
            #expect(stat(surveyFolder + name, &status) == 0 && status.st_mode & 0o777 == mode, "\(name)")
        }
    }

    @Test func anotherContentIsStale() throws {
        try surveyed()
        folder.write(Self.text + "7,7\n")
        #expect(try Survey.load(from: surveyFolder, of: file(), for: request) == nil)
        folder.write(String(Self.text.dropLast(2)) + "3\n")
        #expect(try Survey.load(from: surveyFolder, of: file(), for: request) == nil)
    }

    @Test func anotherQuestionIsStale() throws {
        try surveyed()
        #expect(try Survey.load(from: surveyFolder, of: file(), for: SurveyRequest(keyFingerprint: "other", duplicates: .last)) == nil)
        for policy in [DuplicatePolicy.first, .reject, .unchecked] {
            #expect(try Survey.load(from: surveyFolder, of: file(), for: SurveyRequest(keyFingerprint: "test", duplicates: policy)) == nil)
        }
        #expect(try Survey.load(from: surveyFolder, of: file(CSVFormat(nulls: ["NA"])), for: request) == nil)
    }

    @Test func theSameContentWithAnotherTimeOrInodeIsNotStale() throws {
        let taken = try surveyed()
        folder.write(Self.text, to: "copy.csv")
        #expect(rename(folder.path + "/copy.csv", folder.path + "/rows.csv") == 0)
        var times = [timespec(tv_sec: 1, tv_nsec: 2), timespec(tv_sec: 1_000_000_000, tv_nsec: 3)]
        #expect(utimensat(AT_FDCWD, folder.path + "/rows.csv", &times, 0) == 0)
        let file = try file()
        #expect(throws: SourceError.self) { try RecordSource(file, survey: taken) }
        let loaded = try #require(try Survey.load(from: surveyFolder, of: file, for: request))
        #expect(loaded.stamp.modified == 1_000_000_000_000_000_003 && loaded.stamp.inode != taken.stamp.inode)
        #expect(try RecordSource(file, survey: loaded).identity == "sha256:\(taken.digest)")
        // The new stamp is kept, so the content is not read a second time.
        #expect(folder.read("survey/survey.json").count > 100)
        #expect(String(decoding: folder.read("survey/survey.json"), as: UTF8.self).contains("1000000000000000003"))
    }

    @Test(arguments: ["", "{", "{}", "[1]", "\u{0}"])
    func aDamagedSurveyIsStale(text: String) throws {
        try surveyed()
        folder.write(text, to: "survey/survey.json")
        #expect(try Survey.load(from: surveyFolder, of: file(), for: request) == nil)
    }

    @Test func aSurveyOfAnotherVersionIsStale() throws {
        try surveyed()
        let text = String(decoding: folder.read("survey/survey.json"), as: UTF8.self)
        #expect(text.hasPrefix("{\"version\":1,"))
        folder.write("{\"version\":2," + text.dropFirst("{\"version\":1,".count), to: "survey/survey.json")
        #expect(try Survey.load(from: surveyFolder, of: file(), for: request) == nil)
    }

    @Test func aDamagedListOfVoidRecordsIsStale() throws {
        try surveyed()
        var list = folder.read("survey/void.offsets")
        #expect(list.count == 240)
        list[17] ^= 1
        folder.write(list, to: "survey/void.offsets")
        #expect(try Survey.load(from: surveyFolder, of: file(), for: request) == nil)
        folder.write(Array(list.dropLast(8)), to: "survey/void.offsets")
        #expect(try Survey.load(from: surveyFolder, of: file(), for: request) == nil)
        #expect(unlink(surveyFolder + "/void.offsets") == 0)
        #expect(try Survey.load(from: surveyFolder, of: file(), for: request) == nil)
    }

    @Test func aFullDiskIsAClearErrorAndLeavesNothingBehind() throws {
        folder.write(Self.text)
        #expect(mkdir(surveyFolder, 0o700) == 0)
        for name in ["void.offsets", "survey.json"] {
            let partial = "\(surveyFolder)/\(name).partial"
            #expect(symlink("/dev/full", partial) == 0)
            let error = #expect(throws: SourceError.self) { try surveyed() }
            #expect(error == SourceError(.survey, "\(partial) cannot be written: No space left on device"))
            #expect(!TestFolder.names(in: surveyFolder).contains { $0.hasSuffix(".partial") || $0 == "scratch" })
        }
        #expect(try Survey.load(from: surveyFolder, of: file(), for: request) == nil)
    }

    @Test func aFolderThatCannotBeMadeIsAClearError() throws {
        let file = try CSVFile(path: folder.write(Self.text))
        var keys = NumberKeys()
        let error = #expect(throws: SourceError.self) {
            try Survey.take(of: file, for: request, keys: &keys, in: folder.path + "/rows.csv/survey")
        }
        #expect(error == SourceError(.survey, "the folder \(folder.path)/rows.csv/survey cannot be made: Not a directory"))
    }

    @Test func aCancelledSurveyLeavesNothingBehind() async throws {
        folder.write("key,lane\n" + (0..<5_000).map { "\($0),0\n" }.joined())
        let (file, request, path) = (try file(), request, surveyFolder)
        let task = Task {
            var keys = NumberKeys()
            var request = request
            request.memory = 1_000
            return try Survey.take(of: file, for: request, keys: &keys, in: path) { offset in
                if offset > 10_000 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(TestFolder.names(in: surveyFolder).isEmpty)
    }

    @Test func whatAKilledSurveyLeftIsRemoved() throws {
        #expect(mkdir(surveyFolder, 0o700) == 0 && mkdir(surveyFolder + "/scratch", 0o700) == 0)
        folder.write("rest", to: "survey/scratch/keys.7")
        try surveyed()
        #expect(TestFolder.names(in: surveyFolder) == ["survey.json", "void.offsets"])
    }
}
