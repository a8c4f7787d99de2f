import SaltmillBytes
import SaltmillPartitions

/// Units that a request drew on a table and its indexes.
struct ConsumedCapacity {
    /// The table's own, without its indexes'.
    var table = 0.0
    /// By position in the table's indexes; only those that were touched.
    private(set) var indexes: [Int: Double] = [:]

    mutating func add(_ units: Double, index: Int) { indexes[index, default: 0] += units }

    mutating func add(_ other: ConsumedCapacity) {
        table += other.table
        for (index, units) in other.indexes { add(units, index: index) }
    }

    var total: Double { indexes.values.reduce(table, +) }

    /// Write units of a size: one for each KB begun, at least one (Developer Guide, "Capacity unit consumption for write operations").
    static func writeUnits(_ size: Int) -> Double { Double(max(1, (size + 1023) / 1024)) }

    /// Read units of a size: one for each 4 KB begun, at least `minimum`; half of that for an eventually consistent read.
    static func readUnits(_ size: Int, consistent: Bool, minimum: Int = 1) -> Double {
        Double(max(minimum, (size + 4095) / 4096)) * (consistent ? 1 : 0.5)
    }

    /// The `ConsumedCapacity` member's value, nil when none was asked for.
    /// - Parameters:
    ///   - withTable: whether the table itself was read, not only one of its indexes.
    ///   - transactional: for transactions, whether the units are of reading or of writing, which is told then.
    func json(_ table: Table, _ detail: ReturnConsumedCapacity, withTable: Bool = true, transactional: Access? = nil) -> JSONValue? {
        guard detail != .none else { return nil }
        func units(_ units: Double) -> [JSONValue.Member] {
            let members = [JSONValue.Member("CapacityUnits", Self.number(units))]
            guard let transactional else { return members }
            return members + [.init(transactional == .read ? "ReadCapacityUnits" : "WriteCapacityUnits", Self.number(units))]
        }
        var members: [JSONValue.Member] = [.init("TableName", .string(table.name))] + units(total)
        guard detail == .indexes else { return .object(members) }
        if withTable { members.append(.init("Table", .object(units(self.table)))) }
        for (member, isGlobal) in [("LocalSecondaryIndexes", false), ("GlobalSecondaryIndexes", true)] {
            let touched = table.definition.indexes.indices.filter {
                table.definition.indexes[$0].isGlobal == isGlobal && indexes[$0] != nil
            }
            guard !touched.isEmpty else { continue }
            members.append(
                .init(
                    member,
                    .object(
                        touched.map { .init(table.definition.indexes[$0].name, .object(units(indexes[$0] ?? 0))) })))
        }
        return .object(members)
    }

    private static func number(_ units: Double) -> JSONValue { .number(String(units)) }
}
