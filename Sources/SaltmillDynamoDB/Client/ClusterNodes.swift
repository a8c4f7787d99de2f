import SaltmillBytes
import Synchronization

/// The nodes of a ScyllaDB Alternator cluster, over which requests are spread in turn.
///
/// Alternator has no balancer of its own: any node takes any request, and `GET /localnodes` tells the addresses of those in the data center of the one
/// asked, as a JSON array (ScyllaDB manual, "Alternator-specific APIs"). All listen on the same port. A node that cannot be reached rests for a while.
package final class ClusterNodes: Sendable {
    /// How often the list is asked for again, and how long a node rests, in seconds.
    package static let refreshInterval = 60
    private static let rest = 10

    private struct State {
        var nodes: [String]
        var restUntil: [String: Int] = [:]
        var turn = 0
        var refreshDue: Int
    }
    private let state: Mutex<State>
    private let port: String

    /// - Parameter now: in seconds since 1970-01-01.
    package init(_ addresses: [String], of endpoint: Endpoint, now: Int) {
        port = endpoint.port
        state = Mutex(State(nodes: Self.nodes(addresses, port), refreshDue: now + Self.refreshInterval))
    }

    private static func nodes(_ addresses: [String], _ port: String) -> [String] {
        addresses.map { $0.contains(":") ? "[\($0)]:\(port)" : "\($0):\(port)" }
    }

    /// The node for the next request, and whether the list is to be asked for again; that is said once.
    package func next(now: Int) -> (node: String?, isRefreshDue: Bool) {
        state.withLock { state in
            let isDue = now >= state.refreshDue
            if isDue { state.refreshDue = now + Self.refreshInterval }
            guard !state.nodes.isEmpty else { return (nil, isDue) }
            for _ in state.nodes.indices {
                state.turn = (state.turn + 1) % state.nodes.count
                let node = state.nodes[state.turn]
                if now >= state.restUntil[node] ?? 0 { return (node, isDue) }
            }
            // All rest: whichever comes is as good as another.
            return (state.nodes[state.turn], isDue)
        }
    }

    /// Takes in how an exchange with a node went.
    package func note(_ node: String?, _ result: Result<HTTPResponse, TransportError>, now: Int) {
        guard let node, case .failure(let error) = result, [.connect, .timeout, .closed, .tls].contains(error.kind) else { return }
        state.withLock { $0.restUntil[node] = now + Self.rest }
    }

    /// Takes in the list as it is now.
    package func update(_ addresses: [String]) {
        guard !addresses.isEmpty else { return }
        let nodes = Self.nodes(addresses, port)
        state.withLock { state in
            state.nodes = nodes
            state.restUntil = state.restUntil.filter { nodes.contains($0.key) }
        }
    }

    /// Reads an answer to `GET /localnodes`; nil when it is none.
    package static func addresses(in response: HTTPResponse) -> [String]? {
        guard response.status == 200, let json = try? JSONValue(parsing: response.body.span), let elements = json.array else { return nil }
        let addresses = elements.compactMap(\.string)
        // What is no address must not get into a list of libcurl's.
        let isPlain = addresses.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "[") } }
        return isPlain && addresses.count == elements.count ? addresses : nil
    }
}
