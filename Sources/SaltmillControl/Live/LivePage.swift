import Foundation
import SaltmillBytes
import SaltmillDelivery

/// The live page: parts that are rendered here alone, for a browser without scripts as for one that gets the parts that changed.
///
/// Whatever comes from rows, tables and servers is escaped here and cut to ``textLimit``, so that the page stays light whatever it holds.
package struct LivePage {
    /// Characters of a text that came from elsewhere.
    static let textLimit = 200
    /// Segments that the strip shows; more are drawn together.
    static let segmentLimit = 100

    /// A part of the page, by the id of its element.
    package struct Part: Equatable {
        package var id: String
        package var html: String
    }

    private let look: LiveLook

    package init(look: LiveLook) { self.look = look }

    /// Everything that changes.
    package var parts: [Part] {
        [
            Part(id: "state", html: state), Part(id: "figures", html: figures), Part(id: "chart", html: chart),
            Part(id: "segments", html: segments), Part(id: "limits", html: limits), Part(id: "keys", html: keys),
            Part(id: "events", html: events), Part(id: "seen", html: "as of \(MomentText.text(look.snapshot.clocks.wall))"),
        ]
    }

    package var html: String {
        let name = Self.text(look.name)
        let body = Dictionary(uniqueKeysWithValues: parts.map { ($0.id, $0.html) })
        func part(_ id: String, _ element: String = "div") -> String { "<\(element) id=\"\(id)\">\(body[id] ?? "")</\(element)>" }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(name) – saltmill</title>
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="live.css">
            <script src="live.js" defer></script>
            <noscript><meta http-equiv="refresh" content="10"></noscript>
            </head>
            <body>
            <h1>\(name) <small>→ \(Self.text(look.table))</small></h1>
            <p id="link" role="status" hidden></p>
            \(part("state"))
            \(part("figures"))
            <h2>Units a second</h2>
            \(part("chart"))
            <p class="legend"><span class="k rate"></span> consumed <span class="k ceiling"></span> ceiling <span class="k refused"></span> share of tries refused <span class="k wait"></span> waiting</p>
            \(part("segments"))
            <h2>What limits it</h2>
            \(part("limits"))
            \(part("keys"))
            <h2>Events</h2>
            \(part("events"))
            <p class="legend"><span id="seen">\(body["seen"] ?? "")</span> · <a href="metrics">metrics</a> · <a href="status">status</a></p>
            </body>
            </html>

            """
    }

    // MARK: Parts

    private var state: String {
        let text: String
        if let progress = look.snapshot.progress {
            text =
                progress.wait.map { "Waiting (\($0.cause.rawValue)): \($0.reason)" }
                ?? "Loading\(share(progress).map { ", \($0)" } ?? "")\(progress.limiter.map { "; limited by \($0.text)" } ?? "")"
        } else {
            text = look.snapshot.phase == .surveying ? "Reading the source once, before loading" : "Preparing"
        }
        return "<p class=\"lead\(look.snapshot.progress?.wait == nil ? "" : " waiting")\">\(Self.text(text))</p>"
    }

    private func share(_ progress: DeliveryProgress) -> String? {
        guard let total = progress.totalRows, total > 0 else { return nil }
        let settled = progress.account.read - progress.account.pending
        return "\((Double(min(settled, total)) / Double(total) * 1000).rounded(.down) / 10) %"
    }

    private var figures: String {
        guard let progress = look.snapshot.progress else { return "" }
        let (account, recent) = (progress.account, look.series.recent())
        var figures: [(String, String)] = []
        if let share = share(progress) { figures.append(("done", share)) }
        figures += [
            ("time left", remaining), ("units/s", recent.map { Explanation.number($0.units) } ?? "–"),
            ("ceiling", progress.ceiling.map { "\(Explanation.number($0))/s" } ?? "none"),
            ("refused", recent.map { "\(Explanation.number($0.refused * 100)) %" } ?? "–"), ("written", Self.count(account.written)),
        ]
        if let total = progress.totalRows { figures.append(("rows in the source", Self.count(total))) }
        for (name, rows) in [
            ("kept", account.kept), ("rejected", account.rejected), ("filtered", account.filtered), ("superseded", account.superseded),
        ] where rows > 0 { figures.append((name, Self.count(rows))) }
        figures += [
            ("pending", Self.count(account.pending)), ("requests", "\(progress.requestsInFlight) of \(progress.concurrency)"),
            ("lanes parked", "\(progress.parkedLanes)"), ("set aside", Self.count(progress.deferred)),
            ("checkpoint", progress.checkpointAge.map { "\($0 < 10 ? "\(Int($0))s" : JobEvent.span($0)) ago" } ?? "–"),
            ("run", "\(progress.run)"),
        ]
        return "<dl>\(figures.map { "<div><dt>\($0.0)</dt><dd>\(Self.text($0.1))</dd></div>" }.joined())</dl>"
    }

    private var remaining: String {
        guard let progress = look.snapshot.progress, progress.totalRows != nil else { return "unknown" }
        guard let seconds = look.remaining else { return progress.wait == nil ? "measuring" : "–" }
        return "\(JobEvent.span(seconds.rounded(.up))), \(MomentText.text(look.snapshot.clocks.wall + seconds).dropLast(4))Z"
    }

    private var chart: String { LiveChart(look.series)?.svg ?? "<p class=\"legend\">Nothing has been written yet.</p>" }

    /// How far each range of the source has been read; geometry stands in attributes, since styles inline are not permitted.
    private var segments: String {
        guard !look.segments.isEmpty else { return "" }
        let count = min(look.segments.count, Self.segmentLimit)
        var rects: [String] = []
        for index in 0..<count {
            let group = look.segments[(index * look.segments.count / count)..<((index + 1) * look.segments.count / count)]
            let known = group.compactMap { $0 }
            let (left, width) = (Double(index) * 1000 / Double(count), 1000 / Double(count))
            let inner = max(width - (count > 1 ? 1 : 0), 1)
            rects.append(Self.rect(known.count == group.count ? "todo" : "unknown", left, inner))
            let done = known.reduce(0) { $0 + min(max($1, 0), 1) } / Double(group.count)
            if done > 0 { rects.append(Self.rect("done", left, inner * done)) }
        }
        let whole = look.segments.count { $0.map { $0 >= 1 } ?? false }
        return "<h2>Segments <small>\(whole) of \(look.segments.count) read to the end</small></h2>"
            + "<svg class=\"strip\" viewBox=\"0 0 1000 20\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Ranges of the source\">\(rects.joined())</svg>"
    }

    private static func rect(_ name: String, _ left: Double, _ width: Double) -> String {
        "<rect class=\"\(name)\" x=\"\((left * 10).rounded() / 10)\" y=\"0\" width=\"\((width * 10).rounded() / 10)\" height=\"20\"/>"
    }

    /// On a narrow screen only those that bind are shown.
    private var limits: String {
        let explanation = Explanation(look.snapshot, before: look.before)
        let rows = explanation.limiters.map { ([$0.name, $0.value, $0.threshold, $0.verdict], $0.verdict) }
        return (explanation.binding == nil ? "<p>Nothing that is known.</p>" : "")
            + Self.table(["Limiter", "At", "Limits from", "Verdict"], rows)
    }

    private var keys: String {
        let keys = look.snapshot.progress?.hotKeys ?? []
        guard !keys.isEmpty else { return "" }
        let rows = keys.map { key in
            [
                key.name.attribute + (key.index.map { " (index \($0))" } ?? ""), key.name.value, "\(key.refusals) of \(key.tries) tries",
                "\(Explanation.number(key.share * 100)) %", key.shards.map { $0 > 1 ? "a salt of \($0) shards" : "" } ?? "",
            ]
        }
        return "<h2>Hot keys</h2>" + Self.table(["Attribute", "Value", "Refused", "Of the rows", "Cure"], rows.map { ($0, "") })
    }

    private var events: String {
        guard !look.events.isEmpty else { return "<p class=\"legend\">None yet.</p>" }
        let lines = look.events.reversed().map { event in
            "<li><time>\(MomentText.text(event.time.timeIntervalSince1970))</time> <span>\(Self.text(event.sentence))</span></li>"
        }
        return "<ol class=\"log\">\(lines.joined())</ol>"
    }

    // MARK: Text

    /// - Parameter rows: each with the class of its element.
    private static func table(_ head: [String], _ rows: [(cells: [String], name: String)]) -> String {
        let names = head.map { "<th>\(text($0))</th>" }.joined()
        let lines = rows.map { row in
            let cells = zip(head, row.cells).map { "<td data-name=\"\(text($0))\">\(text($1))</td>" }.joined()
            return "<tr\(row.name.isEmpty ? "" : " class=\"\(text(row.name))\"")>\(cells)</tr>"
        }
        return "<table><thead><tr>\(names)</tr></thead><tbody>\(lines.joined())</tbody></table>"
    }

    /// A text as markup, cut where it is very long.
    static func text(_ text: String) -> String {
        let start = text.unicodeScalars.prefix(textLimit)
        return MarkupText.escaped(String(start)) + (start.endIndex < text.endIndex ? "…" : "")
    }

    /// Digits in groups of three.
    static func count(_ value: Int) -> String {
        var digits = String(value)
        var position = digits.count - 3
        while position > 0 {
            digits.insert("\u{202F}", at: digits.index(digits.startIndex, offsetBy: position))
            position -= 3
        }
        return digits
    }
}
