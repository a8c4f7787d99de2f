import SaltmillBytes

/// Which parts of items are returned: top-level attributes, and parts of them.
struct ProjectedPaths {
    let paths: [DocumentPath]
    /// The top-level attributes' names as they stand in JSON, quotes excluded.
    let names: [[UInt8]]
    /// All paths are top-level attributes, which can be copied as they stand.
    private let isFlat: Bool
    /// What lies at a path comes under the path's last name, not within all that it lies in.
    private let isUnwrapped: Bool

    init(_ paths: [DocumentPath], isUnwrapped: Bool = false) {
        self.paths = paths
        self.isUnwrapped = isUnwrapped
        var names: [[UInt8]] = []
        for path in paths where !names.contains(path.attributeInJSON) { names.append(path.attributeInJSON) }
        self.names = names
        isFlat = paths.allSatisfy { $0.elements.count == 1 }
    }

    /// Appends what is projected of an item in canonical form.
    /// - Returns: whether that is anything.
    @discardableResult func append(_ item: Span<UInt8>, to output: inout [UInt8]) throws -> Bool {
        var scanner = JSONScanner()
        let start = output.count
        guard isFlat else {
            let whole = try ItemValue.members(&scanner, item, only: names)
            let members = isUnwrapped ? unwrapped(whole) : part(of: whole)
            ItemValue.write(members, to: &output)
            return !members.isEmpty
        }
        output.append(UInt8(ascii: "{"))
        if try scanner.enterObject(item) {
            repeat {
                let name = try scanner.memberName(item).range
                try scanner.skipValue(item)
                guard names.contains(where: { item.extracting(name).equals($0) }) else { continue }
                if output.count > start + 1 { output.append(UInt8(ascii: ",")) }
                output.append(item.extracting(name.lowerBound - 1..<scanner.index))
            } while try scanner.nextMember(item)
        }
        output.append(UInt8(ascii: "}"))
        return output.count > start + 2
    }

    /// What lies at the paths, each under its last name.
    private func unwrapped(_ item: ItemValue.Members) -> ItemValue.Members {
        var members: ItemValue.Members = []
        for path in paths {
            guard let value = path.value(in: item), members.value(of: path.lastName) == nil else { continue }
            members.append((path.lastName, value))
        }
        return members
    }

    /// What is projected of an item.
    private func part(of item: ItemValue.Members) -> ItemValue.Members {
        guard case .map(let members)? = Self.part(of: .map(item), paths.map { $0.elements[...] }) else { return [] }
        return members
    }

    /// What paths lead to below a value; nil where that is nothing.
    private static func part(of value: ItemValue, _ paths: [ArraySlice<DocumentPath.Element>]) -> ItemValue? {
        if paths.contains(where: \.isEmpty) { return value }
        func below(_ element: DocumentPath.Element) -> [ArraySlice<DocumentPath.Element>] {
            paths.filter { $0.first == element }.map { $0.dropFirst() }
        }
        switch value {
        case .map(let members):
            let parts: ItemValue.Members = members.compactMap { member in
                let rest = below(.name(member.name))
                return rest.isEmpty ? nil : part(of: member.value, rest).map { (member.name, $0) }
            }
            return parts.isEmpty ? nil : .map(parts)
        case .list(let elements):
            let parts = elements.enumerated().compactMap { index, element in
                let rest = below(.index(index))
                return rest.isEmpty ? nil : part(of: element, rest)
            }
            return parts.isEmpty ? nil : .list(parts)
        default: return nil
        }
    }
}
