import SaltmillBytes

/// Schemas and manifests: files that are read whole.
enum SmallFile {
    /// No schema or manifest of a dump is longer: 50,000 data files, the most that an import takes, have 20 MB of manifest.
    private static let maximumBytes = 64 << 20

    /// Reads a file.
    /// - Parameter name: what messages call it.
    static func bytes(_ path: String, as name: String) throws(DumpError) -> [UInt8] {
        var input = try DumpInput(path: path, name: name, wantsMD5: false)
        var bytes: [UInt8] = []
        while true {
            let start = bytes.count
            guard start <= maximumBytes else { throw DumpError(name, "it is longer than \(maximumBytes >> 20) MB, which no manifest is") }
            bytes.append(contentsOf: repeatElement(0, count: 1 << 16))
            var space = bytes.mutableSpan
            let count = try space.withUnsafeMutableBytes { buffer throws(DumpError) in
                try input.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[start...]))
            }
            bytes.removeLast(bytes.count - start - count)
            if count == 0 { return bytes }
        }
    }

    /// Reads a file that is one JSON text.
    static func json(_ path: String, as name: String) throws(DumpError) -> JSONValue { try json(try bytes(path, as: name), as: name) }

    static func json(_ bytes: [UInt8], as name: String) throws(DumpError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes.span)
        } catch {
            throw DumpError(name, at: UInt64(error.offset), error.kind.rawValue)
        }
    }

    /// Reads a file of JSON texts, one on each line.
    static func jsonLines(_ path: String, as name: String) throws(DumpError) -> [(JSONValue, offset: UInt64)] {
        let content = try bytes(path, as: name)
        var values: [(JSONValue, offset: UInt64)] = []
        for line in content.split(separator: 0x0A) where !line.allSatisfy({ $0 <= 0x20 }) {
            do throws(JSONError) {
                let text = Array(line)
                values.append((try JSONValue(parsing: text.span), UInt64(line.startIndex)))
            } catch {
                throw DumpError(name, at: UInt64(line.startIndex + error.offset), error.kind.rawValue)
            }
        }
        return values
    }
}
