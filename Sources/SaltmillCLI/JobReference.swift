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
            let spec = try MigrationSpec(path: name, environment: ProcessInfo.processInfo.environment)
            folder = spec.jobFolder
            job = spec.job
        } else if !name.contains("/"), manager.fileExists(atPath: "\(name).saltmill") {
            (folder, job) = ("\(name).saltmill", name)
        } else {
            throw JobFailure(.usage, "there is no job \(text) here; name its spec, its folder, or its name in the folder where they lie")
        }
    }

    private static func job(ofFolder folder: String) -> String { String((folder.split(separator: "/").last ?? "").dropLast(9)) }
}
