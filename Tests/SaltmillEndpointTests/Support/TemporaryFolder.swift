import SaltmillBytes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder that goes away with the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/saltmill-endpoint-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Fault(name: "mkdtemp", message: String(cString: strerror(errno))) }
        path = String(cString: made)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The lines of a file.
    func lines(of name: String) throws -> [JSONValue] {
        guard let stream = fopen(file(name), "r") else { return [] }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        while case let byte = getc(stream), byte != EOF { bytes.append(UInt8(byte)) }
        return try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0).span) }
    }

    deinit {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            unlink(file(name))
        }
        closedir(folder)
        rmdir(path)
    }
}
