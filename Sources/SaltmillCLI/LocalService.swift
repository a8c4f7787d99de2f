import SaltmillDynamoDB
import SaltmillEndpoint
import SaltmillPartitions

/// The embedded endpoint on a free port of this machine.
struct LocalService {
    private let endpoint: SaltmillEndpoint.Endpoint

    /// Starts an endpoint, gives it to a closure and shuts it down afterwards.
    static func with<Value>(
        _ physics: Physics, clock: EndpointClock = .system, _ body: (LocalService) async throws -> Value
    ) async throws -> Value {
        var configuration = EndpointConfiguration()
        configuration.port = 0
        configuration.physics = physics
        configuration.clock = clock
        let endpoint = try await SaltmillEndpoint.Endpoint.start(configuration)
        do {
            let value = try await body(LocalService(endpoint: endpoint))
            await endpoint.shutdown()
            return value
        } catch {
            await endpoint.shutdown()
            throw error
        }
    }

    /// A client of its own for one job: a transport drives one delivery.
    func client() async throws -> DynamoDBClient {
        let settings = try AWSSettings(
            .init(region: "us-east-1", endpointURL: "http://127.0.0.1:\(endpoint.port)"),
            environment: ["AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"], read: { _ in nil })
        return try await DynamoDBClient(
            endpoint: settings.endpoint, signingRegion: settings.signingRegion, provider: settings.credentials, transport: CurlTransport())
    }
}
