import SaltmillDynamoDB
import Testing

@Suite struct ClusterNodesTests {
    private func nodes(_ addresses: [String], url: String = "http://10.0.0.1:8000") throws -> ClusterNodes {
        ClusterNodes(addresses, of: try Endpoint(url), now: 1_000)
    }

    private func answer(_ body: String, status: Int = 200) -> HTTPResponse { HTTPResponse(status: status, body: Array(body.utf8)) }

    @Test func takeTheirTurnsOnTheEndpointsPort() throws {
        let nodes = try nodes(["10.0.0.1", "fe80::2", "10.0.0.3"])
        let turns = (0..<6).map { _ in nodes.next(now: 1_000).node ?? "" }
        #expect(turns.sorted() == ["10.0.0.1:8000", "10.0.0.1:8000", "10.0.0.3:8000", "10.0.0.3:8000", "[fe80::2]:8000", "[fe80::2]:8000"])
        #expect(Set(turns[..<3]).count == 3)
        #expect(try self.nodes(["10.0.0.1"], url: "https://scylla").next(now: 1_000).node == "10.0.0.1:443")
    }

    @Test func oneThatCannotBeReachedRestsForAWhile() throws {
        let nodes = try nodes(["a", "b"])
        let down = TransportError(.connect, host: "h", detail: "", mayHaveBeenApplied: false)
        nodes.note("a:8000", .failure(down), now: 1_000)
        #expect(Set((0..<4).map { _ in nodes.next(now: 1_009).node }) == ["b:8000"])
        #expect(Set((0..<4).map { _ in nodes.next(now: 1_010).node }) == ["a:8000", "b:8000"])
        for node in ["a:8000", "b:8000"] { nodes.note(node, .failure(down), now: 1_020) }
        #expect(nodes.next(now: 1_021).node != nil, "where all rest, one is tried")
        nodes.note("b:8000", .success(answer("{}")), now: 1_040)
        #expect(Set((0..<4).map { _ in nodes.next(now: 1_040).node }) == ["a:8000", "b:8000"])
    }

    @Test func areAskedForAgainOnceAMinute() throws {
        let nodes = try nodes(["a"])
        #expect(!nodes.next(now: 1_059).isRefreshDue && nodes.next(now: 1_060).isRefreshDue && !nodes.next(now: 1_061).isRefreshDue)
        nodes.update(["c"])
        #expect(nodes.next(now: 1_061).node == "c:8000")
        nodes.update([])
        #expect(nodes.next(now: 1_061).node == "c:8000", "an empty list is no news")
    }

    @Test func onlyAListOfAddressesIsOne() {
        #expect(ClusterNodes.addresses(in: answer(#"["127.0.0.1","::1"]"#)) == ["127.0.0.1", "::1"])
        for body in [#"{"__type":"x"}"#, "", "[1]", #"["a b"]"#, #"["a\n"]"#, #"[""]"#] {
            #expect(ClusterNodes.addresses(in: answer(body)) == nil, "\(body)")
        }
        #expect(ClusterNodes.addresses(in: answer(#"["127.0.0.1"]"#, status: 404)) == nil)
    }
}
