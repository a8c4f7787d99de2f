import NIOCore
import NIOHTTP1
import SaltmillBytes

/// One connection: collects requests, has them answered one after the other and writes the answers.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// Largest body, and largest request line and headers together, in bytes (the service's own limits).
    private static let maximumBody = 16 * 1024 * 1024
    private static let maximumHead = 16 * 1024

    private static let jsonType = "application/x-amz-json-1.0"

    private let engine: SerialEngine
    private let configuration: EndpointConfiguration
    private let checker: SignatureChecker?
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    /// Why the request is not going to be served; the rest of it is read and dropped.
    private var refusal: Answer?
    private var requestIDs = RequestIDs()
    private var date = HTTPDate()

    init(_ engine: SerialEngine, _ configuration: EndpointConfiguration) {
        self.engine = engine
        self.configuration = configuration
        checker = configuration.credentials.map { SignatureChecker($0, region: configuration.region) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let part): collect(part)
        case .end: finish(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        self.head = head
        body.removeAll(keepingCapacity: body.capacity <= 1 << 20)
        refusal = nil
        let length = head.headers.reduce(head.uri.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        if length > Self.maximumHead {
            refusal = Answer(.serialization("The request line and headers are over \(Self.maximumHead) bytes"))
        } else if let announced = head.headers.first(name: "content-length").flatMap(Int.init), announced > Self.maximumBody {
            refuseBody()
        } else if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
        }
    }

    private func refuseBody() {
        refusal = Answer(.tooLarge("The request's body is over \(Self.maximumBody) bytes"))
        body.removeAll()
    }

    private func collect(_ part: ByteBuffer) {
        guard refusal == nil else { return }
        guard body.count + part.readableBytes <= Self.maximumBody else { return refuseBody() }
        part.withUnsafeReadableBytes { body.append(contentsOf: $0) }
    }

    private func finish(_ context: ChannelHandlerContext) {
        guard let head else { return }
        if let refusal { return send(refusal, context) }
        if head.method == .GET {
            let text = "healthy: dynamodb.\(configuration.region).amazonaws.com "
            return send(Answer(body: Array(text.utf8)), context, type: "text/plain")
        }
        guard head.method == .POST, Self.isJSON(head.headers.first(name: "content-type")) else {
            var answer = Answer(body: Array("<UnknownOperationException/>\n".utf8))
            answer.status = 404
            return send(answer, context, type: "application/xml")
        }
        guard let operation = head.headers.first(name: "x-amz-target").flatMap(Operation.init(target:)) else {
            return send(Answer(.unknownOperation), context)
        }
        do {
            try checker?.check(head, body: body, at: configuration.clock.epoch())
            if let coding = head.headers.first(name: "content-encoding"), coding.lowercased() != "identity" {
                body = try ContentCoding.decoded(body, coding, maximum: Self.maximumBody)
            }
        } catch {
            return send(Answer(error), context)
        }
        guard let answer = engine.answer(operation, body) else { return context.close(promise: nil) }
        send(answer, context)
    }

    private static func isJSON(_ type: String?) -> Bool {
        let media = type?.prefix { $0 != ";" }.trimmingSuffix { $0 == " " }.lowercased()
        return media == jsonType || media == "application/json"
    }

    private func send(_ answer: Answer, _ context: ChannelHandlerContext, type: String = jsonType) {
        guard let head else { return }
        var answer = answer
        let isCompressed = answer.body.count > ContentCoding.smallest && ContentCoding.isAccepted(head)
        if isCompressed { answer.body = ContentCoding.gzip(answer.body) }
        var response = HTTPResponseHead(version: head.version, status: HTTPResponseStatus(statusCode: answer.status))
        response.headers.reserveCapacity(7)
        response.headers.add(name: "x-amzn-RequestId", value: requestIDs.next())
        response.headers.add(name: "x-amz-crc32", value: String(CRC32.checksum(answer.body.span)))
        response.headers.add(name: "Content-Type", value: type)
        if isCompressed { response.headers.add(name: "Content-Encoding", value: "gzip") }
        response.headers.add(name: "Content-Length", value: String(answer.body.count))
        response.headers.add(name: "Date", value: date.text(at: configuration.clock.epoch()))
        if !head.isKeepAlive {
            response.headers.add(name: "Connection", value: "close")
        } else if head.version == .http1_0 {
            response.headers.add(name: "Connection", value: "keep-alive")
        }
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        if head.method != .HEAD, !answer.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: answer.body)))), promise: nil)
        }
        let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        guard !head.isKeepAlive else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        end.whenComplete { _ in bound.value.close(promise: nil) }
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, predicate(last) { rest.removeLast() }
        return rest
    }
}
