package import SaltedKeys
package import SaltmillDynamoDB
package import SaltmillItems

/// The logical primary key, and the salt that makes its hash key physical.
package struct PrimaryKey: Sendable, Equatable {
    package var hash: SpecAttribute
    package var range: SpecAttribute?
    package var salt: SpecSalt?
}

/// A salt: the recipe, and the attributes of the logical primary key whose values decide the shard.
package struct SpecSalt: Sendable, Equatable {
    package var recipe: SaltRecipe
    package var by: [String]

    package init(recipe: SaltRecipe, by: [String]) {
        self.recipe = recipe
        self.by = by
    }
}

/// A global secondary index.
package struct SecondaryIndex: Sendable, Equatable {
    package var name: String
    /// The attribute whose value the index is about.
    package var hash: String
    package var salt: SpecSalt?
    /// The attribute that holds the salted value, where there is a salt.
    package var into: String?
    package var range: String?
    package var projection: Projection
    /// For a table that is created as provisioned.
    package var throughput: Throughput?

    /// The attribute that is the index's hash key on the table.
    package var hashAttribute: String { into ?? hash }

    package init(name: String, hash: String, projection: Projection = .all, throughput: Throughput? = nil) {
        self.name = name
        self.hash = hash
        self.projection = projection
        self.throughput = throughput
    }
}

/// One attribute of the items.
package struct SpecAttribute: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        case column(String)
        case template(SpecTemplate)
        case constant(String)
    }

    package var name: String
    package var type: AttributeType
    package var value: Value
    package var null: NullPolicy
    package var encoding = BinaryEncoding.base64
    package var separator = ","
    /// Texts that mean true in a `BOOL`, compared without regard to ASCII case.
    package var trueTexts = usual.trueTexts
    /// Texts that mean false, likewise.
    package var falseTexts = usual.falseTexts
    /// What the attribute means, for readers.
    package var about: String?
    /// The values tell of people: they are not written into tables for tests, and are named nowhere.
    package var isPersonal = false
    /// What becomes of the values in a masked copy.
    package var mask: Mask?

    package init(name: String, type: AttributeType, value: Value, null: NullPolicy = .omit, about: String? = nil) {
        self.name = name
        self.type = type
        self.value = value
        self.null = null
        self.about = about
    }

    /// What an attribute is read by unless told otherwise.
    private static let usual = AttributeMapping(name: "", type: .BOOL, source: .constant(""))

    /// The columns that the value is made of.
    package var columns: [String] {
        switch value {
        case .column(let name): [name]
        case .template(let template): template.columns
        case .constant: []
        }
    }
}
