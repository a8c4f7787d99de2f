import SaltmillBytes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that gets one JSON object a line for each request, for tests that check what was really sent.
///
/// A request's line is written before its answer goes out; a batch that names several tables gets a line for each. Keys stand in it, so the file is its owner's alone.
final class RequestLog {
    /// What there is to tell of a request to one table, besides its outcome.
    struct Entry {
        var table: String
        /// The JSON of each key that was written.
        var keys: [[UInt8]] = []
        /// The JSON of each key whose write was refused.
        var refused: [[UInt8]] = []
    }

    private let descriptor: Int32
    private var line: [UInt8] = []

    /// - Throws: ``EndpointError`` for a file that cannot be opened.
    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw EndpointError("The request log \(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    func write(_ entries: [Entry], _ operation: Operation, status: Int, at time: Double) {
        line.removeAll(keepingCapacity: true)
        let start = "{\"time\":\(time),\"operation\":\"\(operation.rawValue)\",\"status\":\(status)"
        if entries.isEmpty {
            line.append(contentsOf: start.utf8)
            line.append("}\n")
        }
        for entry in entries {
            line.append(contentsOf: start.utf8)
            line.append(",\"table\":")
            JSONText.appendQuoted(entry.table, to: &line)
            append(",\"keys\":[", entry.keys)
            append(",\"refused\":[", entry.refused)
            line.append("}\n")
        }
        write()
    }

    private func write() {
        var sent = 0
        while sent < line.count {
            let count = line.withUnsafeBytes { bytes in
                #if canImport(Glibc)
                    Glibc.write(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent)
                #else
                    Darwin.write(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent)
                #endif
            }
            if count > 0 {
                sent += count
            } else if errno != EINTR {
                return
            }
        }
    }

    private func append(_ start: StaticString, _ keys: [[UInt8]]) {
        guard !keys.isEmpty else { return }
        line.append(start)
        for (index, key) in keys.enumerated() {
            if index > 0 { line.append(UInt8(ascii: ",")) }
            line.append(contentsOf: key)
        }
        line.append(UInt8(ascii: "]"))
    }
}

/// Why an endpoint could not be started.
package struct EndpointError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
