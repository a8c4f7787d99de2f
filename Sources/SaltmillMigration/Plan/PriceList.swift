import Foundation
import SaltmillBytes
package import SaltmillDelivery

/// What the store charges: a price file as `schemas/prices.schema.json` describes it.
package struct PriceList: Sendable, Equatable {
    package var currency: String
    package var region: String
    /// The day that the prices are of, YYYY-MM-DD.
    package var date: String
    /// On demand: a million write request units.
    package var millionWrites: Double
    /// Provisioned: one write unit, one read unit, for an hour.
    package var writeUnitHour: Double
    package var readUnitHour: Double
    /// A gigabyte stored for a month.
    package var gigabyteMonth: Double

    /// Reads a price file.
    /// - Throws: ``JobFailure`` that names the field at fault.
    package init(path: String) throws(JobFailure) {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw JobFailure(.usage, "the price file \(path) cannot be read; name one that is like schemas/examples/prices.json")
        }
        try self.init(json: Array(data), name: path)
    }

    /// - Parameter name: what the text is called in messages.
    package init(json: [UInt8], name: String) throws(JobFailure) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: json.span)
        } catch {
            throw JobFailure(.usage, "the price file \(name) is not JSON: \(error)")
        }
        guard value["version"]?.int == 1 else {
            throw JobFailure(.usage, "the price file \(name) has no `version` that this Saltmill reads; it must be 1")
        }
        func text(_ field: String) throws(JobFailure) -> String {
            guard let text = value[field]?.string, !text.isEmpty else {
                throw JobFailure(.usage, "the price file \(name) lacks the text `\(field)`; see schemas/prices.schema.json")
            }
            return text
        }
        func price(_ group: String, _ field: String) throws(JobFailure) -> Double {
            guard let price = value[group]?[field]?.double, price >= 0, price.isFinite else {
                throw JobFailure(.usage, "the price file \(name) lacks the number `\(group).\(field)`; see schemas/prices.schema.json")
            }
            return price
        }
        currency = try text("currency")
        region = try text("region")
        date = try text("date")
        millionWrites = try price("on_demand", "million_write_request_units")
        writeUnitHour = try price("provisioned", "write_unit_hour")
        readUnitHour = try price("provisioned", "read_unit_hour")
        gigabyteMonth = try price("storage", "gigabyte_month")
    }
}

/// What a load costs, and what it leaves to be paid for, in a price list's currency.
package struct PlanCost: Sendable, Equatable {
    package var prices: PriceList
    /// The load's write units at the price on demand, table and indexes.
    package var onDemand: Double
    /// Provisioned units for the hours that the load takes, closed hours included, table and indexes.
    package var provisioned: Double
    /// The units and hours that ``provisioned`` is counted from.
    package var writeUnits: Int
    package var readUnits: Int
    package var hours: Int
    /// A month of what will be stored, table and indexes.
    package var storageMonth: Double
    package var isOnDemand: Bool

    /// Bytes that each item and each index entry is stored with beside its own (Developer Guide, "Estimating a table's size").
    static let overhead = 100
    /// Bytes of the gigabyte that storage is charged by.
    static let gigabyte = 1_073_741_824.0

    /// What the load itself costs under the table's own billing.
    package var load: Double { isOnDemand ? onDemand : provisioned }
}

extension PlanCost {
    /// - Parameters:
    ///   - seconds: how long the load takes, closed hours included.
    ///   - throughput: of the table and each index; nil for those on demand, which `peak` then stands for.
    ///   - peak: the most units a second that the load takes of each.
    init(_ prices: PriceList, resources: [LoadPlan.Resource], seconds: Double, isOnDemand: Bool) {
        self.prices = prices
        self.isOnDemand = isOnDemand
        hours = max(Int((seconds / 3600).rounded(.up)), 1)
        writeUnits = resources.reduce(0) { $0 + ($1.provisionedWrite ?? max(Int($1.peakUnitsPerSecond.rounded(.up)), 1)) }
        readUnits = resources.reduce(0) { $0 + ($1.provisionedRead ?? 1) }
        let units = resources.reduce(0) { $0 + $1.units }
        onDemand = Double(units) / 1e6 * prices.millionWrites
        provisioned = Double(hours) * (Double(writeUnits) * prices.writeUnitHour + Double(readUnits) * prices.readUnitHour)
        let stored = resources.reduce(0) { $0 + $1.bytes + Self.overhead * $1.items }
        storageMonth = Double(stored) / Self.gigabyte * prices.gigabyteMonth
    }
}
