import SaltmillBytes

/// What a client may set of a table that changes nothing here but what is reported, expiry excepted.
struct TableSettings: Sendable {
    /// The attribute that holds when an item expires; nil where items do not.
    var expiryAttribute: String?
    /// For how many days back the table could be restored; nil where point-in-time recovery is off.
    var recoveryDays: Int?
    /// When point-in-time recovery was last switched on, in epoch seconds.
    var recoverySince = 0.0
    /// What stream records would show; nil where there is no stream.
    var streamView: StreamView?
    /// Names the last stream; it outlives the stream's end.
    var streamLabel: String?
    var tableClass: TableClass?
    /// Whether the table is encrypted with a key of the account's.
    var isEncrypted = false
    var encryptionKey: String?

    enum StreamView: String, CaseIterable, Sendable {
        case newImage = "NEW_IMAGE"
        case oldImage = "OLD_IMAGE"
        case newAndOldImages = "NEW_AND_OLD_IMAGES"
        case keysOnly = "KEYS_ONLY"
    }

    enum TableClass: String, CaseIterable, Sendable {
        case standard = "STANDARD"
        case infrequentAccess = "STANDARD_INFREQUENT_ACCESS"
    }

    /// The parameters of CreateTable and UpdateTable that ``change(by:at:)`` reads.
    static let parameters: Set<String> = ["StreamSpecification", "TableClass", "SSESpecification"]

    /// Changes what a CreateTable or UpdateTable request sets.
    /// - Parameter now: epoch seconds.
    /// - Returns: whether it sets anything.
    @discardableResult mutating func change(by request: RequestBody, at now: Double) throws -> Bool {
        var constraints = Constraints()
        let tableClass = constraints.check(try request.string("TableClass"), at: "tableClass", TableClass.self)
        let stream = try request.value("StreamSpecification")
        let view = constraints.check(
            try stream?.member("StreamViewType")?.expectString(), at: "streamSpecification.streamViewType", StreamView.self)
        if stream != nil, stream?.member("StreamEnabled") == nil {
            constraints.violated("null", at: "streamSpecification.streamEnabled", "not be null")
        }
        try constraints.finish()
        if let tableClass { self.tableClass = tableClass }
        if let stream { try setStream(try stream.member("StreamEnabled")?.expectBool() ?? false, view, at: now) }
        let encryption = try request.value("SSESpecification")
        if let encryption {
            isEncrypted = try encryption.member("Enabled")?.expectBool() ?? false
            encryptionKey = try encryption.member("KMSMasterKeyId")?.expectString()
        }
        return tableClass != nil || stream != nil || encryption != nil
    }

    private mutating func setStream(_ enabled: Bool, _ view: StreamView?, at now: Double) throws {
        guard enabled else {
            guard view == nil else {
                throw ServiceError.invalidParameter("StreamViewType must not be specified when StreamEnabled is false")
            }
            streamView = nil
            return
        }
        guard let view else { throw ServiceError.invalidParameter("StreamViewType is required when StreamEnabled is true") }
        guard streamView == nil else { throw ServiceError.validation("Table already has an enabled stream") }
        streamView = view
        streamLabel = ISODate.text(now)
    }

    // MARK: - JSON

    /// Members of a table's description.
    /// - Parameters:
    ///   - arn: the table's.
    ///   - account: what a key's ARN begins with.
    func describe(arn: String, region: String) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        if let streamView {
            members.append(.init("StreamSpecification", ["StreamEnabled": true, "StreamViewType": .string(streamView.rawValue)]))
        }
        if let streamLabel {
            members.append(.init("LatestStreamLabel", .string(streamLabel)))
            members.append(.init("LatestStreamArn", .string("\(arn)/stream/\(streamLabel)")))
        }
        if isEncrypted {
            let key = encryptionKey ?? "alias/aws/dynamodb"
            let keyARN = key.hasPrefix("arn:") ? key : "arn:aws:kms:\(region):\(TableDescriber.account):key/\(key)"
            members.append(.init("SSEDescription", ["Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": .string(keyARN)]))
        }
        if let tableClass { members.append(.init("TableClassSummary", ["TableClass": .string(tableClass.rawValue)])) }
        return members
    }

    /// As the store keeps them.
    var record: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        return [
            "ExpiryAttribute": text(expiryAttribute), "RecoveryDays": recoveryDays.map { .integer($0) } ?? .null,
            "RecoverySince": .number(String(recoverySince)), "StreamView": text(streamView?.rawValue), "StreamLabel": text(streamLabel),
            "TableClass": text(tableClass?.rawValue), "IsEncrypted": .bool(isEncrypted), "EncryptionKey": text(encryptionKey),
        ]
    }

    init() {}

    /// - Parameter record: what ``record`` was; nil for a table from before there were settings.
    init(_ record: JSONValue?) {
        expiryAttribute = record?["ExpiryAttribute"]?.string
        recoveryDays = record?["RecoveryDays"]?.int
        recoverySince = record?["RecoverySince"]?.double ?? 0
        streamView = record?["StreamView"]?.string.flatMap { StreamView(rawValue: $0) }
        streamLabel = record?["StreamLabel"]?.string
        tableClass = record?["TableClass"]?.string.flatMap { TableClass(rawValue: $0) }
        isEncrypted = record?["IsEncrypted"]?.bool ?? false
        encryptionKey = record?["EncryptionKey"]?.string
    }
}
