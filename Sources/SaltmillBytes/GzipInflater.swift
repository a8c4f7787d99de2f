import CZlib

/// A place in a gzip stream where expanding can begin without what stands before it.
package struct GzipPoint: Equatable, Sendable {
    /// As far back as a stream may refer, in bytes (RFC 1951).
    package static let windowSize = 1 << 15

    /// Offset in the expanded content.
    package var output: UInt64
    /// Offset in the compressed stream of the first whole byte.
    package var input: UInt64
    /// How many bits of the byte before that are still to be read, and that byte, shifted so that they are its lowest.
    package var bits: UInt8
    package var bitValue: UInt8
    /// The content before the place, up to ``windowSize`` of it.
    package var window: [UInt8]

    package init(output: UInt64, input: UInt64, bits: UInt8, bitValue: UInt8, window: [UInt8]) {
        self.output = output
        self.input = input
        self.bits = bits
        self.bitValue = bitValue
        self.window = window
    }
}

/// Expands a gzip stream (RFC 1952, any number of members) block by block, from its start or from a place that was noted before.
///
/// From such a place the checksum of the member that it is in cannot be checked; those of later members are.
package struct GzipInflater: ~Copyable, @unchecked Sendable {
    // Sendable because the zlib state is owned by this value alone, has no tie to a thread, and a value that cannot be copied is only
    // ever used by one thread at a time.

    private enum Phase {
        /// In front of a member, or at the end.
        case between
        /// Within a member whose header was read.
        case member
        /// Within a member that was entered behind its header.
        case entered
        /// In the checksum and length behind a member that was entered: as many bytes are still to come.
        case trailer(Int)
    }

    /// zlib keeps a pointer to its stream, which must therefore not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var phase = Phase.between
    private var hasMember = false
    private var lastByte: UInt8 = 0
    /// How many compressed bytes were taken, counted from the start of the stream.
    package private(set) var taken: UInt64 = 0
    /// How many bytes of content were made, counted from its start.
    package private(set) var made: UInt64 = 0

    package init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib has no memory left")
    }

    /// Goes on at a place that ``point()`` gave.
    package init(at point: GzipPoint) {
        self.init()
        inflateReset2(stream, -MAX_WBITS)
        if point.bits > 0 { inflatePrime(stream, Int32(point.bits), Int32(point.bitValue)) }
        _ = point.window.withUnsafeBufferPointer { inflateSetDictionary(stream, $0.baseAddress, UInt32($0.count)) }
        phase = .entered
        hasMember = true
        taken = point.input
        made = point.output
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Expands what of `input` fits into `output`, up to the end of a block or a member.
    /// - Returns: how many bytes of `input` were taken, and how many of `output` are filled; (0, 0) only when there is no input or no room.
    /// - Throws: ``GzipError``.
    package mutating func decode(
        _ input: Span<UInt8>, into output: UnsafeMutableRawBufferPointer
    ) throws(GzipError) -> (taken: Int, filled: Int) {
        guard !output.isEmpty else { return (0, 0) }
        switch phase {
        case .between:
            guard !input.isEmpty else { return (0, 0) }
            inflateReset2(stream, MAX_WBITS + 16)
            phase = .member
            hasMember = true
        case .trailer(let count):
            let skipped = min(count, input.count)
            taken += UInt64(skipped)
            phase = skipped == count ? .between : .trailer(count - skipped)
            return (skipped, 0)
        case .member, .entered: break
        }
        let (status, used, filled) = input.withUnsafeBufferPointer { bytes in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
            stream.pointee.avail_in = UInt32(bytes.count)
            stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(output.count)
            let status = inflate(stream, Z_BLOCK)
            stream.pointee.next_in = nil
            return (status, bytes.count - Int(stream.pointee.avail_in), output.count - Int(stream.pointee.avail_out))
        }
        if used > 0 { lastByte = input[used - 1] }
        taken += UInt64(used)
        made += UInt64(filled)
        switch status {
        case Z_STREAM_END:
            if case .entered = phase { phase = .trailer(8) } else { phase = .between }
        case Z_OK, Z_BUF_ERROR: break
        default:
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
            throw GzipError(kind: .corrupt(reason), offset: taken)
        }
        return (used, filled)
    }

    /// The place that has been come to, if expanding can begin there: the start of a block.
    package func point() -> GzipPoint? {
        let state = stream.pointee.data_type
        switch phase {
        case .member, .entered: break
        case .between, .trailer: return nil
        }
        guard state & 128 != 0, state & 64 == 0 else { return nil }
        let bits = UInt8(state & 7)
        var count: UInt32 = 0
        let window = [UInt8](unsafeUninitializedCapacity: GzipPoint.windowSize) { bytes, initialized in
            inflateGetDictionary(stream, bytes.baseAddress, &count)
            initialized = Int(count)
        }
        return GzipPoint(output: made, input: taken, bits: bits, bitValue: bits == 0 ? 0 : lastByte >> (8 - bits), window: window)
    }

    /// Checks that the stream ended with a member, once all of its bytes were given and nothing more comes out.
    /// - Throws: ``GzipError`` when it is cut off; no bytes at all are no gzip stream either.
    package func finish() throws(GzipError) {
        if hasMember, case .between = phase { return }
        throw GzipError(kind: .truncated, offset: taken)
    }
}
