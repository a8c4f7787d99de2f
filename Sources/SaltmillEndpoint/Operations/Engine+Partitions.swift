import SaltmillPartitions

extension Engine {
    func partitions(of name: String) -> PartitionedTable? {
        guard let table = tables[name] else { return nil }
        table.partitions.advance(to: configuration.clock.monotonic())
        return table.partitions
    }

    /// Reports splits and keeps them.
    func noteSplits(of table: Table) {
        let splits = table.partitions.takeSplits()
        guard !splits.isEmpty else { return }
        for (resource, split) in splits {
            let name = table.indexName(resource).map { "index \(table.name)/\($0)" } ?? "table \(table.name)"
            let who = split.partition.map { "partition \($0)" } ?? "all partitions"
            configuration.splitReport?("\(name): \(who) split (\(split.cause.rawValue)): \(split.count) partitions")
        }
        // The request has been answered by now; what cannot be kept is written again with the next split and at the end.
        try? store.use { try save(table) }
    }

    /// Keeps what has changed without a split: sizes and peaks.
    func savePartitions() {
        // A table that cannot be kept comes back as it was at its last split, of the size that it has.
        for table in tables.values { try? store.use { try save(table) } }
    }
}
