import SaltmillBytes
import Testing

@Suite struct GzipTests {
    private func compress(_ bytes: [UInt8], level: Int = GzipEncoder.fastLevel, block: Int = 1000) -> [UInt8] {
        var encoder = GzipEncoder(level: level)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: block) {
            encoder.append(Array(bytes[start..<min(start + block, bytes.count)]), to: &output)
        }
        encoder.finish(to: &output)
        return output
    }

    /// Expands through small buffers on both sides.
    private func expand(_ bytes: [UInt8], input: Int = 37, output: Int = 101) throws -> [UInt8] {
        var decoder = GzipDecoder()
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: output)
        var position = 0
        while true {
            let part = Array(bytes[position..<min(position + input, bytes.count)])
            let step = try buffer.withUnsafeMutableBytes { try decoder.decode(part.span, into: $0) }
            result += buffer[..<step.filled]
            position += step.taken
            if position == bytes.count, step.filled == 0 { break }
        }
        #expect(decoder.offset == UInt64(bytes.count))
        try decoder.finish()
        return result
    }

    private static let sample = (0..<20_000).flatMap { Array("line \($0 * 7919 % 4001)\n".utf8) }

    @Test(arguments: [0, 1, 6, 9]) func contentComesBack(level: Int) throws {
        for content in [[], [0x61], Self.sample] {
            let compressed = compress(content, level: level)
            #expect(try expand(compressed) == content)
            #expect(try expand(compress(content, level: level, block: 77)) == content)
        }
    }

    /// Made by gzip(1) without a name and a time: `printf 'Saltmill' | gzip -n`.
    @Test func streamsOfOthersAreRead() throws {
        let bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x0B, 0x4E, 0xCC, 0x29, 0xC9, 0xCD, 0xCC, 0xC9, 1, 0]
        var trailer: [UInt8] = []
        let content = Array("Saltmill".utf8)
        let checksum = CRC32.checksum(content.span)
        for shift in [0, 8, 16, 24] as [UInt32] { trailer.append(UInt8(truncatingIfNeeded: checksum >> shift)) }
        #expect(try expand(bytes + trailer + [8, 0, 0, 0]) == content)
    }

    @Test func membersFollowOneAnother() throws {
        let bytes = compress(Array("one".utf8)) + compress([]) + compress(Self.sample) + compress(Array("two".utf8))
        #expect(try expand(bytes) == Array("one".utf8) + Self.sample + Array("two".utf8))
    }

    @Test func everyTruncationIsFoundWithItsOffset() {
        let bytes = compress(Array("something to be cut off, something to be cut off".utf8))
        for length in 0..<bytes.count {
            #expect(throws: GzipError(kind: .truncated, offset: UInt64(length))) { try expand(Array(bytes[..<length])) }
        }
    }

    @Test func corruptionIsFound() throws {
        let bytes = compress(Array("something to be altered".utf8))
        // The header's flags, time and system carry no content.
        for position in bytes.indices where !(3..<10).contains(position) {
            var altered = bytes
            altered[position] ^= 1
            #expect(throws: GzipError.self, "byte \(position)") { try expand(altered) }
        }
        #expect(throws: GzipError.self) { try expand(bytes + [0]) }
        #expect(throws: GzipError.self) { try expand(Array("no gzip at all".utf8)) }
    }
}
