package import SaltmillDynamoDB
import Synchronization

/// The limits of a running job, which follow what the table says of itself.
package final class TableWatch: Sendable {
    private let limits: Mutex<WriteLimits>
    private let describe: @Sendable () async throws -> TableDescription
    private let renew: @Sendable (TableDescription) throws -> WriteLimits

    /// - Parameters:
    ///   - describe: asks the endpoint for the table.
    ///   - renew: the limits under what the table says.
    package init(
        _ limits: WriteLimits, describe: @escaping @Sendable () async throws -> TableDescription,
        renew: @escaping @Sendable (TableDescription) throws -> WriteLimits
    ) {
        self.limits = Mutex(limits)
        self.describe = describe
        self.renew = renew
    }

    /// What applies at a time of day.
    package func pace(at utc: Int64) -> Pace { limits.withLock { $0.pace(at: utc) } }

    /// What the table, and then each index, is provisioned with now, in write units a second, nil where it does not say.
    ///
    /// When the table does not answer, or says what the ceilings cannot be reckoned from, everything stays as it was.
    /// - Returns: nil in that case.
    package func look() async -> [Double?]? {
        guard let table = try? await describe(), let latest = try? renew(table) else { return nil }
        return limits.withLock { limits in
            limits = latest
            return latest.provisioned
        }
    }
}
