import SaltmillDynamoDB
import Testing

@Suite struct CivilTimeTests {
    @Test(arguments: [
        (0, "19700101T000000Z"), (951_782_400, "20000229T000000Z"), (951_868_799, "20000229T235959Z"), (951_868_800, "20000301T000000Z"),
        (1_440_938_160, "20150830T123600Z"), (1_704_067_199, "20231231T235959Z"), (4_107_542_400, "21000301T000000Z"),
        (4_107_542_399, "21000228T235959Z"),
    ])
    func secondsBecomeDates(seconds: Int, text: String) {
        var output: [UInt8] = []
        CivilTime.appendBasic(seconds, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == text)
    }

    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
        ("Sat, 21 Nov 2026 04:13:57 GMT", 1_795_234_437),
    ])
    func headerDatesAreRead(text: String, seconds: Int) { #expect(CivilTime.seconds(httpDate: text) == seconds) }

    @Test(arguments: [
        "", "yesterday", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 99 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
    ])
    func otherTextsAreNoDates(text: String) { #expect(CivilTime.seconds(httpDate: text) == nil) }
}
