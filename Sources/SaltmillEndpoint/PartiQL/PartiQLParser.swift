/// Parses PartiQL statements (Developer Guide, "PartiQL reference for DynamoDB").
struct PartiQLParser {
    /// How deep conditions and values may be nested: a longer way down would be one down the stack.
    private static let maximumDepth = 100
    private static let keywords: Set = [
        "ALL", "AND", "AS", "ASC", "BETWEEN", "BY", "CASE", "CREATE", "CROSS", "DELETE", "DESC", "DISTINCT", "DROP", "ELSE", "END",
        "ESCAPE",
        "EXCEPT", "FALSE", "FROM", "FULL", "GROUP", "HAVING", "IN", "INNER", "INSERT", "INTERSECT", "INTO", "IS", "JOIN", "LEFT", "LIKE",
        "LIMIT", "MISSING", "NOT", "NULL", "ON", "OR", "ORDER", "OUTER", "PIVOT", "REMOVE", "RETURNING", "RIGHT", "SELECT", "SET", "TABLE",
        "THEN", "TRUE", "UNION", "UNPIVOT", "UPDATE", "VALUE", "VALUES", "WHEN", "WHERE",
    ]
    private static let operators: Set = ["AND", "BETWEEN", "IN", "IS", "LIKE", "OR"]

    let rules = ConditionRules(prefix: "")
    private let tokens: [PartiQLToken]
    private var position = 0
    /// Those that no `?` has stood for yet.
    private var parameters: ArraySlice<ItemValue>
    private var depth = 0

    /// - Parameter parameters: what `?` stands for, in order.
    /// - Throws: a ValidationException for a text that is no statement.
    static func parse(_ text: String, _ parameters: [ItemValue]) throws -> PartiQLStatement {
        var parser = PartiQLParser(tokens: try PartiQLLexer.tokens(text), parameters: parameters[...])
        let statement = try parser.statement()
        _ = parser.skip(";")
        guard parser.next.kind == .end else { throw malformed("Unexpected token after expression") }
        guard parser.parameters.isEmpty else { throw parameterMismatch }
        return statement
    }

    static func malformed(_ detail: String) -> ServiceError {
        .validation("Statement wasn't well formed, can't be processed: \(detail)")
    }

    static var parameterMismatch: ServiceError { .validation("Number of parameters in request and statement don't match.") }

    private init(tokens: [PartiQLToken], parameters: ArraySlice<ItemValue>) {
        self.tokens = tokens
        self.parameters = parameters
    }

    // MARK: - Words

    var next: PartiQLToken { tokens[position] }

    /// The token behind the next one.
    var following: PartiQLToken { tokens[min(position + 1, tokens.count - 1)] }

    mutating func take() { position = min(position + 1, tokens.count - 1) }

    mutating func skip(_ symbol: String) -> Bool {
        guard next.kind == .symbol(symbol) else { return false }
        take()
        return true
    }

    mutating func skip(keyword: String) -> Bool {
        guard next.isKeyword(keyword) else { return false }
        take()
        return true
    }

    mutating func expect(_ symbol: String, _ name: String) throws {
        guard skip(symbol) else { throw Self.malformed("Expected \(name)") }
    }

    /// The next token, if it is a name.
    private var name: String? {
        switch next.kind {
        case .quoted(let name): name
        case .word(let word) where !Self.keywords.contains(word.uppercased()): word
        default: nil
        }
    }

    /// Whether a keyword that joins operands comes next.
    var isOperator: Bool {
        guard case .word(let word) = next.kind else { return false }
        return Self.operators.contains(word.uppercased())
    }

    /// The error for what comes where a value or condition should begin.
    var unexpected: ServiceError {
        switch next.kind {
        case .word where isOperator: Self.malformed("Unexpected operator")
        case .word: Self.malformed("Unexpected keyword")
        case .symbol(let symbol) where ["=", "<", ">", "<=", ">=", "<>", "!=", "+", "-", "*"].contains(symbol):
            Self.malformed("Unexpected operator")
        default: Self.malformed("Unexpected term")
        }
    }

    mutating func parameter() throws -> ItemValue {
        guard let value = parameters.popFirst() else { throw Self.parameterMismatch }
        return value
    }

    /// Runs `body` one level deeper.
    mutating func nested<Result>(_ body: (inout PartiQLParser) throws -> Result) throws -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw Self.malformed("The statement is nested too deeply") }
        return try body(&self)
    }

    // MARK: - Statements

    private mutating func statement() throws -> PartiQLStatement {
        if skip(keyword: "SELECT") { return .select(try select()) }
        if skip(keyword: "INSERT") { return .insert(try insert()) }
        if skip(keyword: "UPDATE") { return try update() }
        if skip(keyword: "DELETE") { return .delete(try delete()) }
        if skip(keyword: "FROM") { return try updateFrom() }
        if next.isKeyword("EXISTS"), following.kind == .symbol("(") {
            take()
            take()
            guard skip(keyword: "SELECT") else { throw unexpected }
            let select = try select()
            try expect(")", "RIGHT_PAREN")
            return .exists(select)
        }
        throw Self.malformed("Expected data manipulation")
    }

    private mutating func select() throws -> PartiQLStatement.Select {
        var paths: [DocumentPath]?
        if !skip("*") {
            paths = []
            repeat {
                if name != nil, following.kind == .symbol("(") {
                    throw ServiceError.validation("Unexpected path component at \(next.place)")
                }
                paths?.append(try path())
            } while skip(",")
        }
        guard skip(keyword: "FROM") else { throw unexpected }
        guard name != nil else { throw unexpected }
        let (table, index) = try source()
        try refuseAlias()
        var select = PartiQLStatement.Select(table: table, index: index, paths: paths, condition: try filter())
        if skip(keyword: "ORDER") {
            guard skip(keyword: "BY") else { throw unexpected }
            repeat { select.order.append(try order()) } while skip(",")
        }
        if next.isKeyword("LIMIT") { throw ServiceError.validation("Unsupported clause: LIMIT at \(next.place)") }
        return select
    }

    private mutating func order() throws -> PartiQLStatement.Order {
        let path = try path()
        let descending = skip(keyword: "DESC")
        if !descending { _ = skip(keyword: "ASC") }
        return PartiQLStatement.Order(attribute: path.attribute, descending: descending)
    }

    private mutating func insert() throws -> PartiQLStatement.Insert {
        guard skip(keyword: "INTO") else { throw unexpected }
        let table = try target()
        guard skip(keyword: "VALUE") else {
            throw next.isKeyword("VALUES") || next.kind == .symbol("(") ? Self.malformed("Unexpected keyword") : leftOver
        }
        return PartiQLStatement.Insert(table: table, item: try item())
    }

    private var leftOver: ServiceError { Self.malformed("Unexpected token after expression") }

    private mutating func update() throws -> PartiQLStatement {
        let table = try target()
        try refuseAlias()
        let update = try changes()
        return .update(update, .init(table: table, condition: try filter(), returning: try returning()))
    }

    /// The form that begins with FROM, and has its condition before the changes.
    private mutating func updateFrom() throws -> PartiQLStatement {
        let table = try target()
        try refuseAlias()
        let condition = try filter()
        let update = try changes()
        return .update(update, .init(table: table, condition: condition, returning: try returning()))
    }

    private mutating func changes() throws -> Update {
        var actions: [Update.Action] = []
        while true {
            if skip(keyword: "SET") {
                repeat { actions.append(try assignment()) } while skip(",")
            } else if skip(keyword: "REMOVE") {
                repeat { actions.append(.remove(try path())) } while skip(",")
            } else {
                break
            }
        }
        guard !actions.isEmpty else { throw Self.malformed("Expected data manipulation") }
        let update = Update(actions: actions)
        try DocumentPath.checkDistinct(update.paths, "UpdateExpression")
        return update
    }

    private mutating func delete() throws -> PartiQLStatement.Target {
        guard skip(keyword: "FROM") else { throw unexpected }
        let table = try target()
        try refuseAlias()
        let condition = try filter()
        let returning = try returning()
        guard returning == nil || returning == .allOld else {
            throw ServiceError.validation(
                "Invalid returning clause: RETURNING \(returning?.clause ?? ""). Only RETURNING ALL OLD * is allowed in DELETE statements.")
        }
        return PartiQLStatement.Target(table: table, condition: condition, returning: returning)
    }

    private mutating func returning() throws -> ReturnValues? {
        guard skip(keyword: "RETURNING") else { return nil }
        let isWhole = skip(keyword: "ALL")
        guard isWhole || skip(keyword: "MODIFIED") else { throw unexpected }
        let isOld = skip(keyword: "OLD")
        guard isOld || skip(keyword: "NEW"), skip("*") else { throw unexpected }
        return isWhole ? (isOld ? .allOld : .allNew) : (isOld ? .updatedOld : .updatedNew)
    }

    // MARK: - Tables and paths

    /// A table, and perhaps one of its indexes.
    private mutating func source() throws -> (table: String, index: String?) {
        guard let table = name else { throw Self.malformed("Expected identifier for simple path") }
        take()
        guard skip(".") else { return (table, nil) }
        guard let index = name else { throw Self.malformed("Invalid path dot component") }
        take()
        return (table, index)
    }

    /// The table that a statement writes to.
    private mutating func target() throws -> String {
        let (table, index) = try source()
        guard index == nil else { throw ServiceError.validation("This operation is not supported on an index") }
        return table
    }

    private func refuseAlias() throws {
        guard name != nil || next.isKeyword("AS") else { return }
        throw ServiceError.validation("Aliasing is not supported")
    }

    /// What stands behind WHERE.
    private mutating func filter() throws -> Condition? {
        guard skip(keyword: "WHERE") else { return nil }
        return try condition()
    }

    /// A document path: names joined by points, with list positions or names in brackets.
    mutating func path() throws -> DocumentPath {
        guard let first = name else { throw unexpected }
        take()
        var path = DocumentPath(Array(first.utf8))
        while true {
            if skip(".") {
                guard let name else { throw Self.malformed("Invalid path dot component") }
                take()
                path.elements.append(.name(Array(name.utf8)))
            } else if skip("[") {
                switch next.kind {
                case .string(let name): path.elements.append(.name(Array(name.utf8)))
                case .number(let text):
                    guard let index = Int(text) else { throw unexpected }
                    path.elements.append(.index(index))
                default: throw unexpected
                }
                take()
                try expect("]", "RIGHT_BRACKET")
            } else {
                return path
            }
            guard path.elements.count <= 32 else {
                throw rules.fault("The document path has too many nesting elements; nesting levels: \(path.elements.count)")
            }
        }
    }
}
