import SaltmillBytes
package import SaltmillDynamoDB

/// What a dump is to hold, and how it is to be read: what an unfinished one must agree in to be gone on with.
package struct DumpRequest: Sendable {
    /// Names and patterns (`*`, `?`, `[…]`) of tables, as they were given.
    package var tables: [String] = []
    /// Every table of the account and region.
    package var isAll = false
    /// Only tables with all of these tags.
    package var tags: [Tag] = []
    package var format = DumpFormat.aws
    package var isConsistent = false
    package var filter: String?
    package var projection: String?
    /// What the `#names` in filter and projection stand for.
    package var names: [String: String] = [:]
    /// What the `:values` in the filter stand for.
    package var values: Item = Item()
    /// The schema alone, without items.
    package var isSchemaOnly = false

    package init() {}

    /// The request of one table's scan.
    func scan(_ table: String, segment: Int, of count: Int) -> ScanRequest {
        var request = ScanRequest(table: table)
        if count > 1 { request.segment = (segment, count) }
        request.names = names
        for attribute in values.attributes { request.values[attribute.name] = attribute.value }
        request.filter = filter
        request.projection = projection
        request.isConsistent = isConsistent
        return request
    }

    /// What two runs of one dump have in common.
    var json: JSONValue {
        [
            "tables": .array(tables.map { .string($0) }), "all": .bool(isAll),
            "tags": .array(tags.map { .string("\($0.key)=\($0.value)") }), "format": .string(format.rawValue),
            "consistent": .bool(isConsistent), "filter": filter.map(JSONValue.string) ?? .null,
            "projection": projection.map(JSONValue.string) ?? .null,
            "names": .object(names.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }), "values": values.json,
            "schema_only": .bool(isSchemaOnly),
        ]
    }
}
