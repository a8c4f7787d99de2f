/// Where an endpoint listens, where it keeps its data and how its tables behave.
package struct EndpointConfiguration: Sendable {
    /// The address to listen on: loopback unless told.
    package var host = "127.0.0.1"
    /// The port to listen on; 0 for any that is free.
    package var port = 8000
    /// The SQLite file that holds the tables, made where there is none; nil for memory.
    package var dataFile: String?
    package var physics = Physics.even(burst: .seconds(300))
    /// The file to which one JSON object a line is appended for each request; nil for none.
    package var requestLog: String?
    /// The region in ARNs.
    package var region = "us-east-1"
    package var clock = EndpointClock.system

    package init() {}

    /// Which requests a table refuses.
    package enum Physics: Equatable, Sendable {
        /// A provisioned table's throughput is divided evenly among its partitions, each of which keeps unused share for so long.
        case even(burst: Duration)
        /// None.
        case none
    }
}

/// The time, as an endpoint sees it.
package struct EndpointClock: Sendable {
    /// Nanoseconds since an arbitrary start, never running backwards.
    package var monotonic: @Sendable () -> Int64
    /// Seconds since 1970, UTC.
    package var epoch: @Sendable () -> Double

    package init(monotonic: @escaping @Sendable () -> Int64, epoch: @escaping @Sendable () -> Double) {
        self.monotonic = monotonic
        self.epoch = epoch
    }
}
