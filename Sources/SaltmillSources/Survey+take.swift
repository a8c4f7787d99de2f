import SaltmillBytes

extension Survey {
    /// Reads a file once and keeps what was found in a folder, which is made if it is not there.
    ///
    /// The calling thread does the work. No temporary file is left behind, even by a survey that fails; what one that was
    /// killed left behind is removed.
    /// - Parameters:
    ///   - keys: tells the rows' primary keys.
    ///   - progress: is told how many bytes of the file have been read.
    /// - Throws: ``SourceError``; `CancellationError` when the surrounding task is cancelled.
    package static func take(
        of file: CSVFile, for request: SurveyRequest, keys: inout some RowKeyReading, in folder: String,
        progress: (UInt64) -> Void = { _ in }
    ) throws -> Survey {
        precondition(request.rangeCount > 0, "a file is cut into at least one range")
        let scratch = folder + "/" + scratchName
        try SystemFile.makeFolder(folder)
        SystemFile.removeFolder(scratch)
        try SystemFile.makeFolder(scratch)
        defer { SystemFile.removeFolder(scratch) }

        var survey = Survey(file, request)
        var search = DuplicateSearch(request.duplicates, folder: scratch, fileSize: file.input.stamp.size, memory: request.memory)
        try survey.pass(over: file, request, &keys, &search, progress)
        if request.duplicates != .unchecked {
            let path = folder + "/" + voidName
            let (count, digest) = try search.finish(writingTo: NewFile(path: path))
            survey.void = VoidRecords(count: count, digest: digest.description, path: path)
        }
        try file.input.checkUnchanged()
        try survey.store(in: folder)
        return survey
    }

    private init(_ file: CSVFile, _ request: SurveyRequest) {
        stamp = file.input.stamp
        digest = ""
        format = file.format.fingerprint
        keyFingerprint = request.keyFingerprint
        duplicates = request.duplicates
        recordCount = 0
        faultyCount = 0
        keylessCount = 0
        cuts = []
        heavyHitters = []
        heavyHitterError = 0
    }

    /// Reads all records and digests all bytes.
    private mutating func pass(
        over file: CSVFile, _ request: SurveyRequest, _ keyReader: inout some RowKeyReading, _ search: inout DuplicateSearch,
        _ progress: (UInt64) -> Void
    ) throws {
        let isSearching = request.duplicates != .unchecked
        var digester = Digester(.sha256)
        try file.input.show(0..<file.firstRecord.offset) { digester.update($0) }
        var reader = CSVRangeReader(
            file, RowRange(start: file.firstRecord, end: .max), duplicates: nil, blockSize: CSVSource.blockSize)
        var batch = RowBatch(columnCount: file.columns.count)
        var keys: [RowKey] = []
        var hitters = HeavyHitters(counters: 1_000)
        var nextCut = file.firstRecord.offset
        let rangeLength = (stamp.size - nextCut) / UInt64(request.rangeCount) + 1
        while try reader.read(into: &batch, maximumRows: 1_024, maximumBytes: CSVSource.blockSize, showing: { digester.update($0) }) {
            try Task.checkCancellation()
            keyReader.readKeys(batch, into: &keys)
            precondition(keys.count == batch.records.count, "each record has one key")
            for index in batch.records.indices {
                let locator = batch.records[index].locator
                if locator.offset >= nextCut {
                    cuts.append(Cut(locator: locator, record: recordCount))
                    while nextCut <= locator.offset { nextCut += rangeLength }
                }
                recordCount += 1
                if batch.records[index].fault != nil {
                    faultyCount += 1
                } else if keys[index].isValid {
                    hitters.add(keys[index].lane, at: locator)
                    if isSearching { try search.add(keys[index], at: locator.offset) }
                } else {
                    keylessCount += 1
                }
            }
            progress(reader.frontier.offset)
        }
        digest = digester.finishSHA256().description
        heavyHitters = hitters.top(100).filter { $0.count > max(1, hitters.error) }.map {
            HeavyHitter(lane: $0.value, rows: $0.count, exemplar: $0.exemplar)
        }
        heavyHitterError = hitters.error
    }
}
