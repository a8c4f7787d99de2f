/// Request ids as the service makes them: 52 digits and capital letters.
struct RequestIDs {
    private static let characters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)

    /// State of a SplitMix64 generator: an id need only differ from the others.
    private var state = UInt64.random(in: .min ... .max)

    mutating func next() -> String {
        String(unsafeUninitializedCapacity: 52) { buffer in
            var word: UInt64 = 0
            for index in 0..<52 {
                if index % 12 == 0 { word = nextWord() }
                buffer[index] = Self.characters[Int(word % 36)]
                word /= 36
            }
            return 52
        }
    }

    private mutating func nextWord() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
