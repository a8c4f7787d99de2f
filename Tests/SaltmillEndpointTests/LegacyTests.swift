import SaltmillBytes
import Testing

/// The parameters from before there were expressions.
@Suite struct LegacyTests {
    /// Conditions on the attribute `n`, which is 5, and whether they are met.
    static let conditions: [(JSONValue, Bool)] = [
        (["ComparisonOperator": "EQ", "AttributeValueList": [number(5)]], true),
        (["ComparisonOperator": "NE", "AttributeValueList": [number(5)]], false),
        (["ComparisonOperator": "LT", "AttributeValueList": [number(6)]], true),
        (["ComparisonOperator": "GE", "AttributeValueList": [number(6)]], false),
        (["ComparisonOperator": "BETWEEN", "AttributeValueList": [number(1), number(5)]], true),
        (["ComparisonOperator": "IN", "AttributeValueList": [number(1), number(5)]], true),
        (["ComparisonOperator": "NULL"], false), (["ComparisonOperator": "NOT_NULL"], true), (["Value": number(5)], true),
        (["Exists": true, "Value": number(6)], false), (["Exists": false], false),
    ]

    @Test func expectedIsACondition() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            for (condition, isMet) in Self.conditions {
                try fixture.put("table", ["pk": string("a"), "n": number(5)])
                let fault = try fixture.fault(
                    "DeleteItem", ["TableName": "table", "Key": ["pk": string("a")], "Expected": ["n": condition]])
                #expect(isMet ? fault == nil : fault?.name == "ConditionalCheckFailedException", "\(condition)")
            }
            #expect(
                try fixture.fault("DeleteItem", ["TableName": "table", "Key": ["pk": string("a")], "Expected": ["n": ["Exists": true]]])
                    == .validation("One or more parameter values were invalid: Value must be provided when Exists is true for Attribute: n")
            )
        }
    }

    @Test func filtersAndProjectionsOfTheOldFormMeanTheSame() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S", "sk:N")
            for index in 0..<6 {
                try fixture.put("table", ["pk": string("a"), "sk": number(index), "v": number(index % 3), "w": string("x")])
            }
            let isOne: JSONValue = ["ComparisonOperator": "EQ", "AttributeValueList": [number(1)]]
            let isTwo: JSONValue = ["ComparisonOperator": "GT", "AttributeValueList": [number(1)]]
            let scan = try fixture.call("Scan", ["TableName": "table", "ScanFilter": ["v": isOne], "AttributesToGet": ["sk"]])
            #expect(scan == ["Items": [["sk": number(1)], ["sk": number(4)]], "Count": 2, "ScannedCount": 6])
            let query = try fixture.call(
                "Query",
                [
                    "TableName": "table", "QueryFilter": ["v": isOne, "w": isTwo], "ConditionalOperator": "OR", "Select": "COUNT",
                    "KeyConditions": ["pk": ["ComparisonOperator": "EQ", "AttributeValueList": [string("a")]]],
                ])
            #expect(query == ["Count": 2, "ScannedCount": 6])
        }
    }

    @Test func attributeUpdatesAreUpdates() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            try fixture.put("table", ["pk": string("a"), "n": number(5), "gone": string("x"), "set": ["SS": ["x", "y"]]])
            let new = try fixture.call(
                "UpdateItem",
                [
                    "TableName": "table", "Key": ["pk": string("a")], "ReturnValues": "ALL_NEW",
                    "AttributeUpdates": [
                        "n": ["Action": "ADD", "Value": number(2)], "gone": ["Action": "DELETE"], "new": ["Value": string("y")],
                        "set": ["Action": "DELETE", "Value": ["SS": ["x"]]],
                    ],
                ])["Attributes"]
            #expect(new?.sorted == ["n": number(7), "new": string("y"), "pk": string("a"), "set": ["SS": ["y"]]])
        }
    }

    @Test func bothFormsInOneRequestAreRefused() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            #expect(
                try fixture.fault(
                    "PutItem",
                    [
                        "TableName": "table", "Item": ["pk": string("a")], "Expected": ["pk": ["Exists": false]],
                        "ConditionExpression": "attribute_not_exists(pk)",
                    ])
                    == .validation(
                        "Can not use both expression and non-expression parameters in the same request: "
                            + "Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}"))
        }
    }
}
