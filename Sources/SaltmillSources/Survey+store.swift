import SaltmillBytes

extension Survey {
    /// The survey kept in a folder, if it still describes the input and answers the request; nil when there is none, or it is stale or
    /// damaged, and another has to be taken.
    ///
    /// When nothing but a file's modification time or inode differs, its content is read and compared; if it is the same the survey is
    /// kept on with the new stamp.
    /// - Throws: ``SourceError`` when the input cannot be read; `CancellationError` when the surrounding task is cancelled.
    package static func load(from folder: String, of input: any RecordInput, for request: SurveyRequest) throws -> Survey? {
        guard let text = smallFile(folder + "/" + fileName), var survey = Survey(parsing: text.span, folder: folder) else { return nil }
        guard survey.stamp.size == input.stamp.size, survey.rowShape == input.rowShape else { return nil }
        guard survey.keyFingerprint == request.keyFingerprint, survey.duplicates == request.duplicates else { return nil }
        guard (survey.void == nil) == (request.duplicates == .unchecked), survey.void?.isWhole(entrySize: 8) ?? true else { return nil }
        guard survey.points?.isWhole(entrySize: UInt64(AccessPoints.entrySize)) ?? true else { return nil }
        if survey.stamp != input.stamp {
            guard try input.digest() == survey.digest else { return nil }
            survey.stamp = input.stamp
            try survey.store(in: folder)
        }
        return survey
    }

    private static func smallFile(_ path: String) -> [UInt8]? {
        guard let input = try? InputFile(path: path), input.stamp.size < 1 << 24 else { return nil }
        var text: [UInt8] = []
        let shown: Void? = try? input.show(0..<input.stamp.size) { text.append(contentsOf: $0.array) }
        return shown == nil ? nil : text
    }

    /// Writes the survey's file; until that is whole, an older one stays.
    func store(in folder: String) throws(SourceError) {
        let file = try NewFile(path: folder + "/" + Self.fileName)
        try file.append(json.bytes)
        try file.append([0x0A])
        try file.commit()
    }

    private var json: JSONValue {
        [
            "version": .integer(Self.version),
            "file": ["size": .integer(stamp.size), "modified": .integer(stamp.modified), "inode": .integer(stamp.inode)],
            "sha256": .string(digest),
            "format": .string(rowShape),
            "keys": .string(keyFingerprint),
            "duplicates": .string(duplicates.rawValue),
            "end": .integer(end),
            "records": .integer(recordCount),
            "faulty": .integer(faultyCount),
            "keyless": .integer(keylessCount),
            "cuts": .array(cuts.map { .object($0.locator.members + [.init("record", .integer($0.record))]) }),
            "heavyHitters": .array(
                heavyHitters.map {
                    .object([.init("lane", .string(String($0.lane, radix: 16))), .init("rows", .integer($0.rows))] + $0.exemplar.members)
                }),
            "heavyHitterError": .integer(heavyHitterError),
            "void": void?.json ?? .null,
            "points": points?.json ?? .null,
        ]
    }

    private init?(parsing text: Span<UInt8>, folder: String) {
        guard let json = try? JSONValue(parsing: text), json["version"]?.int == Self.version,
            let size = json["file"]?["size"]?.unsigned, let modified = json["file"]?["modified"]?.int,
            let inode = json["file"]?["inode"]?.unsigned, let digest = json["sha256"]?.string, let rowShape = json["format"]?.string,
            let keyFingerprint = json["keys"]?.string, let duplicates = json["duplicates"]?.string.flatMap(DuplicatePolicy.init),
            let end = json["end"]?.unsigned, let recordCount = json["records"]?.unsigned, let faultyCount = json["faulty"]?.unsigned,
            let keylessCount = json["keyless"]?.unsigned, let cuts = json["cuts"]?.array, let hitters = json["heavyHitters"]?.array,
            let heavyHitterError = json["heavyHitterError"]?.unsigned, let void = json["void"], let points = json["points"]
        else { return nil }
        stamp = FileStamp(size: size, modified: Int64(modified), inode: inode)
        self.digest = digest
        self.rowShape = rowShape
        self.keyFingerprint = keyFingerprint
        self.duplicates = duplicates
        self.end = end
        self.recordCount = recordCount
        self.faultyCount = faultyCount
        self.keylessCount = keylessCount
        self.heavyHitterError = heavyHitterError
        self.cuts = cuts.compactMap { cut in
            guard let locator = RecordLocator(cut), let record = cut["record"]?.unsigned else { return nil }
            return Cut(locator: locator, record: record)
        }
        heavyHitters = hitters.compactMap { hitter in
            guard let lane = hitter["lane"]?.string.flatMap({ UInt64($0, radix: 16) }), let rows = hitter["rows"]?.unsigned,
                let exemplar = RecordLocator(hitter)
            else { return nil }
            return HeavyHitter(lane: lane, rows: rows, exemplar: exemplar)
        }
        guard self.cuts.count == cuts.count, heavyHitters.count == hitters.count else { return nil }
        self.void = SideFile(void, path: folder + "/" + Self.voidName)
        self.points = SideFile(points, path: folder + "/" + Self.pointsName)
        guard (self.void == nil) == (void == .null), (self.points == nil) == (points == .null) else { return nil }
    }
}

extension Survey.SideFile {
    fileprivate var json: JSONValue { ["count": .integer(count), "sha256": .string(digest)] }

    fileprivate init?(_ json: JSONValue, path: String) {
        guard let count = json["count"]?.unsigned, let digest = json["sha256"]?.string else { return nil }
        self.init(count: count, digest: digest, path: path)
    }

    /// The list is there as it was written.
    fileprivate func isWhole(entrySize: UInt64) -> Bool {
        guard let list = try? InputFile(path: path), list.stamp.size == entrySize * count else { return false }
        return (try? list.digest()) == digest
    }
}

extension RecordLocator {
    fileprivate var members: [JSONValue.Member] { [.init("offset", .integer(offset)), .init("line", .integer(line))] }

    fileprivate init?(_ json: JSONValue) {
        guard let offset = json["offset"]?.unsigned, let line = json["line"]?.unsigned else { return nil }
        self.init(offset: offset, line: line)
    }
}

extension JSONValue {
    fileprivate var unsigned: UInt64? {
        guard case .number(let text) = self else { return nil }
        return UInt64(text)
    }
}
