import SaltmillDispatching
import SaltmillPacing

/// One of the limits on a running delivery's rate, for whoever explains it.
package struct LimitInForce: Sendable, Equatable, Codable {
    package enum Kind: String, Sendable, Codable {
        /// Somebody set it.
        case ceiling
        /// What the table, or an index, is taken to admit.
        case capacity
    }

    package var kind: Kind
    /// `units`, `items` or `bytes`.
    package var measure: String
    /// `table`, the name of an index, or nil for all of them together.
    package var resource: String?
    /// Per second.
    package var rate: Double
    /// What the resource is provisioned with, in write units a second; nil when it does not say.
    package var provisioned: Double?
    /// A capacity that neither the table nor refusals have told yet is no more than where a search has got to.
    package var isFound: Bool

    package init(kind: Kind, measure: String, resource: String?, rate: Double, provisioned: Double?, isFound: Bool) {
        self.kind = kind
        self.measure = measure
        self.resource = resource
        self.rate = rate
        self.provisioned = provisioned
        self.isFound = isFound
    }

    /// Nil for a limit that does not apply now.
    init?(_ limit: RateLimit, indexes: [IndexKey]) {
        guard !limit.bucket.isUnlimited else { return nil }
        kind = limit.discovery == nil ? .ceiling : .capacity
        measure =
            switch limit.measure {
            case .units: "units"
            case .items: "items"
            case .bytes: "bytes"
            }
        let resources = limit.resources
        if resources.nonzeroBitCount == 1 {
            let number = resources.trailingZeroBitCount
            resource = number == 0 ? "table" : indexes.indices.contains(number - 1) ? indexes[number - 1].name : nil
        }
        rate = limit.bucket.rate
        provisioned = limit.discovery?.known
        isFound = limit.discovery?.isFound ?? true
    }
}
