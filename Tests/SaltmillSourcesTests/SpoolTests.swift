import Glibc
import SaltmillSources
import Testing

@Suite struct SpoolTests {
    let folder = TestFolder()

    private var path: String { folder.path + "/stdin" }

    /// A pipe that gives these bytes.
    private func pipe(_ bytes: [UInt8]) -> Int32 {
        var ends: [Int32] = [0, 0]
        #expect(Glibc.pipe(&ends) == 0)
        #expect(write(ends[1], bytes, bytes.count) == bytes.count)
        close(ends[1])
        return ends[0]
    }

    @Test func aStreamIsCopiedForItsOwnerAlone() throws {
        let bytes = [UInt8]("a,b\n1,2\n".utf8)
        let stream = pipe(bytes)
        defer { close(stream) }
        try Spool.copy(stream, to: path)
        var status = stat()
        #expect(folder.read("stdin") == bytes && stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(TestFolder.names(in: folder.path) == ["stdin"])
    }

    @Test func whatWasCopiedIsNotReadAgain() throws {
        folder.write("old", to: "stdin")
        let stream = pipe([1, 2, 3])
        defer { close(stream) }
        try Spool.copy(stream, to: path)
        #expect(folder.read("stdin") == Array("old".utf8))
    }

    @Test func aCopyThatWasCutShortIsMadeAgain() throws {
        folder.write("a rest that is longer than what comes", to: "stdin.partial")
        let stream = pipe([7])
        defer { close(stream) }
        try Spool.copy(stream, to: path)
        #expect(folder.read("stdin") == [7] && TestFolder.names(in: folder.path) == ["stdin"])
    }

    @Test func aStreamThatFailsLeavesNothing() throws {
        let error = #expect(throws: SourceError.self) { try Spool.copy(-1, to: path) }
        #expect(error?.kind == .read && TestFolder.names(in: folder.path).isEmpty)
    }
}
