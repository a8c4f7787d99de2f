import SaltmillBytes

/// A line of a reject file: where the row stands, why it was rejected, and the row itself, with what reading it again needs.
package struct RejectLine: Sendable {
    /// The record's raw bytes.
    package var record: [UInt8]
    /// Only the beginning of the record is there.
    package var isCut: Bool
    /// Names of the columns, in the order of the record's cells; nil where the record names them itself.
    package var columns: [String]?

    /// - Parameters:
    ///   - record: the record's raw bytes.
    ///   - isCut: they are only its beginning.
    ///   - columns: names of the columns, in the order of the record's cells; nil where the record names them itself.
    package init(record: [UInt8], isCut: Bool, columns: [String]?) {
        self.record = record
        self.isCut = isCut
        self.columns = columns
    }

    /// The line, line end included. The record is kept as text when it is UTF-8, else in Base64.
    /// - Parameters:
    ///   - file: what the source is called.
    ///   - fault: why the row was rejected.
    package func bytes(file: String, at locator: RecordLocator, _ fault: RowFault) -> [UInt8] {
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
        if isCut { members.append(.init("truncated", true)) }
        if let columns { members.append(.init("columns", .array(columns.map { .string($0) }))) }
        return JSONValue.object(members).bytes + [0x0A]
    }

    /// What keeps a line from being read, as the end of a sentence.
    struct Fault: Error {
        var reason: String
    }

    /// Reads a line.
    /// - Throws: ``Fault``.
    init(parsing line: Span<UInt8>) throws(Fault) {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: line)
        } catch {
            throw Fault(reason: "it is not JSON (\(error))")
        }
        switch (json["record"], json["record_base64"]) {
        case (.string(let text)?, nil): record = Array(text.utf8)
        case (nil, .string(let text)?):
            record = []
            do {
                try Base64.append(decoding: text.utf8.span, to: &record)
            } catch {
                throw Fault(reason: "its record_base64 is no Base64")
            }
        default: throw Fault(reason: "it has neither a text `record` nor `record_base64`")
        }
        isCut = json["truncated"]?.bool ?? false
        guard let columns = json["columns"] else { return }
        let names = columns.array?.compactMap(\.string)
        guard let names, names.count == columns.array?.count, !names.isEmpty else { throw Fault(reason: "its columns are no names") }
        self.columns = names
    }
}
