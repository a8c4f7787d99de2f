package import SaltmillDelivery

/// When a load will be through: its speed of now, carried on through the hours of its schedule.
package struct CompletionEstimate: Sendable {
    /// A load's speed while it was open, and what was in force then.
    package struct Speed: Sendable, Equatable {
        package var rowsPerSecond: Double
        /// Units of table and indexes together.
        package var unitsPerSecond: Double
        /// For each of the user's limits its rate then, as ``Pace/rates`` has them.
        package var rates: [Double]
        /// One of the user's ceilings held it back, so that it goes faster under a higher one.
        package var isHeld: Bool

        package init(rowsPerSecond: Double, unitsPerSecond: Double, rates: [Double], isHeld: Bool) {
            self.rowsPerSecond = rowsPerSecond
            self.unitsPerSecond = unitsPerSecond
            self.rates = rates
            self.isHeld = isHeld
        }
    }

    /// A load that takes longer than this is not reckoned to its end, in seconds.
    static let horizon = 366 * 86400.0

    /// Seconds until so many rows are settled; nil when that will never be, or is too far ahead.
    /// - Parameters:
    ///   - now: in seconds since 1970.
    ///   - pace: what is in force at a time.
    package static func seconds(rows: Int, _ speed: Speed, now: Double, pace: (Int64) -> Pace) -> Double? {
        var left = Double(rows)
        var time = now
        guard left > 0 else { return 0 }
        while time - now < horizon {
            let moment = pace(Int64(time))
            if moment.closed?.cause == .paused { return nil }
            let rate = moment.closed == nil ? self.rate(speed, under: moment.rates) : 0
            guard let until = moment.until.map(Double.init), until > time else { return rate > 0 ? time - now + left / rate : nil }
            if rate > 0, time + left / rate <= until { return time - now + left / rate }
            left -= rate * (until - time)
            time = until
        }
        return nil
    }

    /// Rows a second under other ceilings.
    private static func rate(_ speed: Speed, under rates: [Double]) -> Double {
        var bounds: [Double] = []
        for (number, rate) in rates.enumerated() where rate.isFinite {
            switch number {
            // The first limit counts units, the second items; the others are known by what they were.
            case 0 where speed.unitsPerSecond > 0: bounds.append(rate * speed.rowsPerSecond / speed.unitsPerSecond)
            case 1: bounds.append(rate)
            default:
                if speed.rates.indices.contains(number), speed.rates[number].isFinite {
                    bounds.append(speed.rowsPerSecond * rate / speed.rates[number])
                }
            }
        }
        let bound = bounds.min() ?? speed.rowsPerSecond
        return speed.isHeld ? bound : min(bound, speed.rowsPerSecond)
    }
}
