import SaltmillMigration
import Testing

@Suite struct SpecTemplateTests {
    @Test func columnsPaddingAndLiteralBracesAreRead() throws {
        let template = try SpecTemplate(parsing: "{year}-{month:02}{{x}}{a:b}{{{at}}}")
        #expect(
            template.parts == [
                .column("year", zeroPaddedTo: 0), .literal("-"), .column("month", zeroPaddedTo: 2), .literal("{x}"),
                .column("a:b", zeroPaddedTo: 0), .literal("{"), .column("at", zeroPaddedTo: 0), .literal("}"),
            ])
        #expect(template.columns == ["year", "month", "a:b", "at"])
    }

    @Test(arguments: ["{a}", "{a:02}#{b}", "{{{a}}}", "}}{a:b}{{", "ü{é}€"])
    func aTemplatesTextReadsBackAsItself(_ text: String) throws {
        let template = try SpecTemplate(parsing: text)
        #expect(template.text == text)
        #expect(try SpecTemplate(parsing: template.text) == template)
    }

    @Test func paddingHasOneForm() throws {
        #expect(try SpecTemplate(parsing: "{a:002}").text == "{a:02}")
    }

    @Test(arguments: ["", "text", "{{}}", "{", "{a", "a}", "{}", "{a{b}", "{a:5}", "{a:0}", "{a:09999}", "{a:00000000000000000000001x}}"])
    func nothingElseIsATemplate(_ text: String) {
        #expect(throws: SpecTemplate.Malformed.self) { try SpecTemplate(parsing: text) }
    }
}
