import SaltmillControl
import Testing

@Suite struct HostRuleTests {
    private let rule = HostRule(names: ["127.0.0.1", "Mill.example"])

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:9464", "localhost:80", "LOCALHOST", "[::1]", "[::1]:9464", "192.0.2.7:1", "mill.EXAMPLE:9464",
    ])
    func addressesAndNamesOfThisMachineAreServed(_ host: String) { #expect(rule.admits(host)) }

    @Test(arguments: [
        "", "evil.example", "evil.example:9464", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.1:x", "256.0.0.1",
        "1.2.3", "1.2.3.4.5", "[::1", "[evil]", "[::1]x", "localhost:99999999", "mill.example.", " localhost", "localhost\u{0}",
        "127.0.0.1@evil",
    ])
    func foreignNamesAreNot(_ host: String) { #expect(!rule.admits(host)) }

    @Test func addressesToListenOnAreRead() throws {
        #expect(try ListenAddress(parsing: "9464") == ListenAddress(host: "127.0.0.1", port: 9464))
        #expect(try ListenAddress(parsing: "0.0.0.0:0") == ListenAddress(host: "0.0.0.0", port: 0))
        #expect(try ListenAddress(parsing: "[::1]:80") == ListenAddress(host: "::1", port: 80))
        #expect(try ListenAddress(parsing: "[::1]:80").url(port: 81) == "http://[::1]:81/")
        #expect(ListenAddress(port: 1).isLoopback && !ListenAddress(host: "0.0.0.0", port: 1).isLoopback)
    }

    @Test(arguments: ["", ":", ":80", "host", "host:", "host:65536", "host:-1", "::1:80", "[]:80", "80 ", "host:8o"])
    func whatIsNoneIsRefusedInOneSentence(_ text: String) {
        let error = #expect(throws: ControlError.self) { try ListenAddress(parsing: text) }
        #expect(error?.description.contains("\n") == false)
    }
}
