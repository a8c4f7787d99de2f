import Foundation

/// What `schemas/` holds.
enum SpecExamples {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "schemas")
    static let names = ["answers-mysql", "answers-postgresql", "events", "flights", "orders", "readings", "types"]
    static let environment = ["ORDERS_DIR": "/srv/export", "DB_PASSWORD": "secret/@"]

    static func path(_ name: String) -> String { folder.appending(path: "examples/\(name).yaml").path }

    static func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
}
