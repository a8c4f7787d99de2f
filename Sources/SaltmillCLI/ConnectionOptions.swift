import ArgumentParser
import Foundation
import SaltmillDynamoDB

/// Which server, as which user: as in the AWS CLI.
struct ConnectionOptions: ParsableArguments {
    @Option(help: "URL of the endpoint (otherwise AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, the profile's, or the region's own).")
    var endpointUrl: String?
    @Option(help: "AWS region (otherwise AWS_REGION, AWS_DEFAULT_REGION or the profile's).")
    var region: String?
    @Option(help: "Profile in ~/.aws/config and ~/.aws/credentials (otherwise AWS_PROFILE).")
    var profile: String?

    @Flag(help: "Spread requests over all nodes that a ScyllaDB Alternator endpoint tells of.") var spread = false

    func client() async throws -> DynamoDBClient {
        let flags = AWSSettings.Flags(profile: profile, region: region, endpointURL: endpointUrl)
        let settings = try AWSSettings(flags, environment: ProcessInfo.processInfo.environment)
        let client = try await DynamoDBClient(
            endpoint: settings.endpoint, signingRegion: settings.signingRegion, provider: settings.credentials,
            transport: CurlTransport(TransportOptions(caBundle: settings.caBundle)))
        if spread { try await client.spreadOverNodes() }
        return client
    }
}
