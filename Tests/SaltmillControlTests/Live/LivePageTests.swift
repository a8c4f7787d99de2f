import Foundation
import SaltmillBytes
import SaltmillControl
import SaltmillDelivery
import Testing

@Suite struct LivePageTests {
    private static let hostile = "</title><script>alert(1)</script><img src=x onerror='alert(2)'>\"'&\u{202E}\n"

    /// A job with something hostile wherever texts come from elsewhere.
    private func hostileJob() -> LiveJob {
        let text = Self.hostile
        let job = LiveJob(name: text, table: text, pace: { _ in Pace(rates: [], text: "") }, segments: { [1, 0.5, nil, 0] })
        let key = JSONValue.object([.init(text, ["S": .string(text)])])
        let entry = HotKeyEntry(
            key: String(decoding: key.bytes, as: UTF8.self), index: text, refusals: 3, tries: 4, share: 0.5, shards: 20)
        for second in 0..<40 {
            var progress = DeliveryProgress.sample()
            progress.hotKeys = [entry]
            progress.limiter = .hotKey(attribute: text, value: text, index: text)
            progress.wait = second.isMultiple(of: 2) ? Wait(.network, text) : nil
            progress.schedule = text
            progress.limits = [.capacity(of: text, provisioned: 100)]
            progress.usage.units[0] = Double(second * 100)
            job.note(JobSnapshot(clocks: Clocks(wall: Double(second), boot: Double(second), awake: 0), phase: .loading, progress: progress))
            job.note(
                .make(.hotKey, at: Double(second)) {
                    $0.key = entry
                    $0.reason = text
                })
        }
        return job
    }

    @Test func hostileTextsComeOutAsText() throws {
        let html = LivePage(look: hostileJob().look()).html
        #expect(html.contains("&lt;img src=x onerror=&#39;alert(2)&#39;&gt;"))
        // The page's own elements are the only ones.
        let pattern = /<\/?([a-z0-9]+)/
        let elements = Set(html.matches(of: pattern).map { String($0.output.1) })
        #expect(
            elements.subtracting([
                "html", "head", "meta", "title", "link", "script", "noscript", "body", "h1", "h2", "small", "p", "div", "dl", "dt", "dd",
                "span",
                "svg", "path", "rect", "text", "table", "thead", "tbody", "tr", "th", "td", "ol", "li", "time", "a",
            ]) == [])
        #expect(html.components(separatedBy: "<script").count == 2 && html.contains("<script src=\"live.js\" defer></script>"))
        // No style and no handler inline, which the page's policy would block.
        #expect(!html.contains(" style=\"") && html.firstMatch(of: /<[^>]* on[a-z]+=/) == nil)
    }

    @Test func thePageStaysLightWhateverItHolds() {
        let text = String(repeating: "<&\"'>", count: 1000)
        let job = LiveJob(
            name: text, table: text, pace: { _ in Pace(rates: [], text: "") }, segments: { Array(repeating: 0.3, count: 100_000) })
        for second in 0..<2000 {
            var progress = DeliveryProgress.sample()
            progress.wait = Wait(.network, text)
            progress.usage.units[0] = Double(second * 977)
            progress.usage.refusedItems = second
            job.note(JobSnapshot(clocks: Clocks(wall: Double(second), boot: Double(second), awake: 0), phase: .loading, progress: progress))
            job.note(.make(.waiting, at: Double(second)) { $0.reason = text })
        }
        let look = job.look()
        #expect(look.events.count == LiveJob.eventLimit)
        #expect(LivePage(look: look).html.utf8.count <= 100_000)
    }

    @Test func everyPartStandsInThePageAsItIsSentLater() {
        let page = LivePage(look: hostileJob().look())
        let html = page.html
        for part in page.parts { #expect(html.contains("id=\"\(part.id)\">\(part.html)<"), "\(part.id)") }
    }

    @Test func aJobThatHasNotBegunHasAPageToo() {
        let job = LiveJob(name: "rows", table: "rows", pace: { _ in Pace(rates: [], text: "") }, segments: { [] })
        #expect(LivePage(look: job.look()).html.contains("Preparing"))
        #expect(job.metricsText.contains("saltmill_phase{phase=\"preparing\"} 1"))
    }
}
