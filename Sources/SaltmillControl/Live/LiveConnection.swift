import NIOCore
import NIOHTTP1

/// One connection to the live page: short answers one after the other, or a stream that lasts.
final class LiveConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let service: LiveService
    private let viewers: LiveViewers
    private var head: HTTPRequestHead?
    private var isStreaming = false

    init(_ service: LiveService, _ viewers: LiveViewers) {
        self.service = service
        self.viewers = viewers
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        // Nothing that is served takes a body.
        case .body: context.close(promise: nil)
        case .end: answer(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Whoever asks nothing for a while makes room for others.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent, !isStreaming { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let head, !isStreaming else { return }
        switch service.route(head) {
        case .answer(let response): send(response, head, context)
        case .events where head.method == .HEAD: send(LiveResponse(.ok, "", type: "text/event-stream"), head, context)
        case .events where !viewers.hasRoom:
            send(LiveResponse(.serviceUnavailable, "There are \(LiveViewers.limit) viewers already.\n"), head, context)
        case .events:
            isStreaming = true
            let headers = LiveResponse.common(type: "text/event-stream")
            context.write(wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .ok, headers: headers))), promise: nil)
            viewers.add(context.channel)
        }
    }

    private func send(_ response: LiveResponse, _ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var headers = LiveResponse.common(type: response.type)
        for (name, value) in response.headers { headers.add(name: name, value: value) }
        headers.add(name: "Content-Length", value: String(response.body.count))
        if !request.isKeepAlive { headers.add(name: "Connection", value: "close") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: request.version, status: response.status, headers: headers))), promise: nil)
        if request.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: response.body)))), promise: nil)
        }
        let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        guard !request.isKeepAlive else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        end.whenComplete { _ in bound.value.close(promise: nil) }
    }
}
