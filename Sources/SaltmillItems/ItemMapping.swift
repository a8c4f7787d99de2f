package import SaltedKeys

/// The ten attribute types of the store, named as on the wire.
package enum AttributeType: String, Sendable, CaseIterable, Codable {
    case S, N, B, BOOL, NULL, SS, NS, BS, L, M
}

/// Where an attribute's value comes from.
package enum ValueSource: Sendable, Equatable {
    /// The column at this position of the row.
    case column(Int)
    /// Literal text and columns in turn, e.g. `{year}-{month:02}-{day:02}`. Null when any of its columns is null.
    case template([TemplatePart])
    /// The same text for every row, read like a cell's.
    case constant(String)
}

/// A part of a template.
package enum TemplatePart: Sendable, Equatable {
    case literal(String)
    /// A column's text, left-padded with zeros to this many characters.
    case column(Int, zeroPaddedTo: Int)
}

/// What becomes of a null cell. In a key attribute of the table a null is a fault whatever the policy.
package enum NullPolicy: String, Sendable, Codable {
    /// The attribute is left out (the default).
    case omit
    /// The attribute is written as `{"NULL":true}`.
    case null
    /// The row is rejected.
    case reject
    /// The attribute is written as an empty string, binary (types S and B only).
    case empty
}

/// How the text of a binary cell is read.
package enum BinaryEncoding: String, Sendable, Codable { case base64, hex, utf8 }

/// One attribute of the items: what it is called, what type it has and how it is made from a row.
package struct AttributeMapping: Sendable, Equatable {
    package var name: String
    package var type: AttributeType
    package var source: ValueSource
    package var null: NullPolicy
    /// For `B` and `BS`.
    package var encoding: BinaryEncoding
    /// For `SS`, `NS`, `BS`: what separates the members in the cell.
    package var separator: String
    /// For `BOOL`: texts that mean true and false, compared without regard to ASCII case.
    package var trueTexts: [String]
    package var falseTexts: [String]
    /// Applied where the mapping has a ``ItemMapping/maskSecret``.
    package var mask: Mask?

    package init(
        name: String, type: AttributeType, source: ValueSource, null: NullPolicy = .omit, encoding: BinaryEncoding = .base64,
        separator: String = ",", trueTexts: [String] = ["true", "t", "yes", "y", "1"],
        falseTexts: [String] = ["false", "f", "no", "n", "0"], mask: Mask? = nil
    ) {
        self.name = name
        self.type = type
        self.source = source
        self.null = null
        self.encoding = encoding
        self.separator = separator
        self.trueTexts = trueTexts
        self.falseTexts = falseTexts
        self.mask = mask
    }
}

/// A salt on a hash key: how many shards, and which attributes of the logical primary key decide the shard.
package struct SaltMapping: Sendable, Equatable {
    package var recipe: SaltRecipe
    /// Positions in ``ItemMapping/attributes`` of the attributes hashed, in order.
    package var by: [Int]

    package init(recipe: SaltRecipe, by: [Int]) {
        self.recipe = recipe
        self.by = by
    }
}

/// A secondary index as far as items are concerned.
package struct IndexMapping: Sendable, Equatable {
    package var name: String
    /// Name of the attribute that holds the index's hash key: the salted one, where the index is salted.
    package var hashAttribute: String
    package var rangeAttribute: String?
    /// When the index's hash key is salted: which attribute (position in ``ItemMapping/attributes``) is salted into `hashAttribute`, and how.
    package var salt: SaltMapping?
    /// Position of the attribute that the salted value is made from (also set when unsalted: the hash attribute itself).
    package var hashSource: Int

    package init(name: String, hashAttribute: String, rangeAttribute: String?, salt: SaltMapping?, hashSource: Int) {
        self.name = name
        self.hashAttribute = hashAttribute
        self.rangeAttribute = rangeAttribute
        self.salt = salt
        self.hashSource = hashSource
    }
}

/// How a row becomes an item. Made from a migration spec, whose checks it relies on: names are unique, key attributes have type S, N or B,
/// a salted hash key has type S.
package struct ItemMapping: Sendable, Equatable {
    /// Every attribute but those that salted indexes add. The primary key's come first: hash, then range where there is one.
    package var attributes: [AttributeMapping]
    package var hasRange: Bool
    /// The salt on the table's hash key, if any. The item then carries the physical value under the hash attribute's name.
    package var salt: SaltMapping?
    package var indexes: [IndexMapping]
    /// What the attributes' masks are keyed by; nil where values are written as they are.
    package var maskSecret: MaskSecret?

    package init(
        attributes: [AttributeMapping], hasRange: Bool, salt: SaltMapping?, indexes: [IndexMapping] = [], maskSecret: MaskSecret? = nil
    ) {
        self.attributes = attributes
        self.hasRange = hasRange
        self.salt = salt
        self.indexes = indexes
        self.maskSecret = maskSecret
    }
}
