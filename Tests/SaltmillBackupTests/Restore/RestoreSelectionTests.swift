import SaltmillBackup
import SaltmillDelivery
import Testing

/// Which tables are restored, as what, and which may be deleted.
@Suite struct RestoreSelectionTests {
    @Test func allTablesKeepTheirNames() throws {
        #expect(try RestoreSelection().choices(among: ["one", "two"]).map(\.target) == ["one", "two"])
    }

    @Test func namedTablesAreChosen() throws {
        let choices = try RestoreSelection(names: ["two"], naming: .exactly("copy")).choices(among: ["one", "two"])
        #expect(choices == [.init(table: 1, target: "copy")])
    }

    @Test func prefixesAreExchanged() throws {
        let selection = RestoreSelection(naming: .prefix(from: "prod-", to: "test."))
        #expect(try selection.choices(among: ["prod-a", "prod-b"]).map(\.target) == ["test.a", "test.b"])
        #expect(throws: JobFailure.self) { try selection.choices(among: ["prod-a", "other"]) }
    }

    @Test func aTableWithoutANameNeedsOne() throws {
        #expect(throws: JobFailure.self) { try RestoreSelection().choices(among: [nil]) }
        #expect(try RestoreSelection(naming: .exactly("copy")).choices(among: [nil]).map(\.target) == ["copy"])
    }

    @Test func whatIsNotThereOrNotOneIsRefused() {
        for (selection, tables) in [
            (RestoreSelection(names: ["three"]), ["one", "two"]), (RestoreSelection(names: ["o*"]), ["one", "two"]),
            (RestoreSelection(naming: .exactly("copy")), ["one", "two"]), (RestoreSelection(naming: .exactly("no good")), ["one"]),
            (RestoreSelection(naming: .exactly("ab")), ["one"]), (RestoreSelection(naming: .prefix(from: "one", to: "")), ["one"]),
        ] {
            #expect(throws: JobFailure.self) { try selection.choices(among: tables) }
        }
    }

    @Test(arguments: ["*", "o*", "?ne", "two", "on", "ONE"]) func onlyATableThatIsRestoredCanBeReplaced(_ name: String) {
        #expect(throws: JobFailure.self) { try RestoreSelection(names: ["one"], replaced: [name]).choices(among: ["one", "two"]) }
    }

    @Test func theReplacedTableIsNamedAsItIsRestored() throws {
        let selection = RestoreSelection(names: ["one"], naming: .exactly("copy"), replaced: ["copy"])
        #expect(try selection.choices(among: ["one"]).map(\.target) == ["copy"])
        #expect(throws: JobFailure.self) {
            try RestoreSelection(names: ["one"], naming: .exactly("copy"), replaced: ["one"]).choices(among: ["one"])
        }
    }
}
