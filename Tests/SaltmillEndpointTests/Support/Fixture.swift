import SaltmillBytes
import SaltmillEndpoint
import Synchronization
import Testing

/// Time that passes only when told.
final class ManualClock: Sendable {
    private let seconds = Mutex(0.0)

    func advance(_ duration: Double) { seconds.withLock { $0 += duration } }

    var clock: EndpointClock {
        EndpointClock(
            monotonic: { self.seconds.withLock { Int64($0 * 1e9) } }, epoch: { self.seconds.withLock { 1_450_000_000 + $0 } })
    }
}

/// An error's answer.
struct Fault: Error, Equatable, CustomStringConvertible {
    /// The `__type` without its name space.
    var name: String
    var message: String

    static func validation(_ message: String) -> Fault { Fault(name: "ValidationException", message: message) }

    var description: String { "\(name): \(message)" }
}

/// A running endpoint and a connection to it.
final class Fixture {
    let client: HTTPClient
    let endpoint: Endpoint
    var port: Int { endpoint.port }

    private init(_ endpoint: Endpoint) throws {
        self.endpoint = endpoint
        client = try HTTPClient(port: endpoint.port)
    }

    /// Starts an endpoint of its own on any free port, runs `body` and stops it. It refuses nothing unless `change` says so.
    static func run(
        _ change: (inout EndpointConfiguration) -> Void = { _ in }, _ body: (Fixture) async throws -> Void
    ) async throws {
        var configuration = EndpointConfiguration()
        configuration.port = 0
        configuration.physics = nil
        change(&configuration)
        let endpoint = try await Endpoint.start(configuration)
        do {
            try await body(try Fixture(endpoint))
        } catch {
            await endpoint.shutdown()
            throw error
        }
        await endpoint.shutdown()
    }

    /// - Throws: ``Fault`` for an error's answer.
    @discardableResult func call(_ operation: String, _ body: JSONValue) throws -> JSONValue { try call(operation, json: body.bytes) }

    @discardableResult func call(_ operation: String, json: String) throws -> JSONValue { try call(operation, json: Array(json.utf8)) }

    private func call(_ operation: String, json: [UInt8]) throws -> JSONValue {
        let response = try client.call(operation, json)
        guard !response.body.isEmpty else { return [:] }
        let value = try JSONValue(parsing: response.body.span)
        guard response.status != 200 else { return value }
        throw Self.fault(value)
    }

    static func fault(_ value: JSONValue) -> Fault {
        let name = value["__type"]?.string?.split(separator: "#").last.map { String($0) } ?? ""
        return Fault(name: name, message: value["message"]?.string ?? value["Message"]?.string ?? "")
    }

    /// The fault that an operation ends in; nil when it succeeds.
    func fault(_ operation: String, _ body: JSONValue) throws -> Fault? {
        do {
            try call(operation, body)
            return nil
        } catch let fault as Fault {
            return fault
        }
    }

    /// Makes an on-demand table of the given key attributes.
    /// - Parameters:
    ///   - keys: names and types, such as `pk:S`.
    ///   - extra: more members of the request.
    func createTable(_ name: String, _ keys: String..., more extra: JSONValue = [:], attributes: [String] = []) throws {
        let definitions = (keys + attributes).map { Array($0.split(separator: ":").map { String($0) }) }
        var members: [JSONValue.Member] = [
            .init("TableName", .string(name)),
            .init(
                "AttributeDefinitions",
                .array(definitions.map { ["AttributeName": .string($0[0]), "AttributeType": .string($0[1])] })),
            .init("KeySchema", Self.keySchema(keys.map { String($0.split(separator: ":")[0]) })),
        ]
        members += extra.members ?? []
        if extra["ProvisionedThroughput"] == nil { members.append(.init("BillingMode", "PAY_PER_REQUEST")) }
        try call("CreateTable", .object(members))
    }

    static func keySchema(_ names: [String]) -> JSONValue {
        .array(zip(names, ["HASH", "RANGE"]).map { ["AttributeName": .string($0), "KeyType": .string($1)] })
    }

    static func index(_ name: String, _ keys: [String], _ projection: JSONValue = ["ProjectionType": "ALL"], units: Int? = nil) -> JSONValue
    {
        var members: [JSONValue.Member] = [
            .init("IndexName", .string(name)), .init("KeySchema", keySchema(keys)), .init("Projection", projection),
        ]
        if let units { members.append(.init("ProvisionedThroughput", throughput(units, units))) }
        return .object(members)
    }

    static func throughput(_ read: Int, _ write: Int) -> JSONValue {
        ["ReadCapacityUnits": .integer(read), "WriteCapacityUnits": .integer(write)]
    }

    @discardableResult func put(_ table: String, _ item: JSONValue) throws -> JSONValue {
        try call("PutItem", ["TableName": .string(table), "Item": item])
    }

    func get(_ table: String, _ key: JSONValue) throws -> JSONValue? {
        try call("GetItem", ["TableName": .string(table), "Key": key, "ConsistentRead": true])["Item"]
    }
}

/// Attribute values.
func string(_ text: String) -> JSONValue { ["S": .string(text)] }
func number(_ text: String) -> JSONValue { ["N": .string(text)] }
func number(_ value: Int) -> JSONValue { number(String(value)) }

extension JSONValue {
    /// Objects' members in one order, for comparison.
    var sorted: JSONValue {
        switch self {
        case .object(let members): .object(members.map { .init($0.name, $0.value.sorted) }.sorted { $0.name < $1.name })
        case .array(let elements): .array(elements.map(\.sorted))
        default: self
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
