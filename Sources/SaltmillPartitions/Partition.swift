/// One partition: a contiguous range of hash positions with its share of the throughput.
struct Partition: Sendable {
    /// First position of the range; it ends where the next partition's begins.
    var start: UInt64
    var read: TokenBucket
    var write: TokenBucket

    subscript(access: Access) -> TokenBucket {
        get { access == .read ? read : write }
        set {
            if access == .read { read = newValue } else { write = newValue }
        }
    }
}

/// Which of a partition's two budgets a request draws on.
package enum Access: Sendable {
    case read
    case write
}
