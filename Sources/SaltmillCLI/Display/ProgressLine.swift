import SaltmillDelivery

/// The line that tells of a running load: fields in a fixed order, with labels that stay.
enum ProgressLine {
    static func loading(_ progress: DeliveryProgress, _ window: RateWindow) -> String {
        let account = progress.account
        let settled = account.read - account.pending
        var fields: [String] = []
        if let total = progress.totalRows, total > 0 {
            let share = (Double(settled) / Double(total) * 1000).rounded(.down) / 10
            fields.append("load \(share)% \(count(settled))/\(count(total)) rows")
        } else {
            fields.append("load \(count(settled)) rows")
        }
        let speed = window.unitsPerSecond.map { number($0) } ?? "—"
        let limit = [progress.ceiling, progress.capacity].compactMap { $0 }.min()
        fields.append("\(speed)/\(limit.map { number($0) } ?? "∞") units/s\(progress.limiter.map { " (\($0.text))" } ?? "")")
        fields.append("refused \(number((window.refusedShare ?? 0) * 100))%")
        if account.rejected > 0 { fields.append("rejected \(account.rejected)") }
        fields.append("lanes parked \(progress.parkedLanes)")
        fields.append("ckpt \(progress.checkpointAge.map { "\(Int($0.rounded()))s" } ?? "—")")
        fields.append("ETA \(eta(progress, settled, window))")
        if let problem = progress.problem { fields.append("WAITING: \(problem)") }
        return fields.joined(separator: " | ")
    }

    static func surveying(doneBytes: UInt64, totalBytes: UInt64) -> String {
        let share = totalBytes == 0 ? 100 : Int(Double(doneBytes) / Double(totalBytes) * 100)
        return "survey \(share)% of \(number(Double(totalBytes) / 1e6)) MB"
    }

    /// Time left: told only once there is something to tell it from.
    private static func eta(_ progress: DeliveryProgress, _ settled: Int, _ window: RateWindow) -> String {
        guard let total = progress.totalRows, let rate = window.rowsPerSecond, progress.elapsed >= 2 else { return "measuring" }
        guard rate > 0 else { return "—" }
        return duration(Double(max(total - settled, 0)) / rate)
    }

    /// At most two units: `2d 3h`, `5m 10s`, `7s`.
    static func duration(_ seconds: Double) -> String {
        guard seconds < 1e9 else { return "—" }
        let whole = Int(seconds.rounded(.up))
        let parts = [(whole / 86400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "m"), (whole % 60, "s")]
        guard let first = parts.firstIndex(where: { $0.0 > 0 }) else { return "0s" }
        return parts[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
    }

    /// `950`, `206.1k`, `4.61M`.
    static func count(_ value: Int) -> String {
        switch value {
        case ..<10_000: "\(value)"
        case ..<1_000_000: "\(number(Double(value) / 1e3))k"
        default: "\((Double(value) / 1e4).rounded() / 100)M"
        }
    }

    /// One decimal below a hundred, none above.
    static func number(_ value: Double) -> String {
        guard value < 1e15 else { return "∞" }
        let rounded = value < 100 ? (value * 10).rounded() / 10 : value.rounded()
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
