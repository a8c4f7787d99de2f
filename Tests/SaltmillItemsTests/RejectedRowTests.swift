import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources
import Testing

@Suite struct RejectedRowTests {
    let mapping = ItemMapping(
        attributes: [AttributeMapping("k", .S, column: 0), AttributeMapping("n", .N, column: 1), AttributeMapping("s", .SS, column: 2)],
        hasRange: false, salt: nil,
        indexes: [IndexMapping(name: "i", hashAttribute: "n", rangeAttribute: nil, salt: nil, hashSource: 1)])

    @Test func aRejectedRowLeavesNoTrace() {
        let good: [String?] = ["a", "1", "x,y"]
        let rows = [good, ["b", "2", "x,x"], ["c", "nope", "x"], [nil, "1", "x"], good, ["d", "1", ""]]
        let encoded = Encoded(mapping, rows)
        #expect(encoded.rejects.map(\.record) == [1, 2, 3, 5])
        #expect(encoded.rejects.map(\.fault.code) == ["set.duplicate", "number.syntax", "key.missing", "set.empty"])
        let alone = Encoded(mapping, [good, good])
        #expect(encoded.chunk.bytes == alone.chunk.bytes)
        #expect(encoded.chunk.indexLanes == alone.chunk.indexLanes)
        #expect(encoded.chunk.items.map(\.record) == [0, 4])
    }

    @Test func recordsOfTheSourceWithAFaultAreRejectedAndSupersededOnesAreNot() {
        var batch = batch([["a", "1", "x"], ["b", "1", "x"], ["c", "1", "x"], ["d", "x", "x"]])
        let fault = RowFault("csv.columns", "the record has 2 cells, the header 3")
        batch.records[0].fault = fault
        batch.records[1].isSuperseded = true
        batch.records[3].isSuperseded = true
        let encoded = Encoded(mapping, batch)
        #expect(encoded.rejects == [RejectedRow(record: 0, fault: fault)])
        #expect(encoded.chunk.items.map(\.record) == [2])
    }

    @Test func aChunkTakesSeveralBatches() {
        var encoder = ItemEncoder(mapping, columnCount: 3)
        var chunk = ItemChunk(indexCount: 1)
        var rejects: [RejectedRow] = []
        encoder.encode(batch([["a", "1", "x"]]), into: &chunk, rejects: &rejects)
        encoder.encode(batch([["b", "y", "x"], ["b", "2", "x"]]), into: &chunk, rejects: &rejects)
        #expect(chunk.items.count == 2)
        #expect(chunk.items[1].offset == chunk.items[0].length)
        #expect(chunk.items[1].record == 1)
        #expect(chunk.indexLanes.count == 2)
        #expect(rejects.map(\.record) == [0])
    }

    @Test func anItemMayHave400KilobytesAndNoMore() {
        let mapping = ItemMapping(
            attributes: [AttributeMapping("k", .S, column: 0), AttributeMapping("text", .S, column: 1)], hasRange: false, salt: nil)
        let most = String(repeating: "x", count: 409_600 - 2 - 4)
        let encoded = Encoded(mapping, [["k", most], ["k", most + "x"]])
        #expect(encoded.chunk.items.map(\.size) == [409_600])
        #expect(encoded.rejects.map(\.fault.code) == ["item.size"])
        #expect(encoded.rejects[0].fault.message == "the item has 409601 bytes, but may have at most 409600; drop or shorten attributes")
        #expect(encoded.rejects[0].fault.attribute == nil)
    }

    @Test func messagesShowTheValueAndTheFix() {
        let value = OneValue(AttributeMapping("dep_time", .N, column: 1), "5h17")
        #expect(value.message == "dep_time is \"5h17\", which is not a number; correct it, or map the attribute as S")
        let null = OneValue(AttributeMapping("dep_time", .N, column: 1, null: .reject), String?.none)
        #expect(null.message == "dep_time is null, which its null policy rejects; give the row a value, or choose another policy")
    }

    @Test func longValuesAreCutInMessages() {
        let long = OneValue(AttributeMapping("n", .N, column: 1), String(repeating: "é", count: 5000)).message ?? ""
        #expect(long.contains("\"" + String(repeating: "é", count: 40) + "…\""))
        let exact = OneValue(AttributeMapping("n", .N, column: 1), String(repeating: "y", count: 40)).message ?? ""
        #expect(exact.contains("\"" + String(repeating: "y", count: 40) + "\""))
        let control = OneValue(AttributeMapping("n", .N, column: 1), "a\nb\u{1B}").message ?? ""
        #expect(!control.contains("\n") && !control.contains("\u{1B}"))
    }

    @Test func theFaultNamesTheAttribute() {
        let encoded = Encoded(mapping, [["a", "x", "x"]])
        #expect(encoded.rejects.first?.fault.attribute == "n")
    }
}
