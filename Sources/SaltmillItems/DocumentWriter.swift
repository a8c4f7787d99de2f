import SaltmillBytes

/// How the values inside a document say what type they are.
enum DocumentForm: Sendable {
    /// By being strings, numbers, booleans, nulls, arrays or objects.
    case plain
    /// Each is an object whose one member is named like its type: DynamoDB JSON.
    case typed
}

/// Writes JSON as lists and maps; plain JSON's strings as S, numbers as N, booleans, nulls, arrays as L, objects as M.
struct DocumentWriter: Sendable {
    /// How many lists and maps may stand inside one another, the attribute's own value included (Amazon DynamoDB Developer Guide,
    /// Service quotas: "Nested attribute depth").
    static let maximumDepth = 32
    /// What a list or map counts for besides its content, and each of its elements besides itself, in bytes.
    private static let overhead = (container: 3, element: 1)

    private var names = MemberList()
    private var scratch: [UInt8] = []
    private var form = DocumentForm.plain
    /// How many lists and maps are open.
    private var depth = 0

    /// Appends the inside of a list or map and gives the value's size in bytes.
    mutating func append(_ text: Span<UInt8>, _ form: DocumentForm, isMap: Bool, to output: inout [UInt8]) throws(ValueFault) -> Int {
        names.removeAll()
        self.form = form
        depth = 0
        // In the typed form each value is in an object of its own.
        var scanner = JSONScanner(maximumDepth: form == .plain ? Self.maximumDepth : 2 * Self.maximumDepth + 1)
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
        if form == .typed { return try appendTyped(&scanner, text, &output) }
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

    // MARK: DynamoDB JSON

    private mutating func appendTyped(_ scanner: inout JSONScanner, _ text: Span<UInt8>, _ output: inout [UInt8]) throws -> Int {
        let start = scanner.index
        guard try scanner.peek(text) == UInt8(ascii: "{"), try scanner.enterObject(text) else { throw ValueFault(.typed) }
        let name = JSONScanner.value(of: try scanner.memberName(text), in: text)
        guard let type = AttributeType(rawValue: name) else { throw ValueFault(.typed, in: start..<scanner.index) }
        output.append(contentsOf: type.opening.utf8)
        let first = try scanner.peek(text)
        let wanted =
            switch type {
            case .S, .N, .B: UInt8(ascii: "\"")
            case .BOOL: first == UInt8(ascii: "f") ? first : UInt8(ascii: "t")
            case .NULL: UInt8(ascii: "t")
            case .SS, .NS, .BS, .L: UInt8(ascii: "[")
            case .M: UInt8(ascii: "{")
            }
        guard first == wanted else { throw ValueFault(.typed, in: start..<scanner.index) }
        let size: Int
        switch type {
        case .S, .N, .B: size = try appendTypedText(&scanner, text, type, &output)
        case .BOOL, .NULL:
            output.append(contentsOf: (try scanner.bool(text) ? "true" : "false").utf8)
            size = 1
        case .SS, .NS, .BS: size = try appendTypedSet(&scanner, text, type, &output)
        case .L, .M:
            depth += 1
            guard depth < Self.maximumDepth else { throw ValueFault(.json(JSONError(.tooDeep, at: scanner.index))) }
            size = try type == .M ? appendMembers(&scanner, text, &output) : appendElements(&scanner, text, &output)
            depth -= 1
        }
        guard try !scanner.nextMember(text) else { throw ValueFault(.typed, in: start..<scanner.index) }
        type.appendClosing(to: &output)
        return size
    }

    /// Appends a string, a number or a binary without its quotes.
    private mutating func appendTypedText(
        _ scanner: inout JSONScanner, _ text: Span<UInt8>, _ type: AttributeType, _ output: inout [UInt8]
    ) throws -> Int {
        let token = try scanner.string(text)
        let start = names.bytes.count
        let size = try appendTypedText(token, text, type, &output)
        names.bytes.removeLast(names.bytes.count - start)
        return size
    }

    /// The same; the value's own bytes are left behind the names, for whoever compares them.
    private mutating func appendTypedText(
        _ token: JSONStringToken, _ text: Span<UInt8>, _ type: AttributeType, _ output: inout [UInt8]
    ) throws(ValueFault) -> Int {
        scratch.removeAll(keepingCapacity: true)
        JSONScanner.appendValue(of: token, in: text, to: &scratch)
        do throws(ValueFault) {
            return try appendScratch(as: type, written: text.extracting(token.range), to: &output)
        } catch {
            throw ValueFault(error.kind, in: token.range)
        }
    }

    private mutating func appendScratch(
        as type: AttributeType, written: Span<UInt8>, to output: inout [UInt8]
    ) throws(ValueFault) -> Int {
        let value = scratch
        let start = names.bytes.count
        switch type {
        case .N, .NS:
            let size = try ValueWriter.appendNumber(value.span, to: &names.bytes)
            output.append(names.bytes.span.extracting(start..<names.bytes.count))
            return size
        case .B, .BS:
            try ValueWriter.appendBinary(value.span, .base64, to: &names.bytes)
            Base64.append(encoding: names.bytes.span.extracting(start..<names.bytes.count), to: &output)
        default:
            names.bytes.append(value.span)
            output.append(written)
        }
        return names.bytes.count - start
    }

    private mutating func appendTypedSet(
        _ scanner: inout JSONScanner, _ text: Span<UInt8>, _ type: AttributeType, _ output: inout [UInt8]
    ) throws -> Int {
        guard try scanner.enterArray(text) else { throw ValueFault(.emptySet) }
        let first = names.count
        var size = 0
        repeat {
            guard try scanner.peek(text) == UInt8(ascii: "\"") else { throw ValueFault(.typed, in: scanner.index..<scanner.index + 1) }
            let token = try scanner.string(text)
            output.append(contentsOf: (names.count == first ? "\"" : ",\"").utf8)
            let start = names.bytes.count
            size += try appendTypedText(token, text, type, &output)
            names.close(from: start, origin: token.range)
            output.append(UInt8(ascii: "\""))
        } while try scanner.nextElement(text)
        if let duplicate = names.duplicate(from: first) { throw ValueFault(.setDuplicate, in: duplicate) }
        names.remove(from: first)
        return size
    }
}
