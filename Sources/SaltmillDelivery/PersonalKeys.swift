import SaltmillBytes

/// Key attributes whose values tell of people: status, journal and messages name such a value by a keyed hash alone, always the same for a job.
package struct PersonalKeys: Sendable, Equatable {
    private let attributes: Set<String>
    private let secret: [UInt8]

    /// - Parameter secret: random bytes of the job's own.
    package init(_ attributes: Set<String>, secret: [UInt8]) {
        self.attributes = attributes
        self.secret = secret
    }

    /// A key attribute as DynamoDB JSON, `{"mail":{"S":"ann@example.org.7"}}`, as it may be told.
    func told(_ key: JSONValue.Member) -> JSONValue.Member {
        guard attributes.contains(key.name) else { return key }
        let code = Digests.hmacSHA256(key: secret.span, key.value.bytes.span).description.prefix(16)
        return .init(key.name, ["S": .string("hash:\(code)")])
    }
}
