import NIOHTTP1
import SaltmillBytes

/// Compressed bodies, as the service takes and gives them.
enum ContentCoding {
    /// Answers up to this size in bytes go out as they are.
    static let smallest = 4096

    /// A request's body without its compression.
    /// - Parameter maximum: most bytes of it.
    /// - Throws: an InternalServerError, as the service answers to a coding that it does not know or a body that is corrupt.
    static func decoded(_ body: [UInt8], _ coding: String, maximum: Int) throws(ServiceError) -> [UInt8] {
        guard coding.lowercased() == "gzip" else {
            throw ServiceError.internalError("This endpoint does not know the Content-Encoding \(coding); use gzip or none")
        }
        var decoder = GzipDecoder()
        var output: [UInt8] = []
        var taken = 0
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
        defer { chunk.deallocate() }
        do throws(GzipError) {
            while true {
                let step = try decoder.decode(body.span.extracting(taken...), into: chunk)
                taken += step.taken
                output.append(contentsOf: chunk[..<step.filled])
                guard output.count <= maximum else { break }
                if step.taken == 0, step.filled == 0 { break }
            }
            if output.count <= maximum { try decoder.finish() }
        } catch {
            throw ServiceError.internalError("The request's body is not what its Content-Encoding says: \(error)")
        }
        guard output.count <= maximum else { throw ServiceError.tooLarge("The request's body is over \(maximum) bytes") }
        return output
    }

    static func gzip(_ body: [UInt8]) -> [UInt8] {
        var encoder = GzipEncoder()
        var output: [UInt8] = []
        encoder.append(body, to: &output)
        encoder.finish(to: &output)
        return output
    }

    /// Whether a client takes gzip.
    static func isAccepted(_ head: HTTPRequestHead) -> Bool {
        head.headers[canonicalForm: "accept-encoding"].contains { coding in
            let parts = coding.split(separator: ";", maxSplits: 1)
            guard parts.first?.lowercased() == "gzip" else { return false }
            return parts.count < 2 || Double(parts[1].drop { $0 != "=" }.dropFirst()) != 0
        }
    }
}
