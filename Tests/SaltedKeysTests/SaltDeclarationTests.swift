import SaltedKeys
import Testing

@Suite struct SaltDeclarationTests {
    @Test func aTablesSaltReadsLikeASentence() {
        let declaration = SaltDeclaration(attribute: "day", by: ["id"], recipe: SaltRecipe(shards: 200))
        #expect(declaration.text == "v1 sha256 200 key day by id sep .")
    }

    @Test func anIndexsSaltNamesItsSource() {
        let declaration = SaltDeclaration(
            attribute: "carrier_shard", source: "carrier", by: ["day", "flight"], recipe: SaltRecipe(shards: 10, separator: "#"))
        #expect(declaration.text == "v1 sha256 10 key carrier_shard of carrier by day by flight sep =23")
    }

    @Test(arguments: [
        "day", "of", "by", "sep", "key", "a b", "a=b", "=3D", "日付", "salt#1", "x·y", "\u{0}\n", "\"quoted\"", "e\u{301}", "%20",
    ])
    func anyNameAndSeparatorComeBack(text: String) throws {
        let separator = text + "."
        let declarations = [
            SaltDeclaration(attribute: text, by: [text, text + "2"], recipe: SaltRecipe(shards: 7, separator: separator)),
            SaltDeclaration(attribute: "x", source: text, by: ["x"], recipe: SaltRecipe(shards: 100_000, separator: separator)),
        ]
        for declaration in declarations {
            let found = try SaltDeclaration(parsing: declaration.text)
            #expect(found == declaration)
            // Equality of Swift strings is canonical equivalence; a key's is not.
            #expect(found.recipe.separator.unicodeScalars.elementsEqual(separator.unicodeScalars))
            let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 +-=._:/")
            #expect(declaration.text.allSatisfy(allowed.contains))
        }
    }

    @Test(arguments: [
        "", "v1", "v2 sha256 200 key day by id sep .", "v1 md5 200 key day by id sep .", "v1 sha256 x key day by id sep .",
        "v1 sha256 200 key day sep .", "v1 sha256 200 key day by id", "v1 sha256 200 key day by id sep", "v1 sha256 200 key day by  sep .",
        "v1  sha256 200 key day by id sep .", "v1 sha256 200 key day by id sep . ", "v1 sha256 200 key day by id of x sep .",
        "v1 sha256 200 key day of x sep .", "v1 sha256 200 by id key day sep .", "v1 sha256 200 key d=zz by id sep .",
        "v1 sha256 200 key d=6 by id sep .", "v1 sha256 200 key d=ff by id sep .", "v1 sha256 200 key d=41 by id sep .",
        "v1 sha256 200 key d=3d by id sep .", "v1 sha256 200 key day by id sep #",
    ])
    func whatNoDeclarationGivesIsRefused(text: String) {
        #expect(throws: SaltError.declaration(text)) { try SaltDeclaration(parsing: text) }
    }

    @Test func impossibleRecipesAreRefused() {
        #expect(throws: SaltError.shards(0)) { try SaltDeclaration(parsing: "v1 sha256 0 key day by id sep .") }
        #expect(throws: SaltError.separator("x9")) { try SaltDeclaration(parsing: "v1 sha256 5 key day by id sep x9") }
    }

    @Test func tagsHoldAllDeclarationsInOrder() throws {
        let declarations = (0..<12).map {
            SaltDeclaration(attribute: "a\($0)", source: $0 == 0 ? nil : "s", by: ["id"], recipe: SaltRecipe(shards: 5))
        }
        let tags = try SaltDeclaration.tags(for: declarations)
        #expect(tags.map(\.key).prefix(3) == ["saltmill:salt", "saltmill:salt:1", "saltmill:salt:2"])
        let others = [(key: "owner", value: "data team"), (key: "saltmill:salted-by", value: "x")]
        #expect(try SaltDeclaration.declarations(in: others + tags.reversed()) == declarations)
        #expect(try SaltDeclaration.declarations(in: others).isEmpty)
    }

    @Test func aTagThatIsNotUnderstoodIsNotOverlooked() {
        #expect(throws: SaltError.declaration("v9 x")) { try SaltDeclaration.declarations(in: [("saltmill:salt", "v9 x")]) }
        #expect(throws: SaltError.declaration("saltmill:salt:x")) {
            try SaltDeclaration.declarations(in: [("saltmill:salt:x", "v1 sha256 200 key day by id sep .")])
        }
    }

    @Test func aTooLongDeclarationIsRefused() {
        let long = SaltDeclaration(attribute: String(repeating: "ä", count: 60), by: ["id"], recipe: SaltRecipe(shards: 5))
        #expect(throws: SaltError.declarationTooLong(long.text.count)) { try SaltDeclaration.tags(for: [long]) }
    }
}
