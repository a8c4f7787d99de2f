import ArgumentParser
import Foundation
import SaltmillMigration

/// Whether a command deals with a masked copy.
struct MaskOption: ParsableArguments {
    @Flag(help: "Write masked values, for a target whose purpose is test; SALTMILL_MASK_SECRET keys the masks.") var masked = false

    /// The spec in a file, masked when that is asked for.
    func spec(path: String) throws -> MigrationSpec {
        let environment = ProcessInfo.processInfo.environment
        let spec = try MigrationSpec(path: path, environment: environment)
        return masked ? try spec.masked(environment: environment) : spec
    }
}
