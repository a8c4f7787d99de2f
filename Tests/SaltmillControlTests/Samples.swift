import Foundation
import SaltmillDelivery

extension DeliveryProgress {
    /// A load of a million rows that has written a thousand of them.
    static func sample(run: Int = 1) -> DeliveryProgress {
        var account = Account()
        (account.read, account.written) = (1100, 1000)
        return DeliveryProgress(
            account: account, usage: Usage(indexCount: 0), totalRows: 1_000_000, ceiling: 800, limiter: .ceiling, elapsed: 10,
            run: run)
    }
}

extension LimitInForce {
    static func capacity(of resource: String, provisioned: Double?) -> LimitInForce {
        LimitInForce(
            kind: .capacity, measure: "units", resource: resource, rate: provisioned ?? 4000, provisioned: provisioned, isFound: true)
    }
}

extension HotKeyEntry {
    init(key: String, refusals: Int, tries: Int, share: Double, shards: Int?) {
        self.init(key: key, index: nil, refusals: refusals, tries: tries, share: share, shards: shards)
    }
}

/// A folder that is deleted at the end.
func withFolder<Value>(_ body: (String) throws -> Value) throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "saltmill-control-\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}
