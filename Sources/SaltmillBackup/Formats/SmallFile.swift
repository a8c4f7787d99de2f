import SaltmillBytes

/// Schemas and manifests: files that are read whole.
enum SmallFile {
    /// No schema, summary or checksum is longer.
    static let maximumBytes = 1 << 20
    /// Manifests that name every data file in one JSON text: some hundred bytes for each.
    static let maximumManifestBytes = 64 << 20

    /// Reads a file, which is never expanded.
    /// - Parameter name: what messages call it.
    static func bytes(_ path: String, as name: String, limit: Int = maximumBytes) throws(DumpError) -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try read(path, as: name, wantsMD5: false) { (block) throws(DumpError) in
            guard bytes.count + block.count <= limit else {
                throw DumpError(name, "it is longer than \(limit >> 20) MB, which no such file of a dump is")
            }
            bytes.append(contentsOf: block)
        }
        return bytes
    }

    /// MD5 of a file, which is not held in memory.
    static func md5(_ path: String, as name: String) throws(DumpError) -> [UInt8] {
        try read(path, as: name, wantsMD5: true) { _ in } ?? []
    }

    private static func read(
        _ path: String, as name: String, wantsMD5: Bool, _ body: (ArraySlice<UInt8>) throws(DumpError) -> Void
    ) throws(DumpError) -> [UInt8]? {
        var input = try DumpInput(path: path, name: name, wantsMD5: wantsMD5, expands: false)
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            var space = block.mutableSpan
            let count = try space.withUnsafeMutableBytes { buffer throws(DumpError) in try input.read(into: buffer) }
            guard count > 0 else { return wantsMD5 ? input.finishMD5() : nil }
            try body(block[..<count])
        }
    }

    /// Reads a file that is one JSON text.
    static func json(_ path: String, as name: String, limit: Int = maximumBytes) throws(DumpError) -> JSONValue {
        try json(try bytes(path, as: name, limit: limit), as: name)
    }

    static func json(_ bytes: [UInt8], as name: String) throws(DumpError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes.span)
        } catch {
            throw DumpError(name, at: UInt64(error.offset), error.kind.rawValue)
        }
    }

    /// Reads a file of JSON texts, one on each line, and holds one line at a time.
    static func jsonLines(
        _ path: String, as name: String, _ body: (JSONValue, _ offset: UInt64) throws(DumpError) -> Void
    ) throws(DumpError) {
        var window = TextWindow(try DumpInput(path: path, name: name, wantsMD5: false, expands: false), name: name)
        while let line = try window.line() {
            let (text, offset) = (window.withBytes(line) { $0.array }, window.offset(of: line.lowerBound))
            guard !text.allSatisfy({ $0 <= 0x20 }) else { continue }
            let value: JSONValue
            do throws(JSONError) {
                value = try JSONValue(parsing: text.span)
            } catch {
                throw DumpError(name, at: offset + UInt64(error.offset), error.kind.rawValue)
            }
            try body(value, offset)
        }
    }
}
