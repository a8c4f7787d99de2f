/// The last quarter of an hour as an image: units a second against the ceiling, the share refused below, waits behind.
struct LiveChart {
    private static let (width, left, floor, above) = (920.0, 56.0, 176.0, 12.0)
    /// Samples of this many seconds are drawn as one.
    private static let step = 5.0

    /// What was consumed and refused between two samples.
    private struct Step {
        var from: Double
        var to: Double
        var rate: Double
        var refused: Double
        var ceiling: Double?
        var isWaiting: Bool
    }

    private let steps: [Step]
    private let end: Double
    /// How much time is drawn, in seconds.
    private let span: Double

    /// Nil where there is nothing to draw yet.
    init?(_ series: LiveSeries) {
        guard let last = series.samples.last, var from = series.samples.first, last.boot > from.boot else { return nil }
        var steps: [Step] = []
        for sample in series.samples.dropFirst() where sample.boot - from.boot >= Self.step || sample == last {
            let (seconds, tries) = (sample.boot - from.boot, sample.tries - from.tries)
            steps.append(
                Step(
                    from: from.boot, to: sample.boot, rate: max(sample.units - from.units, 0) / seconds,
                    refused: tries > 0 ? Double(sample.refused - from.refused) / Double(tries) : 0, ceiling: sample.ceiling,
                    isWaiting: sample.isWaiting))
            from = sample
        }
        self.steps = steps
        end = last.boot
        let age = last.boot - (series.samples.first?.boot ?? last.boot)
        span = [60, 300].first { age <= $0 } ?? LiveSeries.length
    }

    var svg: String {
        let top = Self.top(steps.map { max($0.rate, $0.ceiling ?? 0) }.max() ?? 1)
        func x(_ boot: Double) -> String { Self.text(Self.width - (end - boot) / span * (Self.width - Self.left)) }
        func y(_ rate: Double) -> String { Self.text(Self.floor - min(rate, top) / top * (Self.floor - Self.above)) }
        let steps = steps.filter { end - $0.from <= span }
        var parts = ["<svg viewBox=\"0 0 920 240\" role=\"img\" aria-label=\"Units a second over the last \(JobEvent.span(span))\">"]
        let waits = steps.filter(\.isWaiting).map {
            "M\(x($0.from)) \(Self.text(Self.above))H\(x($0.to))V\(Self.text(Self.floor))H\(x($0.from))Z"
        }
        if !waits.isEmpty { parts.append("<path class=\"wait\" d=\"\(waits.joined())\"/>") }
        for part in [0.0, 0.5, 1] {
            parts.append("<path class=\"grid\" d=\"M\(Self.text(Self.left)) \(y(top * part))H\(Self.text(Self.width))\"/>")
            parts.append(
                "<text class=\"end\" x=\"\(Self.text(Self.left - 6))\" y=\"\(y(top * part))\" dy=\"4\">\(Explanation.number(top * part))</text>"
            )
        }
        for part in [1.0, 0.5] { parts.append("<text x=\"\(x(end - span * part))\" y=\"236\">−\(JobEvent.span(span * part))</text>") }
        parts.append("<text class=\"end\" x=\"920\" y=\"236\">now</text>")
        if let first = steps.first {
            let line = steps.map { "L\(x($0.from)) \(y($0.rate))H\(x($0.to))" }.joined()
            parts.append("<path class=\"rate\" d=\"M\(x(first.from)) \(Self.text(Self.floor))\(line)V\(Self.text(Self.floor))Z\"/>")
        }
        let ceilings = steps.compactMap { step in step.ceiling.map { "M\(x(step.from)) \(y($0))H\(x(step.to))" } }
        if !ceilings.isEmpty { parts.append("<path class=\"ceiling\" d=\"\(ceilings.joined())\"/>") }
        // Refusals hang below the time line; all tries refused are 40 high.
        let refused = steps.filter { $0.refused > 0 }
            .map {
                "M\(x($0.from)) \(Self.text(Self.floor + 2))V\(Self.text(Self.floor + 2 + max(40 * min($0.refused, 1), 1)))H\(x($0.to))V\(Self.text(Self.floor + 2))Z"
            }
        if !refused.isEmpty { parts.append("<path class=\"refused\" d=\"\(refused.joined())\"/>") }
        return parts.joined() + "</svg>"
    }

    private static func text(_ value: Double) -> String { String((value * 10).rounded() / 10) }

    /// The next of 1, 2, 5, 10, 20 … that values fit under.
    private static func top(_ value: Double) -> Double {
        var power = 1.0
        while power * 10 < value { power *= 10 }
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= value } ?? 10 * power
    }
}
