import SaltmillBytes

/// A condition on an item, however it was written.
indirect enum Condition {
    case all([Condition])
    case any([Condition])
    case not(Condition)
    case compare(Comparison, Operand, Operand)
    case between(Operand, Operand, Operand)
    case isIn(Operand, [Operand])
    case exists(DocumentPath)
    case hasType(DocumentPath, AttributeType)
    case beginsWith(Operand, Operand)
    case contains(Operand, Operand)

    enum Comparison: String {
        case equal = "="
        case notEqual = "<>"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    /// What is compared.
    enum Operand {
        case path(DocumentPath)
        case value(ItemValue)
        case size(DocumentPath)
    }
}

// MARK: - Evaluation

extension Condition {
    /// Whether an item meets the condition; an item that is not there has no attributes.
    func isMet(by item: ItemValue.Members) -> Bool {
        switch self {
        case .all(let conditions): conditions.allSatisfy { $0.isMet(by: item) }
        case .any(let conditions): conditions.contains { $0.isMet(by: item) }
        case .not(let condition): !condition.isMet(by: item)
        case .compare(let comparison, let left, let right): Self.compare(comparison, left.value(in: item), right.value(in: item))
        case .between(let operand, let lower, let upper):
            Self.compare(.greaterOrEqual, operand.value(in: item), lower.value(in: item))
                && Self.compare(.lessOrEqual, operand.value(in: item), upper.value(in: item))
        case .isIn(let operand, let list):
            operand.value(in: item).map { value in list.contains { $0.value(in: item) == value } } ?? false
        case .exists(let path): path.value(in: item) != nil
        case .hasType(let path, let type): path.value(in: item)?.type == type
        case .beginsWith(let operand, let prefix): Self.begins(operand.value(in: item), with: prefix.value(in: item))
        case .contains(let operand, let element): Self.contains(operand.value(in: item), element.value(in: item))
        }
    }

    private static func compare(_ comparison: Comparison, _ left: ItemValue?, _ right: ItemValue?) -> Bool {
        guard let left, let right else { return comparison == .notEqual && (left == nil) != (right == nil) }
        switch comparison {
        case .equal: return left == right
        case .notEqual: return left != right
        case .less: return left.precedes(right) ?? false
        case .lessOrEqual: return right.precedes(left).map { !$0 } ?? false
        case .greater: return right.precedes(left) ?? false
        case .greaterOrEqual: return left.precedes(right).map { !$0 } ?? false
        }
    }

    private static func begins(_ value: ItemValue?, with prefix: ItemValue?) -> Bool {
        switch (value, prefix) {
        case (.string(let text), .string(let prefix)), (.binary(let text), .binary(let prefix)): text.starts(with: prefix)
        default: false
        }
    }

    private static func contains(_ value: ItemValue?, _ element: ItemValue?) -> Bool {
        guard let value, let element else { return false }
        switch (value, element) {
        case (.string(let text), .string(let part)), (.binary(let text), .binary(let part)): return occurs(part, in: text)
        case (.stringSet(let elements), .string(let element)), (.binarySet(let elements), .binary(let element)):
            return elements.contains(element)
        case (.numberSet(let elements), .number(let element)): return elements.contains(element)
        case (.list(let elements), let element): return elements.contains(element)
        default: return false
        }
    }

    private static func occurs(_ part: [UInt8], in text: [UInt8]) -> Bool {
        guard let first = part.first else { return true }
        guard part.count <= text.count else { return false }
        return (0...text.count - part.count).contains { start in text[start] == first && text[start...].starts(with: part) }
    }
}

extension Condition.Operand {
    /// The operand's value; nil where the item has none.
    func value(in item: ItemValue.Members) -> ItemValue? {
        switch self {
        case .path(let path): path.value(in: item)
        case .value(let value): value
        case .size(let path): path.value(in: item)?.count.flatMap { try? .number(DecimalNumber(parsing: Array(String($0).utf8).span)) }
        }
    }

    var path: DocumentPath? {
        switch self {
        case .path(let path), .size(let path): path
        case .value: nil
        }
    }
}

// MARK: - What it looks at

extension Condition {
    /// All paths that the condition names.
    var paths: [DocumentPath] {
        switch self {
        case .all(let conditions), .any(let conditions): conditions.flatMap(\.paths)
        case .not(let condition): condition.paths
        case .compare(_, let one, let other), .beginsWith(let one, let other), .contains(let one, let other):
            [one, other].compactMap(\.path)
        case .between(let operand, let lower, let upper): [operand, lower, upper].compactMap(\.path)
        case .isIn(let operand, let list): ([operand] + list).compactMap(\.path)
        case .exists(let path), .hasType(let path, _): [path]
        }
    }
}
