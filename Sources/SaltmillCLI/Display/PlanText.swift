import Foundation
import SaltmillMigration

/// A plan for people: the answer first, then what goes wrong, then the figures.
enum PlanText {
    static func make(_ plan: LoadPlan) -> String {
        var lines = answer(plan)
        lines.append("")
        lines += traps(plan)
        lines.append("")
        lines += figures(plan)
        for note in plan.notes { lines.append(field("note", note)) }
        if let simulation = plan.simulation {
            lines.append("")
            lines += rehearsal(simulation, plan)
        }
        return lines.joined(separator: "\n")
    }

    // MARK: The answer

    private static func answer(_ plan: LoadPlan) -> [String] {
        let isEstimate = plan.sample.map { !$0.isCounted || $0.rows < plan.rows.read } ?? false
        let written = "\(isEstimate ? "about " : "")\(grouped(plan.rows.written)) rows, \(grouped(plan.units)) write units"
        guard let seconds = plan.seconds, let end = plan.timeline.end else {
            return ["\(plan.job): never done: \(written), and the schedule leaves no time for them within ten years"]
        }
        var first = "\(plan.job): \(ProgressLine.duration(seconds))"
        if plan.timeline.openSeconds < seconds - 1 { first += " (\(ProgressLine.duration(plan.timeline.openSeconds)) of them writing)" }
        first += ", done \(time(end, plan, plan.zoneOffsets.end)): \(written)"
        var lines = [first, field("limit", plan.limit)]
        if let cost = plan.cost {
            lines.append(field("cost", costs(cost)))
        } else {
            lines.append(field("cost", "not known; give --prices FILE (schemas/examples/prices.json has a list to begin with)"))
        }
        return lines
    }

    private static func costs(_ cost: PlanCost) -> String {
        let billing =
            cost.isOnDemand
            ? "on demand"
            : "provisioned, \(grouped(cost.hours)) h of \(grouped(cost.writeUnits)) write and \(grouped(cost.readUnits)) read units"
        let other =
            cost.isOnDemand
            ? "provisioned it would be \(money(cost.provisioned, cost))" : "on demand it would be \(money(cost.onDemand, cost))"
        return
            "\(money(cost.load, cost)) for the load (\(billing); \(other)), then \(money(cost.storageMonth, cost)) a month for storage; prices of \(cost.prices.region), \(cost.prices.date), without free tier"
    }

    private static func money(_ amount: Double, _ cost: PlanCost) -> String {
        let cents = Int((amount * 100).rounded())
        if amount > 0, cents == 0 { return "less than \(cost.prices.currency) 0.01" }
        let whole = PlanNumber.grouped(cents / 100)
        return "\(cost.prices.currency) \(whole).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
    }

    /// An instant as the clock of the schedule's zone shows it.
    private static func time(_ instant: Double, _ plan: LoadPlan, _ offset: Int) -> String {
        let local = Date(timeIntervalSince1970: instant + Double(offset))
        let style = Date.ISO8601FormatStyle().year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false)
        return "\(local.formatted(style)) \(plan.zone)"
    }

    private static func traps(_ plan: LoadPlan) -> [String] {
        guard !plan.traps.isEmpty else { return ["No trap is in sight."] }
        return [plan.traps.count == 1 ? "One trap:" : "\(plan.traps.count) traps:"]
            + plan.traps.flatMap { ["  ! \($0.kind.rawValue): \($0.what)", "    → \($0.cure)"] }
    }

    // MARK: Figures

    private static func figures(_ plan: LoadPlan) -> [String] {
        let rows = plan.rows
        let rejected = rows.rejected.values.reduce(0, +)
        var lines = [
            field(
                "rows",
                "read \(grouped(rows.read)) = to write \(grouped(rows.written)) + rejected \(grouped(rejected)) + superseded \(grouped(rows.superseded))"
            )
        ]
        if let sample = plan.sample { lines.append(field("sample", basis(sample, of: rows.read))) }
        for (code, count) in rows.rejected.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append(field("rejected", "\(grouped(count)) × \(code)"))
        }
        lines.append(field("begin", time(plan.timeline.start, plan, plan.zoneOffsets.start)))
        for resource in plan.resources { lines += figures(of: resource) }
        lines += legs(plan)
        return lines
    }

    /// What the figures of a live database are worth.
    private static func basis(_ sample: LoadPlan.Sample, of rows: Int) -> String {
        let count = sample.isCounted ? "the number of rows is exact" : "the number of rows is the database's estimate (--count counts them)"
        guard sample.rows < rows else { return "every row was read; \(count)" }
        return
            "all other figures are estimates, scaled up from \(grouped(sample.rows)) rows\(sample.isSpread ? " all over the key's range" : ""); \(count)"
    }

    private static func figures(of resource: LoadPlan.Resource) -> [String] {
        let paid = resource.provisionedWrite.map { "\(grouped($0))/s provisioned" } ?? "on demand"
        var lines = [
            field(
                resource.index.map { "index \($0)" } ?? "table",
                "\(grouped(resource.units)) units, \(size(resource.bytes)) in \(grouped(resource.items)) items, at most \(PlanNumber.whole(resource.peakUnitsPerSecond)) units/s; \(paid)"
            )
        ]
        let partitions = resource.partitions
        var text =
            "\(partitions.now.map { "\(grouped($0)) now, " } ?? "")\(grouped(partitions.after)) after the load (throughput \(grouped(partitions.byThroughput)), size \(grouped(partitions.bySize)))"
        text += "; each serves at most 1,000 units/s"
        if let share = partitions.evenShare { text += ", an even share of \(PlanNumber.whole(share)) under the rules of 2015" }
        lines.append(field("", "partitions \(text)"))
        for key in resource.hotKeys.prefix(3) {
            let peak = key.peakShare > key.share * 1.2 ? " (\(PlanNumber.percent(key.peakShare)) at its worst time)" : ""
            lines.append(
                field(
                    "",
                    "hot key \(key.value): \(PlanNumber.percent(key.share)) of the units\(peak), \(grouped(key.rows)) rows, at most \(PlanNumber.whole(key.peakUnitsPerSecond)) units/s"
                ))
        }
        let salt = resource.shards.map { "salted over \($0) shards" } ?? "not salted"
        let isAdvised = resource.advisedShards > (resource.shards ?? 1)
        let advice = isAdvised ? "; \(resource.advisedShards) shards are advised" : ", which is enough"
        lines.append(field("", "hash key \(resource.hashAttribute), \(salt)\(advice)"))
        return lines
    }

    private static func legs(_ plan: LoadPlan) -> [String] {
        guard plan.timeline.legs.count > 1 else { return [] }
        let shown = plan.timeline.legs.prefix(14)
        var lines = shown.enumerated().map { number, leg in
            let rate = leg.isClosed ? "closed" : "\(PlanNumber.whole(leg.unitsPerSecond)) units/s (\(leg.limit))"
            return field(
                number == 0 ? "schedule" : "",
                "\(time(leg.start, plan, plan.zoneOffsets.start))  \(pad(ProgressLine.duration(leg.end - leg.start), 8)) \(rate)")
        }
        if plan.timeline.legs.count > shown.count { lines.append(field("", "… and \(plan.timeline.legs.count - shown.count) more")) }
        return lines
    }

    // MARK: Rehearsal

    private static func rehearsal(_ outcome: LoadSimulation.Outcome, _ plan: LoadPlan) -> [String] {
        var lines = [
            "Rehearsal (\(outcome.physics) partitions): \(outcome.isCutShort ? "cut short after " : "")\(ProgressLine.duration(outcome.seconds)), \(grouped(outcome.written)) rows written, \(PlanNumber.percent(outcome.refusedShare)) of the tries refused"
        ]
        for (reason, count) in outcome.refused.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append(field("refused", "\(grouped(count)) × \(reason)"))
        }
        lines.append(
            field(
                "partitions",
                "\(outcome.partitions.map { grouped($0) }.joined(separator: " + ")) at the end, after \(grouped(outcome.splits)) splits"))
        if outcome.mostSetAside > 0 { lines.append(field("set aside", "up to \(grouped(outcome.mostSetAside)) rows waited for hot keys")) }
        lines += PlanChart.text(outcome)
        lines.append("")
        lines += table(outcome)
        return lines
    }

    private static func table(_ outcome: LoadSimulation.Outcome) -> [String] {
        let heads = ["from", "units/s", "refused", "parked", "partitions", "ceiling"]
        let widths = [10, 10, 10, 8, 11, 0]
        func row(_ cells: [String]) -> String {
            "  "
                + zip(cells, widths).map { cell, width in
                    width == 0 ? "  " + cell : String(repeating: " ", count: max(width - cell.count, 1)) + cell
                }.joined()
        }
        return [row(heads)]
            + outcome.series.rows(16).map { sample in
                row([
                    ProgressLine.duration(sample.start.rounded()),
                    sample.closed >= sample.seconds ? "closed" : PlanNumber.whole(sample.unitsPerSecond),
                    grouped(sample.refused), grouped(sample.parked), grouped(sample.partitions), sample.limit,
                ])
            }
    }

    // MARK: Words

    private static func grouped(_ value: Int) -> String { PlanNumber.grouped(value) }

    private static func size(_ bytes: Int) -> String {
        let value = Double(bytes)
        for (unit, factor) in [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)] where value >= factor {
            return "\((value / factor * 10).rounded() / 10) \(unit)"
        }
        return "\(bytes) bytes"
    }

    private static func field(_ name: String, _ text: String) -> String { "  \(pad(name, 10))\(text)" }

    private static func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(width - text.count, 1)) }
}
