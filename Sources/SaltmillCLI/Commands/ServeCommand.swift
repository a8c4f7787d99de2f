import ArgumentParser
import SaltmillEndpoint

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs an embedded DynamoDB-style endpoint, partition limits included.",
        discussion: """
            AWS CLI, boto3 and other clients work against it unchanged, with any credentials. A provisioned table refuses what exceeds a
            partition's even share of its throughput; on-demand tables refuse nothing. It listens on loopback unless told otherwise.

            EXAMPLE
              saltmill serve --port 8000 --data tables.db
              aws dynamodb list-tables --endpoint-url http://127.0.0.1:8000
            """)

    enum PhysicsName: String, ExpressibleByArgument, CaseIterable { case even, none }

    @Option(help: "Address to listen on.") var host = "127.0.0.1"
    @Option(help: "Port to listen on; 0 for any that is free.") var port = 8000
    @Option(help: "File to keep the tables in; memory otherwise.", completion: .file()) var data: String?
    @Option(help: "File to append a line of JSON to for each request.", completion: .file()) var requestLog: String?
    @Option(help: "even: a table's throughput is divided evenly among its partitions; none: nothing is refused.") var physics = PhysicsName
        .even
    @Option(help: "Seconds of unused throughput that a partition keeps.") var burst = 300.0

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port takes 0 to 65535, not \(port)") }
        guard burst >= 0, burst <= 86400 else { throw ValidationError("--burst takes 0 to 86400 seconds, not \(burst)") }
    }

    func run() async throws {
        var configuration = EndpointConfiguration()
        configuration.host = host
        configuration.port = port
        configuration.dataFile = data
        configuration.requestLog = requestLog
        configuration.physics = physics == .none ? .none : .even(burst: .seconds(burst))
        let endpoint = try await Endpoint.start(configuration)
        Terminal.output("saltmill: serving DynamoDB on http://\(host.contains(":") ? "[\(host)]" : host):\(endpoint.port)")
        // Until somebody interrupts.
        while !Task.isCancelled { try? await ContinuousClock().sleep(for: .seconds(3600)) }
        await endpoint.shutdown()
    }
}
