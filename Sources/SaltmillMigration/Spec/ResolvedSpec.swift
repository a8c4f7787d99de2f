package import SaltmillItems

/// A spec fitted to the columns that its source really has.
package struct ResolvedSpec: Sendable, Equatable {
    package var spec: MigrationSpec
    /// The source's columns, in their order.
    package var columns: [String]
    /// How a row of these columns becomes an item.
    package var mapping: ItemMapping
}

extension MigrationSpec {
    /// Checks the spec against the source's columns: those that it names exist, and every other one is dropped on purpose.
    /// - Parameter columns: the source's columns in their order.
    /// - Throws: ``SpecError`` with everything that could be found wrong.
    package func resolve(columns: [String]) throws(SpecError) -> ResolvedSpec {
        var reader = SpecReader(problems: [], places: origin.places)
        var positions: [String: Int] = [:]
        for (position, column) in columns.enumerated() where positions.updateValue(position, forKey: column) != nil {
            reader.report(path: "source.file", "\(source.name) has two columns `\(column)`; give each a name of its own")
        }
        for (attribute, path) in zip(allAttributes, attributePaths) {
            for column in attribute.columns where positions[column] == nil {
                reader.report(path: path(valueField(attribute)), absent(column, columns))
            }
        }
        for (position, column) in dropped.enumerated() where positions[column] == nil {
            reader.report(path: "drop[\(position)]", absent(column, columns))
        }
        let mentioned = Set(dropped).union(allAttributes.flatMap(\.columns))
        let forgotten = columns.filter { !mentioned.contains($0) }
        if !forgotten.isEmpty {
            let subject =
                forgotten.count == 1
                ? "column \(listed(forgotten)) of \(source.name) is" : "columns \(listed(forgotten)) of \(source.name) are"
            reader.report(path: "drop", "\(subject) neither used nor dropped; describe each under `attributes` or list it here")
        }
        guard reader.problems.isEmpty else { throw SpecError(file: origin.file, problems: reader.problems) }
        return ResolvedSpec(spec: self, columns: columns, mapping: mapping(positions))
    }

    /// For each of ``allAttributes``: the path of one of its fields.
    private var attributePaths: [(String) -> String] {
        let keys = ["key.hash"] + (key.range == nil ? [] : ["key.range"])
        return (keys + attributes.map { SpecNode.path("attributes", $0.name) }).map { parent in { field in SpecNode.path(parent, field) } }
    }

    private func valueField(_ attribute: SpecAttribute) -> String {
        if case .template = attribute.value { "template" } else { "from" }
    }

    private func absent(_ column: String, _ columns: [String]) -> String {
        let hint = suggestion(for: column, among: columns).map { "did you mean `\($0)`?" } ?? "its columns are \(listed(columns))"
        return "column `\(column)` is not in \(source.name); \(hint)"
    }

    // MARK: Names to positions

    private func mapping(_ columns: [String: Int]) -> ItemMapping {
        let names = allAttributes.map(\.name)
        return ItemMapping(
            attributes: allAttributes.map { $0.mapping(columns) }, hasRange: key.range != nil, salt: key.salt.map { $0.mapping(names) },
            indexes: indexes.map { index in
                IndexMapping(
                    name: index.name, hashAttribute: index.hashAttribute, rangeAttribute: index.range,
                    salt: index.salt.map { $0.mapping(names) }, hashSource: names.firstIndex(of: index.hash) ?? 0)
            }, maskSecret: maskSecret)
    }
}

extension SpecSalt {
    fileprivate func mapping(_ names: [String]) -> SaltMapping {
        SaltMapping(recipe: recipe, by: by.compactMap { names.firstIndex(of: $0) })
    }
}

extension SpecAttribute {
    fileprivate func mapping(_ columns: [String: Int]) -> AttributeMapping {
        AttributeMapping(
            name: name, type: type, source: source(columns), null: null, encoding: encoding, separator: separator, trueTexts: trueTexts,
            falseTexts: falseTexts, mask: mask)
    }

    private func source(_ columns: [String: Int]) -> ValueSource {
        switch value {
        case .column(let name): .column(columns[name] ?? 0)
        case .constant(let text): .constant(text)
        case .template(let template):
            .template(
                template.parts.map { part in
                    switch part {
                    case .literal(let text): .literal(text)
                    case .column(let name, let width): .column(columns[name] ?? 0, zeroPaddedTo: width)
                    }
                })
        }
    }
}
