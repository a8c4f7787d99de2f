import SaltmillPartitions
import Testing

/// What holds of every table, whatever comes.
@Suite struct PartitionLawTests {
    @Test(arguments: [Physics.Model.even2015, .adaptive], [1, 2, 3, 4] as [UInt64])
    func partitionsCoverEverythingKeepWhatTheyHoldAndNeverMerge(_ model: Physics.Model, seed: UInt64) {
        var random = Generator(state: seed)
        var table = PartitionedTable(
            table: PartitionSet(
                .provisioned(read: 10, write: 10), physics: Physics(model, burst: .seconds(5), partitionBytes: 50_000), at: 0))
        var stored: [(position: UInt64, bytes: Int)] = []
        var starts: [UInt64] = [0]
        var now: Int64 = 0
        for _ in 0..<4000 {
            now += Int64.random(in: 0...500_000_000, using: &random)
            // A few keys hold much, and the others little.
            let position = Bool.random(using: &random) ? UInt64.random(in: 0...20, using: &random) << 59 : random.next()
            switch Int.random(in: 0..<100, using: &random) {
            case 0:
                let (read, write) = (Int.random(in: 1...3000, using: &random), Int.random(in: 1...3000, using: &random))
                table.table.setThroughput(
                    Int.random(in: 0..<8, using: &random) == 0 ? .onDemand : .provisioned(read: read, write: write), at: now)
            case 1..<60:
                let bytes = Int.random(in: 1...1000, using: &random)
                stored.append((position, bytes))
                table.stored(bytes, in: .table, position: position, at: now)
            default:
                let access = Bool.random(using: &random) ? Access.read : .write
                let charge = Charge(.table, access, position: position, units: Double.random(in: 0.5...50, using: &random))
                try? table.admit(charge, at: now)
            }
            let set = table.table
            guard set.starts != starts else { continue }
            #expect(set.count > starts.count && starts.allSatisfy(set.starts.contains))
            #expect(set.starts == set.starts.sorted() && set.starts[0] == 0)
            let parts = set.map.parts
            #expect(abs(parts.reduce(0) { $0 + $1.share } - 1) < 1e-9)
            #expect(parts.reduce(0) { $0 + $1.bytes } == stored.reduce(0) { $0 + $1.bytes })
            #expect(parts.allSatisfy { $0.bytes <= 50_000 })
            for index in 0..<set.count {
                #expect(set.start(ofPartition: index) <= set.end(ofPartition: index))
                #expect(index + 1 == set.count ? set.end(ofPartition: index) == .max : true)
            }
            starts = set.starts
        }
        #expect(starts.count > 10)
        #expect(table.takeSplits().last?.split.count == starts.count)
        for (position, bytes) in stored.shuffled(using: &random) { table.stored(-bytes, in: .table, position: position, at: now) }
        let left = table.table.map.parts.reduce(0) { $0 + $1.bytes }
        #expect(left <= 50_000, "how a cut collection's bytes lie is an estimate")
    }

    /// Writes at random while the table grows and splits; every window is checked against bucket and rate.
    @Test(arguments: [Physics.Model.even2015, .adaptive], [1, 2, 3] as [UInt64])
    func noWindowHoldsMoreThanTheRulesAllow(_ model: Physics.Model, seed: UInt64) {
        var random = Generator(state: seed)
        let (rate, burst) = (2400.0, 3.0)
        let subject = Subject(
            .provisioned(read: 1, write: Int(rate)),
            Physics(model, burst: .seconds(burst), partitionBytes: 400_000, heatSplitDuration: .seconds(1)))
        let share = model == .even2015 ? rate / Double(subject.table.table.count) : 1000
        let bucket = model == .even2015 ? share * (1 + burst) : 1000
        var all: [(time: Double, units: Double)] = []
        var hot: [(time: Double, units: Double)] = []
        var now = 0.0
        for _ in 0..<20_000 {
            now += Double.random(in: 0...0.01, using: &random)
            let units = Double.random(in: 1...30, using: &random)
            let isHot = Int.random(in: 0..<2, using: &random) == 0
            let position: UInt64 = isHot ? 99 : random.next()
            guard subject.writes(units, at: position, now) else { continue }
            subject.table.stored(Int(units) * 10, in: .table, position: position, at: seconds(now))
            all.append((now, units))
            if isHot { hot.append((now, units)) }
        }
        func check(_ writes: [(time: Double, units: Double)], _ capacity: Double, _ rate: Double) -> Bool {
            // The excess over the rate since the window's best start must never be more than the bucket.
            var lowest = 0.0
            var sum = 0.0
            return writes.allSatisfy { write in
                lowest = min(lowest, sum - rate * write.time)
                sum += write.units
                return sum - rate * write.time - lowest <= capacity + 1e-3
            }
        }
        #expect(check(all, rate * (1 + burst), rate))
        #expect(check(hot, bucket, share))
        #expect(!check(all, rate * (1 + burst) / 4, rate / 2), "the check can fail")
        #expect(subject.table.table.count > 3)
    }

    @Test func mapsAreScaledToWhatATableHolds() {
        var map = PartitionMap(
            [.init(start: 0, share: 0.5, bytes: 100), .init(start: 1 << 63, share: 0.5, bytes: 300)], peak: Units(read: 0, write: 0))
        map.scale(toBytes: 800)
        #expect(map.parts.map(\.bytes) == [200, 600])
        map.scale(toBytes: 0)
        map.scale(toBytes: 1000)
        #expect(map.parts.map(\.bytes) == [500, 500])
    }
}
