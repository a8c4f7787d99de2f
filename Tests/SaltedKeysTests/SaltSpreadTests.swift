import Foundation
import SaltedKeys
import Testing

/// Shards of keys as they come in practice are filled as chance would fill them.
@Suite struct SaltSpreadTests {
    enum Keys: String, CaseIterable {
        case ids, dates, uuids, emails

        func make(_ count: Int) -> [String] {
            switch self {
            case .ids: return (1...count).map(String.init)
            case .dates:
                let start = Date(timeIntervalSince1970: 946_684_800)
                return (0..<count).map { String((start + 3600 * Double($0)).formatted(.iso8601).prefix(16)) }
            case .uuids:
                var state: UInt64 = 0
                return (0..<count).map { _ in
                    let digits = [Self.next(&state), Self.next(&state)].map { String(format: "%016lx", $0) }.joined()
                    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)].map { String(Array(digits)[$0.0..<$0.1]) }
                    return "\(parts[0])-\(parts[1])-4\(parts[2].dropFirst())-a\(parts[3].dropFirst())-\(parts[4])"
                }
            case .emails: return (0..<count).map { "user\($0)@example.com" }
            }
        }

        /// SplitMix64.
        private static func next(_ state: inout UInt64) -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
    }

    @Test(arguments: Keys.allCases) func noShardStandsOut(keys: Keys) {
        let count = 100_000
        var identity = SaltIdentity()
        let words = keys.make(count).map { key in
            identity.removeAll()
            identity.append(string: key)
            return Int(SHA256.firstWord(of: identity.bytes.span))
        }
        for shards in [10, 16, 100, 200, 256, 1000] {
            var held = [Int](repeating: 0, count: shards)
            for word in words { held[word % shards] += 1 }
            let expected = Double(count) / Double(shards)
            let statistic = held.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
            #expect(statistic < Self.critical(degreesOfFreedom: Double(shards - 1)), "\(keys), \(shards) shards")
        }
    }

    /// The chi-square statistic that chance exceeds once in a thousand times (Wilson and Hilferty's approximation).
    private static func critical(degreesOfFreedom degrees: Double) -> Double {
        let term = 2 / (9 * degrees)
        return degrees * pow(1 - term + 3.0902 * term.squareRoot(), 3)
    }

    @Test func theCriticalValueIsTheTables() {
        // Tables give 27.877 for 9 and 148.230 for 99 degrees of freedom.
        #expect(abs(Self.critical(degreesOfFreedom: 9) - 27.877) < 0.2)
        #expect(abs(Self.critical(degreesOfFreedom: 99) - 148.230) < 0.2)
    }
}
