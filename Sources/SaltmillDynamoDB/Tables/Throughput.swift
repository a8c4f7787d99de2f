/// Provisioned capacity, in units a second.
package struct Throughput: Hashable, Sendable {
    package var read: Int
    package var write: Int

    package init(read: Int, write: Int) {
        self.read = read
        self.write = write
    }
}

/// How a table is paid for.
package enum Billing: Hashable, Sendable {
    case onDemand
    case provisioned(Throughput)
}

/// Which attributes an index carries besides the keys.
package enum Projection: Hashable, Sendable {
    case all
    case keysOnly
    case include([String])
}

/// A name and a value that a table is tagged with.
package struct Tag: Hashable, Sendable {
    package var key: String
    package var value: String

    package init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}
