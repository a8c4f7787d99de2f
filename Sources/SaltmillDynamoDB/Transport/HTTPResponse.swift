/// An answer, whole.
package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: ResponseHeaders
    package var body: [UInt8]

    package init(status: Int, headers: ResponseHeaders = ResponseHeaders(), body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// The few headers of an answer that mean something to us, in one buffer.
package struct ResponseHeaders: Sendable {
    package enum Name: UInt8, Sendable, CaseIterable {
        case contentType, date, requestID, crc32, retryAfter, retryAfterMilliseconds

        /// The name on the wire, in lower case.
        var text: StaticString {
            switch self {
            case .contentType: "content-type"
            case .date: "date"
            case .requestID: "x-amzn-requestid"
            case .crc32: "x-amz-crc32"
            case .retryAfter: "retry-after"
            case .retryAfterMilliseconds: "x-amz-retry-after"
            }
        }
    }

    /// For each header kept: its name's number, its length as two bytes, its value.
    private var entries: [UInt8] = []

    package init() {}

    package mutating func removeAll() { entries = [] }

    /// Keeps a header line (`Name: value`, line end included or not) if it is one of ours; of two of one name both, and the first counts.
    package mutating func keep(line: Span<UInt8>) {
        var colon = 0
        while colon < line.count, line[colon] != 0x3A { colon += 1 }
        guard colon < line.count, let name = Self.name(of: line, length: colon) else { return }
        var start = colon + 1
        var end = line.count
        while start < end, line[start] == 0x20 || line[start] == 0x09 { start += 1 }
        while end > start, line[end - 1] <= 0x20 { end -= 1 }
        guard end - start <= Int(UInt16.max) else { return }
        if entries.isEmpty { entries.reserveCapacity(160) }
        entries.append(name.rawValue)
        entries.append(UInt8((end - start) >> 8))
        entries.append(UInt8((end - start) & 0xFF))
        for index in start..<end { entries.append(line[index]) }
    }

    private static func name(of line: Span<UInt8>, length: Int) -> Name? {
        switch length {
        case 4: matches(line, .date)
        case 11: matches(line, .crc32) ?? matches(line, .retryAfter)
        case 12: matches(line, .contentType)
        case 16: matches(line, .requestID)
        case 17: matches(line, .retryAfterMilliseconds)
        default: nil
        }
    }

    private static func matches(_ line: Span<UInt8>, _ name: Name) -> Name? {
        let text = name.text
        for index in 0..<text.utf8CodeUnitCount {
            let byte = line[index]
            let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
            guard lower == text.utf8Start[index] else { return nil }
        }
        return name
    }

    private func range(of name: Name) -> Range<Int>? {
        var index = 0
        while index < entries.count {
            let start = index + 3
            let end = start + Int(entries[index + 1]) << 8 + Int(entries[index + 2])
            if entries[index] == name.rawValue { return start..<end }
            index = end
        }
        return nil
    }

    package subscript(name: Name) -> String? {
        range(of: name).map { String(decoding: entries[$0], as: UTF8.self) }
    }

    /// The checksum that the server gave for the body's bytes; nil when it gave none that is a number.
    package var crc32: UInt32? {
        guard let range = range(of: .crc32), !range.isEmpty else { return nil }
        var value: UInt32 = 0
        for index in range {
            let digit = entries[index] &- 0x30
            guard digit < 10 else { return nil }
            let (product, tooMuch) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(UInt32(digit))
            guard !tooMuch, !overflow else { return nil }
            value = sum
        }
        return value
    }

    /// How long the server asks to wait before the next try (`x-amz-retry-after` in milliseconds, `retry-after` in seconds).
    package var retryAfter: Duration? {
        if let text = self[.retryAfterMilliseconds], let value = Int(text), value >= 0 { return .milliseconds(value) }
        if let text = self[.retryAfter], let value = Int(text), value >= 0 { return .seconds(value) }
        return nil
    }
}
