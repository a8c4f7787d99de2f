import SaltedKeys
import SaltmillBytes
import SaltmillDelivery
package import SaltmillDynamoDB

/// The items of one logical key, gathered from all its shards in the order of the sort key.
///
/// The recipe is read from the table's tags. Each shard is a query of its own, read a small page at a time, so memory depends on the number of
/// shards and not on how many items the key has.
package struct LogicalQuery: Sendable {
    private let client: DynamoDBClient
    private let table: String
    private let range: KeyAttribute?
    private let isForward: Bool
    private let requests: [QueryRequest]

    /// Queries that run at the same time.
    private static let concurrency = 16

    /// What the user asks for.
    package struct Options: Sendable {
        /// A global index to query instead of the table.
        package var index: String?
        /// Only items whose sort key, a string, begins with this text.
        package var sortKeyPrefix: String?
        /// How many shards the key has, for a table whose tags do not tell it.
        package var shards: Int?
        package var isForward = true
        package var isConsistent = false

        package init() {}
    }

    /// Looks the table up and works out the physical keys.
    /// - Throws: ``DynamoDBFailure``, ``JobFailure`` for a key that cannot be of this table.
    package init(_ client: DynamoDBClient, table: String, key: String, options: Options = Options()) async throws {
        let (description, tags) = try await client.explained {
            let description = try await client.describeTable(table)
            return (description, description.arn == nil ? nil : try await client.listTags(arn: description.arn ?? ""))
        }
        var schema = description.key
        if let name = options.index {
            guard let index = description.globalIndexes.first(where: { $0.name == name }) else {
                throw JobFailure(
                    .usage,
                    "the table \(table) has no index \(name); its indexes are \(description.globalIndexes.map(\.name).joined(separator: ", "))"
                )
            }
            schema = index.key
        }
        let declarations = try SaltDeclaration.declarations(in: (tags ?? []).map { ($0.key, $0.value) })
        var recipe = declarations.first { $0.attribute == schema.hash.name }?.recipe
        if let shards = options.shards {
            if let recipe, recipe.shards != shards {
                throw JobFailure(
                    .usage, "the tags of \(table) say that its key has \(recipe.shards) shards, not \(shards); leave the number out")
            }
            do { recipe = try recipe ?? SaltRecipe(checking: shards, separator: ".") } catch { throw JobFailure(.usage, "\(error)") }
        }
        let keys = try (recipe?.physicalKeys(of: key) ?? [key]).map { try Self.value($0, schema.hash) }
        self.client = client
        self.table = table
        range = schema.range
        isForward = options.isForward
        if let prefix = options.sortKeyPrefix, schema.range?.type != .S {
            throw JobFailure(.usage, "\(table) has no sort key of type S, so none begins with \(prefix)")
        }
        requests = keys.map { key in
            var request = QueryRequest(table: table, keyCondition: "#h = :h")
            request.names["#h"] = schema.hash.name
            request.values[":h"] = key
            if let prefix = options.sortKeyPrefix, let range = schema.range {
                request.keyCondition += " AND begins_with(#r, :r)"
                request.names["#r"] = range.name
                request.values[":r"] = .s(prefix)
            }
            request.index = options.index
            request.isForward = options.isForward
            request.isConsistent = options.isConsistent
            request.limit = keys.count == 1 ? nil : 50
            return request
        }
    }

    private static func value(_ text: String, _ attribute: KeyAttribute) throws(JobFailure) -> AttributeValue {
        switch attribute.type {
        case .S: return .s(text)
        case .N:
            do { return try .number(text) } catch {
                throw JobFailure(.usage, "the hash key \(attribute.name) is a number and `\(text)` is none")
            }
        case .B:
            var bytes: [UInt8] = []
            do { try Base64.append(decoding: Array(text.utf8).span, to: &bytes) } catch {
                throw JobFailure(.usage, "the hash key \(attribute.name) is binary and `\(text)` is not Base64")
            }
            return .b(bytes)
        }
    }

    private struct Shard: Sendable {
        var request: QueryRequest
        /// Items of the current page that have not been given out, last one first.
        var items: [Item] = []
        var isDone = false
    }

    /// Gives out the items in order.
    /// - Parameter body: called for each; false ends the query.
    package func forEach(_ body: (Item) throws -> Bool) async throws {
        var shards = requests.map { Shard(request: $0) }
        while true {
            shards = try await client.explained { try await filled(shards) }
            var best: (shard: Int, key: [UInt8])?
            for number in shards.indices {
                guard let item = shards[number].items.last else { continue }
                let key = sortKey(of: item)
                guard let current = best else {
                    best = (number, key)
                    continue
                }
                if isForward ? key.lexicographicallyPrecedes(current.key) : current.key.lexicographicallyPrecedes(key) {
                    best = (number, key)
                }
            }
            guard let best, let item = shards[best.shard].items.popLast() else { return }
            guard try body(item) else { return }
        }
    }

    /// Reads the next page of every shard that has run out.
    private func filled(_ shards: [Shard]) async throws -> [Shard] {
        var shards = shards
        while true {
            let empty = shards.indices.filter { shards[$0].items.isEmpty && !shards[$0].isDone }
            guard !empty.isEmpty else { return shards }
            for start in stride(from: 0, to: empty.count, by: Self.concurrency) {
                let part = empty[start..<min(start + Self.concurrency, empty.count)]
                try await withThrowingTaskGroup(of: (Int, Page).self) { group in
                    for number in part {
                        let request = shards[number].request
                        group.addTask { (number, try await client.query(request)) }
                    }
                    for try await (number, page) in group {
                        shards[number].items = page.items.reversed()
                        shards[number].request.start = page.next
                        shards[number].isDone = page.next == nil
                    }
                }
            }
        }
    }

    /// An item's sort key in bytes that are ordered as the store orders it.
    private func sortKey(of item: Item) -> [UInt8] {
        guard let range, let value = item[range.name] else { return [] }
        switch value {
        case .s(let text): return Array(text.utf8)
        case .b(let bytes): return bytes
        case .n(let text):
            var ordered: [UInt8] = []
            if let number = try? DecimalNumber(parsing: Array(text.utf8).span) { number.appendOrdered(to: &ordered) }
            return ordered
        default: return []
        }
    }
}
