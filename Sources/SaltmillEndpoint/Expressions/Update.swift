import SaltmillBytes

/// What an update does to an item, however it was written.
struct Update {
    enum Action {
        case set(DocumentPath, Term)
        case remove(DocumentPath)
        /// Adds to a number or a set; to a list too, if it was written the old way.
        case add(DocumentPath, ItemValue)
        case delete(DocumentPath, ItemValue)

        var path: DocumentPath {
            switch self {
            case .set(let path, _), .remove(let path), .add(let path, _), .delete(let path, _): path
            }
        }
    }

    /// A value that SET computes.
    indirect enum Term {
        case path(DocumentPath)
        case value(ItemValue)
        case ifNotExists(DocumentPath, Term)
        case listAppend(Term, Term)
        case plus(Term, Term)
        case minus(Term, Term)
    }

    var actions: [Action]

    /// The paths that it changes.
    var paths: [DocumentPath] { actions.map(\.path) }
}

// MARK: - What it makes of an item

extension Update {
    /// The item as it is behind the update.
    ///
    /// All values are computed from the item as it was, and positions in lists mean the lists as they were.
    /// - Throws: a ValidationException where the item does not fit the update.
    func applied(to item: ItemValue.Members) throws -> ItemValue.Members {
        var changes: [(path: DocumentPath, value: ItemValue?)] = []
        for action in actions {
            switch action {
            case .set(let path, let term): changes.append((path, try term.value(in: item)))
            case .remove(let path): changes.append((path, nil))
            case .add(let path, let value): changes.append((path, try Self.sum(path.value(in: item), value)))
            case .delete(let path, let value):
                guard let old = path.value(in: item) else { continue }
                changes.append((path, try Self.difference(old, value)))
            }
        }
        var root = ItemValue.map(item)
        // What is appended comes in the order of its positions; what is removed goes from behind, so that no position shifts before its turn.
        for change in changes.filter({ $0.value != nil }).sorted(by: { $0.path.precedes($1.path) }) {
            try root.change(at: change.path.elements[...], to: change.value)
        }
        for change in changes.filter({ $0.value == nil }).sorted(by: { $1.path.precedes($0.path) }) {
            try root.change(at: change.path.elements[...], to: nil)
        }
        guard case .map(let members) = root else { return item }
        return members
    }

    private static func sum(_ old: ItemValue?, _ value: ItemValue) throws -> ItemValue {
        guard let old else { return value }
        switch (old, value) {
        case (.number(let one), .number(let other)): return .number(try one.sum(other))
        case (.stringSet(let one), .stringSet(let other)): return .stringSet(one + other.filter { !one.contains($0) })
        case (.binarySet(let one), .binarySet(let other)): return .binarySet(one + other.filter { !one.contains($0) })
        case (.numberSet(let one), .numberSet(let other)): return .numberSet(one + other.filter { !one.contains($0) })
        case (.list(let one), .list(let other)): return .list(one + other)
        default: throw Self.wrongType
        }
    }

    /// What is left of a set; nil where nothing is, for there are no empty sets.
    private static func difference(_ old: ItemValue, _ value: ItemValue) throws -> ItemValue? {
        switch (old, value) {
        case (.stringSet(let one), .stringSet(let other)):
            let rest = one.filter { !other.contains($0) }
            return rest.isEmpty ? nil : .stringSet(rest)
        case (.binarySet(let one), .binarySet(let other)):
            let rest = one.filter { !other.contains($0) }
            return rest.isEmpty ? nil : .binarySet(rest)
        case (.numberSet(let one), .numberSet(let other)):
            let rest = one.filter { !other.contains($0) }
            return rest.isEmpty ? nil : .numberSet(rest)
        default: throw Self.wrongType
        }
    }

    fileprivate static var wrongType: ServiceError { .validation("An operand in the update expression has an incorrect data type") }
}

extension DocumentPath {
    /// Orders paths by their elements, positions in lists by number.
    fileprivate func precedes(_ other: DocumentPath) -> Bool {
        elements.lexicographicallyPrecedes(other.elements) { one, other in
            switch (one, other) {
            case (.index(let one), .index(let other)): one < other
            case (.name(let one), .name(let other)): one.lexicographicallyPrecedes(other)
            case (.index, .name): true
            case (.name, .index): false
            }
        }
    }
}

extension Update.Term {
    fileprivate func value(in item: ItemValue.Members) throws -> ItemValue {
        switch self {
        case .value(let value): return value
        case .path(let path):
            guard let value = path.value(in: item) else {
                throw ServiceError.validation("The provided expression refers to an attribute that does not exist in the item")
            }
            return value
        case .ifNotExists(let path, let term): return try path.value(in: item) ?? term.value(in: item)
        case .listAppend(let one, let other):
            guard case .list(let first) = try one.value(in: item), case .list(let second) = try other.value(in: item) else {
                throw Update.wrongType
            }
            return .list(first + second)
        case .plus(let one, let other):
            guard case .number(let first) = try one.value(in: item), case .number(let second) = try other.value(in: item) else {
                throw Update.wrongType
            }
            return .number(try first.sum(second))
        case .minus(let one, let other):
            guard case .number(let first) = try one.value(in: item), case .number(let second) = try other.value(in: item) else {
                throw Update.wrongType
            }
            return .number(try first.sum(second, negated: true))
        }
    }

    /// All paths that the term reads.
    var paths: [DocumentPath] {
        switch self {
        case .path(let path): [path]
        case .value: []
        case .ifNotExists(let path, let term): [path] + term.paths
        case .listAppend(let one, let other), .plus(let one, let other), .minus(let one, let other): one.paths + other.paths
        }
    }
}

extension DecimalNumber {
    /// The service calls a result with too many digits an overflow, too.
    fileprivate func sum(_ other: DecimalNumber, negated: Bool = false) throws -> DecimalNumber {
        do {
            return try adding(other, negated: negated)
        } catch {
            throw ServiceError.validation((error == .tooManyDigits ? DecimalError.overflow : error).serviceMessage(for: ""))
        }
    }
}

extension ItemValue {
    /// Sets the value at a path below this one, or removes it.
    ///
    /// Behind the end of a list a value is appended; what is not there need not be removed.
    fileprivate mutating func change(at path: ArraySlice<DocumentPath.Element>, to value: ItemValue?) throws {
        guard let element = path.first else { return }
        let rest = path.dropFirst()
        switch (element, self) {
        case (.name(let name), .map(var members)):
            let place = members.firstIndex { $0.name == name }
            if let place, !rest.isEmpty {
                try members[place].value.change(at: rest, to: value)
            } else if !rest.isEmpty {
                throw Self.invalidPath
            } else if let value {
                if let place { members[place].value = value } else { members.append((name, value)) }
            } else if let place {
                members.remove(at: place)
            }
            self = .map(members)
        case (.index(let index), .list(var list)):
            if !rest.isEmpty {
                guard index < list.count else { throw Self.invalidPath }
                try list[index].change(at: rest, to: value)
            } else if let value {
                if index < list.count { list[index] = value } else { list.append(value) }
            } else if index < list.count {
                list.remove(at: index)
            }
            self = .list(list)
        default: throw Self.invalidPath
        }
    }

    private static var invalidPath: ServiceError {
        .validation("The document path provided in the update expression is invalid for update")
    }
}
