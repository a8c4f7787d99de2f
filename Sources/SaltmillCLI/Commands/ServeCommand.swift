import ArgumentParser
import Foundation
import SaltmillDelivery
import SaltmillEndpoint
import SaltmillPartitions

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs an embedded DynamoDB-style endpoint, partition limits included.",
        discussion: """
            AWS CLI, boto3 and other clients work against it unchanged, with any credentials. Tables refuse what exceeds their throughput or that
            of a key's partition, and partitions split as they fill. By today's rules a partition serves 1,000 writes and 3,000 reads a second,
            and an on-demand table begins with 4,000 and 12,000; by those of 2015 a provisioned table's throughput is divided evenly among its
            partitions. Splits are told on standard error. It listens on loopback unless told otherwise.

            EXAMPLE
              saltmill serve --port 8000 --data tables.db
              aws dynamodb list-tables --endpoint-url http://127.0.0.1:8000
            """)

    enum PhysicsName: String, ExpressibleByArgument, CaseIterable {
        case adaptive
        case even2015 = "2015"
        case none
    }

    @Option(help: "Address to listen on.") var host = "127.0.0.1"
    @Option(help: "Port to listen on; 0 for any that is free.") var port = 8000
    @Option(help: "File to keep the tables in; memory otherwise.", completion: .file()) var data: String?
    @Option(help: "File to append a line of JSON to for each request.", completion: .file()) var requestLog: String?
    @Option(help: "adaptive: today's rules; 2015: each partition has an even share of its table's throughput; none: nothing is refused.")
    var physics = PhysicsName.adaptive
    @Option(help: "Seconds of unused provisioned throughput that are kept.") var burst = 300.0
    @Option(help: "Bytes with which a partition splits; fewer to see in little what happens to a large table.") var partitionBytes =
        10_000_000_000
    @Option(help: "Seconds that splitting a partition for heat takes.") var splitTime = 300.0
    @Flag(help: "Reads and writes draw on one budget of a partition, not on one each; with adaptive.") var sharedBudget = false

    @Flag(help: "Check signatures, against AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment; otherwise any will do.")
    var auth = false

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port takes 0 to 65535, not \(port)") }
        for (name, seconds) in [("burst", burst), ("split-time", splitTime)] {
            guard (0...86400).contains(seconds) else { throw ValidationError("--\(name) takes 0 to 86400 seconds, not \(seconds)") }
        }
        guard partitionBytes > 0 else { throw ValidationError("--partition-bytes takes 1 or more, not \(partitionBytes)") }
    }

    private var model: Physics.Model? {
        switch physics {
        case .adaptive: .adaptive
        case .even2015: .even2015
        case .none: nil
        }
    }

    func run() async throws {
        var configuration = EndpointConfiguration()
        configuration.host = host
        configuration.port = port
        configuration.dataFile = data
        configuration.requestLog = requestLog
        if auth {
            let environment = ProcessInfo.processInfo.environment
            guard let id = environment["AWS_ACCESS_KEY_ID"], let secret = environment["AWS_SECRET_ACCESS_KEY"], !id.isEmpty, !secret.isEmpty
            else {
                throw JobFailure(.usage, "--auth checks signatures against AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; set both")
            }
            configuration.credentials = EndpointCredentials(accessKeyID: id, secretAccessKey: secret)
        }
        configuration.physics = model.map {
            Physics(
                $0, burst: .seconds(burst), partitionBytes: partitionBytes, sharedBudget: sharedBudget,
                heatSplitDuration: .seconds(splitTime))
        }
        configuration.splitReport = { Terminal.error($0) }
        let endpoint = try await Endpoint.start(configuration)
        Terminal.output("saltmill: serving DynamoDB on http://\(host.contains(":") ? "[\(host)]" : host):\(endpoint.port)")
        // Until somebody interrupts.
        while !Task.isCancelled { try? await ContinuousClock().sleep(for: .seconds(3600)) }
        await endpoint.shutdown()
    }
}
