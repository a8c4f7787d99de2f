import Foundation
package import SaltmillDelivery
import SaltmillPacing

extension RateTimetable {
    /// Reads what a spec has below `rate:` from a file of its own.
    /// - Parameters:
    ///   - path: a YAML file with `ceiling`, and `windows` and `zone` where there are any.
    ///   - start: the instant to begin with, in seconds since 1970.
    /// - Throws: ``SpecError`` with everything that could be found wrong.
    package init(path: String, fromUTC start: Int64) throws(SpecError) {
        var tree = SpecTree(environment: ProcessInfo.processInfo.environment)
        let root = tree.read(try SpecFile.text(of: path))
        var reader = SpecReader(problems: tree.problems, places: tree.places)
        let rate = root.flatMap { reader.rate($0, create: nil) }
        guard let rate, reader.problems.isEmpty else { throw SpecError(file: path, problems: reader.problems) }
        let zone = rate.zone ?? "UTC"
        let schedule = RateSchedule(windows: rate.windows, otherwise: .ceiling(rate.ceiling))
        // The zone has been found to be one when it was read.
        self.init(schedule, offsets: (try? ZoneOffsets(zone: zone, fromUTC: start)) ?? .utc, zone: zone)
    }
}
