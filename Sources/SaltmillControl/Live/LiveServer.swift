import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Serves a running job's live page over HTTP, on a thread of its own that nobody waits for.
package final class LiveServer: Sendable {
    /// Connections at once, viewers among them; more are hung up on.
    static let connectionLimit = 96
    /// Seconds that a connection may ask nothing.
    private static let patience: Int64 = 30

    /// The port that is listened on.
    package let port: Int

    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel
    private let viewers: NIOLoopBound<LiveViewers>
    private let open: OpenChannels

    private init(
        _ group: MultiThreadedEventLoopGroup, _ listener: any Channel, _ viewers: NIOLoopBound<LiveViewers>, _ open: OpenChannels
    ) {
        self.group = group
        self.listener = listener
        self.viewers = viewers
        self.open = open
        port = listener.localAddress?.port ?? 0
    }

    /// Begins to listen.
    /// - Throws: ``ControlError`` when that address cannot be listened on.
    package static func start(_ address: ListenAddress, _ service: LiveService) async throws -> LiveServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let viewers = try await loop.submit { NIOLoopBound(LiveViewers(service.job), eventLoop: loop) }.get()
        let open = OpenChannels()
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_sndbuf), value: 128 << 10)
            .childChannelOption(
                .writeBufferWaterMark, value: .init(low: LiveViewers.bufferLimit / 2, high: LiveViewers.bufferLimit)
            )
            .childChannelInitializer { channel in
                guard open.add(channel, limit: connectionLimit) else { return channel.close() }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(IdleStateHandler(readTimeout: .seconds(patience)))
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: true, withErrorHandling: true)
                    try pipeline.addHandler(LiveConnection(service, viewers.value))
                }
            }
        do {
            let listener = try await bootstrap.bind(host: address.host, port: address.port).get()
            _ = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in viewers.value.tick() }
            return LiveServer(group, listener, viewers, open)
        } catch {
            try? await group.shutdownGracefully()
            let reason =
                (error as? IOError)?.errnoCode == EADDRINUSE
                ? "the port is in use; name another one, or 0 for any that is free" : "\(error)"
            throw ControlError("cannot listen on \(address.host) port \(address.port): \(reason)")
        }
    }

    /// Tells those who watch how the job ended, and serves no more.
    package func stop() async {
        try? await listener.close()
        let viewers = viewers
        try? await group.next().submit { viewers.value.end() }.get()
        await open.close(within: .seconds(1))
        try? await group.shutdownGracefully()
    }
}

/// All connections that are open.
private final class OpenChannels: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    /// - Returns: false when there are too many.
    func add(_ channel: any Channel, limit: Int) -> Bool {
        let id = ObjectIdentifier(channel)
        let isAdded = channels.withLock { channels in
            guard channels.count < limit else { return false }
            channels[id] = channel
            return true
        }
        if isAdded { channel.closeFuture.whenComplete { [self] _ in channels.withLock { $0[id] = nil } } }
        return isAdded
    }

    /// Closes those that say no more at once, and the others when the time is up.
    func close(within limit: TimeAmount) async {
        let open = channels.withLock { Array($0.values) }
        guard let loop = open.first?.eventLoop else { return }
        for channel in open { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        let deadline = loop.scheduleTask(in: limit) { for channel in open { channel.close(promise: nil) } }
        for channel in open { try? await channel.closeFuture.get() }
        deadline.cancel()
    }
}
