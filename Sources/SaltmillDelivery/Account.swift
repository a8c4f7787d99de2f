/// What has become of the rows read so far: at every moment `read = written + kept + rejected + filtered + superseded + pending`.
package struct Account: Sendable, Equatable, Codable {
    /// Records taken from the source.
    package var read = 0
    /// Rows whose write was acknowledged.
    ///
    /// A load that keeps what the table has counts a row here, too, whose item it found there equal to its own: an earlier run may have written it
    /// and been killed before it could note that.
    package var written = 0
    /// Rows that were not written since the table has another item of their key, which it is to keep.
    package var kept = 0
    /// Rows in the reject file.
    package var rejected = 0
    /// Rows that the spec leaves out, or that were gone from a live source when they had to be read again.
    package var filtered = 0
    /// Rows that another row of the same primary key replaces.
    package var superseded = 0

    package init() {}

    /// Rows read and not settled yet.
    package var pending: Int { read - written - kept - rejected - filtered - superseded }
}

/// What the table and its indexes have charged, and what it took to get there.
package struct Usage: Sendable, Equatable, Codable {
    /// Write units consumed: the table's (with its local indexes), then each global index's.
    package var units: [Double]
    package var requests = 0
    /// Requests refused as a whole for going too fast.
    package var throttledRequests = 0
    /// Requests without a usable answer.
    package var failedRequests = 0
    /// Items that came back unprocessed, or stood in a request that was refused as a whole.
    package var refusedItems = 0

    package init(indexCount: Int) { units = [Double](repeating: 0, count: indexCount + 1) }
}
