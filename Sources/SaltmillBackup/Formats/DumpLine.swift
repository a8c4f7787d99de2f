import SaltmillBytes

/// Where the item stands in a line of an export to S3.
enum DumpLine {
    /// The item of `{"Item":{…}}`.
    static func item(_ line: Span<UInt8>) throws(JSONError) -> Range<Int> {
        let prefix: StaticString = "{\"Item\":"
        let isPlain =
            line.count > prefix.utf8CodeUnitCount && line[line.count - 1] == UInt8(ascii: "}")
            && (0..<prefix.utf8CodeUnitCount).allSatisfy { line[$0] == prefix.utf8Start[$0] }
        // What stands between is read as an item in any case, so that nothing needs to be looked at twice.
        if isPlain { return prefix.utf8CodeUnitCount..<(line.count - 1) }
        var item: Range<Int>?
        try members(line) { name, value in if name == "Item" { item = value } else { item = nil } }
        guard let item else { throw JSONError(.trailing, at: 0) }
        return item
    }

    /// The new image of a change, or where there is none, the keys of what was deleted.
    static func change(_ line: Span<UInt8>) throws(JSONError) -> (Range<Int>, DumpedItem.Kind) {
        var keys: Range<Int>?
        var image: Range<Int>?
        try members(line) { name, value in
            if name == "Keys" { keys = value }
            if name == "NewImage" { image = value }
        }
        guard let keys else { throw JSONError(.trailing, at: 0) }
        return image.map { ($0, .put) } ?? (keys, .delete)
    }

    private static func members(_ line: Span<UInt8>, _ body: (String, Range<Int>) -> Void) throws(JSONError) {
        var scanner = JSONScanner()
        if try scanner.enterObject(line) {
            repeat {
                let name = JSONScanner.value(of: try scanner.memberName(line), in: line)
                _ = try scanner.peek(line)
                let start = scanner.index
                try scanner.skipValue(line)
                body(name, start..<scanner.index)
            } while try scanner.nextMember(line)
        }
        try scanner.expectEnd(line)
    }
}
