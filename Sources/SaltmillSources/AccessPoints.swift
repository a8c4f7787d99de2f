import SaltmillBytes

/// The places in a gzip file where expanding can begin, as a survey keeps them: a file of entries of equal length, by ascending offset.
struct AccessPoints: Sendable {
    /// Five numbers of 8 bytes, little-endian (offset in the content and in the file, bits, their value, length of the window), and the
    /// window, filled up with zeros.
    static let entrySize = 40 + GzipPoint.windowSize

    private let list: InputFile

    init(_ list: InputFile) { self.list = list }

    static func entry(_ point: GzipPoint) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entrySize)
        for number in [point.output, point.input, UInt64(point.bits), UInt64(point.bitValue), UInt64(point.window.count)] {
            for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        return bytes + point.window + [UInt8](repeating: 0, count: GzipPoint.windowSize - point.window.count)
    }

    /// The last place that is not behind `offset` of the content.
    func last(upTo offset: UInt64) throws(SourceError) -> GzipPoint? {
        var (low, high) = (0, Int(list.stamp.size) / Self.entrySize)
        while low < high {
            let middle = (low + high) / 2
            if try numbers(middle)[0] <= offset { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let numbers = try numbers(low - 1)
        let window = try bytes(at: (low - 1) * Self.entrySize + 40, count: min(Int(clamping: numbers[4]), GzipPoint.windowSize))
        return GzipPoint(
            output: numbers[0], input: numbers[1], bits: UInt8(truncatingIfNeeded: numbers[2]),
            bitValue: UInt8(truncatingIfNeeded: numbers[3]), window: window)
    }

    private func numbers(_ entry: Int) throws(SourceError) -> [UInt64] {
        let bytes = try bytes(at: entry * Self.entrySize, count: 40)
        return stride(from: 0, to: 40, by: 8).map { start in
            bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    private func bytes(at offset: Int, count: Int) throws(SourceError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let list = list
        var space = bytes.mutableSpan
        _ = try space.withUnsafeMutableBytes { bytes throws(SourceError) in try list.read(into: bytes, at: UInt64(offset)) }
        return bytes
    }
}
