import Foundation
import SaltmillBytes

/// A job's course as an image: units a second against the ceiling, refusals below, and when it waited.
struct StoryChart {
    private let story: JobStory
    private static let (width, height) = (920.0, 300.0)
    private static let (left, right, above, below) = (64.0, 16.0, 16.0, 64.0)
    private let start: Double
    private let end: Double

    /// Nil where there is nothing to draw yet.
    init?(_ story: JobStory) {
        guard story.samples.count > 1, let first = story.samples.first, let last = story.samples.last, last.time > first.time else {
            return nil
        }
        self.story = story
        (start, end) = (first.time.timeIntervalSince1970, last.time.timeIntervalSince1970)
    }

    /// What was consumed and refused between two samples.
    private struct Step {
        var from: Double
        var to: Double
        var rate: Double
        var refusedShare: Double
        var ceiling: Double?
    }

    private var steps: [Step] {
        zip(story.samples, story.samples.dropFirst()).compactMap { before, after in
            let seconds = after.time.timeIntervalSince(before.time)
            guard seconds > 0 else { return nil }
            let (written, refused) = (max(after.written - before.written, 0), max(after.refused - before.refused, 0))
            return Step(
                from: before.time.timeIntervalSince1970, to: after.time.timeIntervalSince1970,
                rate: max(after.units - before.units, 0) / seconds,
                refusedShare: written + refused > 0 ? Double(refused) / Double(written + refused) : 0, ceiling: after.ceiling)
        }
    }

    var svg: String {
        let (width, height, left, right, above, below) = (Self.width, Self.height, Self.left, Self.right, Self.above, Self.below)
        let steps = steps
        let top = Self.niceTop(steps.map(\.rate).max() ?? 1)
        let floor = height - below
        func x(_ time: Double) -> String { Self.text(left + (min(max(time, start), end) - start) / (end - start) * (width - left - right)) }
        func y(_ rate: Double) -> String { Self.text(floor - min(rate, top) / top * (floor - above)) }
        var parts = ["<svg viewBox=\"0 0 \(Int(width)) \(Int(height))\" role=\"img\" aria-label=\"Units a second over time\">"]
        for wait in story.waits {
            let (from, to) = (wait.from.timeIntervalSince1970, wait.to?.timeIntervalSince1970 ?? end)
            guard to > start, from < end else { continue }
            parts.append(
                "<path class=\"wait\" d=\"M\(x(from)) \(Self.text(above))H\(x(to))V\(Self.text(floor))H\(x(from))Z\"><title>\(MarkupText.escaped("\(wait.cause): \(wait.reason)"))</title></path>"
            )
        }
        for part in 0...4 {
            let rate = top * Double(part) / 4
            parts.append("<path class=\"grid\" d=\"M\(Self.text(left)) \(y(rate))H\(Self.text(width - right))\"/>")
            parts.append("<text x=\"\(Self.text(left - 6))\" y=\"\(y(rate))\" class=\"end\">\(Explanation.number(rate))</text>")
            let time = start + (end - start) * Double(part) / 4
            let anchor = part == 0 ? "" : part == 4 ? " class=\"end\"" : " class=\"middle\""
            parts.append("<text x=\"\(x(time))\" y=\"\(Self.text(height - 8))\"\(anchor)>\(Self.label(time, span: end - start))</text>")
        }
        let line = steps.map { "L\(x($0.from)) \(y($0.rate))H\(x($0.to))" }.joined()
        parts.append("<path class=\"rate\" d=\"M\(x(start)) \(Self.text(floor))\(line)V\(Self.text(floor))Z\"/>")
        let ceiling = steps.compactMap { step in step.ceiling.map { "M\(x(step.from)) \(y($0))H\(x(step.to))" } }.joined()
        if !ceiling.isEmpty { parts.append("<path class=\"ceiling\" d=\"\(ceiling)\"/>") }
        // Refusals hang below the time line, a share of 100 % as long as the strip is high.
        let strip = below - 28
        let refused = steps.filter { $0.refusedShare > 0 }
            .map {
                "M\(x($0.from)) \(Self.text(floor + 2))V\(Self.text(floor + 2 + max(strip * $0.refusedShare, 1)))H\(x($0.to))V\(Self.text(floor + 2))Z"
            }
            .joined()
        if !refused.isEmpty { parts.append("<path class=\"refused\" d=\"\(refused)\"/>") }
        parts.append("</svg>")
        return parts.joined(separator: "\n")
    }

    private static func label(_ time: Double, span: Double) -> String {
        let date = Date(timeIntervalSince1970: time)
        let clock = date.formatted(.iso8601.time(includingFractionalSeconds: false))
        return span < 86_400 ? clock : "\(date.formatted(.iso8601.month().day())) \(clock.prefix(5))"
    }

    private static func text(_ value: Double) -> String { String((value * 10).rounded() / 10) }

    /// The next of 1, 2, 5, 10, 20 … that values fit under.
    private static func niceTop(_ value: Double) -> Double {
        var power = 1.0
        while power * 10 < value { power *= 10 }
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= value } ?? 10 * power
    }
}
