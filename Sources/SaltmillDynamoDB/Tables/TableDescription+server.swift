/// What a table's ARN tells of the server, where servers differ from DynamoDB.
extension TableDescription {
    /// Puts and deletes that one BatchWriteItem takes.
    ///
    /// 25 by the Amazon DynamoDB API Reference. ScyllaDB Alternator takes 100 unless configured otherwise (`alternator_max_items_in_batch_write`), and
    /// its ARNs begin with `arn:scylla:`. One that is configured for fewer refuses the batch, which is then sent in halves.
    package var batchLimit: Int { arn?.hasPrefix("arn:scylla:") == true ? 100 : 25 }

    /// A scan's segments may each be the whole table.
    ///
    /// DynamoDB local, whose ARNs have the region `ddblocal`, ignores segments in some versions (Amazon DynamoDB Developer Guide, "DynamoDB local usage
    /// notes").
    package var mayIgnoreSegments: Bool { arn?.contains(":ddblocal:") == true }
}
