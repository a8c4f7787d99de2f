import SaltmillBytes

/// The lines of a text as records, the members of their objects as cells.
struct JSONRecords: RecordLexing {
    /// How many objects and arrays may be open in a line: more than any item can have, and no more than the stack bears.
    private static let maximumDepth = 128

    private let format: JSONLinesFormat
    private var names: MemberNames
    /// The cells of the last record, from its start.
    private var cells: [Cell]
    private var isPresent: [Bool]
    private var problem: RowFault?
    /// How much of the record at hand has been searched for a line end.
    private var searched = 0
    /// Where `Item` is no column it is a wrapping around the item.
    private let mayBeWrapped: Bool

    init(_ format: JSONLinesFormat) {
        self.format = format
        names = MemberNames(format.columns)
        cells = Array(repeating: .absent, count: format.columns.count)
        isPresent = Array(repeating: false, count: format.columns.count)
        mayBeWrapped = format.isTyped && !format.columns.contains("Item")
    }

    var columnCount: Int { cells.count }

    func fault() -> RowFault { problem ?? RowFault(JSONError(.unexpectedEnd, at: 0)) }

    func appendCells(_ bytes: Span<UInt8>, at start: Int, _ shift: Int, to batch: inout RowBatch) {
        let offset = UInt32(shift + start)
        for cell in cells { batch.cells.append(Cell(offset: offset + cell.offset, length: cell.length, flags: cell.flags)) }
    }

    mutating func next(_ bytes: Span<UInt8>, from start: Int, isEnd: Bool) -> RecordStep {
        let lineEnd = CSVLexer.endOfLine(bytes, from: start + searched)
        let available = (lineEnd ?? bytes.count) - start
        guard available <= format.maximumRecordLength else {
            searched = 0
            problem = RowFault(
                "json.length",
                "the line is longer than \(format.maximumRecordLength) bytes, of which only the first are kept; shorten it")
            let length = format.maximumRecordLength
            return .faulty(RecordExtent(length: length, consumed: length, lines: 0, isCut: true))
        }
        guard lineEnd != nil || isEnd else {
            searched = available
            return .needsMore
        }
        searched = 0
        guard available > 0 else { return .end }

        var length = available
        while length > 0, Self.isSpace(bytes[start + length - 1]) { length -= 1 }
        guard length > 0 else { return .blank(consumed: available) }
        let extent = RecordExtent(length: length, consumed: available, lines: lineEnd == nil ? 0 : 1)
        do {
            try read(bytes.extracting(start..<start + length))
            return .record(extent)
        } catch let error as JSONError {
            problem = RowFault(error)
        } catch {
            problem = error as? RowFault
        }
        return .faulty(extent)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    // MARK: Objects

    private mutating func read(_ text: Span<UInt8>) throws {
        for column in cells.indices {
            cells[column] = .absent
            isPresent[column] = false
        }
        var scanner = JSONScanner(maximumDepth: Self.maximumDepth)
        guard try scanner.peek(text) == UInt8(ascii: "{") else {
            throw RowFault("json.object", "the line is no JSON object; write each row as an object of its own on one line")
        }
        if mayBeWrapped, var inner = try enterWrapping(scanner, text) {
            try readMembers(&inner, text)
            guard try !inner.nextMember(text) else {
                throw RowFault("json.member", "the line has another member beside Item; a line is an item, or an object with Item alone")
            }
            scanner = inner
        } else {
            try readMembers(&scanner, text)
        }
        try scanner.expectEnd(text)
    }

    /// A scanner in front of the item that the line wraps in a member `Item`; nil when it does not.
    private func enterWrapping(_ scanner: JSONScanner, _ text: Span<UInt8>) throws(JSONError) -> JSONScanner? {
        var scanner = scanner
        guard try scanner.enterObject(text) else { return nil }
        let name = try scanner.memberName(text)
        guard text.extracting(name.range).bytesEqual("Item"), try scanner.peek(text) == UInt8(ascii: "{") else { return nil }
        return scanner
    }

    private mutating func readMembers(_ scanner: inout JSONScanner, _ text: Span<UInt8>) throws {
        guard try scanner.enterObject(text) else { return }
        var previous: Int?
        repeat {
            let name = try scanner.memberName(text)
            guard let column = names.column(name, in: text, after: previous) else { throw RowFault(unknownMember: name, in: text) }
            guard !isPresent[column] else {
                throw RowFault(
                    "json.duplicate", "the member \(format.columns[column]) stands twice in the line; remove one of them",
                    attribute: format.columns[column])
            }
            isPresent[column] = true
            cells[column] = format.isTyped ? try typedCell(&scanner, text, column) : try plainCell(&scanner, text)
            previous = column
        } while try scanner.nextMember(text)
    }

    // MARK: Values

    @inline(__always)
    private func plainCell(_ scanner: inout JSONScanner, _ text: Span<UInt8>) throws(JSONError) -> Cell {
        switch try scanner.peek(text) {
        case UInt8(ascii: "\""):
            let token = try scanner.string(text)
            return Cell(token.range, token.isEscaped ? [.quoted, .backslashes] : .quoted)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let start = scanner.index
            try scanner.skipValue(text)
            return Cell(start..<scanner.index, .document)
        case UInt8(ascii: "n"):
            try scanner.null(text)
            return .absent
        case UInt8(ascii: "t"), UInt8(ascii: "f"):
            let start = scanner.index
            _ = try scanner.bool(text)
            return Cell(start..<scanner.index, [])
        default:
            return Cell(try scanner.number(text), [])
        }
    }

    /// A value in DynamoDB JSON: an object whose one member is named like the value's type.
    private func typedCell(_ scanner: inout JSONScanner, _ text: Span<UInt8>, _ column: Int) throws -> Cell {
        guard try scanner.peek(text) == UInt8(ascii: "{"), try scanner.enterObject(text) else { throw untyped(column) }
        let type = text.extracting(try scanner.memberName(text).range)
        let first = try scanner.peek(text)
        let cell: Cell
        if type.bytesEqual("S") || type.bytesEqual("N") || type.bytesEqual("B") {
            guard first == UInt8(ascii: "\"") else { throw untyped(column) }
            cell = try plainCell(&scanner, text)
        } else if type.bytesEqual("BOOL") {
            guard first == UInt8(ascii: "t") || first == UInt8(ascii: "f") else { throw untyped(column) }
            cell = try plainCell(&scanner, text)
        } else if type.bytesEqual("NULL") {
            guard first == UInt8(ascii: "t") else { throw untyped(column) }
            _ = try scanner.bool(text)
            cell = .absent
        } else if type.bytesEqual("M") || type.bytesEqual("L") {
            guard first == (type.bytesEqual("M") ? UInt8(ascii: "{") : UInt8(ascii: "[")) else { throw untyped(column) }
            let start = scanner.index
            try scanner.skipValue(text)
            cell = Cell(start..<scanner.index, [.document, .typed])
        } else if type.bytesEqual("SS") || type.bytesEqual("NS") || type.bytesEqual("BS") {
            guard first == UInt8(ascii: "[") else { throw untyped(column) }
            cell = try plainCell(&scanner, text)
        } else {
            throw untyped(column)
        }
        guard try !scanner.nextMember(text) else { throw untyped(column) }
        return cell
    }

    private func untyped(_ column: Int) -> RowFault {
        let name = format.columns[column]
        return RowFault(
            "json.type", "\(name) is no value in DynamoDB JSON such as {\"S\":\"text\"}; correct it, or read the file as `format: jsonl`",
            attribute: name)
    }
}

extension Cell {
    /// What stands for a member that is missing or null.
    fileprivate static let absent = Cell(offset: 0, length: 0, flags: .null)

    fileprivate init(_ range: Range<Int>, _ flags: Flags) {
        self.init(offset: UInt32(range.lowerBound), length: UInt32(range.count), flags: flags)
    }
}

extension Span<UInt8> {
    fileprivate func bytesEqual(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index] != text.utf8Start[index] { return false }
        return true
    }
}
