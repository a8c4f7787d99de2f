import SaltmillSources

extension TrapEvidence {
    /// What can be known of a live database without reading all of it.
    func ofDatabase(_ evidence: PlanReading.Evidence) -> [PlanTrap] {
        [mapped(evidence), same(evidence), live, cascade(evidence.input)].compactMap(\.self)
    }

    private func mapped(_ evidence: PlanReading.Evidence) -> PlanTrap? {
        guard let missing = evidence.missingKeyColumns else { return nil }
        let outcome = spec.duplicates == .unchecked ? "only one of them would stay" : "a load refuses to begin"
        return PlanTrap(
            kind: .keyCollision,
            what: "rows of \(spec.source.name) that differ in \(listed(evidence.input.keys[0])) can get the same key, and \(outcome)",
            cure: "take \(listed(missing)) into the key, each by `from` or in a template that can be read back in one way only")
    }

    private func same(_ evidence: PlanReading.Evidence) -> PlanTrap? {
        guard evidence.sameKeys > 0 else { return nil }
        return PlanTrap(
            kind: .sameKey,
            what:
                "\(PlanNumber.grouped(evidence.sameKeys)) of the sample's \(PlanNumber.grouped(evidence.sample.rows)) rows have a key that another one has too, and overwrite each other; among all rows there are more",
            cure: "if they are different rows, add a column to the key that tells them apart")
    }

    private var live: PlanTrap? {
        PlanTrap(
            kind: .liveSource,
            what:
                "changes that are made to \(spec.source.name) after a load has begun are not covered: it reads by key in short statements, without a snapshot or a cursor that stays open",
            cure: "write nothing there during the load, or find the changes afterwards with `saltmill verify` and `--repair`")
    }

    /// The manuals of MySQL ("Trigger Syntax and Examples") and MariaDB ("Trigger Limitations") say that no trigger sees a cascade;
    /// in none of them, nor in PostgreSQL, does a row's trigger see TRUNCATE.
    private func cascade(_ input: DatabaseInput) -> PlanTrap? {
        guard let key = input.foreignKeys.first(where: \.isCascading) else { return nil }
        let ways = "ON DELETE \(key.onDelete), ON UPDATE \(key.onUpdate)"
        let unseen =
            input.selection.url.kind == .mysql
            ? "no trigger sees that, nor a TRUNCATE"
            : "triggers see that only where they are on this table, and row triggers see no TRUNCATE"
        return PlanTrap(
            kind: .silentChanges,
            what:
                "the foreign key \(key.name) changes rows of \(spec.source.name) when those of \(key.otherTable) go or change (\(ways)); \(unseen)",
            cure:
                "do not rely on triggers to tell of changes during the load; leave \(key.otherTable) alone until it is done, or verify afterwards"
        )
    }
}
