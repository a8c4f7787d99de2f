import SaltmillPacing

/// What happened in a simulated world, as lines to read when a seed is replayed, and always as a digest that tells two histories apart.
final class Trace {
    let isPrinted: Bool
    private(set) var digest: UInt64 = 0

    init(isPrinted: Bool = false) { self.isPrinted = isPrinted }

    /// Notes a step. The text is made only when it is printed.
    func note(_ now: MonotonicTime, _ kind: UInt64, _ text: @autoclosure () -> String) {
        var random = SplitMix64(seed: digest ^ kind &* 0x9E37_79B9 ^ UInt64(bitPattern: now.nanoseconds))
        digest = random.next()
        guard isPrinted else { return }
        let milliseconds = String(now.nanoseconds / 1000 % 1_000_000 + 1_000_000).dropFirst()
        print("\(now.nanoseconds / 1_000_000_000).\(milliseconds)  \(text())")
    }
}
