import Foundation
import SaltmillBytes
import SaltmillDelivery

extension JobStory {
    /// The story as one HTML page without scripts and with nothing from elsewhere.
    package func page(job: String, rejects: [String: Int]) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(MarkupText.escaped(job)): report</title>
        <style>
        \(PageStyle.text)</style>
        </head>
        <body>
        <h1>\(MarkupText.escaped(job))</h1>
        \(sections(rejects).joined(separator: "\n"))
        </body>
        </html>

        """
    }

    private func sections(_ rejects: [String: Int]) -> [String] {
        var parts = [summary]
        if let account {
            var figures = [
                ("read", account.read), ("written", account.written), ("kept", account.kept), ("rejected", account.rejected),
                ("filtered", account.filtered), ("superseded", account.superseded), ("pending", account.pending),
            ].filter { $0.1 > 0 || ["read", "written", "pending"].contains($0.0) }
            if let total { figures.insert(("rows in the source", total), at: 0) }
            parts.append("<dl>\(figures.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" }.joined())</dl>")
        }
        if let chart = StoryChart(self) {
            parts.append(
                "<h2>Units a second</h2>\n\(chart.svg)\n<p class=\"legend\"><span class=\"k rate\"></span> consumed <span class=\"k ceiling\"></span> ceiling <span class=\"k refused\"></span> share of tries refused <span class=\"k wait\"></span> waiting</p>"
            )
        }
        parts += hotKeySection
        parts += Self.table("Waits and outages", ["From", "Lasted", "Cause", "Reason"], waits.map(Self.row))
        parts += Self.table("Refusals", ["From", "Lasted", "Cause", "Reason"], refusals.map(Self.row))
        parts += Self.table("What was changed", ["When", "What"], changes.map { [Self.moment($0.time), $0.text] })
        parts += Self.table(
            "Rejected rows", ["Reason", "Rows"], rejects.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { [$0.key, "\($0.value)"] })
        parts += Self.table(
            "Days (UTC)", ["Day", "Written", "Units", "Refused tries"],
            days.sorted { $0.key < $1.key }.map {
                [$0.key, "\($0.value.written)", Explanation.number($0.value.units), "\($0.value.refused)"]
            })
        if omitted > 0 { parts.append("<p>\(omitted) further entries are in the journal: <code>saltmill log</code>.</p>") }
        if lost > 0 { parts.append("<p>\(lost) events were lost while the journal could not be written.</p>") }
        return parts
    }

    private var summary: String {
        guard let began, let last else { return "<p>The job has no journal yet.</p>" }
        let times =
            "\(runs) \(runs == 1 ? "run" : "runs") from \(Self.moment(began)) to \(Self.moment(last)), \(JobEvent.span(last.timeIntervalSince(began)))"
        let end = outcome.map { "\($0): \(message ?? "")" } ?? "not ended, or ended without a word"
        return "<p class=\"lead\">\(MarkupText.escaped(end))</p>\n<p>\(MarkupText.escaped(times)).</p>"
    }

    private var hotKeySection: [String] {
        Self.table(
            "Hot keys", ["Attribute", "Value", "Refused", "Cure"],
            hotKeys.map { key in
                [
                    key.name.attribute + (key.index.map { " (index \($0))" } ?? ""), key.name.value,
                    "\(key.refusals) of \(key.tries) tries",
                    key.shards.map { $0 > 1 ? "a salt of \($0) shards" : "" } ?? "",
                ]
            })
    }

    private static func row(_ span: Span) -> [String] {
        [moment(span.from), span.seconds.map { JobEvent.span($0) } ?? "still", span.cause, span.reason]
    }

    private static func table(_ title: String, _ head: [String], _ rows: [[String]]) -> [String] {
        guard !rows.isEmpty else { return [] }
        let names = head.map { "<th>\(MarkupText.escaped($0))</th>" }.joined()
        let lines = rows.map { row in
            "<tr>\(zip(head, row).map { "<td data-name=\"\(MarkupText.escaped($0))\">\(MarkupText.escaped($1))</td>" }.joined())</tr>"
        }
        return [
            "<h2>\(MarkupText.escaped(title))</h2>",
            "<table><thead><tr>\(names)</tr></thead><tbody>\n\(lines.joined(separator: "\n"))\n</tbody></table>",
        ]
    }

    private static func moment(_ date: Date) -> String {
        date.formatted(.iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false)) + "Z"
    }
}

/// How pages about jobs look: on screens of any width, light and dark, and on paper.
enum PageStyle {
    static let text = """
        :root { color-scheme: light dark; --ink: #1f2933; --faint: #5b6770; --line: #d5dbe0; --ground: #ffffff; --rate: #2b6cb0; --warn: #c2410c; --wait: #e7eaee }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e4e7eb; --faint: #9aa5b1; --line: #3e4c59; --ground: #14181d; --rate: #63b3ed; --warn: #fb923c; --wait: #27303a }
        }
        * { box-sizing: border-box }
        body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); max-width: 64rem; margin: 0 auto; padding: 1.2rem 1rem 4rem }
        h1 { font-size: 1.7rem; margin: 0 0 .4rem } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem }
        .lead { font-size: 1.1rem; font-weight: 600 } .legend, dt, th { color: var(--faint); font-size: .85rem }
        dl { display: flex; flex-wrap: wrap; gap: .4rem 1.6rem } dd { margin: 0; font-size: 1.3rem; font-variant-numeric: tabular-nums }
        table { border-collapse: collapse; width: 100% } th { text-align: left; font-weight: 600 }
        th, td { border-bottom: 1px solid var(--line); padding: .35rem .8rem .35rem 0; vertical-align: top; overflow-wrap: anywhere }
        svg { width: 100%; height: auto; font: 11px system-ui, sans-serif } svg text { fill: var(--faint) }
        svg .end { text-anchor: end } svg .middle { text-anchor: middle }
        .grid { stroke: var(--line) } path.rate { fill: var(--rate); fill-opacity: .25; stroke: var(--rate) }
        path.ceiling { stroke: var(--ink); stroke-dasharray: 4 3; fill: none } path.refused { fill: var(--warn) } path.wait { fill: var(--wait) }
        .k { display: inline-block; width: .8em; height: .8em; margin-left: .8em; border-radius: 2px }
        .k.rate { background: var(--rate) } .k.ceiling { border-top: 2px dashed var(--ink); border-radius: 0 } .k.refused { background: var(--warn) } .k.wait { background: var(--wait) }
        @media screen and (max-width: 40rem) {
          thead { display: none } tr { display: block; border-bottom: 1px solid var(--line); padding: .5rem 0 }
          td { display: block; border: 0; padding: .05rem 0 } td::before { content: attr(data-name) " "; color: var(--faint); font-size: .75rem }
          td:empty { display: none }
        }
        @media print { body { font-size: 10pt; max-width: none; padding: 0 } tr, svg { break-inside: avoid } h2 { break-after: avoid } }

        """
}
