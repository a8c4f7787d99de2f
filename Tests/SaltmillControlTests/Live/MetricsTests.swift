import Foundation
import SaltmillControl
import SaltmillDelivery
import Testing

@Suite struct MetricsTests {
    private func snapshot(_ progress: DeliveryProgress?) -> JobSnapshot { JobSnapshot(clocks: .now, phase: .loading, progress: progress) }

    @Test func everyMetricIsToldOfEvenBeforeItHasAValue() {
        let text = JobMetrics(job: "rows", table: "rows").text(snapshot(nil), remaining: nil)
        for name in JobMetrics.Name.allCases {
            #expect(text.contains("# HELP \(name.rawValue) "))
            let isTotal = name.rawValue.hasSuffix("_total")
            #expect(text.contains("# TYPE \(name.rawValue) \(isTotal ? "counter" : "gauge")\n"))
        }
    }

    @Test func figuresAreThoseOfTheLook() {
        var progress = DeliveryProgress.sample()
        progress.usage = Usage(indexCount: 1)
        progress.usage.units = [12.5, 3]
        progress.limits = [.capacity(of: "table", provisioned: 100), .capacity(of: "by-day", provisioned: 50)]
        progress.wait = Wait(.disk, "full")
        let lines = Set(JobMetrics(job: "rows", table: "t").text(snapshot(progress), remaining: 90).split(separator: "\n").map(String.init))
        for line in [
            "saltmill_rows_written_total 1000", "saltmill_pending_rows 100", "saltmill_units_consumed_total{resource=\"table\"} 12.5",
            "saltmill_units_consumed_total{resource=\"by-day\"} 3", "saltmill_rate_ceiling_units 800",
            "saltmill_capacity_units{resource=\"by-day\"} 50", "saltmill_waiting{cause=\"disk\"} 1",
            "saltmill_waiting{cause=\"network\"} 0",
            "saltmill_remaining_seconds 90", "saltmill_checkpoint_age_seconds NaN", "saltmill_job_info{name=\"rows\",table=\"t\"} 1",
        ] { #expect(lines.contains(line), "\(line)") }
    }

    @Test func countersNeverGoDownAndAreNotCountedTwice() {
        let metrics = JobMetrics(job: "rows", table: "rows")
        var progress = DeliveryProgress.sample()
        _ = metrics.text(snapshot(progress), remaining: nil)
        progress.account.written = 900
        #expect(metrics.text(snapshot(progress), remaining: nil).contains("saltmill_rows_written_total 1000\n"))
        progress.account.written = 1050
        #expect(metrics.text(snapshot(progress), remaining: nil).contains("saltmill_rows_written_total 1050\n"))
        metrics.note(JobEvent(.paused, at: 0))
        #expect(metrics.text(snapshot(progress), remaining: nil).contains("saltmill_events_total{event=\"paused\"} 1\n"))
    }

    @Test func labelsAreEscapedAndEveryLineIsAsTheFormatHasIt() throws {
        var progress = DeliveryProgress.sample()
        progress.limits = [.capacity(of: "a\"} 1\nevil{x=\"\\", provisioned: 1)]
        progress.ceiling = nil
        let text = JobMetrics(job: "\"\n\\", table: "x").text(snapshot(progress), remaining: nil)
        let sample = /[a-z_]+(\{([a-z]+="([^"\\\n]|\\[\\"n])*",?)*\})? (NaN|[+-]Inf|-?[0-9.e+-]+)/
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() where !line.hasPrefix("# ") {
            #expect(line.wholeMatch(of: sample) != nil, "\(line)")
        }
        #expect(text.contains("saltmill_job_info{name=\"\\\"\\n\\\\\",table=\"x\"} 1"))
        #expect(text.contains("saltmill_rate_ceiling_units +Inf"))
    }
}
