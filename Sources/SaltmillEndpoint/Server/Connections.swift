import NIOCore
import Synchronization

/// All connections that are open.
final class Connections: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        channels.withLock { $0[id] = channel }
        channel.closeFuture.whenComplete { [self] _ in channels.withLock { $0[id] = nil } }
    }

    /// Closes idle connections at once and the others behind the answer under way, at the latest when the time is up.
    func drain(within limit: TimeAmount) async {
        let open = channels.withLock { Array($0.values) }
        guard let loop = open.first?.eventLoop else { return }
        for channel in open { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        let deadline = loop.scheduleTask(in: limit) { for channel in open { channel.close(promise: nil) } }
        for channel in open { try? await channel.closeFuture.get() }
        deadline.cancel()
    }
}
