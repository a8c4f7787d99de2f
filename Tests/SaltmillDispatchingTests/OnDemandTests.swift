import SaltmillDispatching
import SaltmillPacing
import SaltmillPartitions
import Testing

/// A load without a ceiling into a new on-demand table, whose limit nobody tells and which doubles half an hour after it was reached.
@Suite struct OnDemandTests {
    /// Every row is an item of 10 KB with a key of its own.
    private static let units = 10

    private struct Load {
        var dispatcher = Dispatcher(ranges: 2, indexCount: 0, limits: [.discovered(resource: 0, known: nil, now: .zero)])
        var table = PartitionedTable(table: PartitionSet(.onDemand, physics: .adaptive, at: 0))
        var now = MonotonicTime.zero
        /// Units written and refused in each minute.
        var minutes: [(written: Int, refused: Int)] = []
        private var token: UInt64 = 0
        private var positions: [UInt64] = []
        private var inFlight: [(time: MonotonicTime, id: BatchID, refused: [Int], count: Int)] = []

        init() { dispatcher.close(range: 1) }

        mutating func run(minutes count: Int) {
            minutes = Array(repeating: (0, 0), count: count)
            let end = MonotonicTime.zero + .seconds(60 * count)
            while now < end {
                if dispatcher.backlog(range: 0) < 50 { offer(200) }
                switch dispatcher.next(now: now) {
                case .finished: return
                case .send(let id, let slots): send(id, slots)
                case .wait(let until):
                    let next = [until, inFlight.first?.time].compactMap { $0 }.min() ?? end
                    now = max(next, now + .nanoseconds(1))
                    settle()
                }
            }
        }

        private mutating func offer(_ count: UInt64) {
            let batch = (token..<token + count).map {
                Offer(token: $0, key: mix($0), lane: mix($0 &+ 1 << 40), units: UInt32(OnDemandTests.units), bytes: 10_000)
            }
            dispatcher.offer(batch, range: 0)
            token += count
        }

        private mutating func send(_ id: BatchID, _ slots: [Slot]) {
            for admission in dispatcher.takeAdmissions() {
                guard let slot = admission.slot else { continue }
                while positions.count <= slot { positions.append(0) }
                positions[slot] = mix(admission.token &+ 1 << 41)
            }
            var refused: [Int] = []
            for (place, slot) in slots.enumerated() {
                let charge = Charge(.table, .write, position: positions[slot], units: Double(OnDemandTests.units))
                do { try table.admit(charge, at: now.nanoseconds) } catch { refused.append(place) }
            }
            inFlight.append((now + .milliseconds(5), id, refused, slots.count))
        }

        private mutating func settle() {
            while let first = inFlight.first, first.time <= now {
                inFlight.removeFirst()
                let written = first.count - first.refused.count
                let minute = Int((now - .zero).inSeconds / 60)
                if minute < minutes.count {
                    minutes[minute].written += written * OnDemandTests.units
                    minutes[minute].refused += first.refused.count * OnDemandTests.units
                }
                let consumed = [Double(written * OnDemandTests.units)]
                _ = dispatcher.settle(first.id, .answered(refused: first.refused, consumed: consumed), now: now)
            }
        }

        /// Units a second written in some minutes.
        func rate(_ range: Range<Int>) -> Double { Double(minutes[range].reduce(0) { $0 + $1.written }) / Double(60 * range.count) }
    }

    @Test func theLoadGrowsWithTheTableAndHardlyATryIsRefused() {
        var load = Load()
        load.run(minutes: 70)
        let tries = load.minutes.reduce(0) { $0 + $1.written + $1.refused }
        let refused = load.minutes.reduce(0) { $0 + $1.refused }
        #expect(load.rate(1..<30) >= 4000 * 0.96, "\(load.rate(1..<30))")
        #expect(load.rate(34..<60) >= 7900 * 0.96, "\(load.rate(34..<60))")
        #expect(load.rate(65..<70) >= 15_000 * 0.9, "\(load.rate(65..<70))")
        #expect(Double(refused) / Double(tries) <= 0.01, "\(refused) of \(tries) units")
    }
}
