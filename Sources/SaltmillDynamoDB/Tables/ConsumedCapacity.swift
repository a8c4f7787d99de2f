import SaltmillBytes

/// What an operation used up, in capacity units (Amazon DynamoDB API Reference, "ConsumedCapacity").
package struct ConsumedCapacity: Equatable, Sendable {
    package struct Index: Equatable, Sendable {
        package var name: String
        package var units: Double

        package init(_ name: String, _ units: Double) {
            self.name = name
            self.units = units
        }
    }

    /// All together, indexes included.
    package var total = 0.0
    /// The table alone; nil when the answer does not say.
    package var table: Double?
    package var globalIndexes: [Index] = []
    /// Drawn from the table's own throughput.
    package var localIndexes: [Index] = []

    package init() {}

    /// Reads one entry of an answer.
    /// - Throws: ``JSONError``, also when a number of units is no number.
    init(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(JSONError) {
        guard try scanner.enterObject(bytes) else { return }
        repeat {
            let name = try scanner.memberName(bytes)
            if name.matches("CapacityUnits", bytes) {
                total = try Self.number(&scanner, bytes)
            } else if name.matches("Table", bytes) {
                table = try Self.units(&scanner, bytes)
            } else if name.matches("GlobalSecondaryIndexes", bytes) {
                globalIndexes = try Self.indexes(&scanner, bytes)
            } else if name.matches("LocalSecondaryIndexes", bytes) {
                localIndexes = try Self.indexes(&scanner, bytes)
            } else {
                try scanner.skipValue(bytes)
            }
        } while try scanner.nextMember(bytes)
    }

    private static func indexes(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(JSONError) -> [Index] {
        guard try !scanner.takeNull(bytes) else { return [] }
        var indexes: [Index] = []
        guard try scanner.enterObject(bytes) else { return [] }
        repeat {
            let name = JSONScanner.value(of: try scanner.memberName(bytes), in: bytes)
            indexes.append(Index(name, try units(&scanner, bytes) ?? 0))
        } while try scanner.nextMember(bytes)
        return indexes
    }

    /// Reads `{"CapacityUnits":3.0}`.
    private static func units(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(JSONError) -> Double? {
        var units: Double?
        guard try !scanner.takeNull(bytes), try scanner.enterObject(bytes) else { return nil }
        repeat {
            if try scanner.memberName(bytes).matches("CapacityUnits", bytes) {
                units = try number(&scanner, bytes)
            } else {
                try scanner.skipValue(bytes)
            }
        } while try scanner.nextMember(bytes)
        return units
    }

    private static func number(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(JSONError) -> Double {
        let range = try scanner.number(bytes)
        let text = bytes.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        guard let value = Double(text), value.isFinite else { throw JSONError(.badNumber, at: range.lowerBound) }
        return value
    }
}

extension JSONScanner {
    /// Reads over `null` if that is what comes; true when it was.
    mutating func takeNull(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        guard try peek(bytes) == UInt8(ascii: "n") else { return false }
        try null(bytes)
        return true
    }
}
