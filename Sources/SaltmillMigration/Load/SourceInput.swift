import SaltmillPacing
import SaltmillSources

/// A source that was opened: a file's records, which can be surveyed, or a live database, which is read in ranges of its key.
enum SourceInput {
    case records(any RecordInput)
    case database(DatabaseInput)

    var columns: [String] {
        switch self {
        case .records(let input): input.columns
        case .database(let input): input.columns
        }
    }
}

extension MigrationSpec {
    /// Opens whatever the source is.
    /// - Throws: as ``openSource()`` and ``openDatabase()``; ``SpecError`` where rows of a database could get the same primary key.
    func openInput() throws -> SourceInput {
        guard let database = try openDatabase() else { return .records(try openSource()) }
        try checkKey(database)
        return .database(database)
    }
}

/// Reads a source, and again for as long as a live one cannot be read: in an outage, or out of consideration for it.
/// - Parameters:
///   - limits: what ends the wait, too.
///   - waiting: is told why, and nil when the wait is over.
/// - Throws: what `read` throws except `SourcePause`; ``Stopped``; `CancellationError`.
func patiently<Value>(_ limits: RunLimits = RunLimits(), waiting: (String?) -> Void, _ read: () throws -> Value) async throws -> Value {
    var isWaiting = false
    while true {
        var seconds = 0.0
        do {
            let value = try read()
            if isWaiting { waiting(nil) }
            return value
        } catch let pause as SourcePause {
            isWaiting = true
            waiting(pause.description)
            seconds = pause.retryAfter
        }
        try limits.check()
        try await ContinuousClock().sleep(for: .seconds(seconds))
    }
}
