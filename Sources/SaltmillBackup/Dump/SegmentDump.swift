import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillPacing

/// Writes down what comes of one segment of a table's scan, part by part.
struct SegmentDump {
    let engine: ScanEngine
    let writer: TableDumpWriter
    /// Nil for a stream, which cannot be gone on with.
    let journal: DumpJournal?
    let table: String
    /// In the table's scan.
    let segment: Int
    /// In the engine.
    let number: Int

    /// A part is closed, and with it safe from a kill, after so many seconds, or after so much of the time since the dump was begun: little is
    /// lost, and long dumps do not become many files.
    private static let leastPartAge = 0.25
    private static let partOfElapsed = 0.05

    /// Writes until the segment is complete or given up.
    /// - Returns: the parts that were finished, and whether nothing is left of the segment.
    /// - Throws: ``DumpError``.
    func run(began: MonotonicTime) async throws -> (parts: [DumpPart], isComplete: Bool) {
        var parts: [DumpPart] = []
        var part: PartWriter?
        var opened = began
        var next: [UInt8]?
        while true {
            switch await engine.work(segment: number) {
            case .write(let page):
                if part == nil {
                    part = try writer.openPart(segment: segment)
                    opened = .now
                }
                try page.forEachItem { item throws(DumpError) in try part?.append(item) }
                next = page.next
                if let key = page.next {
                    try part?.endPage(scanned: page.scannedCount, lastKey: key.span)
                } else {
                    try part?.endPage(scanned: page.scannedCount, lastKey: nil)
                }
                engine.wrote(bytes: page.body.count)
                let age = max(Self.leastPartAge, (opened - began).inSeconds * Self.partOfElapsed)
                if part?.isFull ?? false || (MonotonicTime.now - opened).inSeconds > age {
                    try await close(part.take(), next: next, into: &parts)
                }
            case .complete:
                if part != nil { try await close(part.take(), next: nil, into: &parts) }
                return (parts, true)
            case .abandon:
                if part != nil { try await close(part.take(), next: next, into: &parts) }
                return (parts, false)
            case .wait: continue
            }
        }
    }

    private func close(_ part: consuming PartWriter?, next: [UInt8]?, into parts: inout [DumpPart]) async throws {
        guard let part = part.take() else { return }
        let finished = try part.close()
        try await journal?.note(table, segment: segment, part: finished, next: next)
        parts.append(finished)
    }
}
