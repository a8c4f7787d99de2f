import NIOCore
import NIOHTTP1
import NIOPosix
package import SaltmillPartitions

/// A server that answers DynamoDB's protocol, with tables of its own.
///
/// Any credentials are accepted, and none are needed, unless the configuration names a key pair.
package final class Endpoint: Sendable {
    /// The port that the endpoint listens on.
    package let port: Int

    private let engine: SerialEngine
    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel
    private let connections: Connections

    private init(_ engine: SerialEngine, _ group: MultiThreadedEventLoopGroup, _ listener: any Channel, _ connections: Connections) {
        self.engine = engine
        self.group = group
        self.listener = listener
        self.connections = connections
        port = listener.localAddress?.port ?? 0
    }

    /// Opens the data and begins to listen.
    /// - Throws: ``EndpointError`` for a file that cannot be opened or an address that cannot be listened on.
    package static func start(_ configuration: EndpointConfiguration) async throws -> Endpoint {
        let engine: SerialEngine
        do {
            engine = try SerialEngine(configuration)
        } catch let error as EndpointError {
            throw error
        } catch {
            throw EndpointError("The data file \(configuration.dataFile ?? "in memory") cannot be opened: \(error)")
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let connections = Connections()
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                connections.add(channel)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withPipeliningAssistance: true, withErrorHandling: true, withOutboundHeaderValidation: false)
                    try channel.pipeline.syncOperations.addHandler(RequestHandler(engine, configuration))
                }
            }
        do {
            let expiryInterval = TimeAmount(configuration.expiryInterval)
            _ = group.next().scheduleRepeatedTask(initialDelay: expiryInterval, delay: expiryInterval) { _ in engine.expire() }
            let listener = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
            return Endpoint(engine, group, listener, connections)
        } catch {
            engine.stop()
            try? await group.shutdownGracefully()
            throw EndpointError("Cannot listen on \(configuration.host) port \(configuration.port): \(error)")
        }
    }

    /// A table's partitions and those of its global indexes, as they are now; nil where there is no such table.
    package func partitions(of table: String) -> PartitionedTable? { engine.partitions(of: table) }

    /// Stops listening, lets requests under way be answered, and closes all connections and the data.
    package func shutdown() async {
        try? await listener.close()
        await connections.drain(within: .seconds(5))
        engine.stop()
        try? await group.shutdownGracefully()
    }
}
