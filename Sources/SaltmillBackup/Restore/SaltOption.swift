package import SaltedKeys
package import SaltmillDelivery

extension ItemTransform {
    /// Reads a salt as the command line has it: `day:200:by=id`, with several attributes as `by=id,part` and another separator as `:sep=#`.
    /// - Throws: ``JobFailure`` that says what is wrong.
    package static func salt(parsing text: String) throws(JobFailure) -> SaltDeclaration {
        let malformed = JobFailure(
            .usage,
            "`\(text)` is no salt; write the hash key's attribute, the number of shards and what decides the shard, e.g. `day:200:by=id`")
        var rest = text[...]
        var separator = "."
        if let range = rest.firstRange(of: ":sep=") {
            separator = String(rest[range.upperBound...])
            rest = rest[..<range.lowerBound]
        }
        guard let by = rest.firstRange(of: ":by=") else { throw malformed }
        let names = rest[by.upperBound...].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let head = rest[..<by.lowerBound]
        guard let colon = head.lastIndex(of: ":"), let shards = Int(head[head.index(after: colon)...]) else { throw malformed }
        let attribute = String(head[..<colon])
        guard !attribute.isEmpty, names.allSatisfy({ !$0.isEmpty }) else { throw malformed }
        do throws(SaltError) {
            return SaltDeclaration(attribute: attribute, by: names, recipe: try SaltRecipe(checking: shards, separator: separator))
        } catch {
            throw JobFailure(.usage, "`\(text)` is no salt: \(error)")
        }
    }
}
