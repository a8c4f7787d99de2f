import SaltmillBytes
import SaltmillMigration

/// A rehearsal's course, drawn.
enum PlanChart {
    // MARK: For terminals

    private static let blocks = Array("▁▂▃▄▅▆▇█")

    /// Two rows of blocks: units a second, and refused tries among all.
    static func text(_ outcome: LoadSimulation.Outcome, width: Int = 72) -> [String] {
        let samples = outcome.series.rows(width)
        let top = samples.map(\.unitsPerSecond).max() ?? 0
        let worst = samples.map(refusedShare).max() ?? 0
        var lines = [
            "",
            "  units/s  \(samples.map { $0.closed >= $0.seconds ? " " : block($0.unitsPerSecond, of: top) }.joined())  up to \(PlanNumber.whole(top))",
        ]
        if worst > 0 {
            lines.append(
                "  refused  \(samples.map { refusedShare($0) > 0 ? block(refusedShare($0), of: worst) : " " }.joined())  up to \(PlanNumber.percent(worst))"
            )
        }
        return lines
    }

    private static func block(_ value: Double, of top: Double) -> String {
        guard top > 0 else { return String(blocks[0]) }
        return String(blocks[min(Int(value / top * 8), 7)])
    }

    private static func refusedShare(_ sample: SimulationSeries.Sample) -> Double {
        let tries = sample.written + sample.refused
        return tries > 0 ? Double(sample.refused) / Double(tries) : 0
    }

    // MARK: For pages

    private static let (width, height) = (920.0, 320.0)
    private static let (left, right, above, below) = (70.0, 60.0, 34.0, 40.0)

    /// The chart as an image of its own, without styles or scripts.
    static func svg(_ plan: LoadPlan) -> String {
        guard let outcome = plan.simulation else { return "" }
        let samples = outcome.series.samples
        let end = max(samples.last.map { $0.start + $0.seconds } ?? 1, 1)
        let top = niceTop(samples.map(\.unitsPerSecond).max() ?? 1)
        func x(_ seconds: Double) -> Double { left + seconds / end * (width - left - right) }
        func y(_ units: Double) -> Double { height - below - units / top * (height - above - below) }
        var parts = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(width)) \(Int(height))\" width=\"\(Int(width))\" height=\"\(Int(height))\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\">",
            "<title>\(MarkupText.escaped(plan.job)): units a second and refused tries over time</title>",
            "<rect width=\"\(Int(width))\" height=\"\(Int(height))\" fill=\"#ffffff\"/>",
        ]
        for closed in closedSpans(samples) {
            parts.append(
                "<rect x=\"\(round1(x(closed.start)))\" y=\"\(round1(above))\" width=\"\(round1(x(closed.end) - x(closed.start)))\" height=\"\(round1(height - above - below))\" fill=\"#eceff1\"/>"
            )
        }
        for step in 0...4 {
            let units = top * Double(step) / 4
            parts.append(
                "<line x1=\"\(left)\" y1=\"\(round1(y(units)))\" x2=\"\(width - right)\" y2=\"\(round1(y(units)))\" stroke=\"#d5d9dc\"/>")
            parts.append(
                "<text x=\"\(left - 8)\" y=\"\(round1(y(units) + 4))\" text-anchor=\"end\" fill=\"#455a64\">\(PlanNumber.whole(units))</text>"
            )
            let time = end * Double(step) / 4
            parts.append(
                "<text x=\"\(round1(x(time)))\" y=\"\(round1(height - below + 18))\" text-anchor=\"middle\" fill=\"#455a64\">\(ProgressLine.duration(time))</text>"
            )
        }
        let line = samples.flatMap { [(x($0.start), y($0.unitsPerSecond)), (x($0.start + $0.seconds), y($0.unitsPerSecond))] }
        let points = line.map { "\(round1($0.0)),\(round1($0.1))" }.joined(separator: " ")
        parts.append("<polygon points=\"\(left),\(y(0)) \(points) \(round1(x(end))),\(y(0))\" fill=\"#1e88e5\" fill-opacity=\"0.18\"/>")
        parts.append("<polyline points=\"\(points)\" fill=\"none\" stroke=\"#1e88e5\" stroke-width=\"1.5\"/>")
        if !outcome.refused.isEmpty {
            let shares = samples.map { (x($0.start + $0.seconds / 2), height - below - refusedShare($0) * (height - above - below)) }
            parts.append(
                "<polyline points=\"\(shares.map { "\(round1($0.0)),\(round1($0.1))" }.joined(separator: " "))\" fill=\"none\" stroke=\"#e53935\" stroke-width=\"1.2\"/>"
            )
            parts.append("<text x=\"\(width - right + 8)\" y=\"\(above + 4)\" fill=\"#e53935\">100 %</text>")
            parts.append("<text x=\"\(width - right + 8)\" y=\"\(height - below + 4)\" fill=\"#e53935\">0 %</text>")
        }
        parts.append("<text x=\"\(left)\" y=\"20\" fill=\"#1e88e5\">write units/s</text>")
        parts.append("<text x=\"\(left + 100)\" y=\"20\" fill=\"#e53935\">refused tries</text>")
        parts.append("<text x=\"\(left + 200)\" y=\"20\" fill=\"#78909c\">grey: closed by the schedule</text>")
        parts.append("</svg>")
        return parts.joined(separator: "\n")
    }

    private static func closedSpans(_ samples: [SimulationSeries.Sample]) -> [(start: Double, end: Double)] {
        var spans: [(start: Double, end: Double)] = []
        for sample in samples where sample.closed > sample.seconds / 2 {
            if let last = spans.last, last.end >= sample.start {
                spans[spans.count - 1].end = sample.start + sample.seconds
            } else {
                spans.append((sample.start, sample.start + sample.seconds))
            }
        }
        return spans
    }

    /// The next of 1, 2, 5, 10, 20 … that a chart of these values fits under.
    private static func niceTop(_ value: Double) -> Double {
        var power = 1.0
        while power * 10 < value { power *= 10 }
        return [1, 2, 4, 5, 10].map { $0 * power }.first { $0 >= value } ?? 10 * power
    }

    private static func round1(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

/// A plan as a page of its own: no scripts, nothing from elsewhere.
enum PlanPage {
    static func make(_ plan: LoadPlan) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(MarkupText.escaped(plan.job)): plan</title>
        <style>
        body { font: 15px/1.45 sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; color: #263238 }
        pre { font: 13px/1.4 monospace; overflow-x: auto; white-space: pre-wrap }
        svg { max-width: 100%; height: auto }
        </style>
        </head>
        <body>
        <h1>\(MarkupText.escaped(plan.job))</h1>
        \(PlanChart.svg(plan))
        <pre>\(MarkupText.escaped(PlanText.make(plan)))</pre>
        </body>
        </html>

        """
    }
}
