import SaltmillBytes

/// Writes plain JSON as lists and maps: strings as S, numbers as N, booleans, nulls, arrays as L, objects as M.
struct DocumentWriter: Sendable {
    /// How many lists and maps may stand inside one another, the attribute's own value included (Amazon DynamoDB Developer Guide,
    /// Service quotas: "Nested attribute depth").
    static let maximumDepth = 32
    /// What a list or map counts for besides its content, and each of its elements besides itself, in bytes.
    private static let overhead = (container: 3, element: 1)

    private var names = MemberList()
    private var scratch: [UInt8] = []

    /// Appends the inside of a list or map and gives the value's size in bytes.
    mutating func append(_ text: Span<UInt8>, isMap: Bool, to output: inout [UInt8]) throws(ValueFault) -> Int {
        names.removeAll()
        var scanner = JSONScanner(maximumDepth: Self.maximumDepth)
        do {
            guard try scanner.peek(text) == (isMap ? UInt8(ascii: "{") : UInt8(ascii: "[")) else { throw ValueFault(.jsonKind) }
            let size = isMap ? try appendMembers(&scanner, text, &output) : try appendElements(&scanner, text, &output)
            try scanner.expectEnd(text)
            return size
        } catch let error as JSONError {
            throw ValueFault(error.kind == .badUTF8 ? .utf8(at: error.offset) : .json(error))
        } catch let fault as ValueFault {
            throw fault
        } catch {
            throw ValueFault(.jsonKind)
        }
    }

    private mutating func appendMembers(_ scanner: inout JSONScanner, _ text: Span<UInt8>, _ output: inout [UInt8]) throws -> Int {
        var size = Self.overhead.container
        guard try scanner.enterObject(text) else { return size }
        let first = names.count
        var isFirst = true
        repeat {
            let name = try scanner.memberName(text)
            let start = names.bytes.count
            JSONScanner.appendValue(of: name, in: text, to: &names.bytes)
            size += Self.overhead.element + names.bytes.count - start
            names.close(from: start, origin: name.range)
            output.append(contentsOf: (isFirst ? "\"" : ",\"").utf8)
            output.append(text.extracting(name.range))
            output.append(contentsOf: "\":".utf8)
            size += try appendValue(&scanner, text, &output)
            isFirst = false
        } while try scanner.nextMember(text)
        if let duplicate = names.duplicate(from: first) { throw ValueFault(.jsonDuplicate, in: duplicate) }
        names.remove(from: first)
        return size
    }

    private mutating func appendElements(_ scanner: inout JSONScanner, _ text: Span<UInt8>, _ output: inout [UInt8]) throws -> Int {
        var size = Self.overhead.container
        guard try scanner.enterArray(text) else { return size }
        var isFirst = true
        repeat {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            size += Self.overhead.element + (try appendValue(&scanner, text, &output))
            isFirst = false
        } while try scanner.nextElement(text)
        return size
    }

    private mutating func appendValue(_ scanner: inout JSONScanner, _ text: Span<UInt8>, _ output: inout [UInt8]) throws -> Int {
        switch try scanner.peek(text) {
        case UInt8(ascii: "\""):
            let token = try scanner.string(text)
            output.append(contentsOf: "{\"S\":\"".utf8)
            output.append(text.extracting(token.range))
            output.append(contentsOf: "\"}".utf8)
            guard token.isEscaped else { return token.range.count }
            scratch.removeAll(keepingCapacity: true)
            JSONScanner.appendValue(of: token, in: text, to: &scratch)
            return scratch.count
        case UInt8(ascii: "{"):
            output.append(contentsOf: "{\"M\":{".utf8)
            let size = try appendMembers(&scanner, text, &output)
            output.append(contentsOf: "}}".utf8)
            return size
        case UInt8(ascii: "["):
            output.append(contentsOf: "{\"L\":[".utf8)
            let size = try appendElements(&scanner, text, &output)
            output.append(contentsOf: "]}".utf8)
            return size
        case UInt8(ascii: "t"), UInt8(ascii: "f"):
            output.append(contentsOf: (try scanner.bool(text) ? "{\"BOOL\":true}" : "{\"BOOL\":false}").utf8)
            return 1
        case UInt8(ascii: "n"):
            try scanner.null(text)
            output.append(contentsOf: "{\"NULL\":true}".utf8)
            return 1
        default:
            let range = try scanner.number(text)
            output.append(contentsOf: "{\"N\":\"".utf8)
            do throws(DecimalError) {
                let size = try DecimalNumber.appendText(normalizing: text.extracting(range), to: &output)
                output.append(contentsOf: "\"}".utf8)
                return size
            } catch {
                throw ValueFault(.number(error), in: range)
            }
        }
    }
}
