import Foundation

/// What a running job lets a display see.
protocol JobView: Sendable {
    /// The line that tells where the job is, and whether it waits for something; nil while there is nothing to tell.
    mutating func look() -> (line: String, isWaiting: Bool)?
    /// What the user should know, each told once.
    func takeNotes() -> [String]
}

/// Shows a job while it runs: a live line on a terminal, otherwise one plain line every half minute.
enum JobDisplay {
    /// Runs the job and shows it meanwhile; when it returns, the terminal is in order.
    /// - Parameters:
    ///   - isQuiet: only notes are shown.
    ///   - beside: what else runs until the job has ended.
    static func show<Report: Sendable>(
        _ view: some JobView, isQuiet: Bool, beside: [@Sendable () async -> Void] = [],
        while job: @escaping @Sendable () async throws -> Report
    ) async throws -> Report {
        try await withThrowingTaskGroup(of: Report?.self) { group in
            group.addTask {
                await watch(view, isQuiet: isQuiet)
                return nil
            }
            for beside in beside {
                group.addTask {
                    await beside()
                    return nil
                }
            }
            group.addTask { try await job() }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                guard let result else { continue }
                // Let the display put the terminal in order before the report is printed.
                group.cancelAll()
                try await group.waitForAll()
                return result
            }
            throw CancellationError()
        }
    }

    /// Runs until its task is cancelled.
    private static func watch(_ view: some JobView, isQuiet: Bool) async {
        var view = view
        var lastLine = ""
        var wasWaiting = false
        var ticks = 0
        while true {
            do { try await ContinuousClock().sleep(for: Terminal.isInteractive ? .milliseconds(250) : .seconds(1)) } catch { break }
            for note in view.takeNotes() { show(note: note, over: lastLine) }
            ticks += 1
            guard let (line, isWaiting) = view.look(), !isQuiet else { continue }
            if Terminal.isInteractive {
                Terminal.redraw(String(line.prefix(Terminal.width - 1)))
            } else if ticks % 30 == 0 || isWaiting != wasWaiting {
                // A wait is told of when it begins and when it is over.
                let style = Date.ISO8601FormatStyle().year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false)
                Terminal.error("\(Date.now.formatted(style)) \(line)")
            }
            lastLine = line
            wasWaiting = isWaiting
        }
        if Terminal.isInteractive, !lastLine.isEmpty { Terminal.redraw("") }
        for note in view.takeNotes() { show(note: note, over: "") }
    }

    private static func show(note: String, over line: String) {
        if Terminal.isInteractive, !line.isEmpty { Terminal.redraw("") }
        Terminal.error("saltmill: note: \(note)")
    }
}
