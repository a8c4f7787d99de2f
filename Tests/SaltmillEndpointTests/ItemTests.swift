import SaltmillBytes
import Testing

@Suite struct ItemTests {
    private static let invalid = "One or more parameter values were invalid: "

    /// A value and what is returned of it; nil where it comes back as it was.
    static let values: [(String, String?)] = [
        (#"{"S":""}"#, nil), (#"{"S":"héllo ✓ 🎉"}"#, nil),
        (#"{"S":"\u00e9\n\t\"\\\/\u0000\ud83c\udf89"}"#, "{\"S\":\"é\\n\\t\\\"\\\\/\\u0000🎉\"}"),
        (#"{"N":"00042"}"#, #"{"N":"42"}"#), (#"{"N":"1.0"}"#, #"{"N":"1"}"#), (#"{"N":"1.5E2"}"#, #"{"N":"150"}"#),
        (#"{"N":"-0"}"#, #"{"N":"0"}"#), (#"{"N":"+3"}"#, #"{"N":"3"}"#), (#"{"N":".123"}"#, #"{"N":"0.123"}"#),
        (#"{"N":"1e+5"}"#, #"{"N":"100000"}"#), (#"{"N":"12345678901234567890123456789012345678"}"#, nil),
        (#"{"N":"-0.0000000000000000000000000000000000001"}"#, nil), (#"{"B":""}"#, nil), (#"{"B":"AAEC/w=="}"#, nil),
        (#"{"SS":["b","a",""]}"#, nil), (#"{"NS":["3","1e0","-2.50"]}"#, #"{"NS":["3","1","-2.5"]}"#), (#"{"BS":["AA==","AQ=="]}"#, nil),
        (#"{"M":{}}"#, nil), (#"{"L":[]}"#, nil), (#"{"NULL":true}"#, nil), (#"{"BOOL":false}"#, nil),
        (
            #" { "M" : { "a" : { "L" : [ {"N":"01"} , {"M":{"b":{"S":"c"}}} ] } } } "#,
            #"{"M":{"a":{"L":[{"N":"1"},{"M":{"b":{"S":"c"}}}]}}}"#
        ),
    ]

    @Test func everyTypeComesBackInCanonicalForm() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:N")
            for (position, (sent, returned)) in Self.values.enumerated() {
                try fixture.call("PutItem", json: #"{"TableName":"table","Item":{"pk":{"N":"\#(position)"},"v":\#(sent)}}"#)
                let body = try fixture.client.call("GetItem", Array(#"{"TableName":"table","Key":{"pk":{"N":"\#(position).0"}}}"#.utf8))
                #expect(body.text == #"{"Item":{"pk":{"N":"\#(position)"},"v":\#(returned ?? sent)}}"#)
            }
        }
    }

    /// A value, the name of the error that it is refused with, and the message, where that is known.
    static let faults: [(String, String, String?)] = [
        (#"{}"#, "ValidationException", "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        (#"{"X":"y"}"#, "ValidationException", "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        (
            #"{"S":"a","N":"1"}"#, "ValidationException",
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
        ),
        (#"{"N":123}"#, "SerializationException", "NUMBER_VALUE cannot be converted to String"),
        (#"{"S":true}"#, "SerializationException", "TRUE_VALUE cannot be converted to String"),
        (#"{"S":{}}"#, "SerializationException", nil), (#"{"L":{}}"#, "SerializationException", nil),
        (#"{"M":[]}"#, "SerializationException", nil), (#"{"SS":"a"}"#, "SerializationException", nil),
        (#"{"BOOL":"true"}"#, "SerializationException", nil), (#""a""#, "SerializationException", nil),
        (#"{"B":"AA="}"#, "SerializationException", nil), (#"{"B":"A"}"#, "SerializationException", nil),
        (#"{"B":"A-_="}"#, "SerializationException", nil),
        (#"{"NULL":false}"#, "ValidationException", invalid + "Null attribute value types must have the value of true"),
        (#"{"SS":[]}"#, "ValidationException", invalid + "An string set  may not be empty"),
        (#"{"NS":[]}"#, "ValidationException", invalid + "An number set  may not be empty"),
        (#"{"BS":[]}"#, "ValidationException", invalid + "Binary sets should not be empty"),
        (#"{"M":{"a":{"SS":[]}}}"#, "ValidationException", invalid + "An string set  may not be empty"),
        (#"{"L":[{"NS":[]}]}"#, "ValidationException", invalid + "An number set  may not be empty"),
        (#"{"SS":["a","a"]}"#, "ValidationException", invalid + "Input collection [a, a] contains duplicates."),
        (#"{"NS":["1","1.0"]}"#, "ValidationException", nil), (#"{"BS":["AA==","AA=="]}"#, "ValidationException", nil),
        (#"{"N":""}"#, "ValidationException", nil),
        (#"{"N":"abc"}"#, "ValidationException", "The parameter cannot be converted to a numeric value: abc"),
        (#"{"N":" 1"}"#, "ValidationException", "The parameter cannot be converted to a numeric value:  1"),
        (#"{"N":"NaN"}"#, "ValidationException", "The parameter cannot be converted to a numeric value: NaN"),
        (
            #"{"N":"1E+126"}"#, "ValidationException",
            "Number overflow. Attempting to store a number with magnitude larger than supported range"
        ),
        (
            #"{"N":"1E-131"}"#, "ValidationException",
            "Number underflow. Attempting to store a number with magnitude smaller than supported range"
        ),
        (
            #"{"N":"123456789012345678901234567890123456789"}"#, "ValidationException",
            "Attempting to store more than 38 significant digits in a Number"
        ),
        (#"{"M":{"a":{"S":"1"},"\u0061":{"S":"2"}}}"#, "SerializationException", nil),
    ]

    @Test func valuesThatCannotBeAreRefusedInTheServicesWords() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            for (value, name, message) in Self.faults {
                do {
                    try fixture.call("PutItem", json: #"{"TableName":"table","Item":{"pk":{"S":"a"},"v":\#(value)}}"#)
                    Issue.record("\(value) was taken")
                } catch let fault as Fault {
                    #expect(fault.name == name && (message == nil || fault.message == message), "\(value): \(fault)")
                }
            }
            #expect(try fixture.call("Scan", ["TableName": "table"])["Count"] == 0)
        }
    }

    @Test func nestingEndsAtTheThirtySecondLevel() async throws {
        func nested(_ wraps: Int) -> JSONValue { (0..<wraps).reduce(string("leaf")) { value, _ in ["M": ["n": value]] } }
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            try fixture.put("table", ["pk": string("a"), "v": nested(31)])
            #expect(
                try fixture.fault("PutItem", ["TableName": "table", "Item": ["pk": string("b"), "v": nested(32)]])
                    == .validation(
                        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"))
        }
    }

    @Test func itemsEndAt400KBOfNamesAndValues() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            func item(_ length: Int) -> JSONValue { ["pk": string("é"), "v": string(String(repeating: "é", count: length))] }
            try fixture.put("table", item((409_600 - 5) / 2))
            #expect(
                try fixture.fault("PutItem", ["TableName": "table", "Item": item((409_600 - 5) / 2 + 1)])
                    == .validation("Item size has exceeded the maximum allowed size"))
        }
    }

    private static let mismatch = "The provided key element does not match the schema"
    private static let empty = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "

    static let keyFaults: [(String, JSONValue, String)] = [
        ("PutItem", ["sk": number(1)], invalid + "Missing the key pk in the item"),
        ("PutItem", ["pk": string("a")], invalid + "Missing the key sk in the item"),
        ("PutItem", ["pk": number(1), "sk": number(1)], invalid + "Type mismatch for key pk expected: S actual: N"),
        ("PutItem", ["pk": string("a"), "sk": ["BOOL": true]], invalid + "Type mismatch for key sk expected: N actual: BOOL"),
        ("PutItem", ["pk": string(""), "sk": number(1)], empty + "string value. Key: pk"),
        (
            "PutItem", ["pk": string(String(repeating: "k", count: 2049)), "sk": number(1)],
            invalid + "Size of hashkey has exceeded the maximum size limit of2048 bytes"
        ),
        (
            "PutItem", ["pk": string("a"), "sk": number(1), "g": number(1)],
            invalid + "Type mismatch for Index Key g Expected: S Actual: N IndexName: index"
        ),
        (
            "PutItem", ["pk": string("a"), "sk": number(1), "g": string("")],
            "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for "
                + "a key attribute cannot contain an empty string value. IndexName: index, IndexKey: g"
        ),
        ("GetItem", ["pk": string("a")], mismatch), ("GetItem", ["pk": string("a"), "sk": string("1")], mismatch),
        ("GetItem", ["pk": string("a"), "sk": number(1), "x": number(1)], mismatch),
        ("GetItem", ["pk": string("a"), "x": number(1)], mismatch),
        ("DeleteItem", ["pk": string("a")], mismatch),
        ("DeleteItem", ["pk": string(""), "sk": number(1)], empty + "string value. Key: pk"),
    ]

    @Test func keysThatDoNotFitAreRefusedInTheServicesWords() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable(
                "table", "pk:S", "sk:N", more: ["GlobalSecondaryIndexes": [Fixture.index("index", ["g"])]], attributes: ["g:S"])
            for (operation, key, message) in Self.keyFaults {
                let member = operation == "PutItem" ? "Item" : "Key"
                let request = JSONValue.object([.init("TableName", "table"), .init(member, key)])
                #expect(try fixture.fault(operation, request) == .validation(message))
            }
            try fixture.put("table", ["pk": string(String(repeating: "k", count: 2048)), "sk": number(1)])
            try fixture.createTable("ranges", "pk:S", "sk:B")
            func request(_ zeros: Int) -> JSONValue {
                [
                    "TableName": "ranges",
                    "Item": ["pk": string("a"), "sk": ["B": .string(String(repeating: "AAAA", count: zeros) + "AA==")]],
                ]
            }
            try fixture.call("PutItem", request(341))
            #expect(
                try fixture.fault("PutItem", request(342))
                    == .validation(Self.invalid + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"))
            #expect(
                try fixture.fault("PutItem", ["TableName": "ranges", "Item": ["pk": string("a"), "sk": ["B": ""]]])
                    == .validation(Self.empty + "binary value. Key: sk"))
        }
    }

    @Test func tableNamesAreCheckedBeforeEverythingElse() async throws {
        let constraint = "failed to satisfy constraint: Member must"
        try await Fixture.run { fixture in
            for (name, message) in [
                (nil, "Value null at 'tableName' \(constraint) not be null"),
                ("", "Value '' at 'tableName' \(constraint) have length greater than or equal to 1"),
                ("bad table!", "Value 'bad table!' at 'tableName' \(constraint) satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
                (
                    String(repeating: "a", count: 256),
                    "Value '\(String(repeating: "a", count: 256))' at 'tableName' \(constraint) have length less than or equal to 255"
                ),
            ] as [(String?, String)] {
                let request: JSONValue = [
                    "TableName": name.map { .string($0) } ?? .null, "Item": ["pk": string("a")], "ReturnValues": "NONSENSE",
                ]
                #expect(try fixture.fault("PutItem", request) == .validation("1 validation error detected: " + message))
            }
            let three = try fixture.fault(
                "PutItem",
                [
                    "TableName": "none", "Item": ["pk": string("a")], "ReturnValues": "X", "ReturnConsumedCapacity": "Y",
                    "ReturnItemCollectionMetrics": "Z",
                ])
            let message = try #require(three?.message)
            #expect(message.hasPrefix("3 validation errors detected: "))
            #expect(["'returnValues'", "'returnConsumedCapacity'", "'returnItemCollectionMetrics'"].allSatisfy(message.contains))
            let missing = Fault(name: "ResourceNotFoundException", message: "Requested resource not found")
            for (operation, member) in [("PutItem", "Item"), ("GetItem", "Key"), ("DeleteItem", "Key")] {
                let request = JSONValue.object([.init("TableName", "none"), .init(member, ["pk": string("a")])])
                #expect(try fixture.fault(operation, request) == missing)
            }
        }
    }

    @Test func whatIsNotSupportedIsRefusedByName() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            for (operation, member, parameter) in [
                ("PutItem", "Item", "UpdateExpression"), ("DeleteItem", "Key", "AttributeUpdates"),
                ("GetItem", "Key", "ConditionExpression"),
                ("UpdateItem", "Key", "ProjectionExpression"),
            ] {
                let request = JSONValue.object([
                    .init("TableName", "table"), .init(member, ["pk": string("a")]), .init(parameter, "x"),
                ])
                #expect(
                    try fixture.fault(operation, request)
                        == .validation("\(operation): this endpoint does not support the parameter \(parameter) yet; leave it out"))
            }
            #expect(try fixture.call("Scan", ["TableName": "table"])["Count"] == 0)
        }
    }

    @Test func oldValuesAreReturnedWhenAskedFor() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            func put(_ value: Int, _ values: String) throws -> JSONValue {
                try fixture.call(
                    "PutItem",
                    ["TableName": "table", "Item": ["pk": string("a"), "v": number(value)], "ReturnValues": .string(values)])
            }
            #expect(try put(1, "ALL_OLD") == [:])
            #expect(try put(2, "ALL_OLD") == ["Attributes": ["pk": string("a"), "v": number(1)]])
            #expect(try put(3, "NONE") == [:])
            #expect(throws: Fault.validation("Return values set to invalid value")) { try put(4, "ALL_NEW") }
            let delete: JSONValue = ["TableName": "table", "Key": ["pk": string("a")], "ReturnValues": "ALL_OLD"]
            #expect(try fixture.call("DeleteItem", delete) == ["Attributes": ["pk": string("a"), "v": number(3)]])
            #expect(try fixture.call("DeleteItem", delete) == [:])
            #expect(try fixture.get("table", ["pk": string("a")]) == nil)
        }
    }
}
