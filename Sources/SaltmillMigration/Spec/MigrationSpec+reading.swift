import Foundation
import SaltmillSources

extension MigrationSpec {
    /// Reads the spec in a file.
    /// - Parameters:
    ///   - path: the spec; what it names is resolved against its folder.
    ///   - environment: what `${NAME}` stands for.
    /// - Throws: ``SpecError`` with everything that could be found wrong.
    package init(path: String, environment: [String: String]) throws(SpecError) {
        try self.init(yaml: try SpecFile.text(of: path), file: path, environment: environment)
    }

    /// Reads a spec.
    /// - Parameters:
    ///   - yaml: the spec's text.
    ///   - file: the spec's name for messages; what it names is resolved against its folder.
    ///   - environment: what `${NAME}` stands for.
    /// - Throws: ``SpecError`` with everything that could be found wrong.
    package init(yaml: String, file: String, environment: [String: String]) throws(SpecError) {
        var tree = SpecTree(environment: environment)
        let root = tree.read(yaml)
        var reader = SpecReader(problems: tree.problems, places: tree.places, environment: environment)
        let spec = root.flatMap { reader.spec($0, origin: SpecOrigin(file: file, places: tree.places)) }
        guard let spec, reader.problems.isEmpty else { throw SpecError(file: file, problems: reader.problems) }
        self = spec
    }
}

extension SpecReader {
    /// The whole spec; `nil` only with a problem reported, and with problems reported it is not to be used.
    fileprivate mutating func spec(_ node: SpecNode, origin: SpecOrigin) -> MigrationSpec? {
        guard let object = object(node, .spec, example: "version: 1") else { return nil }
        guard let version = required(object, "version", "write `version: 1`"), isSupported(version) else { return nil }

        let job = required(object, "job", "name the job, e.g. `job: flights`").flatMap { self.job($0) }
        let source = required(object, "source", "say what to read, e.g. `source: { file: flights.csv }`")
            .flatMap { self.source($0, origin: origin) }
        let target = required(object, "target", "say where to write, e.g. `target: { table: flights }`").flatMap { self.target($0) }
        let key = required(object, "key", "describe the primary key, e.g. `key: { hash: { attribute: id, type: S } }`")
            .flatMap { self.key($0) }
        let rate = required(object, "rate", "say how fast to write, e.g. `rate: { ceiling: 800/s }` or `rate: { ceiling: none }`")
            .flatMap { self.rate($0, create: target?.create) }
        let indexes = object["indexes"].map { self.indexes($0, create: target?.create) } ?? []
        let attributes = object["attributes"].map { self.attributes($0) } ?? ([], [])
        let dropped = object["drop"].flatMap { names($0, of: "columns") } ?? []
        let duplicates = object["duplicates"].map { choice($0, DuplicatePolicy.allCases) } ?? .last
        var rejects = RejectPolicy(path: origin.resolve("\(job ?? "").rejects.jsonl"))
        if let node = object["rejects"] { rejects = self.rejects(node, default: rejects, origin: origin) }
        let notify = object["notify"].flatMap { self.notify($0) }

        guard let key, let attributes else { return nil }
        let declared = attributes.declared.union([key.hash.name]).union(key.range.map { [$0.name] } ?? [])
        checkAttributes(attributes.read, key: key)
        checkIndexes(indexes, key: key, attributes: attributes.read, declared: declared)
        guard let job, let source, let target, let rate, let duplicates else { return nil }
        let spec = MigrationSpec(
            job: job, source: source, target: target, key: key, indexes: indexes.map(\.index), attributes: attributes.read,
            dropped: dropped, duplicates: duplicates, ceiling: rate.ceiling, windows: rate.windows, zone: rate.zone, rejects: rejects,
            notify: notify, origin: origin)
        checkDropped(dropped, attributes: spec.allAttributes)
        checkDeclarations(spec)
        return spec
    }

    private mutating func isSupported(_ version: SpecNode) -> Bool {
        guard let text = text(version) else { return false }
        if text != "1" { report(version, "`\(text)` is no version that this Saltmill reads; write `version: 1`") }
        return text == "1"
    }

    private mutating func job(_ node: SpecNode) -> String? {
        guard let job = text(node) else { return nil }
        guard (1...64).contains(job.utf8.count), job.utf8.allSatisfy(Self.isNameByte) else {
            mustBe("1 to 64 letters, digits, `_`, `.` or `-`", node)
            return nil
        }
        return job
    }
}
