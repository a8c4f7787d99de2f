import CCurl

/// What is done with an answer, or with the reason why there is none.
package typealias HTTPCompletion = @Sendable (Result<HTTPResponse, TransportError>) -> Void

/// One of libcurl's easy handles with the buffers that it reads from while it runs; reused for request after request, so that the
/// options that never change are set once. Belongs to the transport's thread.
final class Transfer {
    let easy: UnsafeMutableRawPointer
    /// The number of the request that it carries; 0 when idle.
    private(set) var id: UInt64 = 0
    private var completion: HTTPCompletion?

    private var url = ""
    private var node: String?
    private var nodeList: UnsafeMutablePointer<curl_slist>?
    private var method = HTTPRequest.Method.post
    private var timeouts = (total: -1, connect: -1)
    private var body = CBuffer<UInt8>()
    private var headerText = CBuffer<CChar>()
    private var headerList = CBuffer<curl_slist>()
    private let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    private var received: [UInt8] = []
    private var headers = ResponseHeaders()
    private var maximumResponse = 0
    private var isTooLarge = false

    init(options: TransportOptions) {
        guard let easy = curl_easy_init() else { preconditionFailure("libcurl has no memory left for a transfer") }
        self.easy = easy
        message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let context = Unmanaged.passUnretained(self).toOpaque()
        saltmill_easy_set_pointer(easy, CURLOPT_PRIVATE, context)
        saltmill_easy_set_pointer(easy, CURLOPT_ERRORBUFFER, message)
        saltmill_easy_set_long(easy, CURLOPT_NOSIGNAL, 1)
        saltmill_easy_set_long(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        saltmill_easy_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
        saltmill_easy_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
        saltmill_easy_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
        saltmill_easy_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
        saltmill_easy_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        if let bundle = options.caBundle {
            // The bundle given is all that is trusted: the system's own folder of certificates is not asked besides.
            saltmill_easy_set_text(easy, CURLOPT_CAINFO, bundle)
            saltmill_easy_set_text(easy, CURLOPT_CAPATH, nil)
        }
        saltmill_easy_set_text(easy, CURLOPT_USERAGENT, "saltmill")
        saltmill_easy_set_pointer(easy, CURLOPT_WRITEDATA, context)
        saltmill_easy_set_receiver(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                .receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        saltmill_easy_set_pointer(easy, CURLOPT_HEADERDATA, context)
        saltmill_easy_set_receiver(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                .receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        // When a kept connection ends without an answer, libcurl sends the request again by itself; but it may have been carried out, and
        // another try is for the caller to pace.
        saltmill_easy_set_pointer(easy, CURLOPT_PREREQDATA, context)
        saltmill_easy_set_gatekeeper(easy) { context, _, _, _, _ in
            guard let context else { return CURL_PREREQFUNC_ABORT }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.hasBeenSent ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK
        }
    }

    /// Bytes of the request have been handed to the network.
    private var hasBeenSent: Bool {
        var sent = 0
        saltmill_easy_get_long(easy, CURLINFO_REQUEST_SIZE, &sent)
        return sent > 0
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(nodeList)
        message.deallocate()
        body.deallocate()
        headerText.deallocate()
        headerList.deallocate()
    }

    /// The transfer that an easy handle belongs to.
    static func of(_ easy: UnsafeMutableRawPointer) -> Transfer? {
        var context: UnsafeMutableRawPointer?
        saltmill_easy_get_pointer(easy, CURLINFO_PRIVATE, &context)
        return context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Makes the handle ready for a request; it is then added to the multi handle.
    func prepare(_ request: HTTPRequest, id: UInt64, completion: @escaping HTTPCompletion) {
        self.id = id
        self.completion = completion
        maximumResponse = request.maximumResponse
        isTooLarge = false
        message[0] = 0
        if url != request.url {
            url = request.url
            saltmill_easy_set_text(easy, CURLOPT_URL, url)
        }
        if node != request.node { connect(to: request.node) }
        let limits = (total: max(request.deadline.wholeMilliseconds, 1), connect: max(request.connectDeadline.wholeMilliseconds, 1))
        if limits != timeouts {
            timeouts = limits
            saltmill_easy_set_long(easy, CURLOPT_TIMEOUT_MS, limits.total)
            saltmill_easy_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, limits.connect)
        }
        // POSTFIELDS does not copy: the bytes stay in `body` until the next request.
        request.body.withUnsafeBufferPointer { body.assign($0) }
        saltmill_easy_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
        saltmill_easy_set_pointer(easy, CURLOPT_POSTFIELDS, body.start)
        // Setting the fields has made it a POST.
        if request.method == .get { saltmill_easy_set_long(easy, CURLOPT_HTTPGET, 1) }
        if method != request.method {
            method = request.method
            saltmill_easy_set_text(easy, CURLOPT_CUSTOMREQUEST, method == .put ? "PUT" : nil)
        }
        setHeaders(request.headers)
    }

    /// Sends to another host than the URL's, or no longer.
    private func connect(to node: String?) {
        self.node = node
        // libcurl keeps the list's address, not the list: the old one must be out of use before it goes.
        saltmill_easy_set_pointer(easy, CURLOPT_CONNECT_TO, nil)
        curl_slist_free_all(nodeList)
        nodeList = node.flatMap { curl_slist_append(nil, "::\($0)") }
        saltmill_easy_set_pointer(easy, CURLOPT_CONNECT_TO, nodeList)
    }

    /// Lays libcurl's linked list out in buffers of ours; libcurl only reads it.
    private func setHeaders(_ lines: HeaderLines) {
        lines.bytes.withUnsafeBytes { headerText.assign($0.bindMemory(to: CChar.self)) }
        // An empty value keeps libcurl from sending the header: no round trip is spent on "may I send the body".
        let count = lines.count + 1
        headerList.makeRoom(count)
        let nodes = headerList.start
        var offset = 0
        for index in 0..<lines.count {
            (nodes + index).initialize(to: curl_slist(data: headerText.start + offset, next: nodes + index + 1))
            while lines.bytes[offset] != 0 { offset += 1 }
            offset += 1
        }
        (nodes + lines.count).initialize(to: curl_slist(data: Self.noExpect, next: nil))
        saltmill_easy_set_pointer(easy, CURLOPT_HTTPHEADER, nodes)
    }

    /// `Expect:` as C text, for the life of the process. Written once before anyone can see it and only read afterwards.
    nonisolated(unsafe) private static let noExpect: UnsafeMutablePointer<CChar> = {
        let text = UnsafeMutablePointer<CChar>.allocate(capacity: 8)
        for (index, byte) in "Expect:\0".utf8.enumerated() { (text + index).initialize(to: CChar(byte)) }
        return text
    }()

    private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard received.count + bytes.count <= maximumResponse else {
            isTooLarge = true
            return 0
        }
        received.append(contentsOf: bytes)
        return bytes.count
    }

    private func receiveHeader(_ line: UnsafeRawBufferPointer) -> Int {
        if line.starts(with: "HTTP/".utf8) {
            headers.removeAll()
            received.removeAll(keepingCapacity: true)
        } else {
            headers.keep(line: line.bindMemory(to: UInt8.self).span)
        }
        return line.count
    }

    /// Ends the request: makes the handle idle and hands the result over.
    func finish(_ code: CURLcode) {
        if code == CURLE_OK {
            var status = 0
            saltmill_easy_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
            deliver(.success(HTTPResponse(status: status, headers: headers, body: received)))
        } else {
            let text = code == CURLE_ABORTED_BY_CALLBACK ? "" : String(cString: message)
            let kind = isTooLarge ? .tooLarge : TransportError.kind(of: code)
            fail(kind, detail: text.isEmpty && kind != .closed ? String(cString: curl_easy_strerror(code)) : text)
        }
    }

    /// Ends the request without libcurl's having ended it.
    func cancel(_ detail: String) { fail(.cancelled, detail: detail) }

    private func fail(_ kind: TransportError.Kind, detail: String) {
        deliver(.failure(TransportError(kind, host: Endpoint.authority(of: url), detail: detail, mayHaveBeenApplied: hasBeenSent)))
    }

    private func deliver(_ result: Result<HTTPResponse, TransportError>) {
        let completion = self.completion
        self.completion = nil
        id = 0
        received = []
        headers.removeAll()
        body.trim(to: 1 << 18)
        completion?(result)
    }
}
