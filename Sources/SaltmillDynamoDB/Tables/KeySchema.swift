/// A type that a key attribute can have.
package enum ScalarType: String, Hashable, Sendable, CaseIterable, Codable { case S, N, B }

/// A key attribute: its name and type.
package struct KeyAttribute: Hashable, Sendable, Codable {
    package var name: String
    package var type: ScalarType

    package init(_ name: String, _ type: ScalarType) {
        self.name = name
        self.type = type
    }
}

/// The key of a table or an index.
package struct KeySchema: Hashable, Sendable, Codable {
    package var hash: KeyAttribute
    package var range: KeyAttribute?

    package init(hash: KeyAttribute, range: KeyAttribute? = nil) {
        self.hash = hash
        self.range = range
    }
}
