import SaltmillBytes
import SaltmillItems

/// Items as AWS Data Pipeline and the EMR connector's export tool wrote them: DynamoDB JSON with the types in the spelling of an old Java
/// library, first letter lower, the rest upper (`s`, `n`, `sS`, `bOOL`, `nULL`; from older versions `nULLValue`).
enum PipelineItem {
    private static let spellings: [String: StaticString] = [
        "s": "S", "n": "N", "b": "B", "sS": "SS", "nS": "NS", "bS": "BS", "m": "M", "l": "L", "bOOL": "BOOL", "nULL": "NULL",
        "nULLValue": "NULL",
    ]

    /// Gives the types of an item their names of the wire, in place; a name that becomes shorter leaves white space behind it.
    static func respell(_ bytes: inout [UInt8], _ range: Range<Int>) throws(ItemFault) {
        var names: [(Range<Int>, StaticString)] = []
        do throws(JSONError) {
            let item = bytes.span.extracting(range)
            var scanner = JSONScanner()
            try members(&scanner, item, &names)
            try scanner.expectEnd(item)
        } catch {
            throw ItemFault(.json(error.kind), at: error.offset)
        }
        for (token, name) in names {
            let start = range.lowerBound + token.lowerBound
            for offset in 0..<name.utf8CodeUnitCount { bytes[start + offset] = name.utf8Start[offset] }
            guard name.utf8CodeUnitCount < token.count else { continue }
            bytes[start + name.utf8CodeUnitCount] = UInt8(ascii: "\"")
            for position in (start + name.utf8CodeUnitCount + 1)...(range.lowerBound + token.upperBound) { bytes[position] = 0x20 }
        }
    }

    /// True when a type has one of the old names.
    static func isType(_ name: String) -> Bool { spellings[name] != nil }

    private static func members(
        _ scanner: inout JSONScanner, _ item: Span<UInt8>, _ names: inout [(Range<Int>, StaticString)]
    ) throws(JSONError) {
        guard try scanner.enterObject(item) else { return }
        repeat {
            _ = try scanner.memberName(item)
            try value(&scanner, item, &names)
        } while try scanner.nextMember(item)
    }

    private static func value(
        _ scanner: inout JSONScanner, _ item: Span<UInt8>, _ names: inout [(Range<Int>, StaticString)]
    ) throws(JSONError) {
        guard try scanner.enterObject(item) else { return }
        repeat {
            let type = try scanner.memberName(item)
            let name = JSONScanner.value(of: type, in: item)
            if !type.isEscaped, let wire = spellings[name] { names.append((type.range, wire)) }
            switch (name, try scanner.peek(item)) {
            case ("m", UInt8(ascii: "{")): try members(&scanner, item, &names)
            case ("l", UInt8(ascii: "[")):
                if try scanner.enterArray(item) {
                    repeat { try value(&scanner, item, &names) } while try scanner.nextElement(item)
                }
            default: try scanner.skipValue(item)
            }
        } while try scanner.nextMember(item)
    }
}
