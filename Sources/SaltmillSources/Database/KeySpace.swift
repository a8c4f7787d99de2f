import SaltmillBytes

/// Keys between two others, made without looking at rows: where to cut a table, and where to look into it.
///
/// Nothing depends on how good the guesses are: a database is asked for the first row behind each.
package enum KeySpace {
    /// Values of a key's first column that lie about evenly between two others; none for columns whose values cannot be guessed.
    /// - Parameters:
    ///   - parts: one more than there are values.
    package static func cuts(from low: [UInt8], to high: [UInt8], of key: ResultColumn.KeyKind, parts: Int) -> [[UInt8]] {
        guard parts > 1, low != high else { return [] }
        switch key {
        case .signed, .unsigned:
            guard let low = position(of: low, key), let high = position(of: high, key), low < high else { return [] }
            return between(low, high, parts).map { text(of: $0, key) }
        case .text: return interpolated(low, high, parts, base: 0x20, digits: 0x5F, places: 8)
        case .bytes: return interpolated(low, high, parts, base: 0, digits: 256, places: 7)
        case .date, .other:
            if let first = Day(low), let last = Day(high), first.number < last.number {
                return between(first.place, last.place, parts).map { Day(place: $0).text }
            }
            return identifiers(low, high, parts)
        case .decimal, .none: return []
        }
    }

    /// A number's place among all numbers of its kind: order is kept, and numbers below zero come first.
    package static func position(of text: some Collection<UInt8>, _ key: ResultColumn.KeyKind) -> UInt64? {
        let text = String(decoding: text, as: UTF8.self)
        if key == .unsigned { return UInt64(text) }
        return Int64(text).map { UInt64(bitPattern: $0) ^ 1 << 63 }
    }

    /// The number at a place.
    package static func text(of position: UInt64, _ key: ResultColumn.KeyKind) -> [UInt8] {
        Array((key == .unsigned ? String(position) : String(Int64(bitPattern: position ^ 1 << 63))).utf8)
    }

    private static func between(_ low: UInt64, _ high: UInt64, _ parts: Int) -> [UInt64] {
        let (width, parts) = (high - low, UInt64(parts))
        var last = low
        return (1..<parts).compactMap { part in
            let cut = low + width / parts * part + width % parts * part / parts
            guard cut > last, cut < high else { return nil }
            last = cut
            return cut
        }
    }

    /// Interpolates where two values begin to differ, in digits of their own.
    private static func interpolated(
        _ low: [UInt8], _ high: [UInt8], _ parts: Int, base: UInt8, digits: UInt64, places: Int
    ) -> [[UInt8]] {
        let common = zip(low, high).prefix { $0 == $1 }.count
        func number(_ value: [UInt8]) -> UInt64 {
            (0..<places).reduce(0) { sum, place in
                let byte = common + place < value.count ? value[common + place] : base
                return sum * digits + min(UInt64(byte < base ? 0 : byte - base), digits - 1)
            }
        }
        let (first, last) = (number(low), number(high))
        guard first < last else { return [] }
        return between(first, last, parts).map { cut in
            var (rest, tail) = (cut, [UInt8]())
            for _ in 0..<places {
                tail.append(base + UInt8(rest % digits))
                rest /= digits
            }
            return Array(low[..<common]) + tail.reversed()
        }
    }

    /// Interpolates UUIDs.
    private static func identifiers(_ low: [UInt8], _ high: [UInt8], _ parts: Int) -> [[UInt8]] {
        func number(_ value: [UInt8]) -> UInt64? {
            let digits = value.filter { $0 != UInt8(ascii: "-") }
            guard value.count == 36, digits.count == 32 else { return nil }
            return UInt64(String(decoding: digits.prefix(16), as: UTF8.self), radix: 16)
        }
        guard let first = number(low), let last = number(high), first < last else { return [] }
        return between(first, last, parts).map { cut in
            let digits = String(cut, radix: 16)
            let text = String(repeating: "0", count: 16 - digits.count) + digits + String(repeating: "0", count: 16)
            var identifier = Array(text.utf8)
            for place in [20, 16, 12, 8] { identifier.insert(UInt8(ascii: "-"), at: place) }
            return identifier
        }
    }

    // MARK: Samples

    /// Like ``cuts(from:to:of:parts:)``, but each value stands somewhere in its part: what repeats at even distances is met at all its stages.
    package static func scattered(from low: [UInt8], to high: [UInt8], of key: ResultColumn.KeyKind, parts: Int) -> [[UInt8]] {
        let fine = cuts(from: low, to: high, of: key, parts: parts * 64)
        guard parts > 1, fine.count >= parts * 4 else { return cuts(from: low, to: high, of: key, parts: parts) }
        let width = Double(fine.count) / Double(parts)
        return (1..<parts).map { part in
            // Multiples of the golden ratio are spread evenly, and never in step with anything.
            let place = (Double(part) * 0.618_033_988_749_894_9).truncatingRemainder(dividingBy: 1)
            return fine[Int((Double(part) + place) * width)]
        }
    }

    /// At how many places to look for so many rows.
    static func points(for rows: Int) -> Int { max(min(rows, 200), 1) }

    /// How many rows to take at one of these places.
    static func rows(at point: Int, of points: Int, in rows: Int) -> Int { rows * (point + 1) / points - rows * point / points }
}

/// A day of the Gregorian calendar, counted from 1970-01-01.
private struct Day {
    var number: Int64

    /// The day's place among all days.
    var place: UInt64 { UInt64(bitPattern: number) ^ 1 << 63 }

    init(place: UInt64) { number = Int64(bitPattern: place ^ 1 << 63) }

    /// The day that a text begins with: `2013-12-31`.
    init?(_ text: [UInt8]) {
        let parts = String(decoding: text.prefix(10), as: UTF8.self).split(separator: "-").map { Int64($0) }
        guard text.count >= 10, parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2], (1...12).contains(month),
            (1...31).contains(day), year >= 1
        else { return nil }
        // Years begin in March, so that a leap day is the last one (Howard Hinnant, "chrono-compatible low-level date algorithms").
        let shifted = month > 2 ? year : year - 1
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        number = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + ofYear - 719_468
    }

    var text: [UInt8] {
        let days = number + 719_468
        let era = days / 146_097
        let ofEra = days % 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let shifted = (5 * ofYear + 2) / 153
        let (month, day) = (shifted < 10 ? shifted + 3 : shifted - 9, ofYear - (153 * shifted + 2) / 5 + 1)
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(width - digits.count, 0)) + digits
        }
        return Array("\(padded(year + era * 400 + (month <= 2 ? 1 : 0), 4))-\(padded(month, 2))-\(padded(day, 2))".utf8)
    }
}
