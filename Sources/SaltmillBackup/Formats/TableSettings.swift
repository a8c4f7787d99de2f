package import SaltmillBytes

/// What a table has beside its `DescribeTable` description, and the members of that which a restore sets by calls of their own.
package struct TableSettings: Equatable, Sendable {
    package struct Tag: Equatable, Sendable {
        package var key: String
        package var value: String

        package init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    /// The attribute that items expire by; nil when time to live is off.
    package var timeToLive: String?
    package var tags: [Tag] = []
    /// Whether point-in-time recovery is on; nil when that is not known.
    package var pointInTimeRecovery: Bool?
    /// How far back it reaches, in days; nil when that is not known.
    package var recoveryDays: Int?
    /// The stream's view type, e.g. `NEW_AND_OLD_IMAGES`; nil without a stream.
    package var stream: String?
    package var deletionProtection = false
    /// `STANDARD` or `STANDARD_INFREQUENT_ACCESS`; nil when the server does not say.
    package var tableClass: String?
    /// What could not be asked, each with the reason, e.g. `tags` and "access denied".
    package var missing: [String: String] = [:]

    /// - Parameter description: `DescribeTable`'s `Table`, for stream, deletion protection and class.
    package init(description: JSONValue) {
        if description["StreamSpecification"]?["StreamEnabled"]?.bool == true {
            stream = description["StreamSpecification"]?["StreamViewType"]?.string
        }
        deletionProtection = description["DeletionProtectionEnabled"]?.bool ?? false
        tableClass = description["TableClassSummary"]?["TableClass"]?.string
    }

    /// As it stands in the manifest.
    package var json: JSONValue {
        [
            "time_to_live": JSONValue(timeToLive), "tags": .object(tags.map { JSONValue.Member($0.key, .string($0.value)) }),
            "point_in_time_recovery": pointInTimeRecovery.map(JSONValue.bool) ?? .null,
            "recovery_days": recoveryDays.map { .integer($0) } ?? .null, "stream": JSONValue(stream),
            "deletion_protection": .bool(deletionProtection), "table_class": JSONValue(tableClass),
            "missing": .object(missing.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }),
        ]
    }

    /// Reads ``json``.
    init(_ fields: ManifestFields) throws(ManifestFault) {
        timeToLive = try fields.textIfAny("time_to_live")
        for member in try fields.object("tags").json.members ?? [] {
            tags.append(Tag(member.name, try fields.object("tags").text(member.name)))
        }
        pointInTimeRecovery = fields.json["point_in_time_recovery"] == .null ? nil : try fields.bool("point_in_time_recovery")
        recoveryDays = fields.json["recovery_days"] == .null ? nil : try fields.count("recovery_days")
        stream = try fields.textIfAny("stream")
        deletionProtection = try fields.bool("deletion_protection")
        tableClass = try fields.textIfAny("table_class")
        for member in try fields.object("missing").json.members ?? [] {
            missing[member.name] = try fields.object("missing").text(member.name)
        }
    }
}

extension JSONValue {
    /// A text or null.
    init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }
}
