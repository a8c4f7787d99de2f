import SaltmillDynamoDB

extension TableDescription {
    /// What tells the table from any other that had or will have its name.
    var identity: String { id ?? "\(arn ?? name) created \(created ?? 0)" }

    /// Read units a second that it is provisioned with; nil for tables on demand.
    var readUnits: Double? {
        guard case .provisioned(let throughput) = billing else { return nil }
        return Double(throughput.read)
    }
}
