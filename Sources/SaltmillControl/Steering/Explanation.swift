package import SaltmillBytes
import SaltmillDelivery

/// Everything that may limit a job's speed, each with its value, its threshold and its verdict, and the one that binds.
package struct Explanation: Sendable, Equatable {
    package struct Limiter: Sendable, Equatable {
        package var name: String
        /// What it is at, and from where on it limits.
        package var value: String
        package var threshold: String
        /// `binds`, `ok` or `off`.
        package var verdict: String
    }

    package private(set) var limiters: [Limiter] = []
    /// The name of the limiter that binds; nil when none does, or too little is known yet.
    package private(set) var binding: String?

    /// - Parameter before: a look some seconds earlier, which speeds are told from.
    package init(_ now: JobSnapshot, before: JobSnapshot?) {
        guard let progress = now.progress else {
            limiters = [Limiter(name: now.phase.rawValue, value: "under way", threshold: "loading begins after it", verdict: "binds")]
            binding = now.phase.rawValue
            return
        }
        let wait = progress.wait
        let waits: [(String, [Wait.Cause], String)] = [
            ("pause", [.paused], "a command or a stop file"), ("window", [.window], progress.schedule ?? "always open"),
            ("network", [.network], "an answer"),
            ("endpoint", [.endpoint], "an answer without error"), ("credentials", [.credentials], "accepted"),
            ("table", [.table], "active"),
            ("disk", [.disk], "writable"),
        ]
        for (name, causes, threshold) in waits {
            let isBinding = wait.map { causes.contains($0.cause) } ?? false
            var value = isBinding ? wait?.reason ?? "" : name == "pause" ? "not paused" : name == "window" ? "open" : "fine"
            if name == "window", !isBinding, let until = progress.scheduleUntil {
                value += ", changes at \(MomentText.text(Double(until)))"
            }
            limiters.append(Limiter(name: name, value: value, threshold: threshold, verdict: isBinding ? "binds" : "ok"))
            if isBinding { binding = name }
        }
        let speed = Speed(progress, now.clocks, before)
        limiters += progress.limits.map { Self.limiter($0, speed) }
        limiters += Self.others(progress)
        guard binding == nil, let held = progress.limiter, let index = limiters.lastIndex(where: { Self.row($0.name, is: held) }) else {
            return
        }
        limiters[index].verdict = "binds"
        binding = limiters[index].name
    }

    /// Whether a row of this name is what holds the rate back; of several ceilings the last is the narrowest.
    private static func row(_ name: String, is limiter: RateLimiter) -> Bool {
        switch limiter {
        case .ceiling, .window: name.hasPrefix("ceiling")
        case .closed: name == "window"
        case .capacity(let index): name == "capacity of \(index ?? "table")"
        case .hotKey: name == "hot keys"
        case .requestsInFlight: name == "concurrency"
        case .source: name == "source"
        }
    }

    private static func limiter(_ limit: LimitInForce, _ speed: Speed?) -> Limiter {
        let scope = limit.resource.map { " of \($0)" } ?? ""
        let value = speed?.value(of: limit)
        var name = "\(limit.kind.rawValue)\(scope)"
        if limit.kind == .ceiling, limit.measure != "units" { name = "ceiling in \(limit.measure)" }
        var threshold = "\(number(limit.rate)) \(limit.measure)/s"
        if limit.kind == .capacity {
            threshold +=
                limit.provisioned.map { ", \(number($0)) provisioned" }
                ?? (limit.isFound ? ", found by refusals" : ", still being found out")
        }
        return Limiter(
            name: name, value: value.map { "\(number($0)) \(limit.measure)/s" } ?? "not measured", threshold: threshold, verdict: "ok")
    }

    /// What limits when no rate does.
    private static func others(_ progress: DeliveryProgress) -> [Limiter] {
        [
            Limiter(
                name: "hot keys", value: "\(progress.parkedLanes) lanes parked, \(progress.deferred) rows set aside",
                threshold: progress.hotKeys.first.map(\.advice) ?? "none", verdict: "ok"),
            Limiter(
                name: "concurrency", value: "\(progress.requestsInFlight) requests under way", threshold: "\(progress.concurrency)",
                verdict: "ok"),
            Limiter(name: "source", value: "\(progress.backlog) rows read ahead", threshold: "more than none", verdict: "ok"),
        ]
    }

    /// One decimal below a hundred, none above.
    static func number(_ value: Double) -> String {
        guard value < 1e15 else { return "∞" }
        let rounded = value < 100 ? (value * 10).rounded() / 10 : value.rounded()
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }

    // MARK: Texts

    package var text: String {
        let rows = limiters.map { [$0.name, $0.value, $0.threshold, $0.verdict] }
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            (0..<3).map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }.joined(separator: "  ") + "  " + row[3]
        }
        return (["limited by: \(binding ?? "nothing that is known")"] + lines.map { "  \($0)" }).joined(separator: "\n")
    }

    package var members: [JSONValue.Member] {
        [
            .init("binding", binding.map { .string($0) } ?? .null),
            .init(
                "limiters",
                .array(
                    limiters.map {
                        [
                            "name": .string($0.name), "value": .string($0.value), "threshold": .string($0.threshold),
                            "verdict": .string($0.verdict),
                        ]
                    })),
        ]
    }
}

/// How fast a job went between two looks.
private struct Speed {
    private let seconds: Double
    private let units: [Double]
    private let items: Double
    private let names: [String]

    /// Nil while there is too little to tell from.
    init?(_ progress: DeliveryProgress, _ now: Clocks, _ before: JobSnapshot?) {
        guard let before, let earlier = before.progress, now.boot - before.clocks.boot >= 1,
            earlier.usage.units.count == progress.usage.units.count
        else { return nil }
        seconds = now.boot - before.clocks.boot
        units = zip(progress.usage.units, earlier.usage.units).map { $0 - $1 }
        items = Double(progress.account.written - earlier.account.written)
        // Each resource has a capacity, in the resources' order.
        names = progress.limits.filter { $0.kind == .capacity }.compactMap(\.resource)
    }

    /// In the limit's own measure, a second; nil where that is not counted.
    func value(of limit: LimitInForce) -> Double? {
        switch (limit.measure, limit.resource) {
        case ("items", _): return items / seconds
        case ("units", nil): return units.reduce(0, +) / seconds
        case ("units", let resource?):
            let number = resource == "table" ? 0 : names.firstIndex(of: resource)
            return number.flatMap { units.indices.contains($0) ? units[$0] / seconds : nil }
        default: return nil
        }
    }
}
