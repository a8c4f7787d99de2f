import ArgumentParser
import SaltmillDynamoDB
import SaltmillMigration

struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Gathers the items of one logical key from all its shards, in the order of the sort key.",
        discussion: """
            The table's tags tell how its keys are salted; a table without them is queried by the key as it stands, or, with --shards, by so many
            salted keys. Items are printed as DynamoDB JSON, one a line.

            EXAMPLE
              saltmill query answers 2015-12-07 --limit 10
            """)

    @Argument(help: "The table.") var table: String
    @Argument(help: "The logical hash key, e.g. 2015-12-07; Base64 for a binary one.") var key: String
    @OptionGroup var connection: ConnectionOptions
    @Option(help: "Query this global index instead of the table.") var index: String?
    @Option(help: "Only items whose sort key begins with this text.") var sortKeyBeginsWith: String?
    @Option(help: "How many shards the key has, on a server without tags; their numbers stand behind a dot.") var shards: Int?
    @Option(help: "Print at most this many items.") var limit: Int?
    @Flag(help: "From the last sort key to the first.") var reverse = false
    @Flag(help: "Strongly consistent reads.") var consistentRead = false
    @Flag(help: "Accepted on every command; items are always printed as JSON.") var json = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit takes a number of at least 1, not \(limit)") }
    }

    func run() async throws {
        var options = LogicalQuery.Options()
        options.index = index
        options.sortKeyPrefix = sortKeyBeginsWith
        options.shards = shards
        options.isForward = !reverse
        options.isConsistent = consistentRead
        let query = try await LogicalQuery(try await connection.client(), table: table, key: key, options: options)
        var count = 0
        try await query.forEach { item in
            var line: [UInt8] = []
            item.write(to: &line)
            Terminal.output(String(decoding: line, as: UTF8.self))
            count += 1
            return limit.map { count < $0 } ?? true
        }
    }
}
