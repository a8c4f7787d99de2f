import SaltmillPacing

extension Weekdays {
    /// Says what days look like.
    struct Malformed: Error, Equatable {
        var description: String
    }

    /// Reads days as the spec writes them: `mon`, `mon-fri`, `mon,wed,fri`, `fri-mon`, `all`.
    init(parsing text: String) throws(Malformed) {
        self = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.trimming(" ").split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            if ends == ["all"] {
                formUnion(.all)
            } else if let first = ends.first, let last = ends.last {
                formUnion(Weekdays(from: try Self.day(first, of: text), through: try Self.day(last, of: text)))
            }
        }
    }

    private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    private static func day(_ name: Substring, of text: String) throws(Malformed) -> Int {
        if let day = names.firstIndex(of: String(name)) { return day }
        let near = names.first { name.lowercased().hasPrefix($0) } ?? suggestion(for: String(name), among: names)
        let hint = near.map { "did you mean `\($0)`?" } ?? "write e.g. `mon`, `mon-fri`, `mon,wed,fri` or `all`"
        throw Malformed(description: name.isEmpty ? "`\(text)` lacks a day; \(hint)" : "`\(name)` is no day; \(hint)")
    }
}

extension Substring {
    fileprivate func trimming(_ character: Character) -> Substring {
        let start = drop { $0 == character }
        return start.prefix(start.lastIndex { $0 != character }.map { start.distance(from: start.startIndex, to: $0) + 1 } ?? 0)
    }
}
