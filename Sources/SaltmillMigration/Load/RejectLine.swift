import SaltmillBytes
import SaltmillSources

/// A line of the reject file: where the row stands, why it was rejected, and the row itself.
enum RejectLine {
    /// - Parameter record: the record's raw bytes; kept as text when they are UTF-8, else in Base64.
    static func make(file: String, locator: RecordLocator, fault: RowFault, record: [UInt8]) -> [UInt8] {
        var members: [JSONValue.Member] = [
            .init("file", .string(file)), .init("line", .integer(locator.line)), .init("offset", .integer(locator.offset)),
            .init("code", .string(fault.code)),
        ]
        if let attribute = fault.attribute { members.append(.init("attribute", .string(attribute))) }
        members.append(.init("reason", .string(fault.message)))
        if let text = String(validating: record, as: UTF8.self) {
            members.append(.init("record", .string(text)))
        } else {
            var base64: [UInt8] = []
            Base64.append(encoding: record.span, to: &base64)
            members.append(.init("record_base64", .string(String(decoding: base64, as: UTF8.self))))
        }
        return JSONValue.object(members).bytes + [0x0A]
    }
}
