import SaltmillBytes

/// Continuous backups: what is set is reported; nothing is backed up, and nothing can be restored.
extension Engine {
    private static let defaultDays = 35

    func describeContinuousBackups(_ request: RequestBody) throws -> Answer {
        try request.allowOnly(["TableName"], .describeContinuousBackups)
        return continuousBackups(try backedUpTable(request).definition.settings)
    }

    func updateContinuousBackups(_ request: RequestBody) throws -> Answer {
        try request.allowOnly(["TableName", "PointInTimeRecoverySpecification"], .updateContinuousBackups)
        let table = try backedUpTable(request)
        guard let specification = try request.value("PointInTimeRecoverySpecification"),
            let enabled = try specification.member("PointInTimeRecoveryEnabled")?.expectBool()
        else { throw Self.missing("pointInTimeRecoverySpecification") }
        let days = try specification.member("RecoveryPeriodInDays")?.expectInt() ?? Self.defaultDays
        guard (1...Self.defaultDays).contains(days) else {
            throw ServiceError.validation(
                "1 validation error detected: Value '\(days)' at 'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to satisfy "
                    + "constraint: Member must have value \(days < 1 ? "greater than or equal to 1" : "less than or equal to 35")")
        }
        let now = configuration.clock.epoch()
        try change(table) { definition in
            if enabled, definition.settings.recoveryDays == nil { definition.settings.recoverySince = now }
            definition.settings.recoveryDays = enabled ? days : nil
        }
        return continuousBackups(table.definition.settings)
    }

    private func backedUpTable(_ request: RequestBody) throws -> Table {
        do {
            return try controlledTable(request)
        } catch let error as ServiceError where error.type.hasSuffix("#ResourceNotFoundException") {
            throw ServiceError.noBackedUpTable(tableName(of: try request.string("TableName") ?? ""))
        }
    }

    private func continuousBackups(_ settings: TableSettings) -> Answer {
        var members: [JSONValue.Member] = [
            .init("PointInTimeRecoveryStatus", .string(settings.recoveryDays == nil ? "DISABLED" : "ENABLED"))
        ]
        if let days = settings.recoveryDays {
            members.append(.init("RecoveryPeriodInDays", .integer(days)))
            members.append(.init("EarliestRestorableDateTime", TableDescriber.time(settings.recoverySince)))
            members.append(
                .init("LatestRestorableDateTime", TableDescriber.time(max(settings.recoverySince, configuration.clock.epoch() - 300))))
        }
        return Answer([
            "ContinuousBackupsDescription": [
                "ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": .object(members),
            ]
        ])
    }
}
