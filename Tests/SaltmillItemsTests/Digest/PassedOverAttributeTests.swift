import SaltmillBytes
import SaltmillItems
import Testing

@Suite struct PassedOverAttributeTests {
    private struct Form: Equatable {
        var canonical: [UInt8]
        var size: Int
        var attributes: Int
        var found: Set<Int>
    }

    private func form(_ item: String, passingOver names: [String]) throws -> Form {
        var scanner = ItemScanner(passingOver: names)
        let bytes = Array(item.utf8)
        try scanner.scan(bytes.span)
        return Form(
            canonical: scanner.withCanonicalItem { $0.array }, size: scanner.size, attributes: scanner.attributes.count,
            found: scanner.found)
    }

    @Test func whatASyncNotesIsNotInTheForm() throws {
        let names = [SyncAttributes.version, SyncAttributes.deleted]
        var plain = try form(#"{"a":{"S":"x"},"z":{"N":"1"}}"#, passingOver: [])
        for item in [
            #"{"saltmill:version":{"N":"7"},"a":{"S":"x"},"z":{"N":"1"}}"#,
            #"{"a":{"S":"x"},"saltmill:version":{"N":"8"},"z":{"N":"1.0"}}"#,
            #"{"z":{"N":"1"},"a":{"S":"x"},"saltmill\u003aversion":{"M":{"k":{"L":[]}}}}"#,
        ] {
            plain.found = [0]
            #expect(try form(item, passingOver: names) == plain)
        }
        #expect(try form(#"{"saltmill:deleted":{"BOOL":true},"a":{"S":"x"}}"#, passingOver: names).found == [1])
        #expect(try form(#"{"a":{"S":"x"}}"#, passingOver: names).found == [])
    }

    @Test func onlyTheItemsOwnAttributesArePassedOver() throws {
        let nested = #"{"a":{"M":{"saltmill:version":{"N":"7"}}}}"#
        #expect(try form(nested, passingOver: [SyncAttributes.version]) == form(nested, passingOver: []))
        #expect(try form(#"{"saltmill:versions":{"N":"7"}}"#, passingOver: [SyncAttributes.version]).attributes == 1)
    }

    @Test func aScannerForgetsWhatItFound() throws {
        var scanner = ItemScanner(passingOver: ["v"])
        for (item, found) in [(#"{"v":{"N":"1"}}"#, true), (#"{"w":{"N":"1"}}"#, false)] {
            let bytes = Array(item.utf8)
            try scanner.scan(bytes.span)
            #expect(scanner.found.contains(0) == found)
        }
    }
}
