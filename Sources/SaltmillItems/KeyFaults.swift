import SaltmillSources

extension RowFault {
    init(nullKey attribute: AttributeMapping, isHash: Bool) {
        self.init(
            "key.missing", "\(attribute.name) is null, but it is the \(Self.key(isHash)); give the row a value, or choose another key",
            attribute: attribute.name)
    }

    init(emptyKey attribute: AttributeMapping, isHash: Bool) {
        self.init(
            "key.empty", "\(attribute.name) is empty, but it is the \(Self.key(isHash)); give the row a value, or choose another key",
            attribute: attribute.name)
    }

    init(keyOf size: Int, isHash: Bool, isSalted: Bool, _ name: String) {
        let limit = isHash ? KeyLimits.hash : KeyLimits.range
        let salt = isSalted ? " with the longest salt" : ""
        self.init(
            "key.size", "\(name) has \(size) bytes\(salt), but a \(Self.key(isHash)) may have at most \(limit); shorten it", attribute: name
        )
    }

    init(indexKey name: String, of index: String) {
        self.init(
            "index.key", "\(name) is empty, but it is a key of index \(index); make the cell null to leave the row out of the index",
            attribute: name)
    }

    init(nullIndexKey attribute: AttributeMapping, _ indexes: [IndexMapping]) {
        let index = indexes.first { $0.hashAttribute == attribute.name || $0.rangeAttribute == attribute.name }
        self.init(
            "index.key",
            "\(attribute.name) is null, but it is a key of index \(index?.name ?? ""); its null policy must be omit to leave the row out of the index",
            attribute: attribute.name)
    }

    init(null attribute: AttributeMapping) {
        self.init(
            "null", "\(attribute.name) is null, which its null policy rejects; give the row a value, or choose another policy",
            attribute: attribute.name)
    }

    init(itemOf size: Int) {
        self.init("item.size", "the item has \(size) bytes, but may have at most \(KeyLimits.item); drop or shorten attributes")
    }

    private static func key(_ isHash: Bool) -> String { isHash ? "hash key" : "range key" }
}
