import SaltmillBytes

/// The bodies of one segment's Scan requests: all but the page's size and start is written once.
package struct ScanBody: Sendable {
    /// The body up to, and without, its closing brace.
    private let open: [UInt8]

    /// - Parameter request: its limit and start are left out; they are each page's own.
    package init(_ request: ScanRequest) {
        var request = request
        request.limit = nil
        request.start = nil
        open = request.json.bytes.dropLast()
    }

    /// A page's body.
    /// - Parameters:
    ///   - limit: how many items the server looks at, at most; nil for a whole page.
    ///   - start: where the page before this one ended, as its answer said it; nil for the first page.
    package func bytes(limit: Int?, start: [UInt8]?) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(open.count + (start?.count ?? 0) + 64)
        body.append(contentsOf: open)
        if let limit { body.append(contentsOf: ",\"Limit\":\(limit)".utf8) }
        if let start {
            body.append(contentsOf: ",\"ExclusiveStartKey\":".utf8)
            body.append(contentsOf: start)
        }
        body.append(UInt8(ascii: "}"))
        return body
    }
}
