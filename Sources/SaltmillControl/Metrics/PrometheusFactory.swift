import CoreMetrics
import Synchronization

/// Keeps metrics in memory and writes them as Prometheus text, format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
///
/// Counters and gauges keep one number for each set of dimensions; what is recorded or timed is told as a summary of count and sum.
final class PrometheusFactory: MetricsFactory {
    enum Kind: String {
        case counter
        case gauge
        case summary
    }

    /// A metric that is told of even before it has a value.
    struct Declaration {
        var name: String
        var kind: Kind
        var help: String
    }

    private struct Family {
        var kind: Kind
        var help: String?
        /// By the text of their dimensions.
        var series: [String: PrometheusSeries] = [:]
    }
    private let families: Mutex<[String: Family]>

    init(_ declarations: [Declaration] = []) {
        families = Mutex(
            Dictionary(declarations.map { ($0.name, Family(kind: $0.kind, help: $0.help)) }, uniquingKeysWith: { first, _ in first }))
    }

    // MARK: Factory

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { series(.counter, label, dimensions) }

    func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        series(.counter, label, dimensions)
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler { series(.gauge, label, dimensions) }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        series(aggregate ? .summary : .gauge, label, dimensions)
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { series(.summary, label, dimensions) }

    func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { destroy(handler) }
    func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }
    func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }
    func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }

    private func series(_ kind: Kind, _ label: String, _ dimensions: [(String, String)]) -> PrometheusSeries {
        let name = Self.name(label)
        let key = dimensions.map { "\(Self.name($0.0))=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        return families.withLock { families in
            if let known = families[name]?.series[key] { return known }
            let new = PrometheusSeries(isSummary: families[name, default: Family(kind: kind)].kind == .summary)
            families[name, default: Family(kind: kind)].series[key] = new
            return new
        }
    }

    private func destroy(_ handler: AnyObject) {
        families.withLock { families in
            families = families.mapValues { family in
                var family = family
                family.series = family.series.filter { $0.value !== handler }
                return family
            }
        }
    }

    // MARK: Text

    /// All metrics, by name.
    var text: String {
        families.withLock { families in
            var lines: [String] = []
            for (name, family) in families.sorted(by: { $0.key < $1.key }) {
                if let help = family.help { lines.append("# HELP \(name) \(Self.escaped(help, quotes: false))") }
                lines.append("# TYPE \(name) \(family.kind.rawValue)")
                for (key, series) in family.series.sorted(by: { $0.key < $1.key }) {
                    let labels = key.isEmpty ? "" : "{\(key)}"
                    let (value, count) = series.look
                    guard family.kind == .summary else {
                        lines.append("\(name)\(labels) \(Self.number(value))")
                        continue
                    }
                    lines.append("\(name)_sum\(labels) \(Self.number(value))")
                    lines.append("\(name)_count\(labels) \(count)")
                }
            }
            return lines.joined(separator: "\n") + "\n"
        }
    }

    /// A label of any form as the name of a metric.
    private static func name(_ label: String) -> String {
        let characters = label.unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_") ? Character(scalar) : "_"
        }
        return (characters.first?.isNumber ?? true) ? "_" + String(characters) : String(characters)
    }

    private static func escaped(_ text: String, quotes: Bool = true) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int(exactly: value).map(String.init) ?? String(value)
    }
}

/// One number, or the sum and the count of several.
final class PrometheusSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    private let state = Mutex((value: 0.0, count: 0))
    private let isSummary: Bool

    init(isSummary: Bool) { self.isSummary = isSummary }

    var look: (value: Double, count: Int) { state.withLock { $0 } }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { state.withLock { $0.value += amount } }
    func decrement(by amount: Double) { increment(by: -amount) }
    func reset() { state.withLock { $0 = (0, 0) } }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLock { $0.value = value } }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        state.withLock { state in
            state.value = isSummary ? state.value + value : value
            state.count += 1
        }
    }

    /// Durations are told in seconds.
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
