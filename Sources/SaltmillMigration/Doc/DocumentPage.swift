import SaltmillBytes

extension SpecDocument {
    /// The document as one HTML page without scripts and with nothing from elsewhere; for screens of any width and for paper.
    package var page: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(MarkupText.escaped(title))</title>
        <style>
        \(Self.style)</style>
        </head>
        <body>
        <h1>\(MarkupText.escaped(title))</h1>
        \(blocks.map(Self.html).joined(separator: "\n"))
        </body>
        </html>

        """
    }

    /// On a narrow screen every row of a table becomes a card, each cell under the name of its column.
    private static let style = """
        :root { color-scheme: light dark; --ink: #1f2933; --faint: #5b6770; --line: #d5dbe0; --ground: #ffffff; --code: #f2f4f6; --warn: #9a3412; --card: #fff4e8 }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e4e7eb; --faint: #9aa5b1; --line: #3e4c59; --ground: #14181d; --code: #1f252c; --warn: #fdba74; --card: #33261a }
        }
        * { box-sizing: border-box }
        body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
        h1 { font-size: 1.7rem; line-height: 1.2 } h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem }
        code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere }
        pre { font: .85rem/1.45 ui-monospace, monospace; background: var(--code); border-radius: 6px; padding: .8rem 1rem; overflow-x: auto }
        table { border-collapse: collapse; width: 100% }
        th { text-align: left; color: var(--faint); font-weight: 600; font-size: .85rem }
        th, td { border-bottom: 1px solid var(--line); padding: .45rem .6rem .45rem 0; vertical-align: top }
        .warning { color: var(--warn); font-weight: 600 }
        tr.incomplete td { background: var(--card) }
        @media screen and (max-width: 40rem) {
          thead { display: none }
          tr { display: block; border-bottom: 1px solid var(--line); padding: .6rem .2rem }
          td { display: block; border: 0; padding: .1rem 0 }
          td::before { content: attr(data-name); display: block; color: var(--faint); font-size: .75rem }
          td:empty { display: none }
        }
        @media print {
          body { font-size: 10pt; max-width: none; padding: 0 }
          pre { white-space: pre-wrap } tr, pre { break-inside: avoid } h2 { break-after: avoid }
        }

        """

    private static func html(_ block: DocumentBlock) -> String {
        switch block {
        case .heading(let text): return "<h2>\(MarkupText.escaped(text))</h2>"
        case .paragraph(let spans): return "<p>\(html(spans))</p>"
        case .list(let items): return "<ul>\n\(items.map { "<li>\(html($0))</li>" }.joined(separator: "\n"))\n</ul>"
        case .code(let text, let language):
            return "<pre><code class=\"\(MarkupText.escaped(language))\">\(MarkupText.escaped(text))</code></pre>"
        case .table(let head, let rows):
            let names = head.map { "<th>\(MarkupText.escaped($0))</th>" }.joined()
            let lines = rows.map { row in
                let cells = zip(head, row.cells).map { "<td data-name=\"\(MarkupText.escaped($0))\">\(html($1))</td>" }.joined()
                return "<tr\(row.isIncomplete ? " class=\"incomplete\"" : "")>\(cells)</tr>"
            }
            return "<table>\n<thead><tr>\(names)</tr></thead>\n<tbody>\n\(lines.joined(separator: "\n"))\n</tbody>\n</table>"
        }
    }

    private static func html(_ spans: [DocumentBlock.Span]) -> String {
        spans.map { span in
            switch span {
            case .text(let text): MarkupText.escaped(text)
            case .code(let text): "<code>\(MarkupText.escaped(text))</code>"
            case .warning(let text): "<span class=\"warning\">\(MarkupText.escaped(text))</span>"
            }
        }.joined()
    }
}
