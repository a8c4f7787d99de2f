/// What a write waits behind: a value of the table's hash key or of an index's, or only itself.
package enum KeyLane {
    /// The lane of one value of a hash key: the table's own value as it is, an index's mixed with the index's number, so that equal values of
    /// two indexes are two lanes.
    /// - Parameters:
    ///   - resource: 0 for the table, *i* + 1 for global index *i*.
    ///   - value: the hash of the value.
    package static func of(resource: Int, value: UInt64) -> UInt64 {
        resource == 0 ? value : mixed(value &+ UInt64(resource) &* 0x9E37_79B9_7F4A_7C15)
    }

    /// The lane of a write whose refusal no value is to blame for.
    static func alone(_ key: UInt64) -> UInt64 { mixed(~key) }

    /// Finalizer of SplitMix64 (Steele, Lea, Flood, 2014): every bit of the input tells on every bit of the output.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
