import SaltmillMigration

/// Tells what a plan is being made of, on a terminal.
struct PlanProgress {
    let isQuiet: Bool
    private var last = ContinuousClock.now - .seconds(1)
    private var hasDrawn = false

    init(isQuiet: Bool) { self.isQuiet = isQuiet || !Terminal.isInteractive }

    mutating func show(_ phase: LoadPlanner.Phase) {
        guard !isQuiet, last.duration(to: .now) > .milliseconds(200) else { return }
        last = .now
        hasDrawn = true
        switch phase {
        case .surveying(let done, let total): Terminal.redraw(ProgressLine.surveying(doneBytes: done, totalBytes: total))
        case .measuring(let done, let total):
            Terminal.redraw("measure \(Self.percent(Double(done), Double(total)))% of \(total / 1_000_000) MB")
        case .sampling(let done, let total):
            Terminal.redraw("sample \(Self.percent(Double(done), Double(total)))% of \(ProgressLine.count(total)) rows")
        case .simulating(let written, let total):
            Terminal.redraw("rehearse \(Self.percent(Double(written), Double(total)))% of \(ProgressLine.count(total)) rows")
        }
    }

    func end() { if hasDrawn { Terminal.redraw("") } }

    private static func percent(_ done: Double, _ total: Double) -> Int { total > 0 ? Int(done / total * 100) : 100 }
}
