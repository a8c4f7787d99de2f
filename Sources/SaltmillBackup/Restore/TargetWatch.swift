import SaltmillDelivery
import SaltmillDynamoDB
import Synchronization

/// Asks for the table while it is written to, and ends the restore should it be another one.
final class TargetWatch: Sendable {
    private let client: DynamoDBClient
    private let table: TableDescription
    private let ender = Mutex<(@Sendable (Ending) -> Void)?>(nil)

    /// - Parameter table: as it was when writing began.
    init(client: DynamoDBClient, table: TableDescription) {
        self.client = client
        self.table = table
    }

    /// Has `end` called should another table of the name be found.
    func whenRecreated(_ end: @escaping @Sendable (Ending) -> Void) { ender.withLock { $0 = end } }

    /// The table as it is now.
    /// - Throws: when there is no answer, or it is another table.
    func describe() async throws -> TableDescription {
        let latest = try await client.describeTable(table.name)
        guard latest.identity == table.identity else {
            let failure = JobFailure(.failed, Self.recreated(table.name))
            let end = ender.withLock { $0 }
            end?(.failed(failure.description))
            throw failure
        }
        return latest
    }

    static func recreated(_ name: String) -> String {
        "somebody else has deleted and recreated the table \(name) while it was written to, so it does not have all items; look at that table, then remove the state's folder to begin anew"
    }
}
