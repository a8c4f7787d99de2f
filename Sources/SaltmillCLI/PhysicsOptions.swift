import ArgumentParser
import SaltmillPartitions

/// By which rules partitions refuse.
struct PhysicsOptions: ParsableArguments {
    enum Model: String, ExpressibleByArgument, CaseIterable {
        case even2015 = "2015"
        case adaptive
    }

    @Option(help: "2015: a table's throughput is divided evenly among its partitions; adaptive: it is shared by them, as today.")
    var physics = Model.adaptive
    @Option(help: "Seconds of unused throughput that are kept for a burst.") var burst = 300.0

    func validate() throws {
        guard burst >= 0, burst <= 86400 else { throw ValidationError("--burst takes 0 to 86400 seconds, not \(burst)") }
    }
}

extension PhysicsOptions {
    /// The rules as the partition model takes them.
    var rules: Physics { Physics(physics == .even2015 ? .even2015 : .adaptive, burst: .seconds(burst)) }
}
