import SaltmillDelivery
import SaltmillSources
import Synchronization

/// A verification's state with the files that belong to it; what is saved together counts together.
final class VerifyStore: Sendable {
    let folder: VerifyFolder
    let source: SideLog
    let target: SideLog
    let suspects: SuspectList
    private let state: Mutex<VerifyState>

    init(_ state: VerifyState, in folder: VerifyFolder) throws(JobFailure) {
        self.folder = folder
        source = SideLog(file: try SpillFile(path: folder.source, length: state.sourceBytes))
        target = SideLog(file: try SpillFile(path: folder.target, length: state.targetBytes))
        suspects = SuspectList(file: try SpillFile(path: folder.suspects, length: SuspectList.length(state.suspects)))
        self.state = Mutex(state)
    }

    /// The state as it is now.
    var now: VerifyState { state.withLock { $0 } }

    func change(_ body: (inout VerifyState) -> Void) { state.withLock { body(&$0) } }

    /// Takes in a page of the target's.
    func add(_ page: TargetPage, segment: Int) throws(JobFailure) {
        try state.withLock { state throws(JobFailure) in
            try target.file.append(page.records)
            state.items += page.items
            state.tombstones += page.tombstones
            state.units += page.units
            state.segments[segment].next = page.next
            state.segments[segment].isDone = page.next == nil
        }
    }

    /// Takes in rows of the source.
    func add(_ rows: SourceRows, frontier: VerifyState.Frontier) throws(JobFailure) {
        try state.withLock { state throws(JobFailure) in
            try source.file.append(rows.records)
            state.read += rows.read
            state.superseded += rows.superseded
            state.rejected += rows.rejected
            state.frontier = frontier
        }
    }

    /// Makes everything up to now count.
    func save() throws {
        try state.withLock { state in
            state.targetBytes = try target.file.sync()
            state.sourceBytes = try source.file.sync()
            try JobFolder(folder.path).write(try state.bytes, to: folder.state)
        }
    }
}

/// A page of items, as records for the log.
struct TargetPage: Sendable {
    var records: [UInt8] = []
    var items = 0
    var tombstones = 0
    var units = 0.0
    var next: String?
}

/// Rows of the source, as records for the log.
struct SourceRows: Sendable {
    var records: [UInt8] = []
    var read = 0
    var superseded = 0
    var rejected = 0
}
