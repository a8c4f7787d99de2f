import SaltmillBytes

/// A statement with what it is given.
struct StatementRequest {
    /// Longest statement in characters (API Reference, "ExecuteStatement").
    private static let maximumLength = 8192

    static let parameters: Set<String> = ["Statement", "Parameters", "ConsistentRead", "ReturnValuesOnConditionCheckFailure"]

    let text: String
    let parameters: [ItemValue]
    let consistent: Bool
    let returnsOldOnFailure: Bool
    /// Names the statement with its parameters.
    let digest: SHA256Digest

    /// - Parameter place: where the statement's members lie in the request, a point behind it.
    init(_ body: RequestBody, at place: String = "", _ constraints: inout Constraints, _ reader: inout ItemReader) throws {
        text = try body.string("Statement") ?? ""
        if !body.has("Statement") {
            constraints.violated("null", at: "\(place)statement", "not be null")
        } else if text.isEmpty {
            constraints.violated("''", at: "\(place)statement", "have length greater than or equal to 1")
        } else if text.unicodeScalars.count > Self.maximumLength {
            constraints.violated(
                "'[\(text.unicodeScalars.count) characters]'", at: "\(place)statement",
                "have length less than or equal to \(Self.maximumLength)")
        }
        let values = try body.value("Parameters")?.expectArray()
        if values?.isEmpty ?? false {
            constraints.violated("'[]'", at: "\(place)parameters", "have length greater than or equal to 1")
        }
        parameters = try (values ?? []).map { try reader.readValue($0) }
        consistent = try body.bool("ConsistentRead") ?? false
        let onFailure = constraints.check(
            try body.string("ReturnValuesOnConditionCheckFailure"), at: "\(place)returnValuesOnConditionCheckFailure",
            ReturnValuesOnFailure.self)
        returnsOldOnFailure = onFailure == .allOld
        digest = Digests.sha256((Array(text.utf8) + JSONValue.array(values ?? []).bytes).span)
    }

    func parsed() throws -> PartiQLStatement { try PartiQLParser.parse(text, parameters) }
}
