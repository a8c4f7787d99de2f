import SaltedKeys
import SaltmillBackup
import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillSources
import Testing

/// What is changed of items and tables on the way.
@Suite struct RestoreTransformTests {
    static func apply(_ transform: ItemTransform, _ item: String) throws -> String {
        String(decoding: try transform.apply(to: Array(item.utf8).span), as: UTF8.self)
    }

    static let salt = SaltDeclaration(attribute: "day", by: ["id"], recipe: SaltRecipe(shards: 200))

    @Test func attributesAreDroppedAndRenamed() throws {
        let transform = ItemTransform(dropped: ["old"], renamed: [.init(from: "a", to: "b"), .init(from: "b", to: "a")])
        #expect(
            try Self.apply(transform, #"{"a":{"S":"1"},"old":{"L":[{"N":"1"}]},"b":{"N":"2"},"c":{"NULL":true}}"#)
                == #"{"b":{"S":"1"},"a":{"N":"2"},"c":{"NULL":true}}"#)
    }

    @Test func aRenameOntoAnotherAttributeIsRejected() {
        let transform = ItemTransform(renamed: [.init(from: "a", to: "b")])
        let fault = #expect(throws: RowFault.self) { try Self.apply(transform, #"{"a":{"S":"1"},"b":{"S":"2"}}"#) }
        #expect(fault?.code == "item.duplicate")
    }

    @Test func aSaltIsWhatALoadWouldGive() throws {
        let transform = ItemTransform(salt: Self.salt)
        for (number, spelling) in [("42", "42"), ("1000", "1e3"), ("-0.5", "-0.50")] {
            var identity = SaltIdentity()
            try identity.append(number: number)
            let physical = Self.salt.recipe.physicalKey(logical: "2015-12-07", shard: Self.salt.recipe.shard(of: identity))
            #expect(
                try Self.apply(transform, #"{"day":{"S":"2015-12-07"},"id":{"N":"\#(spelling)"}}"#)
                    == #"{"day":{"S":"\#(physical)"},"id":{"N":"\#(number)"}}"#)
        }
    }

    @Test func anItemThatCannotBeSaltedIsRejected() {
        let transform = ItemTransform(salt: Self.salt)
        for (item, code) in [
            (#"{"id":{"N":"1"}}"#, "key.missing"), (#"{"day":{"N":"1"},"id":{"N":"1"}}"#, "key.type"),
            (#"{"day":{"S":"x"}}"#, "key.missing"), (#"{"day":{"S":""},"id":{"N":"1"}}"#, "key.empty"),
        ] {
            let fault = #expect(throws: RowFault.self) { try Self.apply(transform, item) }
            #expect(fault?.code == code, "\(item)")
        }
    }

    @Test func saltsAreReadFromTheCommandLine() throws {
        #expect(try ItemTransform.salt(parsing: "day:200:by=id") == Self.salt)
        #expect(
            try ItemTransform.salt(parsing: "a:b:7:by=x,y:sep=#")
                == SaltDeclaration(attribute: "a:b", by: ["x", "y"], recipe: SaltRecipe(shards: 7, separator: "#")))
        for text in [
            "day", "day:200", "day:by=id", ":200:by=id", "day:0:by=id", "day:200:by=", "day:200:by=a,", "day:x:by=id", "day:5:by=id:sep=1",
        ] {
            #expect(throws: JobFailure.self) { try ItemTransform.salt(parsing: text) }
        }
    }

    // MARK: Tables

    static let table: JSONValue = [
        "TableName": "t",
        "AttributeDefinitions": [
            ["AttributeName": "day", "AttributeType": "S"], ["AttributeName": "id", "AttributeType": "N"],
            ["AttributeName": "who", "AttributeType": "S"],
        ],
        "KeySchema": [["AttributeName": "day", "KeyType": "HASH"], ["AttributeName": "id", "KeyType": "RANGE"]],
        "GlobalSecondaryIndexes": [
            [
                "IndexName": "by-who", "KeySchema": [["AttributeName": "who", "KeyType": "HASH"]],
                "Projection": ["ProjectionType": "INCLUDE", "NonKeyAttributes": ["body"]],
            ]
        ],
    ]

    @Test func renamedKeysAreRenamedInTheTable() throws {
        let transform = ItemTransform(renamed: [
            .init(from: "who", to: "asker"), .init(from: "id", to: "number"), .init(from: "body", to: "text"),
        ])
        let table = try transform.apply(to: try TableBlueprint(describing: Self.table), declared: [])
        #expect(table.key == KeySchema(hash: KeyAttribute("day", .S), range: KeyAttribute("number", .N)))
        #expect(table.globalIndexes[0].key == KeySchema(hash: KeyAttribute("asker", .S)))
        #expect(table.globalIndexes[0].projection == .include(["text"]))
    }

    @Test func whatCannotBeDoneToATableIsRefused() throws {
        let table = try TableBlueprint(describing: Self.table)
        let number = SaltDeclaration(attribute: "id", by: ["day"], recipe: SaltRecipe(shards: 5))
        let byOther = SaltDeclaration(attribute: "day", by: ["who"], recipe: SaltRecipe(shards: 5))
        for transform in [
            ItemTransform(dropped: ["who"]), ItemTransform(dropped: ["day"]), ItemTransform(renamed: [.init(from: "x", to: "day")]),
            ItemTransform(renamed: [.init(from: "x", to: "z"), .init(from: "y", to: "z")]), ItemTransform(salt: number),
            ItemTransform(salt: byOther),
        ] {
            #expect(throws: JobFailure.self) { try transform.apply(to: table, declared: []) }
        }
        #expect(throws: JobFailure.self) { try ItemTransform(salt: Self.salt).apply(to: table, declared: [Self.salt]) }
        _ = try ItemTransform(salt: Self.salt).apply(to: table, declared: [])
    }

    @Test func aNumberKeyTakesNoSalt() throws {
        let table: JSONValue = [
            "TableName": "t", "AttributeDefinitions": [["AttributeName": "day", "AttributeType": "N"]],
            "KeySchema": [["AttributeName": "day", "KeyType": "HASH"]],
        ]
        let salt = SaltDeclaration(attribute: "day", by: ["day"], recipe: SaltRecipe(shards: 5))
        let failure = #expect(throws: JobFailure.self) {
            try ItemTransform(salt: salt).apply(to: try TableBlueprint(describing: table), declared: [])
        }
        #expect(failure?.description.contains("only a string takes a salt") == true)
    }
}
