import SaltmillBytes
import SaltmillDynamoDB
package import SaltmillItems
package import SaltmillSources

/// Why an item of a dump cannot be sent; where it stands is added by who knows it.
extension RowFault {
    package init(_ fault: ItemFault) {
        let code =
            switch fault.kind {
            case .json: "item.json"
            case .shape, .unknownType: "item.value"
            case .number(.syntax): "number.syntax"
            case .number(.tooManyDigits): "number.digits"
            case .number(.overflow), .number(.underflow): "number.range"
            case .binary: "base64"
            case .nullBinary: "binary.null"
            case .emptySet: "set.empty"
            case .duplicateName: "item.duplicate"
            case .tooDeep: "nesting"
            }
        self.init(code, fault.description)
    }

    init(missingKey name: String) {
        self.init("key.missing", "the item lacks \(name), which is part of the table's key", attribute: name)
    }

    init(typeOf name: String, wanted: ScalarType, in place: String) {
        self.init(
            "key.type",
            "\(name) is not of type \(wanted.rawValue), which it has in the key of \(place); give the table the key that the dump has",
            attribute: name)
    }

    init(emptyKey name: String, in place: String) {
        self.init("key.empty", "\(name) is empty, but it is part of the key of \(place)", attribute: name)
    }

    init(keyOf size: Int, limit: Int, _ name: String, in place: String) {
        self.init("key.size", "\(name) has \(size) bytes, but may have at most \(limit) in the key of \(place)", attribute: name)
    }

    init(itemOf size: Int) { self.init("item.size", "the item has \(size) bytes, but may have at most \(ItemLimits.item)") }
}

/// Limits of keys and items in bytes (Amazon DynamoDB Developer Guide, Service quotas).
enum ItemLimits {
    static let hashKey = 2048
    static let rangeKey = 1024
    static let item = 409_600
}
