import SaltmillBytes

/// dynamodump's `schema.json`: a table's description as botocore's model orders it.
enum DynamodumpSchema {
    /// The order of the members in the service's model, those of the inner objects among them.
    private static let order = """
        AttributeDefinitions TableName IndexName AttributeName AttributeType KeySchema KeyType Projection ProjectionType NonKeyAttributes \
        TableStatus IndexStatus Backfilling CreationDateTime ProvisionedThroughput LastIncreaseDateTime LastDecreaseDateTime \
        NumberOfDecreasesToday ReadCapacityUnits WriteCapacityUnits TableSizeBytes IndexSizeBytes ItemCount TableArn IndexArn TableId \
        BillingModeSummary BillingMode LastUpdateToPayPerRequestDateTime LocalSecondaryIndexes GlobalSecondaryIndexes StreamSpecification \
        StreamEnabled StreamViewType LatestStreamLabel LatestStreamArn GlobalTableVersion Replicas RegionName ReplicaStatus \
        ReplicaStatusDescription ReplicaStatusPercentProgress KMSMasterKeyId ProvisionedThroughputOverride OnDemandThroughputOverride \
        GlobalTableWitnesses WitnessStatus RestoreSummary SourceBackupArn SourceTableArn RestoreDateTime RestoreInProgress SSEDescription \
        SSEType KMSMasterKeyArn InaccessibleEncryptionDateTime ArchivalSummary ArchivalDateTime ArchivalReason ArchivalBackupArn \
        TableClassSummary TableClass LastUpdateDateTime DeletionProtectionEnabled OnDemandThroughput MaxReadRequestUnits \
        MaxWriteRequestUnits WarmThroughput ReadUnitsPerSecond WriteUnitsPerSecond Status MultiRegionConsistency
        """
    private static let ranks = Dictionary(
        uniqueKeysWithValues: order.split(separator: " ").enumerated().map { (String($0.element), $0.offset) })

    /// The content of `schema.json`.
    /// - Parameter table: `DescribeTable`'s `Table`.
    static func text(_ table: JSONValue) -> [UInt8] {
        var members = (arranged(table).members ?? []).filter { $0.name != "ProvisionedThroughput" }
        // Without this member dynamodump cannot restore the table; zeros are what on-demand tables have there.
        let throughput = table["ProvisionedThroughput"].map(arranged) ?? ["ReadCapacityUnits": 0, "WriteCapacityUnits": 0]
        let rank = ranks["ProvisionedThroughput"] ?? 0
        members.insert(
            JSONValue.Member("ProvisionedThroughput", throughput), at: members.firstIndex { ranks[$0.name] ?? .max > rank } ?? members.count
        )
        let json: JSONValue = ["Table": .object(members)]
        var output: [UInt8] = []
        DynamodumpText.append(json.bytes.span, level: 0, to: &output)
        return output
    }

    private static func arranged(_ json: JSONValue) -> JSONValue {
        switch json {
        case .array(let elements): return .array(elements.map(arranged))
        case .object(let members):
            let kept = members.filter { $0.value != .null }.enumerated().map { offset, member in
                let isTime = member.name.hasSuffix("DateTime")
                let time = isTime ? member.value.double.map { JSONValue.string(Timestamp.pythonText($0)) } : nil
                return (rank: ranks[member.name] ?? .max, offset: offset, JSONValue.Member(member.name, time ?? arranged(member.value)))
            }
            return .object(kept.sorted { ($0.rank, $0.offset) < ($1.rank, $1.offset) }.map { $0.2 })
        default: return json
        }
    }
}
