package import SaltmillDelivery
import SaltmillPacing

/// How a dump is restored.
package struct RestoreOptions: Sendable {
    package enum Content: Sendable, Equatable {
        case everything
        /// The tables without items.
        case schema
        /// The items, into tables that are there.
        case data
    }

    /// How the result is checked.
    package enum Verification: String, Sendable, CaseIterable {
        /// Every item is read back and all of them are compared with the dump's digest.
        case scan
        /// The items are counted.
        case count
        case none
    }

    package var selection = RestoreSelection()
    package var content = Content.everything
    /// Items may be written into tables that have some.
    package var intoExisting = false
    /// Tables may be replaced by dumps that hold only some of the items, or only some attributes of them.
    package var allowsPartial = false
    package var billing = BillingChoice.asItWas
    package var createsIndexesAfter = false
    package var transform = ItemTransform()
    /// How fast to write, and to read back.
    package var timetable = RateTimetable(.none)
    package var verification = Verification.scan
    /// The restore stops, resumable, after this time.
    package var runTime: Duration?
    /// The restore stops when more items than this are rejected; nil for no limit.
    package var maximumRejects: Int?
    /// Where the state of each table's restore is kept, in a folder `TABLE.restore`.
    package var stateFolder = "."
    /// How long a table may take to be created or deleted.
    package var tableDeadline: Duration = .seconds(900)
    /// How long an index may take to be filled.
    package var indexDeadline: Duration = .seconds(86_400)

    package init() {}
}
