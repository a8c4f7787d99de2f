import SaltmillSources
import Testing

@Suite struct CSVFileTests {
    let folder = TestFolder()

    @Test func theHeaderNamesTheColumns() throws {
        let file = try CSVFile(path: folder.write("id,\"say \"\"hi\"\"\",\"a\nb\"\r\n1,2,3\n"))
        #expect(file.columns == ["id", "say \"hi\"", "a\nb"])
        #expect(file.firstRecord == RecordLocator(offset: 23, line: 3))
    }

    @Test func aByteOrderMarkAndEmptyLinesBeforeTheHeaderAreSkipped() throws {
        let file = try CSVFile(path: folder.write("\u{FEFF}\n\"id\",b\n1,2\n"))
        #expect(file.columns == ["id", "b"])
        #expect(file.firstRecord == RecordLocator(offset: 11, line: 3))
    }

    @Test func aHeaderMayBeAllThereIs() throws {
        let file = try CSVFile(path: folder.write("id,b"))
        #expect(file.columns == ["id", "b"])
        #expect(try RecordSource(unsurveyed: file).records().isEmpty)
    }

    @Test func aHeaderMayBeLongerThanABlock() throws {
        let names = (0..<15_000).map { "column_\($0)" }
        let file = try CSVFile(path: folder.write(names.joined(separator: ";") + "\n"), format: CSVFormat(delimiter: 0x3B))
        #expect(file.columns == names)
    }

    @Test func columnsCanBeNamedForAFileWithoutHeader() throws {
        let file = try CSVFile(path: folder.write("\u{FEFF}1,2\n"), format: CSVFormat(columns: ["a", "b"]))
        #expect(file.firstRecord == RecordLocator(offset: 3, line: 1))
        #expect(try RecordSource(unsurveyed: file).records().map(\.texts) == [["1", "2"]])
    }

    static let unusableHeaders: [([UInt8], String)] = [
        ([], "has no header line"),
        (Array("\n\n".utf8), "has no header line"),
        (Array("a,,c\n".utf8), "column 2 of 3 has an empty name"),
        (Array("a,b,a\n".utf8), "the column name \"a\" occurs twice"),
        (Array("a,b\"\n1,2\n".utf8), ":1: the header line is malformed: a quote stands inside an unquoted cell"),
        (Array("\n\na,\"b\n1,2\n".utf8), ":3: the header line is malformed: a quote that is opened"),
        (Array("a,b\r1,2\r".utf8), "bare carriage returns"),
        ([0x61, 0x2C, 0xFF, 0x0A], ":1: the name of column 2 is not valid UTF-8"),
        ([0xFF, 0xFE, 0x61, 0x00], "is in UTF-16"),
        (Array(String(repeating: "a,", count: 20_000).utf8), "has 20001 columns, the limit is 16384"),
    ]

    @Test(arguments: unusableHeaders)
    func refusesAnUnusableHeader(content: [UInt8], reason: String) throws {
        let path = folder.write(content)
        let error = #expect(throws: SourceError.self) { try CSVFile(path: path) }
        #expect(error?.kind == .header)
        #expect(error?.message.hasPrefix(path) == true && error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test func refusesWhatCannotBeOpened() throws {
        let missing = #expect(throws: SourceError.self) { try CSVFile(path: folder.path + "/nothing.csv") }
        #expect(missing == SourceError(.open, "\(folder.path)/nothing.csv cannot be opened: No such file or directory"))
        let directory = #expect(throws: SourceError.self) { try CSVFile(path: folder.path) }
        #expect(directory?.kind == .open && directory?.message.contains("is not a regular file") == true)
        #expect(throws: SourceError.self) { try CSVFile(path: "/dev/null") }
    }

    @Test func namedColumnsAreCheckedLikeAHeader() throws {
        let path = folder.write("1,2\n")
        #expect(throws: SourceError.self) { try CSVFile(path: path, format: CSVFormat(columns: ["a", "a"])) }
        #expect(throws: SourceError.self) { try CSVFile(path: path, format: CSVFormat(columns: ["a", ""])) }
        #expect(throws: SourceError.self) { try CSVFile(path: path, format: CSVFormat(columns: [])) }
    }

    @Test func equalFormatsAndNoOthersHaveEqualFingerprints() {
        let formats = [
            CSVFormat(), CSVFormat(delimiter: 0x3B), CSVFormat(nulls: ["NA"]), CSVFormat(nulls: ["N", "A"]),
            CSVFormat(columns: ["a", "b"]),
            CSVFormat(columns: ["a,b"]), CSVFormat(maximumRecordLength: 1_000),
        ]
        #expect(Set(formats.map(\.fingerprint)).count == formats.count)
        #expect(CSVFormat(columns: ["a"]).fingerprint == CSVFormat(columns: ["a"]).fingerprint)
    }
}
