/// A statement as it was read: nothing in it has been looked up yet.
enum PartiQLStatement {
    case select(Select)
    /// A condition of a transaction.
    case exists(Select)
    case insert(Insert)
    case update(Update, Target)
    case delete(Target)

    struct Select {
        var table: String
        var index: String?
        /// Nil for `*`.
        var paths: [DocumentPath]?
        var condition: Condition?
        var order: [Order] = []
    }

    /// An element of ORDER BY.
    struct Order {
        var attribute: [UInt8]
        var descending: Bool
    }

    struct Insert {
        var table: String
        var item: ItemValue.Members
    }

    /// What an UPDATE or DELETE is about.
    struct Target {
        var table: String
        var condition: Condition?
        var returning: ReturnValues?
    }

    var isRead: Bool {
        if case .select = self { true } else { false }
    }
}

extension ReturnValues {
    /// As it is written behind RETURNING.
    var clause: String {
        switch self {
        case .none: ""
        case .allOld: "ALL OLD *"
        case .updatedOld: "MODIFIED OLD *"
        case .allNew: "ALL NEW *"
        case .updatedNew: "MODIFIED NEW *"
        }
    }
}
