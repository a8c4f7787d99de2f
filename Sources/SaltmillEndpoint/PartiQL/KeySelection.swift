/// What a WHERE says of a key, and what it says besides.
struct KeySelection {
    /// Values of the partition key, one of which an item must have; nil where it may be any.
    private(set) var hashes: [ItemValue]?
    /// The condition on the sort key, if there is one that makes a range.
    private(set) var range: KeyCondition?
    /// The condition that is left; nil for none.
    private(set) var rest: Condition?

    /// Takes conditions on the key out of a conjunction.
    init(_ condition: Condition?, _ keys: KeySchema) {
        var rest = condition.map(Self.conjuncts) ?? []
        if let place = rest.firstIndex(where: { Self.values(of: keys.hash, $0) != nil }) {
            hashes = Self.values(of: keys.hash, rest.remove(at: place))
            // An equality, where there is one, tells most.
            let ranges = keys.range.map { key in rest.map { Self.range(of: key, $0) } } ?? []
            if let place = ranges.firstIndex(where: { $0?.comparison == .equal }) ?? ranges.firstIndex(where: { $0 != nil }) {
                range = ranges[place]
                rest.remove(at: place)
            }
        }
        self.rest = rest.isEmpty ? nil : rest.count == 1 ? rest[0] : .all(rest)
    }

    /// The one primary key that is meant; nil where more than one may be.
    func key(_ keys: KeySchema) -> ItemValue.Members? {
        guard let hashes, hashes.count == 1 else { return nil }
        var key: ItemValue.Members = [(Array(keys.hash.name.utf8), hashes[0])]
        guard let attribute = keys.range else { return key }
        guard let range, range.comparison == .equal else { return nil }
        key.append((Array(attribute.name.utf8), range.operands[0]))
        return key
    }

    private static func conjuncts(_ condition: Condition) -> [Condition] {
        guard case .all(let conditions) = condition else { return [condition] }
        return conditions.flatMap(conjuncts)
    }

    private static func values(of key: KeyAttribute, _ condition: Condition) -> [ItemValue]? {
        if let range = range(of: key, condition), range.comparison == .equal { return range.operands }
        guard case .isIn(.path(let path), let list) = condition, names(path, key) else { return nil }
        let values = list.compactMap { if case .value(let value) = $0 { value } else { nil } }
        return values.count == list.count && !list.isEmpty ? values : nil
    }

    private static func range(of key: KeyAttribute, _ condition: Condition) -> KeyCondition? {
        switch condition {
        case .compare(let comparison, .path(let path), .value(let value)) where names(path, key):
            return KeyComparison(symbol: comparison.rawValue).map { KeyCondition(attribute: key.name, comparison: $0, operands: [value]) }
        case .compare(let comparison, .value(let value), .path(let path)) where names(path, key):
            return KeyComparison(symbol: comparison.rawValue)?.mirrored.map {
                KeyCondition(attribute: key.name, comparison: $0, operands: [value])
            }
        case .between(.path(let path), .value(let lower), .value(let upper)) where names(path, key):
            return KeyCondition(attribute: key.name, comparison: .between, operands: [lower, upper])
        case .beginsWith(.path(let path), .value(let prefix)) where names(path, key) && key.type != .number:
            return KeyCondition(attribute: key.name, comparison: .beginsWith, operands: [prefix])
        default: return nil
        }
    }

    private static func names(_ path: DocumentPath, _ key: KeyAttribute) -> Bool {
        path.elements == [.name(Array(key.name.utf8))]
    }
}
