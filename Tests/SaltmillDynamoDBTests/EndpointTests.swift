import SaltmillDynamoDB
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        ("http://localhost:8000", "http://localhost:8000/", "localhost:8000", "/"),
        ("http://LOCALHOST:80", "http://localhost/", "localhost", "/"),
        (
            "https://dynamodb.eu-west-1.amazonaws.com:443/", "https://dynamodb.eu-west-1.amazonaws.com/",
            "dynamodb.eu-west-1.amazonaws.com", "/"
        ),
        ("https://h:80/a/b", "https://h:80/a/b", "h:80", "/a/b"),
        ("http://[::1]:8000", "http://[::1]:8000/", "[::1]:8000", "/"),
        ("http://[::1]", "http://[::1]/", "[::1]", "/"),
    ])
    func urlsAreTakenApart(text: String, url: String, host: String, path: String) throws {
        let endpoint = try Endpoint(text)
        #expect(endpoint.url == url)
        #expect(endpoint.host == host)
        #expect(endpoint.path == path)
        #expect(endpoint.isSecure == text.hasPrefix("https"))
    }

    @Test(arguments: [
        "localhost:8000", "ftp://localhost", "http://", "http://:8000", "http://h:0", "http://h:70000", "http://h:x", "http://h:",
        "http://user:secret@h", "http://h/?a=b", "http://h/#f", "http://h /", "http://hö/", "http://h/a b", "http://h/../x", "http://h/%41",
        "http://h\r\nX: y",
    ])
    func anythingElseIsRefusedWithTheTextQuoted(text: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try Endpoint(text) }
        #expect(error.description.contains("endpoint URL"))
        #expect(!error.description.contains("secret"), "a password is not repeated")
    }
}
