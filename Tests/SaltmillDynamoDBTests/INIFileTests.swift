import SaltmillDynamoDB
import Testing

@Suite struct INIFileTests {
    @Test func optionsCommentsAndNestedValuesAreReadAsTheCommandLineReadsThem() throws {
        let text = """
            # comment
            [default]
            Region = eu-west-1
            aws_access_key_id=AKID   \r
            ; another comment
            secret: a=b:c # not a comment

            [profile dev] trailing
            services = local
            s3 =
              # inside
              max_concurrent_requests = 20

              addressing_style=path
            output = json
            region =
            [services local]
            dynamodb =
                endpoint_url = http://localhost:8000
            long = one
              two
            """
        let file = try INIFile(parsing: text, path: "config")
        #expect(
            file.sections == [
                "default": ["region": .text("eu-west-1"), "aws_access_key_id": .text("AKID"), "secret": .text("a=b:c # not a comment")],
                "profile dev": [
                    "services": .text("local"), "s3": .nested(["max_concurrent_requests": "20", "addressing_style": "path"]),
                    "output": .text("json"), "region": .text(""),
                ],
                "services local": ["dynamodb": .nested(["endpoint_url": "http://localhost:8000"]), "long": .text("one\ntwo")],
            ])
    }

    @Test(arguments: [
        ("region = x", "config:1:"), ("[a]\nregion", "config:2:"), ("[a]\n= x", "config:2:"), ("[a]\n[a]", "config:2:"),
        ("[a", "config:1:"),
        ("[]", "config:1:"), ("[a]\nx = 1\nX = 2", "config:3:"), ("[a]\nx =\n  nothing", "config:2:"),
    ])
    func faultsAreNamedWithFileAndLine(text: String, place: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try INIFile(parsing: text, path: "config") }
        #expect(error.description.hasPrefix(place))
    }

    @Test func anEmptyFileHasNoSections() throws { #expect(try INIFile(parsing: "\n# nothing\n", path: "config").sections.isEmpty) }
}
