package import SaltedKeys
package import SaltmillDelivery
package import SaltmillDynamoDB

/// How a restored table is paid for.
package enum BillingChoice: Sendable, Equatable {
    case asItWas
    case onDemand
    case provisioned(Throughput)
}

/// What a table is to be made of, in what order.
package struct TablePlan: Sendable, Equatable {
    /// Settings that a dump keeps beside the table's description.
    package struct Settings: Sendable, Equatable {
        package var timeToLive: String?
        package var tags: [Tag] = []
        package var hasPointInTimeRecovery = false
        /// 1 to 35; nil leaves it to the service.
        package var recoveryDays: Int?

        package init() {}
    }

    package var target: String
    /// The table as it will be.
    package var blueprint: TableBlueprint
    package var settings: Settings
    package var createsIndexesAfter: Bool
    /// The salts of the table as it will be.
    package var salts: [SaltDeclaration]
    /// What does not come back, in sentences.
    package var notes: [String] = []

    /// - Throws: ``JobFailure`` where the transform cannot be done to the table.
    package init(
        _ blueprint: TableBlueprint, as target: String, settings: Settings, billing: BillingChoice = .asItWas,
        createsIndexesAfter: Bool = false, transform: ItemTransform = ItemTransform()
    ) throws(JobFailure) {
        let declared: [SaltDeclaration]
        do throws(SaltError) {
            declared = try SaltDeclaration.declarations(in: settings.tags.map { ($0.key, $0.value) })
        } catch {
            throw JobFailure(.failed, "the dump's salt tags are not understood: \(error)")
        }
        var blueprint = try transform.apply(to: blueprint, declared: declared)
        self.target = target
        self.createsIndexesAfter = createsIndexesAfter
        self.settings = settings
        salts = declared + (transform.salt.map { [$0] } ?? [])
        switch billing {
        case .asItWas: break
        case .onDemand:
            blueprint.billing = .onDemand
            blueprint.requestLimits = nil
        case .provisioned(let throughput):
            blueprint.billing = .provisioned(throughput)
            blueprint.requestLimits = nil
        }
        self.blueprint = blueprint
        if let attribute = settings.timeToLive {
            if transform.dropped.contains(attribute) {
                self.settings.timeToLive = nil
                notes.append("items will not expire, since \(attribute) is dropped")
            } else {
                self.settings.timeToLive = transform.newName(of: attribute)
            }
        }
        try setTags()
        if let key = blueprint.encryptionKey {
            notes.append("the table was encrypted with the key \(key); the new one has the service's own key until you choose another")
        }
        if !blueprint.replicas.isEmpty {
            notes.append("the replicas in \(blueprint.replicas.joined(separator: ", ")) are not made again; add them to the restored table")
        }
    }

    /// The tags of the new table: the old ones but the service's own, and the new salt's.
    private mutating func setTags() throws(JobFailure) {
        let reserved = settings.tags.filter { $0.key.lowercased().hasPrefix("aws:") }
        if !reserved.isEmpty {
            notes.append("the tags \(reserved.map(\.key).joined(separator: ", ")) are the service's own and cannot be set")
        }
        settings.tags.removeAll { reserved.contains($0) || $0.key.hasPrefix(SaltDeclaration.tagKey) }
        do throws(SaltError) {
            settings.tags += try SaltDeclaration.tags(for: salts).map { Tag($0.key, $0.value) }
        } catch {
            throw JobFailure(.usage, "the salt cannot be recorded on the table: \(error)")
        }
    }

    // MARK: Existing tables

    /// How far an existing table is to be like the planned one.
    package enum Likeness: Sendable {
        /// In everything that DescribeTable says of keys and indexes.
        case whole
        /// In what the items' own attributes must be.
        case key
    }

    /// What keeps an existing table from taking the items, in words; empty when nothing does.
    package func differences(to table: TableDescription, in likeness: Likeness) -> [String] {
        var found: [String] = []
        if table.key != blueprint.key { found.append("the key is \(Self.text(table.key)), in the dump \(Self.text(blueprint.key))") }
        guard likeness == .whole else { return found }
        compare("global index", table.globalIndexes, blueprint.globalIndexes, mayLack: createsIndexesAfter, &found)
        compare("local index", table.localIndexes, blueprint.localIndexes, mayLack: false, &found)
        return found
    }

    private func compare(
        _ what: String, _ present: [TableDescription.Index], _ wanted: [TableBlueprint.Index], mayLack: Bool, _ found: inout [String]
    ) {
        for index in wanted {
            guard let other = present.first(where: { $0.name == index.name }) else {
                if !mayLack { found.append("the \(what) \(index.name) is missing") }
                continue
            }
            if other.key != index.key {
                found.append("the \(what) \(index.name) has the key \(Self.text(other.key)), in the dump \(Self.text(index.key))")
            } else if !Self.isSame(other.projection, index.projection) {
                found.append("the \(what) \(index.name) carries other attributes than in the dump")
            }
        }
        for other in present where !wanted.contains(where: { $0.name == other.name }) {
            found.append("the \(what) \(other.name) is not in the dump")
        }
    }

    private static func isSame(_ left: Projection, _ right: Projection) -> Bool {
        guard case .include(let some) = left, case .include(let others) = right else { return left == right }
        return Set(some) == Set(others)
    }

    private static func text(_ key: KeySchema) -> String {
        "(\(key.hash.name) \(key.hash.type.rawValue)\(key.range.map { ", \($0.name) \($0.type.rawValue)" } ?? ""))"
    }
}
