import SaltmillBytes
import Synchronization

/// Where an input's content passes by while it is surveyed.
package final class SurveyTap: Sendable {
    private struct State: ~Copyable {
        var content = Digester(.sha256)
        var points = Digester(.sha256)
        var list: NewFile?
        var pointCount: UInt64 = 0
    }

    private let pointsPath: String
    private let state = Mutex(State())

    /// - Parameter folder: where to keep the places that are noted.
    init(folder: String) { pointsPath = folder + "/" + Survey.pointsName }

    func update(_ bytes: Span<UInt8>) { state.withLock { $0.content.update(bytes) } }

    /// Notes a place where expanding can begin.
    func note(_ point: GzipPoint) throws(SourceError) {
        let entry = AccessPoints.entry(point)
        try state.withLock { state throws(SourceError) in
            if state.list == nil { state.list = try NewFile(path: pointsPath) }
            try state.list?.append(entry)
            state.points.update(entry)
            state.pointCount += 1
        }
    }

    /// The digest of all that has passed, in hexadecimal digits, and the places noted, if there are any.
    func finish() throws(SourceError) -> (digest: String, points: Survey.SideFile?) {
        try state.withLock { state throws(SourceError) in
            let digest = state.content.finishSHA256().description
            guard let list = state.list else { return (digest, nil) }
            try list.commit()
            state.list = nil
            return (
                digest, Survey.SideFile(count: state.pointCount, digest: state.points.finishSHA256().description, path: pointsPath)
            )
        }
    }
}
