import SaltedKeys
import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillPacing

/// Makes sure, before the first row is written, that the table is what the spec says.
struct TargetCheck {
    let client: DynamoDBClient
    let spec: MigrationSpec
    /// Tells the user what to know.
    var note: (String) -> Void = { _ in }
    /// How long a new table may take to become active.
    var deadline: Duration = .seconds(600)

    private var table: String { spec.target.table }

    /// The table as it is now; created where there is none and the spec says so.
    /// - Parameter isResumed: the job, or that whose rejected rows it loads, has written to the table before, so that it must exist and need not be empty.
    /// - Throws: ``JobFailure``, ``DynamoDBFailure``.
    func prepare(isResumed: Bool) async throws -> TableDescription {
        var description = try await find()
        var isNew = false
        if description == nil {
            guard !isResumed else {
                throw JobFailure(
                    .failed,
                    "the table \(table) is gone, though this job has written to it; restore it, or move \(spec.jobFolder) away to begin anew"
                )
            }
            guard let definition = try spec.tableDefinition() else {
                throw JobFailure(
                    .failed, "there is no table \(table) at \(client.endpoint); create it, or say under target.create how to")
            }
            try await create(definition)
            isNew = true
        }
        if let status = description?.status, !["ACTIVE", "CREATING", "UPDATING"].contains(status) {
            throw JobFailure(.failed, "the table \(table) is \(status); load into a table that is ACTIVE")
        }
        if description?.isActive != true { description = try await client.waitUntilActive(table, deadline: deadline) }
        guard let description else { throw JobFailure(.temporary, "the table \(table) has not become active") }
        try check(description)
        try await checkTags(description, isNew: isNew, isResumed: isResumed)
        if !isNew, !isResumed, spec.target.existing == .refuse { try await checkEmpty() }
        return description
    }

    private func find() async throws(DynamoDBFailure) -> TableDescription? {
        do {
            return try await client.describeTable(table)
        } catch {
            guard error.errorClass == .tableMissing else { throw error }
            return nil
        }
    }

    private func create(_ definition: TableDefinition) async throws(DynamoDBFailure) {
        guard let failure = await attempt(definition) else { return }
        // Somebody else, or an earlier try of ours whose answer was lost, has created it: it is checked like any table.
        if failure.errorClass == .tableNotReady { return }
        // A server without tags.
        let isAboutTags = failure.isUnknownOperation || failure.errorClass == .validation
        guard isAboutTags, !definition.tags.isEmpty, "\(failure)".lowercased().contains("tag") else { throw failure }
        var untagged = definition
        untagged.tags = []
        if let failure = await attempt(untagged) { throw failure }
    }

    private func attempt(_ definition: TableDefinition) async -> DynamoDBFailure? {
        do {
            try await client.createTable(definition)
            return nil
        } catch {
            return error
        }
    }

    // MARK: Shape

    private func check(_ description: TableDescription) throws(JobFailure) {
        guard description.key == spec.keySchema else {
            throw JobFailure(
                .usage,
                "the table \(table) has the key \(Self.text(description.key)) and the spec makes \(Self.text(spec.keySchema)); change the spec's key or name another table"
            )
        }
        for index in spec.indexDefinitions {
            guard let found = description.globalIndexes.first(where: { $0.name == index.name }) else {
                throw JobFailure(.usage, "the table \(table) has no index \(index.name); create it, or take it out of the spec")
            }
            guard found.key == index.key else {
                throw JobFailure(
                    .usage,
                    "the index \(index.name) of \(table) has the key \(Self.text(found.key)) and the spec makes \(Self.text(index.key)); change one of them"
                )
            }
        }
        let named = Set(spec.indexes.map(\.name))
        if let unknown = description.globalIndexes.first(where: { !named.contains($0.name) }) {
            throw JobFailure(
                .usage,
                "the table \(table) has an index \(unknown.name) that the spec does not name; its writes are charged too, so describe it under indexes"
            )
        }
    }

    private static func text(_ key: KeySchema) -> String {
        "(\(key.hash.name) \(key.hash.type.rawValue)\(key.range.map { ", \($0.name) \($0.type.rawValue)" } ?? ""))"
    }

    // MARK: Salts

    private func checkTags(_ description: TableDescription, isNew: Bool, isResumed: Bool) async throws {
        guard let arn = description.arn, let tags = try await client.listTags(arn: arn) else {
            if !spec.saltDeclarations.isEmpty {
                note("the server has no tags, so the table cannot say how its keys are salted; readers have to be told")
            }
            return
        }
        let found = try SaltDeclaration.declarations(in: tags.map { ($0.key, $0.value) })
        let wanted = spec.saltDeclarations
        guard found != wanted else { return }
        guard found.isEmpty else {
            let now = found.map(\.text).joined(separator: "; ")
            let then = wanted.isEmpty ? "none" : wanted.map(\.text).joined(separator: "; ")
            throw JobFailure(
                .usage,
                "the table \(table) is salted by another recipe (\(now)) than the spec's (\(then)), and a recipe never changes in place; use the table's recipe or load into another table"
            )
        }
        try await client.tagResource(arn: arn, try spec.saltTags())
    }

    private func checkEmpty() async throws {
        var request = ScanRequest(table: table)
        request.limit = 1
        repeat {
            let page = try await client.scan(request)
            guard page.items.isEmpty else {
                throw JobFailure(
                    .failed,
                    "the table \(table) already has items; set target.existing to overwrite to write over those of the same keys or to keep to leave them, or name another table"
                )
            }
            request.start = page.next
        } while request.start != nil
    }
}
