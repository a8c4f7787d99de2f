import SaltmillBytes

/// The names and values that a request's expressions refer to, and which of them were.
final class Placeholders {
    private let names: [String: String]
    private let values: [String: ItemValue]
    /// In the order in which they were given.
    private let order: (names: [String], values: [String])
    private var usedNames = Set<String>()
    private var usedValues = Set<String>()

    init(names: [(String, String)], values: [(String, ItemValue)]) {
        self.names = Dictionary(names) { _, last in last }
        self.values = Dictionary(values) { _, last in last }
        order = (names.map(\.0), values.map(\.0))
    }

    func name(_ placeholder: String, _ parameter: String) throws -> String {
        guard let name = names[placeholder] else {
            throw ServiceError.validation(
                "Invalid \(parameter): An expression attribute name used in the document path is not defined; "
                    + "attribute name: \(placeholder)")
        }
        usedNames.insert(placeholder)
        return name
    }

    func value(_ placeholder: String, _ parameter: String) throws -> ItemValue {
        guard let value = values[placeholder] else {
            throw ServiceError.validation(
                "Invalid \(parameter): An expression attribute value used in expression is not defined; attribute value: \(placeholder)")
        }
        usedValues.insert(placeholder)
        return value
    }

    /// - Throws: a ValidationException when a name or value was not used.
    func finish() throws {
        for (kind, idle) in [
            ("Names", order.names.filter { !usedNames.contains($0) }), ("Values", order.values.filter { !usedValues.contains($0) }),
        ] where !idle.isEmpty {
            throw ServiceError.validation(
                "Value provided in ExpressionAttribute\(kind) unused in expressions: keys: {\(idle.joined(separator: ", "))}")
        }
    }
}
