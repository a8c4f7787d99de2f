// swift-tools-version: 6.2
import PackageDescription

/// One array for every Swift target; the language mode is that of the tools version, 6.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// A room of the house: a target whose folder is named like it.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of one room.
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, exclude: exclude, swiftSettings: settings)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let nio: [Target.Dependency] = ["NIOCore", "NIOPosix", "NIOHTTP1"].map { .product(name: $0, package: "swift-nio") }
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
/// Databases whose client libraries are asked for by traits: `swift build --traits MySQL,PostgreSQL`.
let databases: [Target.Dependency] = [
    .target(name: "CMariaDB", condition: .when(traits: ["MySQL"])),
    .target(name: "CPostgreSQL", condition: .when(traits: ["PostgreSQL"])),
]

let package = Package(
    name: "saltmill",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "saltmill", targets: ["saltmill"]),
        .library(name: "SaltedKeys", targets: ["SaltedKeys"]),
    ],
    traits: [
        .trait(name: "MySQL", description: "Loads from MySQL and MariaDB; needs libmariadb (Debian: libmariadb-dev)."),
        .trait(name: "PostgreSQL", description: "Loads from PostgreSQL; needs libpq (Debian: libpq-dev)."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CCurl"),
        .systemLibrary(name: "CCrypto"),
        .systemLibrary(name: "CZlib"),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CMariaDB"),
        .systemLibrary(name: "CPostgreSQL"),

        room("SaltedKeys"),
        room("SaltmillBytes", ["CCrypto", "CZlib"]),
        room("SaltmillPacing"),
        room("SaltmillPartitions"),
        room("SaltmillDispatching", ["SaltmillPacing", deque, heap]),
        room("SaltmillDynamoDB", ["SaltmillBytes", "CCurl"]),
        room("SaltmillSources", ["SaltmillBytes", sqlite] + databases),
        room("SaltmillEndpoint", ["SaltmillBytes", "SaltmillPartitions", grdb, sqlite] + nio),
        room(
            "SaltmillDelivery",
            ["SaltmillBytes", "SaltmillPacing", "SaltmillDispatching", "SaltmillDynamoDB", "SaltmillSources", deque, grdb]),
        room("SaltmillItems", ["SaltedKeys", "SaltmillBytes", "SaltmillDynamoDB", "SaltmillSources"]),
        room(
            "SaltmillMigration",
            [
                "SaltedKeys", "SaltmillBytes", "SaltmillPacing", "SaltmillPartitions", "SaltmillDispatching", "SaltmillDynamoDB",
                "SaltmillSources", "SaltmillDelivery", "SaltmillItems", deque, heap, yams,
            ]),
        room(
            "SaltmillBackup",
            [
                "SaltedKeys", "SaltmillBytes", "SaltmillPacing", "SaltmillDispatching", "SaltmillDynamoDB", "SaltmillSources",
                "SaltmillDelivery", "SaltmillItems", deque,
            ]),
        room("SaltmillControl", ["SaltmillBytes", "SaltmillPacing", "SaltmillDynamoDB", "SaltmillDelivery", metrics] + nio),
        room(
            "SaltmillCLI",
            [
                "SaltmillBytes", "SaltmillPacing", "SaltmillPartitions", "SaltmillDynamoDB", "SaltmillEndpoint", "SaltmillDelivery",
                "SaltmillItems", "SaltmillMigration", "SaltmillBackup", "SaltmillControl", "CMalloc", argumentParser,
            ]),
        .executableTarget(name: "saltmill", dependencies: ["SaltmillCLI"], swiftSettings: settings),
        // Here and not in a package of its own, since what it runs is `package`, and that ends at the package's border.
        .executableTarget(
            name: "saltmill-bench",
            dependencies: [
                "SaltedKeys", "SaltmillBytes", "SaltmillPacing", "SaltmillPartitions", "SaltmillDispatching", "SaltmillDynamoDB",
                "SaltmillSources", "SaltmillItems",
            ], path: "Tests/Benchmarks/Micro", swiftSettings: settings),

        tests("SaltedKeys", exclude: ["check_vectors.py"]),
        tests("SaltmillBytes"),
        tests("SaltmillPacing"),
        tests("SaltmillPartitions"),
        tests("SaltmillDispatching", ["SaltmillPacing", "SaltmillPartitions"]),
        tests("SaltmillDynamoDB", ["SaltmillBytes"]),
        tests("SaltmillSources", ["SaltmillBytes", sqlite]),
        tests(
            "SaltmillItems", ["SaltedKeys", "SaltmillBytes", "SaltmillDynamoDB", "SaltmillSources"], exclude: ["Digest/check_digest.py"]),
        tests("SaltmillEndpoint", ["SaltmillBytes", "SaltmillPartitions", grdb]),
        tests(
            "SaltmillDelivery",
            [
                "SaltedKeys", "SaltmillBytes", "SaltmillPacing", "SaltmillPartitions", "SaltmillDispatching", "SaltmillDynamoDB",
                "SaltmillSources", "SaltmillItems",
            ]),
        tests(
            "SaltmillBackup",
            ["SaltedKeys", "SaltmillBytes", "SaltmillPacing", "SaltmillDynamoDB", "SaltmillSources", "SaltmillDelivery", "SaltmillItems"],
            exclude: ["Fixtures"]),
        tests("SaltmillControl", ["SaltmillBytes", "SaltmillPacing", "SaltmillDelivery"]),
        tests(
            "SaltmillMigration",
            [
                "SaltedKeys", "SaltmillBytes", "SaltmillPacing", "SaltmillPartitions", "SaltmillItems", "SaltmillSources",
                "SaltmillDynamoDB", yams,
            ]),
    ]
)
