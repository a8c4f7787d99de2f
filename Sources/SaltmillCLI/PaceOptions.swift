import ArgumentParser
import Foundation
import SaltmillDelivery
import SaltmillMigration
import SaltmillPacing

/// How fast a dump reads, or a restore writes and reads back.
struct PaceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Ceiling: capacity units a second as 200/s, a share of what is provisioned as 80%, or none.",
            discussion:
                "A dump counts read units: an absolute ceiling is for all of its tables together, a share of each. A restore counts write units, "
                + "or '500 items/s' or '2 MB/s', and reads back at as many read units."),
        transform: RateOption.parse) var rate: RateOption?
    @Option(
        help: ArgumentHelp(
            "A YAML file with ceilings by the hour: what a migration's spec has below `rate:`.",
            discussion: "Beside it, --rate replaces every ceiling; hours that are `off` stay closed."),
        completion: .file(extensions: ["yaml", "yml"])) var schedule: String?

    /// How fast to go, and when.
    func timetable() throws -> RateTimetable {
        guard let schedule else { return RateTimetable(rate?.ceiling ?? .none) }
        return try RateTimetable(path: schedule, fromUTC: Int64(Date.now.timeIntervalSince1970)).replacing(rate?.ceiling)
    }
}
