import SaltmillBytes
import SaltmillDynamoDB
import Testing

/// Signatures against the official suite and against others that were computed by an independent implementation for DynamoDB's requests.
@Suite struct SigV4Tests {
    private static let token =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi"
        + "/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL"
        + "64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
    /// 2015-08-30T12:36:00Z.
    private static let time = 1_440_938_160
    private static let body = Array(#"{"TableName":"Pets","Key":{"AnimalType":{"S":"Dog"},"Name":{"S":"Fido"}}}"#.utf8)

    private static func credentials(hasToken: Bool, secret: String = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY") throws -> Credentials {
        try Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: secret, sessionToken: hasToken ? token : nil)
    }

    private static func getItem(_ host: String) -> SigV4Signer.Signed {
        SigV4Signer.Signed(host: host, contentType: "application/x-amz-json-1.0", target: "DynamoDB_20120810.GetItem")
    }

    @Test(arguments: [
        (
            "dynamodb.us-east-1.amazonaws.com", false, "30b0d19c3c0a25d702b358a87c9c40d4470506d2953527dbaacdb04232eae904",
            "705a28e4b5e8175894c6a4521f03169f4713393c68962b19f55be28f1d50c2ad"
        ),
        (
            "localhost:8000", false, "135d109d61cfb28acb8f4d5d38a027bb846cb35306b5a47ca4b53607d4062bd8",
            "393db6a4c0b6490d8d6c572f51fc2a20a9b2577a3b548129e2502e520fb2cc10"
        ),
        (
            "dynamodb.us-east-1.amazonaws.com", true, "8c28fb960969b703a18985ba29313340d2d85e3a170f5f19f986a0853b15bd4b",
            "e70c64a166ddaef4fe76956b72ba4e89d42defd83e4e2d8e67b5653a8f3ef98b"
        ),
        (
            "localhost:8000", true, "cea11dada378640095464cb5c3ab10fae7a5f5c8fe816e80b205c3b1e5d102c9",
            "978af6a9601252b18ef53ffb05bb78d0377fe60fcefbf2260f2a5422c9db5535"
        ),
    ])
    func requestsAreSignedAsPublished(host: String, hasToken: Bool, requestHash: String, signature: String) throws {
        var signer = SigV4Signer(region: "us-east-1")
        var headers = HeaderLines()
        let made = signer.sign(
            Self.getItem(host), body: Self.body.span, at: Self.time, try Self.credentials(hasToken: hasToken), headers: &headers)
        #expect(Digests.sha256(signer.canonicalRequest.span).description == requestHash)
        #expect(made.description == signature)
        let lines = headers.bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        #expect(lines.count == headers.count)
        #expect(
            Set(lines)
                == Set(
                    [
                        "Content-Type: application/x-amz-json-1.0", "X-Amz-Target: DynamoDB_20120810.GetItem",
                        "X-Amz-Date: 20150830T123600Z",
                        "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/dynamodb/aws4_request, "
                            + "SignedHeaders=content-type;host;x-amz-date;\(hasToken ? "x-amz-security-token;" : "")x-amz-target, "
                            + "Signature=\(signature)",
                    ] + (hasToken ? ["X-Amz-Security-Token: \(Self.token)"] : [])))
    }

    @Test func theCanonicalRequestIsThatOfTheSpecification() throws {
        var signer = SigV4Signer(region: "us-east-1")
        var headers = HeaderLines()
        signer.sign(
            Self.getItem("dynamodb.us-east-1.amazonaws.com"), body: Self.body.span, at: Self.time, try Self.credentials(hasToken: false),
            headers: &headers)
        #expect(
            String(decoding: signer.canonicalRequest, as: UTF8.self) == """
                POST
                /

                content-type:application/x-amz-json-1.0
                host:dynamodb.us-east-1.amazonaws.com
                x-amz-date:20150830T123600Z
                x-amz-target:DynamoDB_20120810.GetItem

                content-type;host;x-amz-date;x-amz-target
                171bd6abf3d60e95f5690809010d3bc9e47e4fc585f87494e8ccda938e412a80
                """)
    }

    /// `post-sts-header-before` and `post-sts-header-after` of the official suite: the token signed, and added after signing.
    @Test(arguments: [
        (true, "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"),
        (false, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ])
    func theOfficialSuiteAgrees(isTokenSigned: Bool, signature: String) throws {
        var signer = SigV4Signer(region: "us-east-1", service: "service")
        var headers = HeaderLines()
        let made = signer.sign(
            SigV4Signer.Signed(host: "example.amazonaws.com"), body: [UInt8]().span, at: Self.time,
            try Self.credentials(hasToken: isTokenSigned), headers: &headers)
        #expect(made.description == signature)
        if isTokenSigned {
            #expect(
                Digests.sha256(signer.canonicalRequest.span).description
                    == "c237e1b440d4c63c32ca95b5b99481081cb7b13c7e40434868e71567c1a882f6")
        }
    }

    @Test func whatIsCachedFollowsTimeAndCredentials() throws {
        let first = try Self.credentials(hasToken: false)
        let second = try Self.credentials(hasToken: true, secret: "another/secret")
        let calls = [
            (Self.time, first), (Self.time, first), (Self.time + 1, first), (Self.time + 86_400, first), (Self.time + 86_400, second),
            (Self.time + 86_400, first), (Self.time, first),
        ]
        var kept = SigV4Signer(region: "eu-west-1")
        var signatures: [SHA256Digest] = []
        for (time, credentials) in calls {
            var headers = HeaderLines()
            let made = kept.sign(Self.getItem("h"), body: Self.body.span, at: time, credentials, headers: &headers)
            var fresh = SigV4Signer(region: "eu-west-1")
            var freshHeaders = HeaderLines()
            #expect(made == fresh.sign(Self.getItem("h"), body: Self.body.span, at: time, credentials, headers: &freshHeaders))
            #expect(headers.bytes == freshHeaders.bytes)
            signatures.append(made)
        }
        #expect(signatures[0] == signatures[1] && signatures[0] == signatures[6])
        #expect(Set(signatures).count == 4)
    }

    @Test func credentialsNeverShowTheirSecret() throws {
        let credentials = try Self.credentials(hasToken: true)
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(text.contains("AKIDEXAMPLE"))
            #expect(!text.contains("wJalrXUtn") && !text.contains("AQoDYXdz"))
        }
    }

    @Test(arguments: ["", "two words", "line\nbreak", "ключ"])
    func credentialsThatCannotStandInAHeaderAreRefused(part: String) {
        #expect(throws: ConfigurationError.self) { try Credentials(accessKeyID: part, secretAccessKey: "s") }
        #expect(throws: ConfigurationError.self) { try Credentials(accessKeyID: "a", secretAccessKey: part) }
        #expect(throws: ConfigurationError.self) { try Credentials(accessKeyID: "a", secretAccessKey: "s", sessionToken: part) }
    }
}
