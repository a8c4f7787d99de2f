/// What a table says of one salted hash key, its own or an index's, so that a reader can find the recipe: a tag's value such as
/// `v1 sha256 200 key day by id sep .`
///
/// In tags only letters, digits, space and `+ - = . _ : /` may stand (Amazon DynamoDB API Reference, Tag). Words are separated by one
/// space; in names and separators any other character, the space and `=` itself are written as `=` and two hexadecimal digits for each
/// byte of their UTF-8.
public struct SaltDeclaration: Sendable, Hashable {
    /// The attribute that holds physical keys: the hash key of the table or of the indexes that use it.
    public var attribute: String
    /// The attribute that keeps the logical value beside it (an index's salt goes into an attribute of its own), or nil when
    /// ``attribute`` is made from the logical hash key and replaces it.
    public var source: String?
    /// The attributes of the logical primary key whose values make a row's ``SaltIdentity``, in order.
    public var by: [String]
    /// How many shards, and how they are written.
    public var recipe: SaltRecipe

    /// Creates a declaration.
    public init(attribute: String, source: String? = nil, by: [String], recipe: SaltRecipe) {
        self.attribute = attribute
        self.source = source
        self.by = by
        self.recipe = recipe
    }

    /// The key of the tag that holds a table's first declaration; the others' have `:1`, `:2`, … behind it.
    public static let tagKey = "saltmill:salt"

    /// The tags for a table's declarations.
    /// - Throws: ``SaltError/declarationTooLong(_:)``.
    public static func tags(for declarations: [SaltDeclaration]) throws(SaltError) -> [(key: String, value: String)] {
        var tags: [(key: String, value: String)] = []
        for (number, declaration) in declarations.enumerated() {
            let value = declaration.text
            guard value.utf8.count <= 256 else { throw .declarationTooLong(value.utf8.count) }
            tags.append((number == 0 ? tagKey : "\(tagKey):\(number)", value))
        }
        return tags
    }

    /// The declarations among a table's tags, in order of their tags' keys.
    /// - Throws: ``SaltError/declaration(_:)`` for a tag of ours that is not understood, e.g. of a later version.
    public static func declarations(in tags: [(key: String, value: String)]) throws(SaltError) -> [SaltDeclaration] {
        var found: [(number: Int, declaration: SaltDeclaration)] = []
        for tag in tags where tag.key.hasPrefix(tagKey) {
            let rest = tag.key.dropFirst(tagKey.count)
            guard rest.isEmpty || rest.first == ":" else { continue }
            guard let number = rest.isEmpty ? 0 : Int(rest.dropFirst()) else { throw .declaration(tag.key) }
            found.append((number, try SaltDeclaration(parsing: tag.value)))
        }
        return found.sorted { $0.number < $1.number }.map(\.declaration)
    }

    /// The declaration as a tag's value.
    public var text: String {
        var words = ["v1", "sha256", String(recipe.shards), "key", TagText.escape(attribute)]
        if let source { words += ["of", TagText.escape(source)] }
        for name in by { words += ["by", TagText.escape(name)] }
        words += ["sep", TagText.escape(recipe.separator)]
        return words.joined(separator: " ")
    }

    /// Reads a tag's value.
    /// - Throws: ``SaltError``.
    public init(parsing text: String) throws(SaltError) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count >= 7, words.count % 2 == 1, words[0] == "v1", words[1] == "sha256", let shards = Int(words[2]) else {
            throw .declaration(text)
        }
        var pairs: [(word: Substring, value: String)] = []
        for index in stride(from: 3, to: words.count, by: 2) {
            guard let value = TagText.unescape(words[index + 1]), !value.isEmpty else { throw .declaration(text) }
            pairs.append((words[index], value))
        }
        let attribute = pairs.removeFirst()
        let separator = pairs.removeLast()
        var source: String?
        if pairs.first?.word == "of" { source = pairs.removeFirst().value }
        guard attribute.word == "key", separator.word == "sep", !pairs.isEmpty, pairs.allSatisfy({ $0.word == "by" }) else {
            throw .declaration(text)
        }
        self.init(
            attribute: attribute.value, source: source, by: pairs.map(\.value),
            recipe: try SaltRecipe(checking: shards, separator: separator.value))
    }
}
