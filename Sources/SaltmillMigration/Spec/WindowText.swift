package import SaltmillPacing

/// Windows as commands have them, in one line.
package enum WindowText {
    /// Says what windows look like.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    /// Reads windows: `mon-fri 22:00-06:00 none; sat-sun 00:00-24:00 500/s`, a list as the spec has it, or `none`.
    package static func windows(parsing text: String) throws(Malformed) -> [RateSchedule.Window] {
        if text == "none" { return [] }
        let list = text.hasPrefix("[") ? text : try list(text)
        var tree = SpecTree(environment: [:])
        let root = tree.read("ceiling: none\nzone: UTC\nwindows: \(list)\n")
        var reader = SpecReader(problems: tree.problems, places: tree.places)
        let rate = root.flatMap { reader.rate($0, create: nil) }
        if let problem = reader.problems.first {
            throw Malformed(description: problem.path.isEmpty ? problem.message : "\(problem.path): \(problem.message)")
        }
        return rate?.windows ?? []
    }

    /// The same as the spec's list.
    private static func list(_ text: String) throws(Malformed) -> String {
        var windows: [String] = []
        for part in text.split(separator: ";") {
            let words = part.split(separator: " ", maxSplits: 2)
            let times = words.count == 3 ? words[1].split(separator: "-", omittingEmptySubsequences: false) : []
            guard times.count == 2, !part.contains("\""), !part.contains("\\") else {
                throw Malformed(
                    description:
                        "`\(part)` is no window; write days, times and a ceiling, e.g. `mon-fri 22:00-06:00 none; sat-sun 00:00-24:00 500/s`"
                )
            }
            let ceiling = words[2].split(separator: " ").joined(separator: " ")
            windows.append("{ days: \"\(words[0])\", from: \"\(times[0])\", to: \"\(times[1])\", ceiling: \"\(ceiling)\" }")
        }
        return "[\(windows.joined(separator: ", "))]"
    }

    /// The text of windows; `none` where there are none.
    package static func text(_ windows: [RateSchedule.Window]) -> String {
        let texts = windows.map { "\(days($0.days)) \(time($0.from))-\(time($0.to)) \($0.value)" }
        return texts.isEmpty ? "none" : texts.joined(separator: "; ")
    }

    private static func days(_ days: Weekdays) -> String {
        if days == .all { return "all" }
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        let given = (0..<7).filter { days.contains(day: $0) }
        if let first = given.first, let last = given.last, given.count > 2, last - first == given.count - 1 {
            return "\(names[first])-\(names[last])"
        }
        return given.map { names[$0] }.joined(separator: ",")
    }

    private static func time(_ seconds: Int) -> String {
        let (hour, minute) = (seconds / 3600, seconds / 60 % 60)
        return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }
}
