import SaltmillBytes

extension Survey {
    /// Reads an input once and keeps what was found in a folder, which is made if it is not there.
    ///
    /// The calling thread does the work. No temporary file is left behind, even by a survey that fails; what one that was
    /// killed left behind is removed.
    /// - Parameters:
    ///   - keys: tells the rows' primary keys.
    ///   - progress: is told how many bytes have been read, of as many as the input's stamp says.
    /// - Throws: ``SourceError``; `CancellationError` when the surrounding task is cancelled.
    package static func take(
        of input: any RecordInput, for request: SurveyRequest, keys: inout some RowKeyReading, in folder: String,
        progress: (UInt64) -> Void = { _ in }
    ) throws -> Survey {
        precondition(request.rangeCount > 0, "an input is cut into at least one range")
        let scratch = folder + "/" + scratchName
        try SystemFile.makeFolder(folder)
        SystemFile.removeFolder(scratch)
        try SystemFile.makeFolder(scratch)
        defer { SystemFile.removeFolder(scratch) }

        var survey = Survey(input, request)
        var search = DuplicateSearch(request.duplicates, folder: scratch, end: input.end ?? .max, memory: request.memory)
        try survey.pass(over: input, request, &keys, &search, SurveyTap(folder: folder), progress)
        if request.duplicates != .unchecked {
            let path = folder + "/" + voidName
            let (count, digest) = try search.finish(writingTo: NewFile(path: path))
            survey.void = SideFile(count: count, digest: digest.description, path: path)
        }
        try input.checkUnchanged()
        try survey.store(in: folder)
        return survey
    }

    private init(_ input: any RecordInput, _ request: SurveyRequest) {
        stamp = input.stamp
        digest = ""
        rowShape = input.rowShape
        keyFingerprint = request.keyFingerprint
        duplicates = request.duplicates
        end = input.firstRecord.offset
        recordCount = 0
        faultyCount = 0
        keylessCount = 0
        cuts = []
        heavyHitters = []
        heavyHitterError = 0
    }

    /// Reads all records and digests the content.
    private mutating func pass(
        over input: any RecordInput, _ request: SurveyRequest, _ keyReader: inout some RowKeyReading, _ search: inout DuplicateSearch,
        _ tap: SurveyTap, _ progress: (UInt64) -> Void
    ) throws {
        let isSearching = request.duplicates != .unchecked
        var reader = try input.surveyReader(tap)
        var batch = RowBatch(columnCount: input.columns.count)
        var keys: [RowKey] = []
        var hitters = HeavyHitters(counters: 1_000)
        var places = CutPlaces(from: input.firstRecord.offset, to: input.end, count: request.rangeCount)
        while try reader.read(into: &batch, maximumRows: 1_024, maximumBytes: RecordSource.blockSize) {
            try Task.checkCancellation()
            keyReader.readKeys(batch, into: &keys)
            precondition(keys.count == batch.records.count, "each record has one key")
            for index in batch.records.indices {
                let locator = batch.records[index].locator
                places.pass(locator, record: recordCount)
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
            progress(reader.progress)
        }
        end = reader.frontier.offset
        cuts = places.cuts(end: end)
        (digest, points) = try tap.finish()
        heavyHitters = hitters.top(100).filter { $0.count > max(1, hitters.error) }.map {
            HeavyHitter(lane: $0.value, rows: $0.count, exemplar: $0.exemplar)
        }
        heavyHitterError = hitters.error
    }
}
