import SaltmillBytes

extension Engine {
    /// Most tags of a table (Developer Guide, "Tagging restrictions").
    private static let maximumTags = 50

    /// The table that an ARN names.
    private func table(arn request: RequestBody) throws -> Table {
        guard let arn = try request.string("ResourceArn") else {
            throw ServiceError.validation(
                "1 validation error detected: Value null at 'resourceArn' failed to satisfy constraint: Member must not be null")
        }
        guard arn.hasPrefix("arn:") else {
            throw ServiceError.validation("Invalid TableArn: Invalid ResourceArn provided as input \(arn)")
        }
        guard arn.hasPrefix(describer.arnPrefix) else {
            throw ServiceError.accessDenied(
                "The resource \(arn) is not one of this endpoint's, whose ARNs begin with \(describer.arnPrefix)")
        }
        guard let table = tables[String(arn.dropFirst(describer.arnPrefix.count))] else { throw ServiceError.noResource(arn) }
        return table
    }

    func tagResource(_ request: RequestBody) throws -> Answer {
        try request.allowOnly(["ResourceArn", "Tags"], .tagResource)
        let table = try table(arn: request)
        let added = try TableRequest.tags(request.value("Tags"))
        guard !added.isEmpty else { throw ServiceError.validation("Atleast one Tag needs to be provided as Input.") }
        var tags = table.definition.tags
        for tag in added {
            if let index = tags.firstIndex(where: { $0.key == tag.key }) { tags[index] = tag } else { tags.append(tag) }
        }
        guard tags.count <= Self.maximumTags else {
            throw ServiceError.validation("Cannot add tags: a table has at most \(Self.maximumTags) tags")
        }
        try setTags(tags, of: table)
        return Answer(body: [])
    }

    func untagResource(_ request: RequestBody) throws -> Answer {
        try request.allowOnly(["ResourceArn", "TagKeys"], .untagResource)
        let table = try table(arn: request)
        let keys = try (request.value("TagKeys")?.expectArray() ?? []).map { try $0.expectString() }
        guard !keys.isEmpty else { throw ServiceError.validation("Atleast one Tag Key needs to be provided as Input.") }
        try setTags(table.definition.tags.filter { !keys.contains($0.key) }, of: table)
        return Answer(body: [])
    }

    private func setTags(_ tags: [(key: String, value: String)], of table: Table) throws {
        try change(table) { $0.tags = tags }
    }

    /// Changes a table's definition, in the store as well or not at all.
    func change(_ table: Table, _ body: (inout TableDefinition) -> Void) throws {
        let before = table.definition
        body(&table.definition)
        do {
            try save(table)
        } catch {
            table.definition = before
            throw error
        }
    }

    func listTagsOfResource(_ request: RequestBody) throws -> Answer {
        try request.allowOnly(["ResourceArn"], .listTagsOfResource)
        let tags = try table(arn: request).definition.tags
        return Answer(["Tags": .array(tags.map { ["Key": .string($0.key), "Value": .string($0.value)] })])
    }
}
