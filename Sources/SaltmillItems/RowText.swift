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
    private let escaped = Cell.Flags.escaped.rawValue

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

    /// The text for a row whose cells begin at `row` in the batch.
    mutating func read(_ source: RowTextSource, row: Int, of batch: borrowing RowBatch) -> RowText {
        switch source {
        case .column(let column):
            let cell = batch.cells[row + column]
            guard cell.flags.rawValue & null == 0 else { return .null }
            let start = Int(cell.offset)
            let range = start..<(start + Int(cell.length))
            guard cell.flags.rawValue & escaped != 0 else { return .cell(range) }
            composed.removeAll(keepingCapacity: true)
            appendUnescaped(batch.bytes.span.extracting(range))
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

    private mutating func append(_ text: Span<UInt8>, _ flags: Cell.Flags, zeroPaddedTo width: Int) {
        if width > 0 {
            var characters = 0
            for index in 0..<text.count where text[index] & 0xC0 != 0x80 { characters += 1 }
            if flags.contains(.escaped) { characters -= doubledQuotes(text) }
            for _ in 0..<max(0, width - characters) { composed.append(UInt8(ascii: "0")) }
        }
        if flags.contains(.escaped) { appendUnescaped(text) } else { composed.append(text) }
    }

    /// Appends a cell's text, of each two quotes one.
    private mutating func appendUnescaped(_ text: Span<UInt8>) {
        var index = 0
        while index < text.count {
            composed.append(text[index])
            index += text[index] == UInt8(ascii: "\"") ? 2 : 1
        }
    }

    private func doubledQuotes(_ text: Span<UInt8>) -> Int {
        var quotes = 0
        for index in 0..<text.count where text[index] == UInt8(ascii: "\"") { quotes += 1 }
        return quotes / 2
    }
}
