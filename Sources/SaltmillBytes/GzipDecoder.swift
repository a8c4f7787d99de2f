import CZlib

/// Why bytes are not a gzip stream, with where in the compressed bytes.
package struct GzipError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// It ends within a member.
        case truncated
        /// In zlib's words.
        case corrupt(String)
    }

    package var kind: Kind
    /// Offset in bytes from the start of the compressed stream.
    package var offset: UInt64

    package init(kind: Kind, offset: UInt64) {
        self.kind = kind
        self.offset = offset
    }

    package var description: String {
        switch kind {
        case .truncated: "the compressed data is cut off at byte \(offset)"
        case .corrupt(let reason): "the compressed data is corrupt near byte \(offset): \(reason)"
        }
    }
}

/// Expands a stream in the gzip format (RFC 1952): any number of members, one behind the other, as one content.
///
/// Memory is bounded whatever the stream claims: it expands into the buffer that it is given and no further.
package struct GzipDecoder: ~Copyable, @unchecked Sendable {
    // Sendable for the same reason as GzipEncoder.

    private let stream: UnsafeMutablePointer<z_stream>
    /// How many compressed bytes were taken.
    package private(set) var offset: UInt64 = 0
    private var isWithinMember = false
    private var hasMember = false

    package init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(
            stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib has no memory left")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Expands what of `input` fits into `output`.
    /// - Returns: how many bytes of `input` were taken, and how many of `output` are filled; (0, 0) only when there is no input or no room.
    /// - Throws: ``GzipError``.
    package mutating func decode(
        _ input: Span<UInt8>, into output: UnsafeMutableRawBufferPointer
    ) throws(GzipError) -> (taken: Int, filled: Int) {
        var taken = 0
        var filled = 0
        while taken < input.count || isWithinMember, filled < output.count {
            if !isWithinMember {
                inflateReset(stream)
                isWithinMember = true
                hasMember = true
            }
            let (status, used, made) = input.extracting(taken...).withUnsafeBufferPointer { bytes in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
                stream.pointee.avail_in = UInt32(bytes.count)
                stream.pointee.next_out = output.baseAddress?.advanced(by: filled).assumingMemoryBound(
                    to: UInt8.self)
                stream.pointee.avail_out = UInt32(output.count - filled)
                let status = inflate(stream, Z_NO_FLUSH)
                let rest = (
                    bytes.count - Int(stream.pointee.avail_in),
                    output.count - filled - Int(stream.pointee.avail_out)
                )
                stream.pointee.next_in = nil
                return (status, rest.0, rest.1)
            }
            taken += used
            filled += made
            offset += UInt64(used)
            switch status {
            case Z_STREAM_END: isWithinMember = false
            case Z_OK: break
            case Z_BUF_ERROR: return (taken, filled)
            default:
                let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
                throw GzipError(kind: .corrupt(reason), offset: offset)
            }
            if used == 0, made == 0, status != Z_STREAM_END { break }
        }
        return (taken, filled)
    }

    /// Checks that the stream ended with a member, once all of its bytes were given and nothing more comes out.
    /// - Throws: ``GzipError`` when it is cut off; no bytes at all are no gzip stream either.
    package func finish() throws(GzipError) {
        guard hasMember, !isWithinMember else { throw GzipError(kind: .truncated, offset: offset) }
    }
}
