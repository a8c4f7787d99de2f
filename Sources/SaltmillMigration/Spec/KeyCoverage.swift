import SaltmillItems
import SaltmillSources

/// Which source columns can be read back from a row's primary key: rows that differ in one of these have different keys.
struct KeyCoverage {
    private(set) var columns: Set<String> = []

    /// - Parameter alphabets: what the columns' texts are made of.
    init(_ spec: MigrationSpec, _ alphabets: [String: DatabaseInput.Alphabet]) {
        for attribute in [spec.key.hash] + (spec.key.range.map { [$0] } ?? []) {
            switch attribute.value {
            case .constant: break
            case .column(let name):
                let alphabet = alphabets[name] ?? .any
                let isTold =
                    switch attribute.type {
                    case .S: true
                    // As numbers, 1 and 01 are the same; a database's own numbers differ in value where they differ at all.
                    case .N: alphabet == .integer || alphabet == .number
                    case .B: attribute.encoding != .hex
                    default: false
                    }
                if isTold { columns.insert(name) }
            case .template(let template):
                if attribute.type == .S, Self.canBeReadBack(template.parts, alphabets) {
                    for case .column(let name, _) in template.parts { columns.insert(name) }
                }
            }
        }
    }

    /// Whether a text tells where in it each column begins and ends. One column may hold anything; those before it are found from the left, those
    /// behind it from the right, each by a character that follows or precedes it and cannot be part of it.
    private static func canBeReadBack(_ parts: [SpecTemplate.Part], _ alphabets: [String: DatabaseInput.Alphabet]) -> Bool {
        var fields: [(alphabet: DatabaseInput.Alphabet, literalBefore: String)] = []
        var literal = ""
        for part in parts {
            switch part {
            case .literal(let text): literal += text
            case .column(let name, let width):
                let alphabet = alphabets[name] ?? .any
                // A text that is filled up with zeros may have begun with one.
                if width > 0, alphabet != .integer { return false }
                fields.append((alphabet, literal))
                literal = ""
            }
        }
        guard fields.count(where: { $0.alphabet == .any }) <= 1 else { return false }
        let pivot = fields.firstIndex { $0.alphabet == .any } ?? fields.count
        for (number, field) in fields.enumerated().dropFirst() {
            let isFoundFromLeft = number <= pivot
            let border = isFoundFromLeft ? field.literalBefore.unicodeScalars.first : field.literalBefore.unicodeScalars.last
            guard let border else { return false }
            let isAmbiguous = isFoundFromLeft ? fields[number - 1].alphabet.canGoOn(with: border) : field.alphabet.contains(border)
            if isAmbiguous { return false }
        }
        return true
    }
}

extension DatabaseInput.Alphabet {
    /// Whether a character may follow others of a text; a whole number's sign stands at its beginning only.
    fileprivate func canGoOn(with character: Unicode.Scalar) -> Bool { contains(character) && !(self == .integer && character == "-") }

    fileprivate func contains(_ character: Unicode.Scalar) -> Bool {
        switch self {
        case .integer: "0123456789-".unicodeScalars.contains(character)
        case .number: "0123456789-+.eENaninfity".unicodeScalars.contains(character)
        case .moment: "0123456789-+:.TZ infityBC".unicodeScalars.contains(character)
        case .any: true
        }
    }
}
