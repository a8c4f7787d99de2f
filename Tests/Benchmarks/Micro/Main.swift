/// Runs one small part of the row path over and over: `saltmill-bench NAME ITEMS` for at least so many items; without arguments it lists the names.
///
/// It says how many items it went through and how many bytes they were. What that costs is measured from outside by `Tests/Benchmarks/run`, as the
/// difference between two runs of unequal length, so that nothing of the start counts.
@main
struct SaltmillBench {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let part = parts.first(where: { $0.name == arguments[1] }), let items = Int(arguments[2]) else {
            for part in parts { print(part.name) }
            return
        }
        let result = try part.run(items)
        print("{\"items\":\(result.items),\"bytes\":\(result.bytes)}")
    }

    static let parts: [Part] = [
        Part(name: "csv-split", run: RowParts.splitCSV), Part(name: "json-read", run: RowParts.readJSON),
        Part(name: "item-build", run: { try RowParts.buildItems($0, isSalted: false) }),
        Part(name: "item-build-salted", run: { try RowParts.buildItems($0, isSalted: true) }),
        Part(name: "number-size", run: RowParts.sizeNumbers), Part(name: "salt", run: RowParts.salt),
        Part(name: "batch-join", run: WireParts.joinBatches), Part(name: "sign", run: WireParts.sign),
        Part(name: "answer-read", run: WireParts.readAnswers), Part(name: "bucket", run: FlowParts.spend),
        Part(name: "dispatch", run: FlowParts.dispatch), Part(name: "partition-model", run: FlowParts.admit),
    ]
}

/// A part that can be run on its own.
struct Part: Sendable {
    /// What a run went through.
    struct Result {
        var items = 0
        var bytes = 0
    }

    var name: String
    var run: @Sendable (_ items: Int) throws -> Result
}
