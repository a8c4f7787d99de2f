#if PostgreSQL
    import CPostgreSQL
    import Glibc

    /// A connection to PostgreSQL.
    final class PostgreSQLSession: DatabaseSession {
        private let connection: OpaquePointer
        let dialect: any SQLDialect = PostgreSQLDialect()

        /// Connects; what the URL leaves out comes from `PGHOST`, `PGUSER` and the like, and passwords from `PGPASSWORD` or `~/.pgpass`.
        init(_ url: DatabaseURL, _ options: DatabaseOptions) throws(DatabaseFailure) {
            var parameters: [(name: String, value: String)] = [
                ("dbname", url.database), ("connect_timeout", "\(DatabaseOptions.connectTimeout)"),
                ("tcp_user_timeout", "\(options.statementTimeout * 1000)"), ("application_name", "saltmill"), ("client_encoding", "UTF8"),
                // A server that is gone while it owes an answer is noticed by these.
                ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ]
            if let host = url.host ?? url.options["socket"] { parameters.append(("host", host)) }
            if let port = url.port { parameters.append(("port", "\(port)")) }
            if let user = url.user { parameters.append(("user", user)) }
            if let password = url.password { parameters.append(("password", password)) }
            switch options.tls(for: url) {
            case .disable: if options.tls == .disable { parameters.append(("sslmode", "disable")) }
            case .require: parameters.append(("sslmode", "require"))
            case .verify:
                parameters += [("sslmode", "verify-full"), ("sslrootcert", options.authorities ?? DatabaseOptions.systemAuthorities)]
            }
            connection = try Self.connect(parameters)
            _ = PQsetNoticeProcessor(connection, { _, _ in }, nil)
            let settings = [
                "default_transaction_read_only = on", "default_transaction_isolation = 'read committed'", "timezone = 'UTC'",
                "datestyle = 'ISO, YMD'", "intervalstyle = 'iso_8601'", "extra_float_digits = 3", "bytea_output = 'hex'",
                "standard_conforming_strings = on", "statement_timeout = '\(options.statementTimeout)s'",
                "lock_timeout = '\(options.lockTimeout)s'",
            ]
            _ = try read(settings.map { "SET \($0)" }.joined(separator: ";")) { _ in }
        }

        deinit { PQfinish(connection) }

        private static func connect(_ parameters: [(name: String, value: String)]) throws(DatabaseFailure) -> OpaquePointer {
            let names = parameters.map { strdup($0.name) }
            let values = parameters.map { strdup($0.value) }
            defer { for text in names + values { free(text) } }
            let connection = PQconnectdbParams(names.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 0)
            guard let connection else { throw DatabaseFailure(kind: .busy, message: "there is no memory left") }
            guard PQstatus(connection) == CONNECTION_OK else {
                let message = words(PQerrorMessage(connection))
                PQfinish(connection)
                throw DatabaseFailure(kind: kind(ofRefusal: message), message: message)
            }
            return connection
        }

        // MARK: Results

        func read(_ statement: String, _ row: (UnsafeBufferPointer<RawValue?>) -> Void) throws(DatabaseFailure) -> Int {
            try withResult(of: statement) { result in
                let (rows, columns) = (PQntuples(result), PQnfields(result))
                let values = UnsafeMutableBufferPointer<RawValue?>.allocate(capacity: Int(columns))
                values.initialize(repeating: nil)
                defer { values.deallocate() }
                for number in 0..<rows {
                    for column in 0..<columns {
                        let length = Int(PQgetlength(result, number, column))
                        values[Int(column)] =
                            length == 0 && PQgetisnull(result, number, column) != 0
                            ? nil
                            : UnsafeRawBufferPointer(start: PQgetvalue(result, number, column), count: length)
                                .assumingMemoryBound(to: UInt8.self)
                    }
                    row(UnsafeBufferPointer(values))
                }
                return Int(rows)
            }
        }

        func columns(of query: String) throws(DatabaseFailure) -> [ResultColumn] {
            let found = try withResult(of: query) { result in
                (0..<PQnfields(result)).map { (name: String(cString: PQfname(result, $0)), type: PQftype(result, $0)) }
            }
            guard !found.isEmpty else { return [] }
            let types = Set(found.map(\.type)).sorted().map { "\($0)" }.joined(separator: ", ")
            // The category tells arrays: PostgreSQL documentation, "pg_type".
            let arrays = try Set(rows("SELECT oid FROM pg_type WHERE typcategory = 'A' AND oid IN (\(types))").compactMap { $0[0] })
            return found.map { Self.column($0.name, $0.type, isArray: arrays.contains("\($0.type)")) }
        }

        private func withResult<Value>(
            of statement: String, _ body: (OpaquePointer) throws(DatabaseFailure) -> Value
        ) throws(DatabaseFailure) -> Value {
            guard let result = PQexec(connection, statement) else {
                throw DatabaseFailure(kind: .lost, message: Self.words(PQerrorMessage(connection)))
            }
            defer { PQclear(result) }
            let status = PQresultStatus(result)
            guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else { throw failure(of: result) }
            return try body(result)
        }

        /// The types' numbers are fixed (PostgreSQL source, `pg_type.dat`).
        private static func column(_ name: String, _ type: Oid, isArray: Bool) -> ResultColumn {
            var column = ResultColumn(name: name, kind: .text, key: .other)
            switch type {
            case 16: (column.kind, column.key) = (.boolean, .other)
            case 17: column.kind = .hexadecimal
            case 20, 21, 23: (column.kind, column.key) = (.number, .signed)
            case 26: (column.kind, column.key) = (.number, .unsigned)
            case 1700: (column.kind, column.key) = (.number, .decimal)
            case 700, 701: column.kind = .number
            case 25, 1042, 1043: column.key = .text
            case 114, 3802: (column.kind, column.key) = (.document, .none)
            case 1082: (column.kind, column.key) = (.date, .date)
            case 1114: column.kind = .localTime
            case 1184: column.kind = .instant
            default: break
            }
            if isArray {
                (column.kind, column.key) = (.document, .none)
                column.expression = "array_to_json(?)"
            }
            return column
        }

        // MARK: Failures

        private func failure(of result: OpaquePointer) -> DatabaseFailure {
            let message = Self.words(PQresultErrorMessage(result))
            guard PQstatus(connection) == CONNECTION_OK else { return DatabaseFailure(kind: .lost, message: message) }
            let code = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
            return DatabaseFailure(kind: Self.kind(of: code), message: message)
        }

        /// PostgreSQL documentation, Appendix A, "PostgreSQL Error Codes".
        static func kind(of code: String) -> DatabaseFailure.Kind {
            switch code {
            case "57P01", "57P02", "57P03", "57P05": .lost
            case "57014", "55P03", "40001", "40P01": .timeout
            case "42501": .denied
            default:
                switch code.prefix(2) {
                case "08": .lost
                case "28": .denied
                case "53": .busy
                default: .statement
                }
            }
        }

        /// Of a connection that was not made there are only words.
        private static func kind(ofRefusal message: String) -> DatabaseFailure.Kind {
            if message.contains("starting up") || message.contains("shutting down") || message.contains("recovery") { return .lost }
            if message.contains("too many") || message.contains("remaining connection slots") { return .busy }
            let isRefusal = message.contains("FATAL") || message.contains("certificate") || message.contains("SSL")
            return isRefusal || message.contains("no password supplied") ? .denied : .lost
        }

        /// A message on one line.
        private static func words(_ text: UnsafePointer<CChar>?) -> String {
            let lines = text.map { String(cString: $0) }?.split(whereSeparator: \.isNewline) ?? []
            return lines.isEmpty ? "no reason given" : lines.joined(separator: " ")
        }
    }
#endif
