import SaltmillDynamoDB

extension SpecReader {
    /// The section `target`.
    mutating func target(_ node: SpecNode) -> TargetTable? {
        guard let object = object(node, .target, example: "{ table: flights }") else { return nil }
        var create: Billing?
        if let node = object["create"] { create = creation(node) }
        let existing = object["existing"].flatMap { choice($0, TargetTable.Existing.allCases) } ?? .refuse
        let purpose = object["purpose"].flatMap { choice($0, TargetTable.Purpose.allCases) } ?? .production
        guard let table = required(object, "table", "name the table to write to, e.g. `table: flights`").flatMap({ tableName($0) }) else {
            return nil
        }
        return TargetTable(table: table, purpose: purpose, existing: existing, create: create)
    }

    /// A table's or an index's name (Amazon DynamoDB Developer Guide, Naming rules).
    mutating func tableName(_ node: SpecNode) -> String? {
        guard let name = text(node) else { return nil }
        guard (3...255).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameByte) else {
            mustBe("3 to 255 letters, digits, `_`, `.` or `-`", node)
            return nil
        }
        return name
    }

    /// Letters, digits, `_`, `.` and `-`.
    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    private enum BillingName: String, CaseIterable {
        case onDemand = "on-demand"
        case provisioned
    }

    private mutating func creation(_ node: SpecNode) -> Billing? {
        guard let object = object(node, .create, example: "{ billing: on-demand }"),
            let billing = required(object, "billing", "write `on-demand` or `provisioned`").flatMap({ choice($0, BillingName.allCases) })
        else { return nil }
        switch billing {
        case .provisioned:
            return throughput(object, "a provisioned table needs it").map { .provisioned($0) }
        case .onDemand:
            for name in ["write", "read"] {
                if let node = object[name] { report(node, "has no meaning on demand; remove it or use `billing: provisioned`") }
            }
            return .onDemand
        }
    }

    /// The fields `write` and `read` of a table or an index.
    mutating func throughput(_ object: SpecObject, _ reason: String) -> Throughput? {
        let write = required(object, "write", "\(reason); give write capacity units a second, e.g. `write: 1000`")
            .flatMap { count($0, 1...Int.max) }
        let read = required(object, "read", "\(reason); give read capacity units a second, e.g. `read: 200`")
            .flatMap { count($0, 1...Int.max) }
        guard let write, let read else { return nil }
        return Throughput(read: read, write: write)
    }

    /// The section `rejects`.
    mutating func rejects(_ node: SpecNode, default policy: RejectPolicy, origin: SpecOrigin) -> RejectPolicy {
        var policy = policy
        guard let object = object(node, .rejects, example: "{ stop_after: 1% }") else { return policy }
        if let file = object["file"].flatMap({ self.name($0) }) { policy.path = origin.resolve(file) }
        if let node = object["stop_after"], let text = text(node) {
            let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
            let isDecimal = digits.utf8.first != 0x2E && digits.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
            if text == "none" {
                policy.limit = .none
            } else if isDecimal, text.hasSuffix("%"), let percent = Double(digits), percent <= 100 {
                policy.limit = .share(percent / 100)
            } else if isDecimal, let rows = Int(text) {
                policy.limit = .rows(rows)
            } else {
                mustBe("a number of rows such as `1000`, a share of them such as `1%`, or `none`", node)
            }
        }
        return policy
    }
}
