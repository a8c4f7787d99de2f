import SaltmillBytes
import SaltmillPartitions

extension Engine {
    /// Changes a table's throughput, billing mode and protection, and its global indexes' throughput; nothing is changed if anything is wrong.
    func updateTable(_ request: RequestBody) throws -> Answer {
        try request.allowOnly(
            TableSettings.parameters.union([
                "TableName", "AttributeDefinitions", "BillingMode", "ProvisionedThroughput", "GlobalSecondaryIndexUpdates",
                "OnDemandThroughput", "DeletionProtectionEnabled",
            ]), .updateTable)
        let table = try controlledTable(request)
        var constraints = Constraints()
        let mode = constraints.check(try request.string("BillingMode"), at: "billingMode", BillingMode.self)
        let requested = try TableRequest.throughput(request.value("ProvisionedThroughput"), at: "provisionedThroughput", &constraints)
        let indexChange = try IndexChange(request, &constraints)
        let updates = indexChange == nil ? try indexUpdates(request.value("GlobalSecondaryIndexUpdates"), &constraints) : []
        let protection = try request.bool("DeletionProtectionEnabled")
        try constraints.finish()
        let maximum = try TableRequest.maximum(request.value("OnDemandThroughput"), changing: table.definition.maximum)
        var changed = table.definition
        let isSet = try changed.settings.change(by: request, at: configuration.clock.epoch())
        guard isSet || indexChange != nil || mode != nil || requested != nil || maximum != nil || !updates.isEmpty || protection != nil
        else {
            throw ServiceError.validation(
                "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or "
                    + "ReplicaUpdates is required")
        }
        let throughput = try newThroughput(of: changed, mode, requested)
        if let throughput { try change(&changed.throughput, &changed.history, to: throughput) }
        if throughput == .onDemand { changed.onDemandSince = configuration.clock.epoch() }
        if let maximum {
            try TableCreation.checkMaximum(changed.throughput)
            changed.maximum = maximum
        } else if changed.throughput != .onDemand {
            changed.maximum = OnDemandMaximum()
        }
        try change(&changed.indexes, updates, switching: throughput, from: table.definition)
        if let protection { changed.deletionProtection = protection }

        let before = (table.definition, table.contents, table.partitions)
        do {
            try store.transaction {
                if let indexChange { try apply(indexChange, to: table, &changed) }
                table.partitions.update(from: table.definition, to: changed, at: configuration.clock.monotonic())
                table.definition = changed
                try save(table)
            }
        } catch {
            (table.definition, table.contents, table.partitions) = before
            throw error
        }
        touchedTables.append(table)
        return Answer(["TableDescription": describer.describe(table, status: "ACTIVE")])
    }

    /// What the table's throughput is to become; nil where it stays.
    private func newThroughput(of table: TableDefinition, _ mode: BillingMode?, _ requested: Throughput?) throws -> Throughput? {
        let current: BillingMode = table.throughput == .onDemand ? .payPerRequest : .provisioned
        switch (mode ?? current, requested) {
        case (.payPerRequest, .some):
            throw ServiceError.invalidParameter(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
        case (.payPerRequest, nil): return current == .payPerRequest ? nil : .onDemand
        case (.provisioned, nil):
            guard mode != nil, current == .payPerRequest else { return nil }
            throw ServiceError.invalidParameter(
                "ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
        case (.provisioned, let requested?):
            guard requested == table.throughput, case .provisioned(let read, let write) = requested else { return requested }
            throw ServiceError.validation(
                "The provisioned throughput for the table will not change. The requested value equals the current value. "
                    + "Current ReadCapacityUnits provisioned for the table: \(read). Requested ReadCapacityUnits: \(read). "
                    + "Current WriteCapacityUnits provisioned for the table: \(write). Requested WriteCapacityUnits: \(write). "
                    + "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.")
        }
    }

    private func change(_ throughput: inout Throughput, _ history: inout ThroughputHistory, to other: Throughput) throws {
        if case .provisioned(let read, let write) = throughput, case .provisioned(let newRead, let newWrite) = other {
            let now = configuration.clock.epoch()
            if newRead > read || newWrite > write { history.increased = now }
            if newRead < read || newWrite < write { try history.decrease(at: now) }
        }
        throughput = other
    }

    private func indexUpdates(_ value: JSONValue?, _ constraints: inout Constraints) throws -> [(name: String, throughput: Throughput)] {
        try (value?.expectArray() ?? []).enumerated().compactMap { number, element in
            guard let update = element.member("Update") else {
                throw ServiceError.validation(
                    "One or more parameter values were invalid: GlobalSecondaryIndexUpdate must have one of Create, Update or Delete")
            }
            let place = "globalSecondaryIndexUpdates.\(number + 1).member.update"
            let name = try update.member("IndexName")?.expectString()
            if name == nil { constraints.violated("null", at: "\(place).indexName", "not be null") }
            let throughput = try TableRequest.throughput(
                update.member("ProvisionedThroughput"), at: "\(place).provisionedThroughput", &constraints)
            guard let throughput, let name else {
                if update.member("ProvisionedThroughput") == nil {
                    constraints.violated("null", at: "\(place).provisionedThroughput", "not be null")
                }
                return nil
            }
            return (name, throughput)
        }
    }

    private func change(
        _ indexes: inout [IndexDefinition], _ updates: [(name: String, throughput: Throughput)], switching: Throughput?,
        from table: TableDefinition
    ) throws {
        let isOnDemand = (switching ?? table.throughput) == .onDemand
        for update in updates {
            guard let index = indexes.firstIndex(where: { $0.name == update.name && $0.isGlobal }) else {
                throw ServiceError.invalidParameter("The table does not have the specified index: \(update.name)")
            }
            guard !isOnDemand else {
                throw ServiceError.invalidParameter(
                    "ProvisionedThroughput should not be specified for index: \(update.name) when BillingMode is PAY_PER_REQUEST")
            }
            guard indexes[index].throughput != update.throughput else {
                throw ServiceError.validation(
                    "The provisioned throughput for the index \(update.name) will not change. "
                        + "The requested value equals the current value.")
            }
            if var throughput = indexes[index].throughput {
                try change(&throughput, &indexes[index].history, to: update.throughput)
                indexes[index].throughput = throughput
            }
        }
        for index in indexes.indices where indexes[index].isGlobal {
            if isOnDemand { indexes[index].throughput = .onDemand } else { indexes[index].maximum = OnDemandMaximum() }
            guard isOnDemand == (indexes[index].throughput == .onDemand) else {
                throw ServiceError.invalidParameter("ProvisionedThroughput must be specified for index: \(indexes[index].name)")
            }
        }
    }
}

extension PartitionedTable {
    /// Sets the throughputs and maxima that have changed.
    fileprivate mutating func update(from old: TableDefinition, to new: TableDefinition, at now: Int64) {
        if new.throughput != old.throughput { table.setThroughput(new.throughput, at: now) }
        if new.maximum != old.maximum { table.setMaximum(new.maximum, at: now) }
        for (number, index) in new.globalIndexes.enumerated() {
            let (before, after) = (old.indexes[index], new.indexes[index])
            if let throughput = after.throughput, throughput != before.throughput { indexes[number].setThroughput(throughput, at: now) }
            if after.maximum != before.maximum { indexes[number].setMaximum(after.maximum, at: now) }
        }
    }
}
