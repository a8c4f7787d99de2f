import SaltmillBytes
import SaltmillSources

/// Where an attribute's text comes from, as ``RowTextReader`` knows it.
enum RowTextSource: Sendable {
    case column(Int)
    case template(Int)
    case constant(Int)
}

/// The text of one attribute of one row.
enum RowText {
    case null
    /// A range of the batch's bytes.
    case cell(Range<Int>)
    /// A range of the batch's bytes that holds a JSON array or object; `isTyped` when its inner values are in DynamoDB JSON.
    case document(Range<Int>, isTyped: Bool)
    /// ``RowTextReader/composed``.
    case composed
}

/// Finds or makes the text that an attribute's value is read from.
struct RowTextReader: Sendable {
    private enum Piece: Sendable {
        case literal([UInt8])
        case column(Int, zeroPaddedTo: Int)
    }

    // The flags' bits, at hand: testing them as an option set is a call into the other module, for each cell.
    private let null = Cell.Flags.null.rawValue
    /// Of a cell whose bytes are not its text, or more than text.
    private let special = Cell.Flags([.escaped, .backslashes, .document]).rawValue

    private var templates: [[Piece]] = []
    private var constants: [[UInt8]] = []
    /// The last text that did not stand in the batch as it is.
    private(set) var composed: [UInt8] = []

    /// Prepares for a source of values.
    mutating func add(_ source: ValueSource) -> RowTextSource {
        switch source {
        case .column(let column): return .column(column)
        case .template(let parts):
            templates.append(
                parts.map {
                    switch $0 {
                    case .literal(let text): .literal(Array(text.utf8))
                    case .column(let column, let width): .column(column, zeroPaddedTo: width)
                    }
                })
            return .template(templates.count - 1)
        case .constant(let text):
            constants.append(Array(text.utf8))
            return .constant(constants.count - 1)
        }
    }

    /// Whether a cell's bytes are its text.
    @inline(__always)
    func isPlain(_ cell: Cell) -> Bool { cell.flags.rawValue & (null | special) == 0 }

    /// The text for a row whose cells begin at `row` in the batch.
    mutating func read(_ source: RowTextSource, row: Int, of batch: borrowing RowBatch) -> RowText {
        switch source {
        case .column(let column):
            let cell = batch.cells[row + column]
            guard cell.flags.rawValue & null == 0 else { return .null }
            let start = Int(cell.offset)
            let range = start..<(start + Int(cell.length))
            guard cell.flags.rawValue & special != 0 else { return .cell(range) }
            if cell.flags.contains(.document) { return .document(range, isTyped: cell.flags.contains(.typed)) }
            composed.removeAll(keepingCapacity: true)
            append(batch.bytes.span.extracting(range), cell.flags)
        case .template(let number):
            composed.removeAll(keepingCapacity: true)
            for piece in templates[number] {
                switch piece {
                case .literal(let text): composed.append(contentsOf: text)
                case .column(let column, let width):
                    let cell = batch.cells[row + column]
                    guard cell.flags.rawValue & null == 0 else { return .null }
                    let start = Int(cell.offset)
                    append(batch.bytes.span.extracting(start..<(start + Int(cell.length))), cell.flags, zeroPaddedTo: width)
                }
            }
        case .constant(let number):
            composed.removeAll(keepingCapacity: true)
            composed.append(contentsOf: constants[number])
        }
        return .composed
    }

    /// Puts a text of the caller's in the place of the last one.
    mutating func compose(_ text: [UInt8]) {
        composed.removeAll(keepingCapacity: true)
        composed.append(contentsOf: text)
    }

    private mutating func append(_ text: Span<UInt8>, _ flags: Cell.Flags, zeroPaddedTo width: Int) {
        let start = composed.count
        append(text, flags)
        guard width > 0 else { return }
        let characters = composed[start...].count { $0 & 0xC0 != 0x80 }
        composed.insert(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, width - characters)), at: start)
    }

    /// Appends a cell's text: of each two quotes one, and what backslashes stand for.
    private mutating func append(_ text: Span<UInt8>, _ flags: Cell.Flags) {
        if flags.contains(.backslashes) {
            JSONScanner.appendValue(of: JSONStringToken(range: 0..<text.count, isEscaped: true), in: text, to: &composed)
        } else if flags.contains(.escaped) {
            var index = 0
            while index < text.count {
                composed.append(text[index])
                index += text[index] == UInt8(ascii: "\"") ? 2 : 1
            }
        } else {
            composed.append(text)
        }
    }
}
