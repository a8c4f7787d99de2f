import SaltmillBytes

/// Time to live: items whose time has passed are removed in the background, some at a time; until then they can be read.
extension Engine {
    /// Values further back are not taken for times (Developer Guide, "How it works: DynamoDB Time to Live").
    private static let oldest = 5.0 * 365 * 86_400
    /// How many rows are looked at in one go.
    private static let rows = 5000

    func describeTimeToLive(_ request: RequestBody) throws -> Answer {
        try request.allowOnly(["TableName"], .describeTimeToLive)
        let attribute = try controlledTable(request).definition.settings.expiryAttribute
        var members: [JSONValue.Member] = [.init("TimeToLiveStatus", .string(attribute == nil ? "DISABLED" : "ENABLED"))]
        if let attribute { members.append(.init("AttributeName", .string(attribute))) }
        return Answer(["TimeToLiveDescription": .object(members)])
    }

    func updateTimeToLive(_ request: RequestBody) throws -> Answer {
        try request.allowOnly(["TableName", "TimeToLiveSpecification"], .updateTimeToLive)
        guard let specification = try request.value("TimeToLiveSpecification") else { throw Self.missing("timeToLiveSpecification") }
        var constraints = Constraints()
        let enabled = try specification.member("Enabled")?.expectBool()
        if enabled == nil { constraints.violated("null", at: "timeToLiveSpecification.enabled", "not be null") }
        let attribute = try specification.member("AttributeName")?.expectString()
        let place = "timeToLiveSpecification.attributeName"
        switch attribute?.utf8.count {
        case nil: constraints.violated("null", at: place, "not be null")
        case 0?: constraints.violated("''", at: place, "have length greater than or equal to 1")
        case let length? where length > 255:
            constraints.violated("'\(attribute ?? "")'", at: place, "have length less than or equal to 255")
        default: break
        }
        try constraints.finish()
        let table = try controlledTable(request)
        guard let enabled, let attribute else { throw Self.missing("timeToLiveSpecification") }
        let current = table.definition.settings.expiryAttribute
        guard enabled != (current != nil) else {
            throw ServiceError.validation("TimeToLive is already \(enabled ? "enabled" : "disabled")")
        }
        guard enabled || attribute == current else {
            throw ServiceError.validation("TimeToLive is active on a different AttributeName: current AttributeName is \(current ?? "")")
        }
        try change(table) { $0.settings.expiryAttribute = enabled ? attribute : nil }
        return Answer(["TimeToLiveSpecification": specification])
    }

    /// Removes some of the items that have expired, going on where it stopped the last time.
    func expire() throws {
        let now = configuration.clock.epoch()
        for table in tables.values where table.definition.settings.expiryAttribute != nil { try expire(table, at: now) }
    }

    private func expire(_ table: Table, at now: Double) throws {
        guard let attribute = table.definition.settings.expiryAttribute else { return }
        let names = [ProjectedAttribute(attribute).nameInJSON]
        let all = KeyRange(prefix: RowKey(collection: table.definition.collection))
        let range = table.expiredUpTo.map { all.after($0, descending: false) } ?? all
        var expired: [(key: RowKey, item: [UInt8])] = []
        var last: RowKey?
        var count = 0
        try store.use {
            try store.scan(range) { key, _, item in
                var scanner = JSONScanner()
                if case .number(let number)? = try ItemValue.members(&scanner, item, only: names).first?.value,
                    let time = number.double, time < now, time > now - Self.oldest
                {
                    expired.append((RowKey(bytes: key.array), item.array))
                }
                count += 1
                last = RowKey(bytes: key.array)
                return count < Self.rows
            }
            reader.removeAll()
            let writes = try expired.map { row in
                var scanner = JSONScanner()
                return Write(table: 0, key: row.key, item: try reader.readMap(&scanner, row.item.span), isPut: false)
            }
            if !writes.isEmpty { _ = try write(writes, on: [table], mode: .free) }
        }
        table.expiredUpTo = count < Self.rows ? nil : last
    }
}

extension DecimalNumber {
    fileprivate var double: Double? {
        var text: [UInt8] = []
        appendText(to: &text)
        return Double(String(decoding: text, as: UTF8.self))
    }
}
