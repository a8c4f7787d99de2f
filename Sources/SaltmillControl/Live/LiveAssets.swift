/// What the live page needs beside itself.
enum LiveAssets {
    /// Added to what all pages about jobs look like.
    static let style =
        PageStyle.text + """
            h1 small, h2 small { color: var(--faint); font-weight: 400; font-size: .8em } h1, .lead, td, li span { overflow-wrap: anywhere; unicode-bidi: isolate }
            .lead.waiting, #link { color: var(--warn) } a { color: var(--rate) } dl { margin: 1rem 0 }
            #chart svg { aspect-ratio: 920 / 240 } .strip { display: block; height: 1.25rem }
            th { overflow-wrap: normal } #limits td:first-child { min-width: 8rem } #limits td:last-child { min-width: 4rem } #keys td { min-width: 5.5rem }
            .binds td { font-weight: 600 } .todo { fill: var(--wait) } .unknown { fill: var(--line) } .done { fill: var(--rate) }
            .log { list-style: none; padding: 0; margin: 0 } .log li { border-bottom: 1px solid var(--line); padding: .3rem 0 }
            .log time { color: var(--faint); font-size: .85rem; font-variant-numeric: tabular-nums; margin-right: .6rem }
            @media screen and (max-width: 40rem) { #limits .ok { display: none } #chart svg { font-size: 22px } #chart .end { font-size: 20px } .log time { display: block } }

            """

    /// Puts parts of the page in place as they come. Their markup is the server's own, and the page's policy lets no script in it run.
    static let script = """
        "use strict";
        (() => {
          const link = document.getElementById("link");
          const tell = text => { link.textContent = text; link.hidden = !text; };
          const source = new EventSource("events");
          source.onopen = () => tell("");
          source.onmessage = event => {
            for (const [id, html] of Object.entries(JSON.parse(event.data))) {
              const element = document.getElementById(id);
              if (element) element.innerHTML = html;
            }
          };
          source.addEventListener("end", () => { source.close(); tell("This run has ended; what follows is how it stood then."); });
          source.onerror = () => tell(source.readyState === EventSource.CLOSED
            ? "No live figures: too many viewers, or the run has ended. Reload to try again." : "The connection is lost; trying again …");
        })();

        """
}
