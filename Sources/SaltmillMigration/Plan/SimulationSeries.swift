/// What a simulated load did over time, in a bounded number of samples: the longer the load, the longer each of them.
package struct SimulationSeries: Sendable, Equatable {
    package struct Sample: Sendable, Equatable {
        /// Seconds since the load's start.
        package var start: Double
        package var seconds: Double
        /// Write units that table and indexes took in.
        package var units = 0.0
        package var written = 0
        /// Tries of items that were refused.
        package var refused = 0
        /// Lanes parked at the end of the sample, and partitions of table and indexes.
        package var parked = 0
        package var partitions = 0
        /// Seconds in which the schedule was closed.
        package var closed = 0.0
        /// What the ceiling was called at the end.
        package var limit = ""

        package var unitsPerSecond: Double { seconds > closed ? units / (seconds - closed) : 0 }
    }

    package private(set) var samples: [Sample] = []
    private var length = 1.0
    private static let capacity = 480

    /// The sample that a time lies in; times come in order.
    mutating func at(_ time: Double, _ body: (inout Sample) -> Void) {
        while samples.last.map({ time >= $0.start + $0.seconds }) ?? true {
            if samples.count == Self.capacity { halve() }
            samples.append(Sample(start: Double(samples.count) * length, seconds: length))
        }
        body(&samples[samples.count - 1])
    }

    /// Says that the schedule is closed between two times.
    mutating func close(from start: Double, to end: Double) {
        var time = start
        while time < end {
            var stop = end
            at(time) { sample in
                stop = min(end, sample.start + sample.seconds)
                sample.closed += stop - time
            }
            // A step so small that it vanishes would never end.
            guard stop > time else { return }
            time = stop
        }
    }

    private mutating func halve() {
        samples = stride(from: 0, to: samples.count, by: 2).map { Self.join(samples[$0...min($0 + 1, samples.count - 1)]) }
        length *= 2
    }

    /// The samples in at most so many rows.
    package func rows(_ count: Int) -> [Sample] {
        let step = max((samples.count + count - 1) / count, 1)
        return stride(from: 0, to: samples.count, by: step).map { Self.join(samples[$0..<min($0 + step, samples.count)]) }
    }

    private static func join(_ samples: ArraySlice<Sample>) -> Sample {
        var joined = samples[samples.startIndex]
        for sample in samples.dropFirst() {
            joined.seconds += sample.seconds
            joined.units += sample.units
            joined.written += sample.written
            joined.refused += sample.refused
            joined.parked = sample.parked
            joined.partitions = sample.partitions
            joined.closed += sample.closed
            joined.limit = sample.limit
        }
        return joined
    }

    /// Ends the last sample at the load's end.
    mutating func finish(at time: Double) {
        guard let last = samples.last, time > last.start else { return }
        samples[samples.count - 1].seconds = min(last.seconds, time - last.start)
        // What little is left over would be measured over next to no time.
        guard samples.count > 1, time - last.start < last.seconds / 2 else { return }
        samples.replaceSubrange((samples.count - 2)..., with: [Self.join(samples[(samples.count - 2)...])])
    }
}
