import CoreMetrics
import SaltmillDelivery
import Synchronization

/// A job's metrics: each look at it is recorded with swift-metrics, in a factory of their own, which writes Prometheus text.
///
/// Counters go on over restarts, since the job's account does. No key, no value of an attribute and nothing of an error's text stands in a label.
package final class JobMetrics: Sendable {
    /// The metrics' names, by Prometheus's conventions (https://prometheus.io/docs/practices/naming/).
    package enum Name: String, CaseIterable, Sendable {
        case info = "saltmill_job_info"
        case phase = "saltmill_phase"
        case run = "saltmill_run_number"
        case sourceRows = "saltmill_source_rows"
        case rowsRead = "saltmill_rows_read_total"
        case rowsWritten = "saltmill_rows_written_total"
        case rowsKept = "saltmill_rows_kept_total"
        case rowsRejected = "saltmill_rows_rejected_total"
        case rowsFiltered = "saltmill_rows_filtered_total"
        case rowsSuperseded = "saltmill_rows_superseded_total"
        case pendingRows = "saltmill_pending_rows"
        case deferredRows = "saltmill_deferred_rows"
        case backlogRows = "saltmill_backlog_rows"
        case units = "saltmill_units_consumed_total"
        case requests = "saltmill_requests_total"
        case throttledRequests = "saltmill_throttled_requests_total"
        case failedRequests = "saltmill_failed_requests_total"
        case refusedItems = "saltmill_refused_items_total"
        case requestsInFlight = "saltmill_requests_in_flight"
        case requestsAtMost = "saltmill_requests_in_flight_limit"
        case ceiling = "saltmill_rate_ceiling_units"
        case capacity = "saltmill_capacity_units"
        case lanesParked = "saltmill_lanes_parked"
        case hotKeys = "saltmill_hot_keys"
        case waiting = "saltmill_waiting"
        case checkpointAge = "saltmill_checkpoint_age_seconds"
        case remaining = "saltmill_remaining_seconds"
        case events = "saltmill_events_total"

        var help: String {
            switch self {
            case .info: "Always 1; the job's name and its table."
            case .phase: "1 for what the job does now, 0 for the others."
            case .run: "Which of the job's runs this is, counted from 1."
            case .sourceRows: "Rows of the source; NaN while not known."
            case .rowsRead: "Rows taken from the source, over all runs."
            case .rowsWritten: "Rows whose write was acknowledged."
            case .rowsKept: "Rows not written since the table has another item of their key."
            case .rowsRejected: "Rows in the reject file."
            case .rowsFiltered: "Rows that the spec leaves out."
            case .rowsSuperseded: "Rows that another row of the same key replaces."
            case .pendingRows: "Rows read and not settled yet."
            case .deferredRows: "Rows set aside for hot keys."
            case .backlogRows: "Rows that have been read and wait for their turn."
            case .units: "Write units consumed, by the table and each global index."
            case .requests: "Requests sent."
            case .throttledRequests: "Requests refused as a whole for going too fast."
            case .failedRequests: "Requests without a usable answer."
            case .refusedItems: "Item tries that were refused."
            case .requestsInFlight: "Requests under way."
            case .requestsAtMost: "Requests that may be under way at once."
            case .ceiling: "The user's ceiling in force, a second; +Inf when there is none."
            case .capacity: "Write units a second that the table or an index is taken to admit."
            case .lanesParked: "Values of keys whose rows wait by themselves."
            case .hotKeys: "Values of keys that refusals concentrate on, of those reported."
            case .waiting: "1 for what the job waits for, 0 for the other causes."
            case .checkpointAge: "Age of the last checkpoint; NaN before the first."
            case .remaining: "Time left, through the windows of the schedule; NaN while it cannot be told."
            case .events: "Events of the journal in this process, by name."
            }
        }

        fileprivate var kind: PrometheusFactory.Kind { rawValue.hasSuffix("_total") ? .counter : .gauge }
    }

    private let factory = PrometheusFactory(Name.allCases.map { .init(name: $0.rawValue, kind: $0.kind, help: $0.help) })
    /// Up to where counters have been counted.
    private let counted = Mutex<[String: Double]>([:])

    /// - Parameters:
    ///   - job: its name.
    ///   - table: what it writes to.
    package init(job: String, table: String) {
        set(.info, 1, [("name", job), ("table", table)])
        for name in JobEvent.Name.allCases { count(.events, by: 0, [("event", name.rawValue)]) }
    }

    /// Counts an event of the journal.
    package func note(_ event: JobEvent) { count(.events, by: 1, [("event", event.name.rawValue)]) }

    /// The metrics at a look, as text.
    /// - Parameter remaining: seconds left, where that can be told.
    package func text(_ snapshot: JobSnapshot, remaining: Double?) -> String {
        for phase in JobSnapshot.Phase.allCases { set(.phase, snapshot.phase == phase ? 1 : 0, [("phase", phase.rawValue)]) }
        let wait = snapshot.progress?.wait?.cause
        for cause in Wait.Cause.allCases { set(.waiting, wait == cause ? 1 : 0, [("cause", cause.rawValue)]) }
        set(.remaining, remaining ?? .nan)
        if let progress = snapshot.progress { record(progress) }
        return factory.text
    }

    private func record(_ progress: DeliveryProgress) {
        let (account, usage) = (progress.account, progress.usage)
        set(.run, Double(progress.run))
        set(.sourceRows, progress.totalRows.map(Double.init) ?? .nan)
        for (name, rows) in [
            (Name.rowsRead, account.read), (.rowsWritten, account.written), (.rowsKept, account.kept), (.rowsRejected, account.rejected),
            (.rowsFiltered, account.filtered), (.rowsSuperseded, account.superseded), (.requests, usage.requests),
            (.throttledRequests, usage.throttledRequests), (.failedRequests, usage.failedRequests), (.refusedItems, usage.refusedItems),
        ] { count(name, to: Double(rows)) }
        for (name, number) in [
            (Name.pendingRows, account.pending), (.deferredRows, progress.deferred), (.backlogRows, progress.backlog),
            (.requestsInFlight, progress.requestsInFlight), (.requestsAtMost, progress.concurrency), (.lanesParked, progress.parkedLanes),
            (.hotKeys, progress.hotKeys.count),
        ] { set(name, Double(number)) }
        set(.ceiling, progress.ceiling ?? .infinity)
        set(.checkpointAge, progress.checkpointAge ?? .nan)
        // Each resource has a capacity, in the resources' order.
        let capacities = progress.limits.filter { $0.kind == .capacity }
        for limit in capacities { set(.capacity, limit.rate, [("resource", limit.resource ?? "all")]) }
        for (number, units) in usage.units.enumerated() {
            let name = number == 0 ? "table" : capacities.indices.contains(number) ? capacities[number].resource : nil
            count(.units, to: units, [("resource", name ?? "index \(number)")])
        }
    }

    private func set(_ name: Name, _ value: Double, _ dimensions: [(String, String)] = []) {
        Meter(label: name.rawValue, dimensions: dimensions, factory: factory).set(value)
    }

    private func count(_ name: Name, by amount: Double, _ dimensions: [(String, String)] = []) {
        FloatingPointCounter(label: name.rawValue, dimensions: dimensions, factory: factory).increment(by: amount)
    }

    /// Counts what has been added since it was counted last; a count never goes down.
    private func count(_ name: Name, to total: Double, _ dimensions: [(String, String)] = []) {
        let key = name.rawValue + dimensions.map(\.1).joined()
        let new = counted.withLock { counted in
            defer { counted[key] = max(total, counted[key] ?? 0) }
            return total - (counted[key] ?? 0)
        }
        count(name, by: max(new, 0), dimensions)
    }
}
