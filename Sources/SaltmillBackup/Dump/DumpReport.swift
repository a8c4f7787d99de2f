package import SaltmillBytes
package import SaltmillDelivery
package import SaltmillItems

/// The story of a dump, as it is printed.
package struct DumpReport: Sendable {
    package struct Table: Sendable {
        package var name: String
        package var digest = ItemDigest.empty
        package var files = 0
        /// On disk.
        package var bytes = 0
        /// What could not be asked, each with the reason.
        package var missing: [String: String] = [:]
        /// Why the table could not be dumped.
        package var failure: String?

        init(name: String, failure: String) {
            self.name = name
            self.failure = failure
        }

        package init(name: String, manifest: DumpManifest) {
            self.name = name
            digest = manifest.digest
            files = manifest.parts.count
            bytes = manifest.parts.reduce(0) { $0 + $1.bytes }
            missing = manifest.facts.settings.missing
        }
    }

    /// Where the dump is; nil for a stream.
    package var path: String?
    package var format: DumpFormat
    package var endpoint: String
    package var ending: Ending
    package var tables: [Table]
    package var usage: Usage
    /// Of this run.
    package var seconds: Double
    /// The dump was read again before it took its name, and is what was written.
    package var isVerified = false
    /// Paths of older dumps that made room.
    package var removed: [String] = []
    /// An earlier run had begun it.
    package var isResumed: Bool

    /// What the outcome is called.
    package var outcome: String {
        switch ending {
        case .finished: "done"
        case .interrupted: "interrupted"
        case .runTime, .window: "run-time"
        case .temporary: "temporary"
        case .failed: "failed"
        }
    }

    /// The exit code that tells a script the outcome.
    package var exitCode: Int32 {
        switch ending {
        case .finished: 0
        case .interrupted: 130
        case .runTime, .window: 10
        case .temporary: 5
        case .failed: 1
        }
    }

    /// One line about the outcome.
    package var message: String {
        guard ending != .finished else { return finished }
        guard let path else { return "\(reason); the stream is cut off" }
        let other = exitCode == 1 ? ", or remove it" : ""
        return "\(reason); \(path).partial keeps what was read: run the same command to go on\(other)"
    }

    /// Why the dump is not finished.
    var reason: String {
        switch ending {
        case .finished: ""
        case .interrupted: "interrupted"
        case .runTime, .window: "the run time is used up"
        case .temporary(let reason), .failed(let reason): reason
        }
    }

    private var finished: String {
        let items = tables.reduce(0) { $0 + $1.digest.count }
        let files = tables.reduce(0) { $0 + $1.files }
        let bytes = tables.reduce(0) { $0 + $1.bytes }
        let what = tables.count == 1 ? tables[0].name : "\(tables.count) tables"
        var text = "\(what): \(items) items in \(files) file\(files == 1 ? "" : "s"), \(bytes) bytes"
        if let path { text += ", at \(path)" }
        if isVerified { text += ", read again and found right" }
        let missing = tables.flatMap { table in
            table.missing.sorted { $0.key < $1.key }.map { "\($0.key) of \(table.name) (\($0.value))" }
        }
        if !missing.isEmpty { text += "; not in the dump: \(missing.joined(separator: ", "))" }
        return text
    }

    package var json: JSONValue {
        [
            "version": 1, "path": path.map(JSONValue.string) ?? .null, "format": .string(format.rawValue), "endpoint": .string(endpoint),
            "outcome": .string(outcome), "exit_code": .integer(exitCode), "message": .string(message), "resumed": .bool(isResumed),
            "verified": .bool(isVerified), "removed": .array(removed.map { .string($0) }),
            "tables": .array(
                tables.map { table in
                    [
                        "name": .string(table.name), "items": .integer(table.digest.count), "digest": .string(table.digest.description),
                        "files": .integer(table.files), "bytes": .integer(table.bytes),
                        "missing": .object(table.missing.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }),
                        "failure": table.failure.map(JSONValue.string) ?? .null,
                    ]
                }),
            "read_units": Self.number(usage.units.first ?? 0),
            "requests": [
                "sent": .integer(usage.requests), "throttled": .integer(usage.throttledRequests), "failed": .integer(usage.failedRequests),
            ],
            "seconds": Self.number(seconds),
        ]
    }

    /// A number with at most three decimals.
    private static func number(_ value: Double) -> JSONValue {
        let rounded = (value * 1000).rounded() / 1000
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? .integer(Int(rounded)) : .number(String(rounded))
    }
}
