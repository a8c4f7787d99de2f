import Foundation
import SaltmillDelivery

/// How far a verification is: enough to go on after any kill.
struct VerifyState: Codable, Sendable, Equatable {
    enum Phase: String, Codable, Sendable { case target, source, comparing, confirming, repairing, checkingAgain, done }

    struct Segment: Codable, Sendable, Equatable {
        /// Where the next page begins, as JSON; nil at the beginning.
        var next: String?
        var isDone = false
    }

    /// Where the reading of the source is.
    struct Frontier: Codable, Sendable, Equatable {
        var range = 0
        var offset: UInt64?
        var line: UInt64?
    }

    /// What looking at suspects has come to.
    struct Findings: Codable, Sendable, Equatable {
        /// Suspects that were looked at.
        var done = 0
        var missing = 0
        var extra = 0
        var different = 0
        /// Keys that were equal when they were looked at.
        var equal = 0
        /// Rows without an item that the load's reject file has, since the store had refused them.
        var rejected = 0
        /// Length of the file that differences are written to, and how many of them there are.
        var bytes: UInt64 = 0
        var differences: Int { missing + extra + different }
    }

    /// What it belongs to, by name; what differs begins anew.
    var facts: [String: String]
    var phase = Phase.target
    var began: Double
    var runs = 0
    var seconds = 0.0
    var units = 0.0
    var seed: UInt64
    /// What personal values are hashed by in the list of differences.
    var secret: [UInt64]

    var segments: [Segment]
    var targetBytes: UInt64 = 0
    var items = 0
    var tombstones = 0

    var frontier = Frontier()
    var sourceBytes: UInt64 = 0
    var read = 0
    var superseded = 0
    var rejected = 0

    /// Keys that were equal when the sides were read.
    var equal = 0
    var repeated = 0
    var suspects = 0
    var found = Findings()
    /// A repair was begun.
    var hasRepair = false
    var put = 0
    var deleted = 0
    /// What was found again of the differences after the repair.
    var left = Findings()

    static func load(_ path: String) -> VerifyState? {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else { return nil }
        return try? JSONDecoder().decode(VerifyState.self, from: data)
    }

    var bytes: [UInt8] { get throws { Array(try JSONEncoder().encode(self)) } }
}
