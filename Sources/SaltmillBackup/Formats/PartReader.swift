import SaltmillBytes
package import SaltmillItems

/// Reads a part's items one after the other, in bounded memory, and checks at the end what the dump says of the part.
package struct PartReader: ~Copyable {
    private let part: DumpedPart
    private let isDigested: Bool
    private var window: TextWindow
    private var digester = ItemDigester()
    private var item = 0..<0
    /// How many items so far, those with faults among them, as the manifests of DynamoDB's exports count; ``digest`` is without these.
    package private(set) var count = 0
    /// How many of them have faults.
    package private(set) var faults = 0
    private var state = State.begin
    /// `Count` of a dynamodump page.
    private var pageCount: Int?
    /// The page says that others come behind it.
    private var hasLastKey = false

    private enum State { case begin, within, end }

    init(_ part: DumpedPart, isDigested: Bool) throws(DumpError) {
        self.part = part
        self.isDigested = isDigested
        window = TextWindow(try DumpInput(path: part.path, name: part.file, wantsMD5: part.md5 != nil), name: part.file)
    }

    /// Gives back the room that a large item took; there is no current item then.
    mutating func trim() {
        item = 0..<0
        window.trim()
        digester.trim()
    }

    /// The digest of the items so far, those with faults left out.
    package var digest: ItemDigest { digester.digest }

    /// What reading over the current item has found; of no meaning when it has a fault.
    package var scanner: ItemScanner { _read { yield digester.scanner } }

    /// Lends the current item's JSON, without white space.
    package func withItem<Result>(_ body: (Span<UInt8>) -> Result) -> Result { window.withBytes(item, body) }

    /// Goes to the next item.
    /// - Returns: nil at the end of the part, where its checksum, its count and its digest have been found to be what the dump says.
    /// - Throws: ``DumpError`` for a file that is corrupt, cut off, or not what the dump says.
    package mutating func next() throws(DumpError) -> DumpedItem? {
        guard state != .end else { return nil }
        let found: (item: Range<Int>, offset: UInt64, kind: DumpedItem.Kind)?
        switch part.shape {
        case .page, .array: found = try element()
        default: found = try line()
        }
        guard let found else {
            state = .end
            try checkEnd()
            return nil
        }
        item = found.item
        count += 1
        let fault = prepare()
        if fault != nil {
            // What is not even JSON is no item with a fault, but a corrupt file.
            if let error = window.withBytes(item, Self.jsonFault) {
                throw DumpError(part.file, at: found.offset, "\(error.kind.rawValue), \(error.offset) bytes into the item")
            }
            faults += 1
        }
        return DumpedItem(kind: found.kind, offset: found.offset, fault: fault)
    }

    /// Why bytes are no JSON value; nil where they are one, or one that is nested deeper than can be told.
    private static func jsonFault(_ bytes: Span<UInt8>) -> JSONError? {
        var scanner = JSONScanner()
        do throws(JSONError) {
            try scanner.skipValue(bytes)
            try scanner.expectEnd(bytes)
            return nil
        } catch {
            return error.kind == .tooDeep ? nil : error
        }
    }

    /// Brings the current item's JSON into the shape of the wire, and reads it.
    private mutating func prepare() -> ItemFault? {
        do throws(ItemFault) {
            if part.shape == .pipelineLines {
                let item = item
                try window.change { (bytes) throws(ItemFault) in try PipelineItem.respell(&bytes, item) }
            }
            if part.shape == .page || part.shape == .array { compact() }
            try digester.read(window.bytes, item, counts: isDigested)
            if digester.scanner.hasSpace { compact() }
            return nil
        } catch {
            return error
        }
    }

    private mutating func compact() {
        let range = item
        let count = window.change { CompactJSON.compact(&$0, range) }
        item = range.lowerBound..<(range.lowerBound + count)
    }

    private mutating func line() throws(DumpError) -> (Range<Int>, UInt64, DumpedItem.Kind)? {
        while let line = try window.line() {
            let offset = window.offset(of: line.lowerBound)
            let trimmed = window.withBytes(line) { bytes in
                var end = bytes.count
                while end > 0, bytes[end - 1] <= 0x20 { end -= 1 }
                return line.lowerBound..<(line.lowerBound + end)
            }
            guard !trimmed.isEmpty else { continue }
            guard part.shape == .itemLines || part.shape == .changeLines else { return (trimmed, offset, .put) }
            do throws(JSONError) {
                let isChange = part.shape == .changeLines
                let (range, kind) = try window.withBytes(trimmed) { bytes throws(JSONError) in
                    isChange ? try DumpLine.change(bytes) : (try DumpLine.item(bytes), .put)
                }
                return ((trimmed.lowerBound + range.lowerBound)..<(trimmed.lowerBound + range.upperBound), offset, kind)
            } catch {
                throw DumpError(
                    part.file, at: offset + UInt64(error.offset),
                    error.kind == .trailing ? "the line is not of the form that its dump has" : error.kind.rawValue)
            }
        }
        return nil
    }

    /// The next element of the page or of the array.
    private mutating func element() throws(DumpError) -> (Range<Int>, UInt64, DumpedItem.Kind)? {
        if state == .begin {
            state = .within
            if part.shape == .array {
                try window.expect(UInt8(ascii: "["))
            } else {
                try window.expect(UInt8(ascii: "{"))
                guard try member() else {
                    throw DumpError(part.file, at: 0, "this is no page of a scan: it has no \"Items\"")
                }
            }
            if try window.peek() == UInt8(ascii: "]") { return try endOfElements() }
        } else {
            if try window.peek() == UInt8(ascii: "]") { return try endOfElements() }
            try window.expect(UInt8(ascii: ","))
        }
        let value = try window.value()
        return (value, window.offset(of: value.lowerBound), .put)
    }

    /// Reads the members of a page up to `Items`, whose array it opens; false when the page ends first.
    private mutating func member() throws(DumpError) -> Bool {
        guard try window.peek() != UInt8(ascii: "}") else {
            try window.expect(UInt8(ascii: "}"))
            return false
        }
        while true {
            let name = try text(window.value())
            try window.expect(UInt8(ascii: ":"))
            if name == "\"Items\"" {
                try window.expect(UInt8(ascii: "["))
                return true
            }
            let value = try window.value()
            if name == "\"Count\"" { pageCount = Int(text(value)) }
            if name == "\"LastEvaluatedKey\"" { hasLastKey = text(value) != "null" }
            guard try window.peek() == UInt8(ascii: ",") else {
                try window.expect(UInt8(ascii: "}"))
                return false
            }
            try window.expect(UInt8(ascii: ","))
        }
    }

    private func text(_ range: Range<Int>) -> String {
        window.withBytes(range) { String(decoding: $0.array, as: UTF8.self) }
    }

    private mutating func endOfElements() throws(DumpError) -> (Range<Int>, UInt64, DumpedItem.Kind)? {
        try window.expect(UInt8(ascii: "]"))
        if part.shape == .page {
            if try window.peek() == UInt8(ascii: ",") {
                try window.expect(UInt8(ascii: ","))
                guard try !member() else { throw DumpError(part.file, at: window.offset(of: window.start), "the page has \"Items\" twice") }
            } else {
                try window.expect(UInt8(ascii: "}"))
            }
            if part.isLastPage, hasLastKey {
                throw DumpError(part.file, "the page has a LastEvaluatedKey, so pages behind it are missing and the dump is not complete")
            }
            if let pageCount, pageCount != count {
                throw DumpError(part.file, "the page says that it has \(pageCount) items, and it has \(count)")
            }
        }
        guard try window.peek() == nil else {
            throw DumpError(part.file, at: window.offset(of: window.start), "there is text behind the end of the items")
        }
        return nil
    }

    private mutating func checkEnd() throws(DumpError) {
        if let expected = part.sha256, window.finishSHA256() != expected {
            throw DumpError(part.file, "its SHA-256 is not the one that the manifest names: the file was altered")
        }
        if let expected = part.md5, window.finishMD5() != expected {
            throw DumpError(part.file, "its MD5 is not the one that the manifest names: the file was altered")
        }
        if let expected = part.count, count != expected {
            throw DumpError(part.file, "the manifest says that it has \(expected) items, and it has \(count)")
        }
        if isDigested, let expected = part.digest, faults == 0, digest != expected {
            throw DumpError(part.file, "the digest of its items is not the one that the manifest names")
        }
    }
}
