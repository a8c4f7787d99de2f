import NIOCore
import NIOHTTP1

/// Those who watch: each gets what changed, once a second. Used on one event loop only.
///
/// Nobody is waited for: whoever has not taken what was sent before, with ``bufferLimit`` bytes of it still here, is dropped, and may come again.
final class LiveViewers {
    /// At once.
    static let limit = 32
    /// Bytes that may wait for one viewer, beside what the system keeps for its socket.
    static let bufferLimit = 256 << 10

    private let job: LiveJob
    private var channels: [ObjectIdentifier: any Channel] = [:]
    private var stream = LiveStream()

    init(_ job: LiveJob) { self.job = job }

    var hasRoom: Bool { channels.count < Self.limit }

    /// Sends everything there is now, and from then on what changes.
    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        channels[id] = channel
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        channel.closeFuture.whenComplete { _ in bound.value.channels[id] = nil }
        send(LiveStream.whole(job.look()), to: channel)
    }

    /// Sends what has changed.
    func tick() {
        guard !channels.isEmpty, let event = stream.next(job.look()) else { return }
        for channel in channels.values { send(event, to: channel) }
    }

    /// Sends how everything ended, and hangs up.
    func end() {
        let event = LiveStream.whole(job.look()) + LiveStream.end
        for channel in channels.values {
            send(event, to: channel)
            channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
        }
    }

    private func send(_ event: [UInt8], to channel: any Channel) {
        guard channel.isWritable else { return channel.close(promise: nil) }
        channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(channel.allocator.buffer(bytes: event))), promise: nil)
    }
}
