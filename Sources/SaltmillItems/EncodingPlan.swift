import SaltedKeys
import SaltmillBytes

/// An item mapping, worked out once so that encoding a row meets no names, no strings and no searches.
struct EncodingPlan: Sendable {
    /// What is needed of an attribute for each row: small, and without anything that is counted.
    struct Attribute: Sendable {
        /// Position in the mapping, whose names are needed only for faults, and of the attribute's words.
        let position: Int
        let type: AttributeType
        let null: NullPolicy
        let encoding: BinaryEncoding
        let mask: Mask?
        let text: RowTextSource
        /// Size of the name in bytes.
        let nameSize: Int
        /// What stands before the value, up to and including `"S":"` or its like; ``Pool`` holds the bytes.
        let prefix: Range<Int>
        /// Where in the prefix the colon behind the name ends.
        let nameEnd: Int
        /// Where the value is among the row's key values, or -1 for an attribute that no key and no salt is made from.
        let slot: Int
        /// An index has it as a key.
        let isIndexKey: Bool
    }

    /// An attribute as the usual row needs it: a value of type S, N or BOOL, no key, whose text stands in one cell as it is. It is read ten times
    /// a row, so it is kept small.
    struct PlainAttribute: Sendable {
        /// -1 for an attribute that is never written in the usual way.
        let column: Int32
        let nameSize: Int32
        let prefixStart: Int32
        let prefixEnd: Int32
        let type: AttributeType
    }

    /// A salted hash key: the table's own or one that is added for indexes.
    struct Salt: Sendable {
        let recipe: SaltRecipe
        /// Slot of the logical value.
        let source: Int
        /// Slots of the values that decide the shard.
        let by: [Int]
        /// The most bytes that the salt adds to a value. Keys are limited as if every shard's number had them.
        let longestSuffix: Int
        /// For an added attribute: its name's size and its prefix.
        let nameSize: Int
        let prefix: Range<Int>
    }

    /// Where a key attribute's physical value is.
    enum KeySource: Sendable {
        /// The value is as the row gives it.
        case logical(slot: Int)
        /// The value is that of a salt.
        case salted(Int)
    }

    struct Index: Sendable {
        let hash: KeySource
        let range: KeySource?
    }

    /// What only some types need of an attribute.
    struct Words: Sendable {
        /// Between a set's members.
        let separator: Range<Int>
        /// The texts of booleans in lower case, as ranges of ``Pool/texts``.
        let trueTexts: Range<Int>
        let falseTexts: Range<Int>
    }

    /// The bytes that attributes refer to by range.
    struct Pool: Sendable {
        private(set) var bytes: [UInt8] = []
        private(set) var texts: [Range<Int>] = []
        /// By position in the mapping.
        private(set) var words: [Words] = []

        mutating func add(_ bytes: some Sequence<UInt8>) -> Range<Int> {
            let start = self.bytes.count
            self.bytes.append(contentsOf: bytes)
            return start..<self.bytes.count
        }

        mutating func add(_ attribute: AttributeMapping) {
            words.append(
                Words(
                    separator: add(attribute.separator.utf8), trueTexts: add(texts: attribute.trueTexts),
                    falseTexts: add(texts: attribute.falseTexts)))
        }

        /// What a text means as a boolean for the attribute at a position of the mapping; nil where it means none.
        func bool(_ text: Span<UInt8>, at position: Int) -> Bool? {
            matches(text, words[position].trueTexts) ? true : matches(text, words[position].falseTexts) ? false : nil
        }

        private func matches(_ text: Span<UInt8>, _ candidates: Range<Int>) -> Bool {
            for candidate in candidates {
                let range = texts[candidate]
                guard range.count == text.count else { continue }
                var index = 0
                while index < text.count, ASCII.lowercased(text[index]) == bytes[range.lowerBound + index] { index += 1 }
                if index == text.count { return true }
            }
            return false
        }

        private mutating func add(texts: [String]) -> Range<Int> {
            let start = self.texts.count
            for text in texts { self.texts.append(add(text.utf8.map(ASCII.lowercased))) }
            return start..<self.texts.count
        }
    }

    private(set) var attributes: [Attribute] = []
    /// As many as there are attributes.
    private(set) var plainAttributes: [PlainAttribute] = []
    /// The attributes whose values are kept while a row is encoded, by slot: the table's key first, then what indexes and salts need.
    private(set) var slots: [Int]
    /// The table's own salt first, if it has one.
    private(set) var salts: [Salt] = []
    private(set) var indexes: [Index] = []
    private(set) var pool = Pool()
    let keyCount: Int
    let isSalted: Bool

    init(_ mapping: ItemMapping, texts: inout RowTextReader) {
        keyCount = mapping.hasRange ? 2 : 1
        isSalted = mapping.salt != nil
        slots = Array(0..<keyCount)

        let names = Dictionary(uniqueKeysWithValues: mapping.attributes.enumerated().map { ($1.name, $0) })
        var needed = mapping.salt?.by ?? []
        for index in mapping.indexes {
            needed += [index.hashSource] + (index.salt?.by ?? [])
            needed += [index.hashAttribute, index.rangeAttribute].compactMap { $0.flatMap { names[$0] } }
        }
        for position in needed where !slots.contains(position) { slots.append(position) }
        precondition(
            slots.allSatisfy { [.S, .N, .B].contains(mapping.attributes[$0].type) }, "attributes of keys have type S, N or B")

        let indexKeys = Set(mapping.indexes.flatMap { [$0.hashAttribute, $0.rangeAttribute].compactMap(\.self) })
        for (position, attribute) in mapping.attributes.enumerated() {
            add(attribute, at: position, isIndexKey: indexKeys.contains(attribute.name), isMasked: mapping.maskSecret != nil, texts: &texts)
        }
        addIndexes(mapping, names)
        // So that a block can be read from wherever a piece begins.
        _ = pool.add(repeatElement(0, count: ByteWriter.blockSize))
    }

    private mutating func add(_ attribute: AttributeMapping, at position: Int, isIndexKey: Bool, isMasked: Bool, texts: inout RowTextReader)
    {
        let (prefix, nameEnd) = addPrefix(attribute.name, attribute.type, isFirst: position == 0)
        pool.add(attribute)
        let mask = isMasked ? attribute.mask : nil
        let text = texts.add(attribute.source)
        let slot = slots.firstIndex(of: position) ?? -1
        var column = -1
        if case .column(let number) = text, mask == nil, slot < 0, [.S, .N, .BOOL].contains(attribute.type) { column = number }
        plainAttributes.append(
            PlainAttribute(
                column: Int32(column), nameSize: Int32(attribute.name.utf8.count), prefixStart: Int32(prefix.lowerBound),
                prefixEnd: Int32(prefix.upperBound), type: attribute.type))
        attributes.append(
            Attribute(
                position: position, type: attribute.type, null: attribute.null, encoding: attribute.encoding,
                mask: mask, text: text, nameSize: attribute.name.utf8.count, prefix: prefix, nameEnd: nameEnd,
                slot: slot, isIndexKey: isIndexKey))
    }

    private mutating func addPrefix(_ name: String, _ type: AttributeType, isFirst: Bool) -> (range: Range<Int>, nameEnd: Int) {
        var bytes: [UInt8] = [isFirst ? UInt8(ascii: "{") : UInt8(ascii: ",")]
        JSONText.appendQuoted(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        let nameEnd = pool.bytes.count + bytes.count
        bytes.append(contentsOf: type.opening.utf8)
        return (pool.add(bytes), nameEnd)
    }

    private mutating func addIndexes(_ mapping: ItemMapping, _ names: [String: Int]) {
        // Which salt makes an attribute, by the attribute's name.
        var salted: [String: Int] = [:]
        if let salt = mapping.salt {
            salted[mapping.attributes[0].name] = 0
            salts.append(
                Salt(
                    recipe: salt.recipe, source: 0, by: salt.by.map(slot), longestSuffix: salt.recipe.longestSuffix, nameSize: 0,
                    prefix: 0..<0))
        }
        for index in mapping.indexes {
            guard let salt = index.salt, salted[index.hashAttribute] == nil else { continue }
            salted[index.hashAttribute] = salts.count
            salts.append(
                Salt(
                    recipe: salt.recipe, source: slot(index.hashSource), by: salt.by.map(slot),
                    longestSuffix: salt.recipe.longestSuffix, nameSize: index.hashAttribute.utf8.count,
                    prefix: addPrefix(index.hashAttribute, .S, isFirst: false).range))
        }
        func source(_ name: String) -> KeySource {
            if let salt = salted[name] { return .salted(salt) }
            guard let position = names[name] else { preconditionFailure("index key \(name) is no attribute of the mapping") }
            return .logical(slot: slot(position))
        }
        indexes = mapping.indexes.map { Index(hash: source($0.hashAttribute), range: $0.rangeAttribute.map(source)) }
    }

    private func slot(_ position: Int) -> Int {
        guard let slot = slots.firstIndex(of: position) else { preconditionFailure("attribute \(position) has no slot") }
        return slot
    }
}

extension AttributeType {
    /// What stands between an attribute's name and its value on the wire.
    var opening: String {
        switch self {
        case .S, .N, .B: "{\"\(rawValue)\":\""
        case .BOOL, .NULL: "{\"\(rawValue)\":"
        case .SS, .NS, .BS, .L: "{\"\(rawValue)\":["
        case .M: "{\"M\":{"
        }
    }

    /// What stands behind a value.
    private var closing: StaticString {
        switch self {
        case .S, .N, .B: "\"}"
        case .SS, .NS, .BS, .L: "]}"
        case .M: "}}"
        case .BOOL, .NULL: "}"
        }
    }

    /// Appends what stands behind a value.
    func appendClosing(to output: inout [UInt8]) { closing.withUTF8Buffer { output.append(contentsOf: $0) } }

    /// Writes what stands behind a value.
    @inline(__always)
    func appendClosing(to output: inout ByteWriter) {
        output.makeRoom(2)
        switch self {
        case .S, .N, .B: output.store(0x7D22, length: 2)
        case .SS, .NS, .BS, .L: output.store(0x7D5D, length: 2)
        case .M: output.store(0x7D7D, length: 2)
        case .BOOL, .NULL: output.store(0x7D, length: 1)
        }
    }
}

enum ASCII {
    static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
