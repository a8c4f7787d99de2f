import SaltmillBytes
import Synchronization

/// Reads what a gzip file expands to, in bounded memory: from where it is, or from the last place noted before the offset asked for.
final class GzipReader: ContentReading {
    /// How much of the file is read at once, in bytes.
    private static let blockSize = 1 << 16
    /// How far apart the places are that a survey notes, in bytes of content.
    static let pointSpacing: UInt64 = 4 << 20

    private struct State: ~Copyable {
        var inflater = GzipInflater()
        /// What was read of the file and not taken yet.
        var input: [UInt8] = []
        var position = 0
        var isInputAtEnd = false
        var lastPoint: UInt64 = 0
    }

    private let file: InputFile
    private let points: AccessPoints?
    private let tap: SurveyTap?
    private let state = Mutex(State())

    init(_ file: InputFile, _ points: AccessPoints?, _ tap: SurveyTap?) {
        self.file = file
        self.points = points
        self.tap = tap
    }

    var path: String { file.path }

    func progress(at offset: UInt64) -> UInt64 { state.withLock { $0.inflater.taken } }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SourceError) -> (count: Int, isEnd: Bool) {
        try state.withLock { state throws(SourceError) in
            guard try seek(to: offset, &state) else { return (0, true) }
            var filled = 0
            while filled < buffer.count {
                let count = try expand(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]), &state)
                guard let count else { return (filled, true) }
                filled += count
            }
            return (filled, false)
        }
    }

    /// Comes to `offset`; false when the content ends before it.
    private func seek(to offset: UInt64, _ state: inout State) throws(SourceError) -> Bool {
        guard state.inflater.made != offset else { return true }
        let point = try points?.last(upTo: offset)
        if state.inflater.made > offset || (point?.output ?? 0) > state.inflater.made {
            state = State()
            if let point { state.inflater = GzipInflater(at: point) }
        }
        var skipped = [UInt8](repeating: 0, count: Int(min(offset - state.inflater.made, 1 << 15)))
        while state.inflater.made < offset {
            let wanted = Int(min(offset - state.inflater.made, UInt64(skipped.count)))
            var space = skipped.mutableSpan
            let count = try space.withUnsafeMutableBytes { bytes throws(SourceError) in
                try expand(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]), &state)
            }
            guard count != nil else { return false }
        }
        return true
    }

    /// Expands some of the content; nil at its end.
    private func expand(into buffer: UnsafeMutableRawBufferPointer, _ state: inout State) throws(SourceError) -> Int? {
        while true {
            if state.position == state.input.count, !state.isInputAtEnd { try fill(&state) }
            let input = state.input
            let result: (taken: Int, filled: Int)
            do throws(GzipError) {
                result = try state.inflater.decode(input.span.extracting(state.position...), into: buffer)
                if result == (0, 0), state.isInputAtEnd, state.position == state.input.count {
                    try state.inflater.finish()
                    return nil
                }
            } catch {
                throw SourceError(.read, "\(path) cannot be expanded: \(error); check it with gzip -t, and make it again")
            }
            state.position += result.taken
            if let tap, state.inflater.made >= state.lastPoint + Self.pointSpacing, let point = state.inflater.point() {
                state.lastPoint = point.output
                try tap.note(point)
            }
            if result.filled > 0 { return result.filled }
        }
    }

    private func fill(_ state: inout State) throws(SourceError) {
        let offset = state.inflater.taken
        if state.input.count != Self.blockSize { state.input = [UInt8](repeating: 0, count: Self.blockSize) }
        let file = file
        var space = state.input.mutableSpan
        let count = try space.withUnsafeMutableBytes { bytes throws(SourceError) in try file.read(into: bytes, at: offset) }
        state.input.removeLast(Self.blockSize - count)
        state.position = 0
        state.isInputAtEnd = count < Self.blockSize
        tap?.update(state.input.span)
    }
}
