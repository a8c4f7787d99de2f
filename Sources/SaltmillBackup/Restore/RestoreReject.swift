import SaltmillBytes
import SaltmillSources

/// A line of the reject file: where the item stands, why it was rejected, and the item itself.
enum RestoreReject {
    /// - Parameter item: the item's JSON; kept as text when it is UTF-8, else in Base64.
    static func line(file: String, locator: RecordLocator, fault: RowFault, item: [UInt8]) -> [UInt8] {
        var members: [JSONValue.Member] = [
            .init("file", .string(file)), .init("line", .integer(locator.line)), .init("offset", .integer(DumpLocator.offset(of: locator))),
            .init("code", .string(fault.code)),
        ]
        if let attribute = fault.attribute { members.append(.init("attribute", .string(attribute))) }
        members.append(.init("reason", .string(fault.message)))
        if let text = String(validating: item, as: UTF8.self) {
            members.append(.init("record", .string(text)))
        } else {
            var base64: [UInt8] = []
            Base64.append(encoding: item.span, to: &base64)
            members.append(.init("record_base64", .string(String(decoding: base64, as: UTF8.self))))
        }
        return JSONValue.object(members).bytes + [0x0A]
    }
}
