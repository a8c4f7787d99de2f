import CCurl

/// Why a request has no answer.
package struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        /// The host's name has no address, or the name service did not answer.
        case resolve
        /// Nobody listens there, or the way there is closed.
        case connect
        /// The certificate is not trusted, or TLS could not be agreed on.
        case tls
        /// The deadline passed.
        case timeout
        /// The connection was reset or closed before the answer was complete.
        case closed
        /// The answer is longer than allowed.
        case tooLarge
        /// What came is not HTTP, or the request could not be formed.
        case malformed
        /// The request was withdrawn, or the transport shut down.
        case cancelled
    }

    package var kind: Kind
    /// Host and port of the URL.
    package var host: String
    /// What libcurl says.
    package var detail: String
    /// The request may have reached the server, so a write may have happened.
    package var mayHaveBeenApplied: Bool

    package init(_ kind: Kind, host: String, detail: String, mayHaveBeenApplied: Bool) {
        self.kind = kind
        self.host = host
        self.detail = detail
        self.mayHaveBeenApplied = mayHaveBeenApplied
    }

    package var description: String {
        let what =
            switch kind {
            case .resolve: "the address of \(host) cannot be found"
            case .connect: "no connection to \(host)"
            case .tls: "no trusted TLS connection to \(host)"
            case .timeout: "\(host) did not answer in time"
            case .closed: "\(host) closed the connection before it had answered"
            case .tooLarge: "the answer of \(host) is longer than allowed"
            case .malformed: "no HTTP exchange with \(host)"
            case .cancelled: "the request to \(host) was withdrawn"
            }
        return detail.isEmpty ? what : "\(what): \(detail)"
    }

    /// The kind that a result code of libcurl means.
    static func kind(of code: CURLcode) -> Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
        case CURLE_COULDNT_CONNECT: .connect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED,
            CURLE_SSL_CRL_BADFILE, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED:
            .tls
        case CURLE_OPERATION_TIMEDOUT: .timeout
        // The one callback that aborts is that which keeps a request from being sent twice.
        case CURLE_ABORTED_BY_CALLBACK, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE,
            CURLE_SSL_SHUTDOWN_FAILED:
            .closed
        case CURLE_WRITE_ERROR: .tooLarge
        default: .malformed
        }
    }
}
