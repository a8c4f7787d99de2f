import SaltmillDelivery
import SaltmillDynamoDB
import Synchronization

/// Asks for the table while it is written to: for what it is provisioned with, and whether it is still the same table.
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

    /// What the table, and then each global index, is provisioned with now, in write units a second; nil when there is no answer of use.
    func look() async -> [Double?]? {
        guard let latest = try? await client.describeTable(table.name) else { return nil }
        guard latest.identity == table.identity else {
            let end = ender.withLock { $0 }
            end?(.failed(Self.recreated(table.name)))
            return nil
        }
        guard latest.globalIndexes.map(\.name) == table.globalIndexes.map(\.name) else { return nil }
        return WriteCeiling.provisioned(of: latest)
    }

    static func recreated(_ name: String) -> String {
        "somebody else has deleted and recreated the table \(name) while it was written to, so it does not have all items; look at that table, then remove the state's folder to begin anew"
    }
}

extension TableDescription {
    /// What tells the table from another one that had its name before.
    var identity: String { id ?? "\(arn ?? name) created \(created ?? 0)" }
}
