import CZlib

/// Compresses a stream of bytes into the gzip format (RFC 1952), one member, without a name or a time.
package struct GzipEncoder: ~Copyable, @unchecked Sendable {
    // Sendable because the zlib state is owned by this value alone, has no tie to a thread, and a value that cannot be copied is only
    // ever used by one thread at a time.

    /// The level that costs least: on items as text about 1 µs of processor time for 230 bytes, at six to seven times less space.
    package static let fastLevel = 1

    /// zlib keeps a pointer to its stream, which must therefore not move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameter level: 0 (stored) to 9 (smallest).
    package init(level: Int = fastLevel) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = deflateInit2_(
            stream, Int32(level), Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib refuses level \(level), or has no memory left")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Adds content; what of the compressed form is ready is appended to `output`.
    package mutating func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        deflate(bytes, Z_NO_FLUSH, to: &output)
    }

    /// Adds content; what of the compressed form is ready is appended to `output`.
    package mutating func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        deflate(bytes.span, Z_NO_FLUSH, to: &output)
    }

    /// Ends the member, appends the rest of it and begins the next one.
    package mutating func finish(to output: inout [UInt8]) {
        deflate(Span(), Z_FINISH, to: &output)
        deflateReset(stream)
    }

    private mutating func deflate(_ bytes: Span<UInt8>, _ flush: Int32, to output: inout [UInt8]) {
        bytes.withUnsafeBufferPointer { input in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            repeat {
                withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 15) { buffer in
                    stream.pointee.next_out = buffer.baseAddress
                    stream.pointee.avail_out = UInt32(buffer.count)
                    CZlib.deflate(stream, flush)
                    output.append(contentsOf: buffer[..<(buffer.count - Int(stream.pointee.avail_out))])
                }
            } while stream.pointee.avail_out == 0
            stream.pointee.next_in = nil
        }
    }
}
