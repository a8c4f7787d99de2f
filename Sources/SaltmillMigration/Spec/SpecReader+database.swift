import SaltmillSources

/// A source that is a live database.
extension SpecReader {
    static let liveFields = ["ranges", "zone", "tls", "ca", "courtesy"]

    /// The section `source` with a `url`.
    mutating func liveDatabase(_ node: SpecNode, _ object: SpecObject, origin: SpecOrigin) -> FileSource? {
        for name in ["file", "sqlite", "format"] + Self.csvFields where name != "columns" {
            if let other = object[name] { report(other, "excludes `url`, which names a live database; keep one of them") }
        }
        let url = databaseURL(node)
        let rows: DatabaseSelection.Rows?
        if let query = object["query"] {
            if let node = object["table"] { report(node, "and `query` exclude one another; keep one") }
            _ = required(object, "key", "name the columns of the query's result that tell its rows apart")
            rows = name(query).map { .query($0) }
        } else {
            rows = required(object, "table", "name the table to read, e.g. `table: answers`").flatMap { name($0) }.map { .table($0) }
        }
        let key = object["key"].flatMap { names($0, of: "columns", orOne: true) }
        let ranges = object["ranges"].flatMap { count($0, 1...64) }
        let zone = object["zone"].flatMap { offset($0) }
        let options = databaseOptions(object, origin: origin)
        let courtesy = object["courtesy"].flatMap { self.courtesy($0) }
        guard let url, let rows else { return nil }
        if url.kind == .sqlite { return sqlite(url, object, rows, key, origin: origin) }
        let selection = DatabaseSelection(
            url: url, options: options, rows: rows, key: key ?? [], ranges: ranges ?? DatabaseSelection.defaultRanges, zone: zone ?? "",
            courtesy: courtesy ?? SourceCourtesy())
        return FileSource(name: selection.name, path: "", content: .database(selection))
    }

    /// A SQLite database by its URL is the same as by its file.
    private mutating func sqlite(
        _ url: DatabaseURL, _ object: SpecObject, _ rows: DatabaseSelection.Rows, _ key: [String]?, origin: SpecOrigin
    ) -> FileSource? {
        for name in Self.liveFields {
            if let node = object[name] { report(node, "is for a database on a server, not for SQLite; remove it") }
        }
        switch rows {
        case .table(let table):
            if let node = object["key"] { report(node, "is for `query`; a table's rows are told apart by their rowids, so remove it") }
            return FileSource(name: url.database, path: origin.resolve(url.database), content: .sqlite(.table(table)))
        case .query(let query):
            guard let key, key.count == 1 else {
                if let node = object["key"] { report(node, "must name one column, which numbers the rows") }
                return nil
            }
            return FileSource(name: url.database, path: origin.resolve(url.database), content: .sqlite(.query(query, key: key[0])))
        }
    }

    /// A database's URL. A password must not stand in the file, and may hold any character where a variable stands for it.
    private mutating func databaseURL(_ node: SpecNode) -> DatabaseURL? {
        guard let expanded = text(node) else { return nil }
        var (text, password) = (node.written, String?.none)
        if let start = text.firstRange(of: "://")?.upperBound {
            let end = text[start...].firstIndex { "/?".contains($0) } ?? text.endIndex
            if let at = text[start..<end].lastIndex(of: "@"), let colon = text[start..<at].firstIndex(of: ":") {
                let secret = text[text.index(after: colon)..<at]
                guard secret.hasPrefix("${"), secret.hasSuffix("}"), let value = environment[String(secret.dropFirst(2).dropLast())] else {
                    report(node, "has a password in it, which everybody could read; put a variable there, e.g. `${DB_PASSWORD}`")
                    return nil
                }
                password = value
                text.removeSubrange(colon..<at)
            }
        } else {
            // The whole of it is in a variable.
            text = expanded
        }
        do throws(SpecVariableFault) {
            text = try expandVariables(in: text, from: environment)
        } catch {
            report(node, error.message)
            return nil
        }
        do throws(SourceError) {
            var url = try DatabaseURL(parsing: text)
            if let password { url.password = password }
            return url
        } catch {
            report(node, error.message)
            return nil
        }
    }

    private mutating func databaseOptions(_ object: SpecObject, origin: SpecOrigin) -> DatabaseOptions {
        var options = DatabaseOptions()
        options.tls = object["tls"].flatMap { choice($0, DatabaseOptions.TLS.allCases) }
        if let node = object["ca"], let file = name(node) {
            options.authorities = origin.resolve(file)
            if let tls = options.tls, tls != .verify {
                report(node, "is what a certificate is checked against, with `tls: verify`; remove it")
            }
        }
        return options
    }

    /// What stands behind a time: `Z`, or hours and minutes east of Greenwich.
    private mutating func offset(_ node: SpecNode) -> String? {
        guard let text = text(node) else { return nil }
        if text == "UTC" || text == "Z" { return "Z" }
        let digits = text.dropFirst().split(separator: ":").map { Int($0) }
        if text.utf8.count == 6, text.first == "+" || text.first == "-", digits.count == 2, let hours = digits[0], let minutes = digits[1],
            (0...23).contains(hours), (0...59).contains(minutes)
        {
            return text
        }
        mustBe("`UTC` or an offset from it such as \"+09:00\"", node)
        return nil
    }

    // MARK: Courtesy

    private mutating func courtesy(_ node: SpecNode) -> SourceCourtesy? {
        guard let object = object(node, .courtesy, example: "{ lag: 10s }") else { return nil }
        var courtesy = SourceCourtesy()
        courtesy.lag = object["lag"].flatMap { seconds($0) }
        courtesy.threads = object["threads"].flatMap { count($0, 1...1_000_000) }
        if let list = object["replicas"].flatMap({ self.list($0, of: "URLs", orOne: true) }) {
            courtesy.replicas = list.compactMap { databaseURL($0) }
            if object["lag"] == nil { report(path: "\(node.path).lag", "missing; say how far the replicas may be behind, e.g. `lag: 10s`") }
        }
        courtesy.query = object["query"].flatMap { name($0) }
        if let above = object["above"] {
            if let number = text(above).flatMap({ Double($0) }), number.isFinite {
                courtesy.above = number
            } else {
                mustBe("a number, above which reading pauses", above)
            }
            if object["query"] == nil { report(above, "is what the result of `query` is compared with; add a query or remove this") }
        } else if object["query"] != nil {
            report(path: "\(node.path).above", "missing; say above which result of the query to pause, e.g. `above: 25`")
        }
        return courtesy
    }

    /// A number of seconds, written `10s` or `500ms`.
    private mutating func seconds(_ node: SpecNode) -> Double? {
        guard let text = text(node) else { return nil }
        for (unit, factor) in [("ms", 0.001), ("s", 1.0), ("m", 60.0)] where text.hasSuffix(unit) {
            if let number = Double(text.dropLast(unit.count)), number >= 0, number.isFinite { return number * factor }
        }
        mustBe("a time such as `10s` or `500ms`", node)
        return nil
    }
}
