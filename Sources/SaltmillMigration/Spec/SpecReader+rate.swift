import SaltmillDynamoDB
import SaltmillPacing

/// The section `rate` as it was read.
struct SpecRate {
    var ceiling: RateCeiling
    var windows: [RateSchedule.Window]
    var zone: String?
}

extension SpecReader {
    /// The section `rate`.
    mutating func rate(_ node: SpecNode, create: Billing?) -> SpecRate? {
        guard let object = object(node, .rate, example: "{ ceiling: 800/s }") else { return nil }
        let ceiling = required(object, "ceiling", "write e.g. `800/s`, `80%` of the provisioned capacity, or `none`")
            .flatMap { self.ceiling($0, create: create) }
        let zone = object["zone"].flatMap { self.zone($0) }
        var windows: [RateSchedule.Window] = []
        if let node = object["windows"] {
            _ = required(object, "zone", "say where the windows' times of day are meant, e.g. `zone: Europe/Berlin` or `zone: UTC`")
            if let list = self.windows(node, create: create) {
                windows = list
                if let ceiling { checkWindows(RateSchedule(windows: windows, otherwise: .ceiling(ceiling)), at: node) }
            }
        }
        return ceiling.map { SpecRate(ceiling: $0, windows: windows, zone: zone) }
    }

    private mutating func ceiling(_ node: SpecNode, create: Billing?) -> RateCeiling? {
        guard let text = text(node) else { return nil }
        if text == "off" {
            report(
                node,
                "`off` closes windows, and this applies outside of them; end the list of windows with "
                    + "`{ days: all, from: \"00:00\", to: \"24:00\", ceiling: off }`")
            return nil
        }
        do throws(RateCeiling.Malformed) {
            let ceiling = try RateCeiling(parsing: text)
            checkShare(ceiling, node, create: create)
            return ceiling
        } catch {
            report(node, error.description)
            return nil
        }
    }

    /// A share is a share of something provisioned.
    private mutating func checkShare(_ ceiling: RateCeiling, _ node: SpecNode, create: Billing?) {
        if case .share = ceiling, create == .onDemand {
            report(node, "a share is of provisioned capacity, and `target.create` says on-demand; write e.g. `800/s` or `none`")
        }
    }

    private mutating func zone(_ node: SpecNode) -> String? {
        guard let name = name(node) else { return nil }
        do throws(UnknownZone) {
            try ZoneOffsets.checkZone(name)
            return name
        } catch {
            report(node, error.description)
            return nil
        }
    }

    // MARK: Windows

    /// The windows, all of them or `nil`.
    private mutating func windows(_ node: SpecNode, create: Billing?) -> [RateSchedule.Window]? {
        guard let elements = list(node, of: "windows") else { return nil }
        let windows = elements.map { window($0, create: create) }
        return windows.contains { $0 == nil } ? nil : windows.compactMap(\.self)
    }

    private mutating func window(_ node: SpecNode, create: Billing?) -> RateSchedule.Window? {
        checkCommas(node)
        guard let object = object(node, .window, example: "{ days: mon-fri, from: \"22:00\", to: \"06:00\", ceiling: none }") else {
            return nil
        }
        let days = required(object, "days", "write e.g. `mon-fri`, `sat-sun` or `all`").flatMap { self.days($0) }
        let from = required(object, "from", "say when the window opens, e.g. `from: \"22:00\"`").flatMap { timeOfDay($0, last: "23:59") }
        let to = required(object, "to", "say when the window closes, e.g. `to: \"06:00\"`").flatMap { timeOfDay($0, last: "24:00") }
        let ceiling = required(object, "ceiling", "write e.g. `800/s`, `80%` of the provisioned capacity, `none`, or `off`")
            .flatMap { windowCeiling($0, create: create) }
        guard let days, let from, let to, let ceiling else { return nil }
        return RateSchedule.Window(days, from: from, to: to, value: ceiling)
    }

    /// Between braces YAML takes `days: mon,wed` for the days `mon` and a field `wed`.
    private mutating func checkCommas(_ node: SpecNode) {
        guard case .fields(let fields) = node.content else { return }
        if fields.contains(where: { (try? Weekdays(parsing: $0.name)) != nil }) {
            report(
                path: SpecNode.path(node.path, "days"),
                "between braces a comma ends the value; write several days as a list, e.g. `[mon, wed]`")
        }
    }

    private mutating func days(_ node: SpecNode) -> Weekdays? {
        guard let elements = list(node, of: "days", orOne: true) else { return nil }
        if elements.isEmpty {
            report(node, "must name at least one day")
            return nil
        }
        var days: Weekdays = []
        for element in elements {
            guard let text = name(element) else { return nil }
            do throws(Weekdays.Malformed) {
                days.formUnion(try Weekdays(parsing: text))
            } catch {
                report(element, error.description)
                return nil
            }
        }
        return days
    }

    /// A time of day in seconds after midnight.
    private mutating func timeOfDay(_ node: SpecNode, last: String) -> Int? {
        if case .text(let text) = node.content, text.utf8.count == 5, text <= last {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            if parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
                let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60
            {
                return hour * 3600 + minute * 60
            }
        }
        mustBe("a time of day from `00:00` to `\(last)`", node)
        return nil
    }

    private mutating func windowCeiling(_ node: SpecNode, create: Billing?) -> CeilingInForce? {
        guard let text = text(node) else { return nil }
        do throws(RateCeiling.Malformed) {
            let ceiling = try CeilingInForce(parsing: text)
            if case .ceiling(let ceiling) = ceiling { checkShare(ceiling, node, create: create) }
            return ceiling
        } catch {
            report(node, "\(error.description); `off` closes the window")
            return nil
        }
    }

    /// Every window applies at some hour of the week, and at some hour something is written.
    private mutating func checkWindows(_ schedule: RateSchedule, at node: SpecNode) {
        for position in schedule.unreachable {
            report(
                path: "\(node.path)[\(position)]",
                "never applies, since the windows before it cover all its hours; move it up or remove it")
        }
        if schedule.value(atUTC: 0, zone: .utc) == .off, schedule.nextChange(afterUTC: 0, zone: .utc) == nil {
            report(node, "are `off` at every hour of the week, so that nothing would ever be written; leave some hours open")
        }
    }
}
