import NIOHTTP1

/// An answer of the live page's server: what it says, and the headers that keep a browser from doing anything else with it.
struct LiveResponse: Equatable {
    var status: HTTPResponseStatus = .ok
    var type = "text/plain; charset=utf-8"
    var body: [UInt8]
    /// Further headers.
    var headers: [(String, String)] = []

    init(_ status: HTTPResponseStatus = .ok, _ text: String, type: String = "text/plain; charset=utf-8") {
        self.status = status
        self.type = type
        body = Array(text.utf8)
    }

    static func == (a: LiveResponse, b: LiveResponse) -> Bool { a.status == b.status && a.type == b.type && a.body == b.body }

    /// Nothing from elsewhere, no script but the server's own file, in nobody's frame (Content Security Policy Level 3).
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    /// The headers of every answer.
    static func common(type: String) -> HTTPHeaders {
        [
            "Content-Type": type, "Cache-Control": "no-store", "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
        ]
    }
}

/// What a request gets, by its head alone.
enum LiveRoute: Equatable {
    /// The stream of what changes.
    case events
    case answer(LiveResponse)
}

extension LiveService {
    /// Decides what a request gets.
    func route(_ head: HTTPRequestHead) -> LiveRoute {
        guard head.method == .GET || head.method == .HEAD else {
            var refusal = LiveResponse(.methodNotAllowed, "This page can only be read; to change something use saltmill ctl.\n")
            refusal.headers = [("Allow", "GET, HEAD")]
            return .answer(refusal)
        }
        let hosts = head.headers["host"]
        guard hosts.count == 1, rule.admits(hosts[0]) else {
            return .answer(LiveResponse(.misdirectedRequest, "This Host is not served here; use the address that saltmill printed.\n"))
        }
        // Pages elsewhere could not read the answer, but could take up the viewers' places.
        if head.headers.first(name: "sec-fetch-site") == "cross-site", head.headers.first(name: "sec-fetch-mode") != "navigate" {
            return .answer(LiveResponse(.forbidden, "Pages from elsewhere are not answered.\n"))
        }
        switch head.uri.prefix(while: { $0 != "?" }) {
        case "/": return .answer(LiveResponse(LivePage(look: job.look()).html, type: "text/html; charset=utf-8"))
        case "/live.css": return .answer(LiveResponse(LiveAssets.style, type: "text/css; charset=utf-8"))
        case "/live.js": return .answer(LiveResponse(LiveAssets.script, type: "text/javascript; charset=utf-8"))
        case "/metrics": return .answer(LiveResponse(job.metricsText, type: "text/plain; version=0.0.4; charset=utf-8"))
        case "/status": return .answer(LiveResponse(statusText(), type: "application/json"))
        case "/healthz":
            let age = job.age
            guard age < Self.healthyAge else {
                return .answer(LiveResponse(.serviceUnavailable, "stuck: nobody has looked at the job for \(JobEvent.span(age))\n"))
            }
            return .answer(LiveResponse("ok\n"))
        case "/events": return .events
        default: return .answer(LiveResponse(.notFound, "There is /, /status, /metrics and /healthz.\n"))
        }
    }
}

extension LiveResponse {
    fileprivate init(_ text: String, type: String = "text/plain; charset=utf-8") { self.init(.ok, text, type: type) }
}
