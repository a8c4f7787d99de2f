import SaltmillBytes
import SaltmillPartitions

/// The parts of CreateTable and UpdateTable requests, checked as far as each can be checked by itself.
enum TableRequest {
    /// What an index's definition asks for, before its keys have been looked up.
    struct Index {
        var name: String
        var keys: [(name: String, type: String)]
        var projection: Projection
        var throughput: Throughput?
        var maximum = OnDemandMaximum()
    }

    /// `AttributeDefinitions`.
    static func attributes(_ value: JSONValue?, _ constraints: inout Constraints) throws -> [KeyAttribute] {
        guard let value else {
            constraints.violated("null", at: "attributeDefinitions", "not be null")
            return []
        }
        var attributes: [KeyAttribute] = []
        for (index, element) in try value.expectArray().enumerated() {
            let path = "attributeDefinitions.\(index + 1).member"
            guard let name = try element.member("AttributeName")?.expectString() else {
                constraints.violated("null", at: "\(path).attributeName", "not be null")
                continue
            }
            check(attributeName: name, at: "\(path).attributeName", &constraints)
            let type = try element.member("AttributeType")?.expectString()
            if type == nil { constraints.violated("null", at: "\(path).attributeType", "not be null") }
            if let type = constraints.check(type, at: "\(path).attributeType", KeyType.self) { attributes.append(KeyAttribute(name, type)) }
        }
        return attributes
    }

    private enum KeyRole: String, CaseIterable {
        case hash = "HASH"
        case range = "RANGE"
    }

    /// `KeySchema`, as names and roles.
    static func keySchema(_ value: JSONValue?, at path: String, _ constraints: inout Constraints) throws -> [(name: String, type: String)] {
        guard let value else {
            constraints.violated("null", at: path, "not be null")
            return []
        }
        var keys: [(name: String, type: String)] = []
        for (index, element) in try value.expectArray().enumerated() {
            let place = "\(path).\(index + 1).member"
            let name = try element.member("AttributeName")?.expectString()
            let type = try element.member("KeyType")?.expectString()
            if let name {
                check(attributeName: name, at: "\(place).attributeName", &constraints)
            } else {
                constraints.violated("null", at: "\(place).attributeName", "not be null")
            }
            if type == nil { constraints.violated("null", at: "\(place).keyType", "not be null") }
            _ = constraints.check(type, at: "\(place).keyType", KeyRole.self)
            keys.append((name ?? "", type ?? ""))
        }
        if keys.isEmpty { constraints.violated("'[]'", at: path, "have length greater than or equal to 1") }
        if keys.count > 2 {
            let shown = keys.map { "KeySchemaElement(attributeName=\($0.name), keyType=\($0.type))" }.joined(separator: ", ")
            constraints.violated("'[\(shown)]'", at: path, "have length less than or equal to 2")
        }
        return keys
    }

    private static func check(attributeName name: String, at path: String, _ constraints: inout Constraints) {
        if name.isEmpty { constraints.violated("''", at: path, "have length greater than or equal to 1") }
        if name.utf8.count > 255 { constraints.violated("'\(name)'", at: path, "have length less than or equal to 255") }
    }

    /// `ProvisionedThroughput`.
    static func throughput(_ value: JSONValue?, at path: String, _ constraints: inout Constraints) throws -> Throughput? {
        guard let value else { return nil }
        _ = try value.expectMembers()
        var units: [Int] = []
        for (member, name) in [("ReadCapacityUnits", "readCapacityUnits"), ("WriteCapacityUnits", "writeCapacityUnits")] {
            guard let number = try value.member(member)?.expectInt() else {
                constraints.violated("null", at: "\(path).\(name)", "not be null")
                continue
            }
            if number < 1 { constraints.violated("'\(number)'", at: "\(path).\(name)", "have value greater than or equal to 1") }
            units.append(number)
        }
        guard units.count == 2, units.allSatisfy({ $0 >= 1 }) else { return nil }
        guard units.allSatisfy({ $0 <= 1_000_000 }) else {
            throw ServiceError.invalidParameter("Provisioned throughput must not be over 1000000 units")
        }
        return .provisioned(read: units[0], write: units[1])
    }

    /// `OnDemandThroughput`; -1 stands for no maximum.
    static func maximum(_ value: JSONValue?, changing current: OnDemandMaximum = .init()) throws -> OnDemandMaximum? {
        guard let value, value != .null else { return nil }
        _ = try value.expectMembers()
        var maximum = current
        for (member, access) in [("MaxReadRequestUnits", \OnDemandMaximum.read), ("MaxWriteRequestUnits", \.write)] {
            guard let units = try value.member(member)?.expectInt() else { continue }
            guard units == -1 || units >= 1 else {
                throw ServiceError.invalidParameter("\(member) must be -1 or at least 1, not \(units)")
            }
            maximum[keyPath: access] = units == -1 ? nil : units
        }
        return maximum
    }

    /// `LocalSecondaryIndexes` or `GlobalSecondaryIndexes`.
    static func indexes(_ value: JSONValue?, at path: String, _ constraints: inout Constraints) throws -> [Index] {
        var indexes: [Index] = []
        for (number, element) in (try value?.expectArray() ?? []).enumerated() {
            let place = "\(path).\(number + 1).member"
            let known = ["IndexName", "KeySchema", "Projection", "ProvisionedThroughput", "OnDemandThroughput"]
            if let other = try element.expectMembers().first(where: { !known.contains($0.name) && $0.value != .null }) {
                throw ServiceError.validation("This endpoint does not support the parameter \(other.name) of an index yet; leave it out")
            }
            let name = try element.member("IndexName")?.expectString()
            if let name {
                constraints.check(name: name, at: "\(place).indexName", minimum: 3)
            } else {
                constraints.violated("null", at: "\(place).indexName", "not be null")
            }
            indexes.append(
                Index(
                    name: name ?? "", keys: try keySchema(element.member("KeySchema"), at: "\(place).keySchema", &constraints),
                    projection: try projection(element.member("Projection"), at: "\(place).projection", &constraints),
                    throughput: try throughput(
                        element.member("ProvisionedThroughput"), at: "\(place).provisionedThroughput", &constraints),
                    maximum: try maximum(element.member("OnDemandThroughput")) ?? OnDemandMaximum()))
        }
        return indexes
    }

    private enum ProjectionType: String, CaseIterable {
        case all = "ALL"
        case include = "INCLUDE"
        case keysOnly = "KEYS_ONLY"
    }

    private static func projection(_ value: JSONValue?, at path: String, _ constraints: inout Constraints) throws -> Projection {
        guard let value else {
            constraints.violated("null", at: path, "not be null")
            return .all
        }
        let type = constraints.check(
            try value.member("ProjectionType")?.expectString(), at: "\(path).projectionType", ProjectionType.self)
        let names = try value.member("NonKeyAttributes")?.expectArray().map { try $0.expectString() }
        if let names, !(1...20).contains(names.count) {
            constraints.violated("'[\(names.joined(separator: ", "))]'", at: "\(path).nonKeyAttributes", "have length between 1 and 20")
        }
        switch (type, names) {
        case (.include, let names?): return .include(names.map { ProjectedAttribute($0) })
        case (.include, nil):
            throw ServiceError.invalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
        case (.all, nil): return .all
        case (.keysOnly, nil): return .keysOnly
        case (let type?, .some):
            throw ServiceError.invalidParameter("ProjectionType is \(type.rawValue), but NonKeyAttributes is specified")
        case (nil, _):
            if value.member("ProjectionType") == nil { throw ServiceError.invalidParameter("Unknown ProjectionType: null") }
            return .all
        }
    }

    /// `Tags`.
    static func tags(_ value: JSONValue?) throws -> [(key: String, value: String)] {
        let tags = try (value?.expectArray() ?? []).map { tag in
            (key: try tag.member("Key")?.expectString() ?? "", value: try tag.member("Value")?.expectString() ?? "")
        }
        for tag in tags {
            guard (1...128).contains(tag.key.unicodeScalars.count), tag.value.unicodeScalars.count <= 256 else {
                throw ServiceError.invalidParameter("A tag's key has 1 to 128 characters and its value at most 256")
            }
        }
        return tags
    }
}
