import SaltedKeys
import SaltmillDynamoDB
import SaltmillItems
import Testing

@Suite struct MaskTests {
    private let secret = MaskSecret("a secret of more than 16 bytes")

    private func masked(_ mask: Mask, _ type: AttributeType, _ values: [String], encoding: BinaryEncoding = .base64) -> [String] {
        var attribute = AttributeMapping("v", type, column: 1, encoding: encoding)
        attribute.mask = mask
        let mapping = ItemMapping(
            attributes: [AttributeMapping("k", .N, column: 0), attribute], hasRange: false, salt: nil, maskSecret: secret)
        let encoded = Encoded(mapping, values.enumerated().map { ["\($0)", $1] })
        #expect(encoded.rejects.isEmpty)
        return encoded.chunk.items.indices.map { encoded.json($0) }
    }

    private func value(_ json: String) -> String {
        String(json.split(separator: "\"").dropLast().last ?? "")
    }

    /// Python: `hmac.new(secret, b"ann@example.org", "sha256").hexdigest()` and the like.
    @Test func hashesAreThoseOfAnIndependentImplementation() {
        #expect(masked(.hash, .S, ["ann@example.org"]).map(value) == ["a660313b4edadb43741ec93ee6569511"])
        #expect(
            masked(.hash, .N, ["1e3", "1000"]).map(value) == [
                "101182164767947906729251686752412185", "101182164767947906729251686752412185",
            ])
        #expect(masked(.hash, .B, ["AAE="]).map(value) == ["ijc2JvLFYMEXgYG55uudVA=="])
        #expect(masked(.email, .S, ["ann@example.org"]).map(value) == ["user-a660313b4edadb43741ec93e@example.com"])
        #expect(secret?.checkValue == "6e6c6c97fed7cc2a")
    }

    @Test func redactedValuesAreFixed() {
        #expect(masked(.redact, .S, ["Ann"]).map(value) == ["REDACTED"])
        #expect(masked(.redact, .N, ["5"]) == [#"{"k":{"N":"0"},"v":{"N":"0"}}"#])
        #expect(masked(.redact, .B, ["AAE="]) == [#"{"k":{"N":"0"},"v":{"B":""}}"#])
        #expect(masked(.null, .M, [#"{"a":1}"#]) == [#"{"k":{"N":"0"}}"#])
    }

    /// Every number of up to three digits, whole, negative and with a fraction, becomes another one of the same shape, and no two the same.
    @Test(arguments: ["", "-", "7.", "-12."])
    func shuffledDigitsStayDifferentNumbersOfTheirShape(_ prefix: String) {
        var numbers: [String] = []
        for number in 0..<1000 {
            let text = "\(prefix)\(number)"
            let isPlain = prefix.hasSuffix(".") ? number % 10 != 0 : prefix != "-" || number > 0
            if isPlain { numbers.append(text) }
        }
        let results = masked(.shuffleDigits, .N, numbers).map(value)
        #expect(Set(results).count == numbers.count)
        for (number, result) in zip(numbers, results) {
            #expect(result.count == number.count && result.hasPrefix(prefix.hasPrefix("-") ? "-" : ""))
            #expect(result.contains(".") == number.contains("."))
        }
        #expect(zip(numbers, results).count { $0 == $1 } < numbers.count / 20)
    }

    @Test func shuffledTextsKeepAllThatIsNoDigit() {
        let texts = (0..<10_000).map { "+49 (0)\($0 / 100)-\($0 % 100)/é" }
        let results = masked(.shuffleDigits, .S, texts).map(value)
        #expect(Set(results).count == texts.count)
        for (text, result) in zip(texts, results) {
            #expect(text.map { $0.isNumber ? "0" : $0 } == result.map { $0.isNumber ? "0" : $0 })
        }
    }

    /// A masked key is salted as what it has become, and is the same item whenever it is written.
    @Test func maskedKeysAreSaltedByTheirMaskedValues() throws {
        var hash = AttributeMapping("mail", .S, column: 0)
        hash.mask = .email
        let range = AttributeMapping("n", .N, column: 1)
        let recipe = SaltRecipe(shards: 50)
        let mapping = ItemMapping(
            attributes: [hash, range], hasRange: true, salt: SaltMapping(recipe: recipe, by: [0, 1]), maskSecret: secret)
        let encoded = Encoded(mapping, [["ann@example.org", "7"], ["ann@example.org", "7"]])
        let address = "user-a660313b4edadb43741ec93e@example.com"
        var identity = SaltIdentity()
        identity.append(string: address)
        try identity.append(number: "7")
        let key = recipe.physicalKey(logical: address, shard: recipe.shard(of: identity))
        #expect(encoded.json(0) == #"{"mail":{"S":"\#(key)"},"n":{"N":"7"}}"#)
        #expect(encoded.json(1) == encoded.json(0))
    }

    @Test func withoutASecretNothingIsMasked() {
        var attribute = AttributeMapping("v", .S, column: 1)
        attribute.mask = .redact
        let encoded = Encoded(
            ItemMapping(attributes: [AttributeMapping("k", .N, column: 0), attribute], hasRange: false, salt: nil), [["1", "Ann"]])
        #expect(encoded.json(0) == #"{"k":{"N":"1"},"v":{"S":"Ann"}}"#)
        #expect(MaskSecret("too short") == nil)
    }

    /// What is no value of its type is rejected, not hashed.
    @Test func malformedValuesAreRejectedAsEver() {
        var attribute = AttributeMapping("v", .N, column: 1)
        attribute.mask = .hash
        let encoded = Encoded(
            ItemMapping(
                attributes: [AttributeMapping("k", .N, column: 0), attribute], hasRange: false, salt: nil, maskSecret: secret),
            [["1", "twelve"]])
        #expect(encoded.rejects.count == 1)
    }
}
