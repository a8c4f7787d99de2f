import Glibc
import SaltmillDelivery
import SaltmillDynamoDB

/// Finds the tables that a dump is of.
struct TableSelection {
    let client: DynamoDBClient
    let request: DumpRequest

    /// The tables' names, each once: names in the order given, what patterns find in the order of the server.
    /// - Throws: ``JobFailure`` when there are none, or when a pattern finds none.
    func find() async throws -> [String] {
        var found: [String] = []
        let patterns = request.isAll || (request.tables.isEmpty && !request.tags.isEmpty) ? ["*"] : request.tables
        let needsList = patterns.contains(where: Self.isPattern)
        let all =
            needsList ? try await client.explained("ListTables") { () async throws in try await client.listTables() } : []
        for pattern in patterns {
            let names = Self.isPattern(pattern) ? all.filter { fnmatch(pattern, $0, 0) == 0 } : [pattern]
            guard !names.isEmpty else {
                throw JobFailure(
                    .usage, "no table at \(client.endpoint.host) is called \(pattern); check the pattern, and quote it in a shell")
            }
            for name in names where !found.contains(name) { found.append(name) }
        }
        if !request.tags.isEmpty { found = try await tagged(found) }
        guard !found.isEmpty else {
            let tags = request.tags.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
            throw JobFailure(
                .usage, tags.isEmpty ? "there is no table to dump at \(client.endpoint.host)" : "no table has the tags \(tags)")
        }
        return found
    }

    private static func isPattern(_ text: String) -> Bool { text.utf8.contains { "*?[".utf8.contains($0) } }

    private func tagged(_ names: [String]) async throws -> [String] {
        var found: [String] = []
        for name in names {
            let tags = try await client.explained("asking for the tags of \(name)") { () async throws -> [Tag]? in
                guard let arn = try await client.describeTable(name).arn else { return nil }
                return try await client.listTags(arn: arn)
            }
            guard let tags else { throw JobFailure(.usage, "\(client.endpoint.host) has no tags; name the tables") }
            if request.tags.allSatisfy(tags.contains) { found.append(name) }
        }
        return found
    }
}
