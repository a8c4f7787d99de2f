package import SaltmillPartitions

/// Where an endpoint listens, where it keeps its data and how its tables behave.
package struct EndpointConfiguration: Sendable {
    /// The address to listen on: loopback unless told.
    package var host = "127.0.0.1"
    /// The port to listen on; 0 for any that is free.
    package var port = 8000
    /// The SQLite file that holds the tables, made where there is none; nil for memory.
    package var dataFile: String?
    /// Which requests a table refuses, and when its partitions split; nil to refuse nothing.
    package var physics: Physics? = .adaptive
    /// The file to which one JSON object a line is appended for each request; nil for none.
    package var requestLog: String?
    /// The region in ARNs.
    package var region = "us-east-1"
    /// The only key pair whose signatures are taken; nil to take any request, signed or not.
    package var credentials: EndpointCredentials?
    /// How often expired items are looked for; each time some of a table's are.
    package var expiryInterval = Duration.seconds(10)
    package var clock = EndpointClock.system
    /// Gets a line for each split, such as `table answers: partition 3 split (size): 5 partitions`; called between requests, so it must not wait.
    package var splitReport: (@Sendable (String) -> Void)?

    package init() {}
}

/// A key pair that requests are signed with.
package struct EndpointCredentials: Sendable {
    package var accessKeyID: String
    package var secretAccessKey: String

    package init(accessKeyID: String, secretAccessKey: String) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
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
