import Foundation
import Glibc
import SaltmillBytes
import SaltmillDelivery
package import SaltmillDynamoDB
import SaltmillItems
import SaltmillPacing
import SaltmillSources

/// Where rendered items go.
package protocol RenderOutput: AnyObject {
    /// Adds an item to the file that is being written.
    func append(_ item: Span<UInt8>) throws
    /// Ends a file; the next item begins another one.
    func endFile() throws
}

/// What a render has done.
package struct RenderReport: Sendable {
    package var job: String
    package var read = 0
    package var written = 0
    package var superseded = 0
    /// Rows that cannot become items, by reason code; they stand in the reject file.
    package var rejected: [String: Int] = [:]
    package var rejectFile: String
    package var files = 0
    /// Bytes of the items' JSON, before it is compressed.
    package var bytes = 0
    package var seconds = 0.0

    package var rejectedCount: Int { rejected.values.reduce(0, +) }
    package var exitCode: Int32 { rejectedCount > 0 ? 3 : 0 }
}

/// Writes the items that a load would write into files, in the order of their keys' hashes, so that whoever reads the files writes to all
/// partitions at once.
package struct RenderJob: Sendable {
    package enum Phase: Sendable {
        case surveying(doneBytes: UInt64, totalBytes: UInt64)
        case reading(rows: Int)
        /// A live source cannot be read at the moment, and why.
        case waiting(String)
        case writing(items: Int, of: Int)
    }

    package let spec: MigrationSpec
    private let fileBytes: Int

    /// - Parameter fileBytes: how long a file should be, in bytes of JSON before it is compressed.
    package init(_ spec: MigrationSpec, fileBytes: Int) {
        self.spec = spec
        self.fileBytes = fileBytes
    }

    /// The table that the items are for: as the spec creates it, else on demand.
    /// - Throws: `SaltError` for a salt that no tag can hold, which reading a spec has ruled out.
    package func table() throws -> TableDefinition {
        try spec.tableDefinition()
            ?? TableDefinition(
                name: spec.target.table, key: spec.keySchema, indexes: spec.indexDefinitions, billing: .onDemand, tags: try spec.saltTags())
    }

    /// Renders; the calling task does the work.
    /// - Parameters:
    ///   - rejectFile: where rejected rows go; written anew.
    ///   - scratch: a folder for temporary files that exists.
    /// - Throws: ``JobFailure``, ``SpecError``, `SourceError`, `CancellationError`, what the output throws.
    package func run(
        to output: some RenderOutput, rejectFile: String, scratch: String, progress: (Phase) -> Void
    ) async throws -> RenderReport {
        let began = MonotonicTime.now
        try spec.checkPersonalData()
        try spec.checkDrift()
        let input = try spec.openInput()
        let resolved = try spec.resolve(columns: input.columns)
        let keys = scratch + "/rows"
        let (source, expected) = try await source(input, resolved, keptIn: keys, progress)
        var report = RenderReport(job: spec.job, rejectFile: rejectFile)
        let shuffle = ItemShuffle(folder: scratch, expected: expected)
        guard Self.place(rejectFile) != Self.place(spec.rejects.path) else {
            throw JobFailure(.usage, "\(rejectFile) is the reject file of the load; give --to another name")
        }
        unlink(rejectFile)
        let rejects = try RejectFile(path: rejectFile, length: 0)
        try await read(source, resolved, into: shuffle, rejects, &report, progress)
        try? FileManager.default.removeItem(atPath: keys)
        try write(shuffle, to: output, &report, progress)
        report.seconds = (MonotonicTime.now - began).inSeconds
        return report
    }

    /// The rows, and about how many bytes of items they make.
    private func source(
        _ input: SourceInput, _ resolved: ResolvedSpec, keptIn keys: String, _ progress: (Phase) -> Void
    ) async throws -> (any RowSource, expected: UInt64) {
        switch input {
        case .records(let input):
            let folder = JobFolder(spec.jobFolder)
            try folder.make()
            let size = input.stamp.size
            // JSON is about twice as long as CSV, and gzip makes about a fifth of it; more files than needed do no harm.
            let expected = size * 4
            guard spec.duplicates != .unchecked else { return (RecordSource(unsurveyed: input), expected) }
            let survey = try Survey.ofMigration(input, resolved, in: folder) { progress(.surveying(doneBytes: $0, totalBytes: size)) }
            return (try RecordSource(input, survey: survey), expected)
        case .database(let input):
            try JobFolder(keys).make()
            let rows = try await patiently(waiting: { tell($0, progress) }, { try input.source(keptIn: keys) })
            return (rows, UInt64(max(input.estimatedRows ?? 1 << 20, 0)) * 512)
        }
    }

    private func tell(_ wait: String?, _ progress: (Phase) -> Void) { if let wait { progress(.waiting(wait)) } }

    /// Where a file really is.
    private static func place(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }

    private func read(
        _ source: any RowSource, _ resolved: ResolvedSpec, into shuffle: ItemShuffle, _ rejects: RejectFile, _ report: inout RenderReport,
        _ progress: (Phase) -> Void
    ) async throws {
        var reader = MigrationReader(
            source, fileName: spec.source.name, namesColumns: spec.source.hasNamelessRows, ranges: source.ranges, mapping: resolved.mapping)
        for range in source.ranges.indices {
            while let chunk = try await patiently(waiting: { tell($0, progress) }, { try reader.read(range: range) }) {
                try Task.checkCancellation()
                report.read += chunk.locators.count
                report.superseded += chunk.superseded.count
                for item in chunk.items.items {
                    try shuffle.append(chunk.items.bytes[Int(item.offset)..<Int(item.offset + item.length)], hash: item.key)
                }
                for reject in chunk.rejects { report.rejected[reject.code, default: 0] += 1 }
                if !chunk.rejects.isEmpty { try rejects.append(chunk.rejects.flatMap(\.line)) }
                progress(.reading(rows: report.read))
            }
        }
    }

    /// Writes files of about equal length.
    private func write(
        _ shuffle: ItemShuffle, to output: some RenderOutput, _ report: inout RenderReport, _ progress: (Phase) -> Void
    ) throws {
        let files = max((shuffle.bytes + fileBytes - 1) / fileBytes, 1)
        var (written, bytes, done) = (0, 0, 0)
        try shuffle.forEach { item in
            try output.append(item)
            written += 1
            bytes += item.count
            // The end of a file is where its share of all bytes is reached.
            if bytes * files >= shuffle.bytes * (done + 1), written < shuffle.count {
                try output.endFile()
                done += 1
            }
            if written.isMultiple(of: 4096) { progress(.writing(items: written, of: shuffle.count)) }
        }
        if written > 0 {
            try output.endFile()
            done += 1
        }
        (report.written, report.bytes, report.files) = (written, bytes, done)
    }
}
