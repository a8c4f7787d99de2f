import Foundation
import SaltmillDelivery
import SaltmillMigration

/// A job as it is named on the command line: by its spec, by its folder, or by its name in the folder one is in.
struct JobReference {
    /// The job's folder; it may not be there yet.
    var folder: String
    /// The job's name.
    var job: String

    static let help = "The job: its spec, its folder (JOB.saltmill), or its name."

    /// - Throws: `JobFailure` when nothing of that name is found, `SpecError` when the spec cannot be read.
    init(_ text: String) throws {
        var isFolder: ObjCBool = false
        let manager = FileManager.default
        let name = text.hasSuffix("/") ? String(text.dropLast()) : text
        if manager.fileExists(atPath: name, isDirectory: &isFolder), isFolder.boolValue {
            guard name.hasSuffix(".saltmill") else {
                throw JobFailure(.usage, "\(text) is no job's folder; name the job's spec, or JOB.saltmill")
            }
            (folder, job) = (name, Self.job(ofFolder: name))
        } else if manager.fileExists(atPath: name) {
            do {
                let spec = try MigrationSpec(path: name, environment: ProcessInfo.processInfo.environment)
                (folder, job) = (spec.jobFolder, spec.job)
            } catch {
                // A spec that has become faulty meanwhile still names the job that runs by it.
                guard let found = Self.job(inSpec: name) else { throw error }
                folder = SpecOrigin(file: name).resolve("\(found).saltmill")
                job = found
                guard manager.fileExists(atPath: folder) else { throw error }
            }
        } else if !name.contains("/"), manager.fileExists(atPath: "\(name).saltmill") {
            (folder, job) = ("\(name).saltmill", name)
        } else {
            throw JobFailure(.usage, "there is no job \(text) here; name its spec, its folder, or its name in the folder where they lie")
        }
    }

    /// The job that a text names where a spec would, whatever else stands in it.
    private static func job(inSpec path: String) -> String? {
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.firstMatch(of: /(?m)^[ \t{]*"?job"?[ \t]*:[ \t]*"?(?<name>[A-Za-z0-9_.-]{1,64})/).map { String($0.name) }
    }

    private static func job(ofFolder folder: String) -> String { String((folder.split(separator: "/").last ?? "").dropLast(9)) }
}
