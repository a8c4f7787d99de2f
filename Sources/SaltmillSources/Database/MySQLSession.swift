#if MySQL
    import CMariaDB
    import Glibc

    /// A connection to MySQL or MariaDB.
    final class MySQLSession: DatabaseSession {
        private let handle: UnsafeMutablePointer<MYSQL>
        /// The server is MariaDB.
        private let isMariaDB: Bool
        let dialect: any SQLDialect = MySQLDialect()

        /// Connects; user and password may also come from the option files (`~/.my.cnf`, groups `client` and `saltmill`) or `MYSQL_PWD`.
        init(_ url: DatabaseURL, _ options: DatabaseOptions) throws(DatabaseFailure) {
            guard let handle = mysql_init(nil) else { throw DatabaseFailure(kind: .busy, message: "there is no memory left") }
            mysql_options(handle, MYSQL_READ_DEFAULT_GROUP, "saltmill")
            mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
            Self.set(handle, MYSQL_OPT_CONNECT_TIMEOUT, UInt32(DatabaseOptions.connectTimeout))
            // The server ends what takes too long; this is for a server that is gone.
            Self.set(handle, MYSQL_OPT_READ_TIMEOUT, UInt32(options.statementTimeout + 10))
            Self.set(handle, MYSQL_OPT_WRITE_TIMEOUT, UInt32(options.statementTimeout))
            let tls = options.tls(for: url)
            Self.set(handle, MYSQL_OPT_SSL_ENFORCE, my_bool(tls == .disable ? 0 : 1))
            Self.set(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, my_bool(tls == .verify ? 1 : 0))
            if tls == .verify { mysql_options(handle, MYSQL_OPT_SSL_CA, options.authorities ?? DatabaseOptions.systemAuthorities) }
            let password = url.password ?? getenv("MYSQL_PWD").map { String(cString: $0) }
            let connected = mysql_real_connect(
                handle, url.host, url.user, password, url.database, UInt32(url.port ?? 0), url.options["socket"], 0)
            guard connected != nil else {
                let failure = Self.failure(of: handle)
                mysql_close(handle)
                throw failure
            }
            // The option files were read while connecting, and may have asked for another character set or no look at the certificate.
            var isVerified: my_bool = 1
            _ = withUnsafeMutablePointer(to: &isVerified) { mysql_get_option(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, $0) }
            guard tls != .verify || isVerified != 0 else {
                mysql_close(handle)
                throw DatabaseFailure(
                    kind: .denied,
                    message: "an option file (~/.my.cnf) turns the certificate's verification off; remove ssl-verify-server-cert")
            }
            guard mysql_set_character_set(handle, "utf8mb4") == 0 else {
                let failure = Self.failure(of: handle)
                mysql_close(handle)
                throw failure
            }
            self.handle = handle
            isMariaDB = mariadb_connection(handle) != 0
            let limit =
                isMariaDB ? "max_statement_time = \(options.statementTimeout)" : "max_execution_time = \(options.statementTimeout * 1000)"
            for statement in [
                "SET SESSION TRANSACTION READ ONLY", "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
                """
                SET SESSION autocommit = 1, time_zone = '+00:00', sql_mode = '', lock_wait_timeout = \(options.lockTimeout),
                innodb_lock_wait_timeout = \(options.lockTimeout), \(limit)
                """,
            ] { _ = try read(statement) { _ in } }
        }

        deinit { mysql_close(handle) }

        private static func set<Value>(_ handle: UnsafeMutablePointer<MYSQL>, _ option: mysql_option, _ value: Value) {
            withUnsafeBytes(of: value) { _ = mysql_options(handle, option, $0.baseAddress) }
        }

        // MARK: Results

        func read(_ statement: String, _ row: (UnsafeBufferPointer<RawValue?>) -> Void) throws(DatabaseFailure) -> Int {
            try withResult(of: statement) { result throws(DatabaseFailure) in
                let count = Int(mysql_num_fields(result))
                let values = UnsafeMutableBufferPointer<RawValue?>.allocate(capacity: count)
                values.initialize(repeating: nil)
                defer { values.deallocate() }
                var rows = 0
                while let fields = mysql_fetch_row(result), let lengths = mysql_fetch_lengths(result) {
                    for index in 0..<count {
                        values[index] = fields[index].map { bytes in
                            UnsafeRawBufferPointer(start: bytes, count: Int(lengths[index])).assumingMemoryBound(to: UInt8.self)
                        }
                    }
                    row(UnsafeBufferPointer(values))
                    rows += 1
                }
                // The end of the rows looks like a broken connection; only this tells them apart.
                guard mysql_errno(handle) == 0 else { throw Self.failure(of: handle) }
                return rows
            } ?? 0
        }

        func columns(of query: String) throws(DatabaseFailure) -> [ResultColumn] {
            try withResult(of: query) { result throws(DatabaseFailure) in
                guard let fields = mysql_fetch_fields(result) else { return [] }
                return (0..<Int(mysql_num_fields(result))).map { Self.column(fields[$0]) }
            } ?? []
        }

        /// Runs a statement whose rows come as they are asked for; nil for one without a result.
        private func withResult<Value>(
            of statement: String, _ body: (UnsafeMutablePointer<MYSQL_RES>) throws(DatabaseFailure) -> Value
        ) throws(DatabaseFailure) -> Value? {
            guard mysql_real_query(handle, statement, UInt(statement.utf8.count)) == 0 else { throw Self.failure(of: handle) }
            guard let result = mysql_use_result(handle) else {
                guard mysql_field_count(handle) == 0 else { throw Self.failure(of: handle) }
                return nil
            }
            defer { mysql_free_result(result) }
            return try body(result)
        }

        private static func column(_ field: MYSQL_FIELD) -> ResultColumn {
            var column = ResultColumn(name: String(cString: field.name), kind: .text, key: .text)
            // Character set 63 is `binary` (MySQL Reference Manual, INFORMATION_SCHEMA COLLATIONS).
            let isBinary = field.charsetnr == 63
            switch field.type {
            case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG, MYSQL_TYPE_YEAR:
                column.kind = .number
                column.key = field.flags & UInt32(UNSIGNED_FLAG) != 0 ? .unsigned : .signed
            case MYSQL_TYPE_DECIMAL, MYSQL_TYPE_NEWDECIMAL: (column.kind, column.key) = (.number, .decimal)
            case MYSQL_TYPE_DOUBLE: (column.kind, column.key) = (.number, .none)
            case MYSQL_TYPE_FLOAT:
                (column.kind, column.key) = (.single, .none)
                // Sent by itself it is cut to six digits.
                column.expression = "(? + 0e0)"
            case MYSQL_TYPE_BIT: (column.kind, column.key) = (.bits, .none)
            case MYSQL_TYPE_DATE, MYSQL_TYPE_NEWDATE: (column.kind, column.key) = (.date, .date)
            case MYSQL_TYPE_DATETIME: (column.kind, column.key) = (.localTime, .other)
            case MYSQL_TYPE_TIMESTAMP: (column.kind, column.key) = (.instant, .other)
            case MYSQL_TYPE_TIME: column.key = .other
            case MYSQL_TYPE_JSON: (column.kind, column.key) = (.document, .none)
            case MYSQL_TYPE_GEOMETRY: (column.kind, column.key) = (.bytes, .none)
            default:
                let flags = field.flags
                if attribute(field, MARIADB_FIELD_ATTR_FORMAT_NAME) == "json" {
                    (column.kind, column.key) = (.document, .none)
                } else if flags & UInt32(ENUM_FLAG | SET_FLAG) != 0 {
                    // Ordered by their numbers, not by their texts.
                    column.key = .none
                } else if attribute(field, MARIADB_FIELD_ATTR_DATA_TYPE_NAME) != nil {
                    column.key = .other
                } else if isBinary {
                    (column.kind, column.key) = (.bytes, .bytes)
                }
            }
            return column
        }

        /// What MariaDB tells of a column beside its type, e.g. that its text is JSON.
        private static func attribute(_ field: MYSQL_FIELD, _ attribute: mariadb_field_attr_t) -> String? {
            var text = MARIADB_CONST_STRING()
            var field = field
            guard mariadb_field_attr(&text, &field, attribute) == 0, let start = text.str, text.length > 0 else { return nil }
            return String(decoding: UnsafeRawBufferPointer(start: start, count: text.length), as: UTF8.self)
        }

        // MARK: Failures

        private static func failure(of handle: UnsafeMutablePointer<MYSQL>) -> DatabaseFailure {
            let number = mysql_errno(handle)
            let words = mysql_error(handle).map { String(cString: $0) } ?? ""
            return DatabaseFailure(kind: kind(of: number), message: words.isEmpty ? "error \(number)" : words)
        }

        /// MySQL Reference Manual and MariaDB Knowledge Base, error codes: from 1000 on the server's, from 2000 on the library's.
        static func kind(of number: UInt32) -> DatabaseFailure.Kind {
            switch number {
            case 2002, 2003, 2005, 2006, 2013, 2027, 2055, 1053, 1077...1079, 1152, 1158...1161, 1184, 1927, 4031, 5013, 5014: .lost
            case 1044, 1045, 1129, 1130, 1142, 1143, 1227, 1251, 1698, 1820, 1862, 2026, 2049, 2059, 2061, 3159: .denied
            case 1205, 1213, 1317, 1969, 3024: .timeout
            case 1037, 1038, 1040, 1041, 1203, 1226: .busy
            default: .statement
            }
        }
    }
#endif
