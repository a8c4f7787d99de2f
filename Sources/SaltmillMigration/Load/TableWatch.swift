import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillPacing
import Synchronization

/// The limits of a running load, which follow what the table says of itself.
final class TableWatch: Sendable {
    private let limits: Mutex<LoadLimits>
    private let describe: @Sendable () async throws -> TableDescription
    private let renew: @Sendable (TableDescription) throws -> LoadLimits

    /// - Parameters:
    ///   - describe: asks the endpoint for the table.
    ///   - renew: the limits under what the table says.
    init(
        _ limits: LoadLimits, describe: @escaping @Sendable () async throws -> TableDescription,
        renew: @escaping @Sendable (TableDescription) throws -> LoadLimits
    ) {
        self.limits = Mutex(limits)
        self.describe = describe
        self.renew = renew
    }

    /// What applies at a time of day.
    func pace(at utc: Int64) -> Pace { limits.withLock { $0.pace(at: utc) } }

    /// What the table, and then each index, is provisioned with now, in write units a second, nil where it does not say.
    ///
    /// When the table does not answer, or says what the ceilings cannot be reckoned from, everything stays as it was.
    /// - Returns: nil in that case.
    func look() async -> [Double?]? {
        guard let table = try? await describe(), let latest = try? renew(table) else { return nil }
        return limits.withLock { limits in
            guard latest.isLike(limits) else { return nil }
            limits = latest
            return latest.provisioned
        }
    }
}
