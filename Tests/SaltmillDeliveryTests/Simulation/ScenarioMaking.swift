import SaltmillDispatching
import SaltmillPacing

extension Scenario {
    /// A world in which everything may go wrong.
    mutating func makeChaos(_ random: inout SplitMix64) {
        makeTable(&random)
        makeRows(&random, count: random.chance(0.06) ? random.int(1200...2200) : Int(random.magnitude(1, 800)))
        makeSettings(&random)
        makeTrouble(&random)
        makeIncidents(&random)
        kills = (0..<random.int(0...7)).map { _ in Int(random.magnitude(1, 1200)) }
    }

    private mutating func makeTable(_ random: inout SplitMix64) {
        shards = random.chance(0.6) ? random.int(1...12) : nil
        hasIndex = random.chance(0.6)
        indexShards = hasIndex && random.chance(0.3) ? random.int(2...8) : nil
        isAdaptive = random.chance(0.5)
        isOnDemand = random.chance(0.15)
        partitions = random.int(1...8)
        capacity = (random.magnitude(100, 4000), random.magnitude(100, 4000))
        burst = [.zero, .seconds(1), .seconds(300)][random.int(0...2)]
        chargesReplays = random.chance(0.7)
        tellsConsumption = random.chance(0.8)
        latency = .microseconds(Int(random.magnitude(1000, 500_000)))
    }

    private mutating func makeRows(_ random: inout SplitMix64, count: Int) {
        duplicates = Duplicates.allCases[random.int(0...2)]
        let days = random.int(1...60)
        let kinds = random.int(1...20)
        let hotDays = random.chance(0.5) ? random.magnitude(0.03, 0.6) : 0
        let hotKinds = random.chance(0.3) ? random.magnitude(0.03, 0.6) : 0
        let bad = random.chance(0.5) ? 0.05 : 0
        let large = random.chance(0.2) ? 0.2 : 0
        let repeats = duplicates == .none ? 0 : random.magnitude(0.01, 0.3)
        let isSorted = random.chance(0.3)
        for number in 0..<count {
            if !rows.isEmpty, random.chance(repeats) {
                var row = rows[random.int(0...rows.count - 1)]
                row.nature = .good
                row.textLength = random.int(0...40)
                rows.append(row)
                continue
            }
            let day = random.chance(hotDays) ? 0 : isSorted ? number * days / count : random.int(0...days - 1)
            var row = Row(day: day, id: number)
            if hasIndex, !random.chance(0.1) { row.kind = random.chance(hotKinds) ? 0 : random.int(0...kinds - 1) }
            row.textLength = random.chance(large) ? random.int(1000...3500) : random.int(0...40)
            if random.chance(bad) { row.nature = random.chance(0.5) ? .malformed : .unmappable }
            rows.append(row)
        }
        if random.chance(0.4) { for _ in 0..<random.int(1...3) { rows[random.int(0...count - 1)].nature = .poison } }
        if duplicates == .superseded { supersede() }
        ranges = random.int(1...5)
        chunkRows = random.int(1...40)
    }

    /// The last row of a key wins; rows without a usable key neither win nor lose.
    private mutating func supersede() {
        var winners: Set<Int> = []
        for number in rows.indices.reversed() where rows[number].nature == .good || rows[number].nature == .poison {
            rows[number].isSuperseded = !winners.insert(rows[number].id).inserted
        }
    }

    private mutating func makeSettings(_ random: inout SplitMix64) {
        configuration.window = random.int(40...500)
        configuration.laneCapacity = random.int(2...40)
        configuration.maximumInFlight = random.int(1...32)
        configuration.maximumItems = random.chance(0.8) ? 25 : random.int(1...25)
        checkpointInterval = random.milliseconds(20...1000)
        knowsCapacity = !isOnDemand && random.chance(0.5)
        let rate = random.magnitude(30, 3000)
        switch random.int(0...5) {
        case 0: limits = [Limit(measure: .items, resources: .max, rate: rate)]
        case 1: limits = [Limit(measure: .bytes, resources: .max, rate: rate * 100)]
        case 2: limits = [Limit(measure: .units, resources: .max, rate: rate)]
        case 3:
            limits = [Limit(measure: .units, resources: 1, rate: rate)]
            if hasIndex { limits.append(Limit(measure: .units, resources: 2, rate: random.magnitude(30, 3000))) }
        default: break
        }
    }

    private mutating func makeTrouble(_ random: inout SplitMix64) {
        func some(_ most: Double, _ random: inout SplitMix64) -> Double {
            random.chance(0.4) ? Double.random(in: 0...most, using: &random) : 0
        }
        trouble.lost = some(0.2, &random)
        trouble.answerLost = some(0.2, &random)
        trouble.refusedItem = some(0.3, &random)
        trouble.throttled = some(0.2, &random)
        trouble.foreignAnswer = some(0.03, &random)
        trouble.corruptAnswer = some(0.03, &random)
        trouble.deliveredAgain = some(0.3, &random)
        trouble.tableGone = random.chance(0.05) ? 0.01 : 0
    }

    private mutating func makeIncidents(_ random: inout SplitMix64) {
        let span = random.int(500...20_000)
        for _ in 0..<random.int(0...6) {
            let length = random.milliseconds(1...6000)
            let incident: Incident =
                switch random.int(0...5) {
                case 0: .outage(length)
                case 1: .diskFull(length)
                case 2: .pace(random.magnitude(0.2, 5))
                case 3: .closed(length, ends: random.chance(0.4))
                case 4: .capacity(table: random.magnitude(50, 5000), index: random.magnitude(50, 5000))
                default: .interrupted
                }
            incidents.append((.zero + random.milliseconds(0...span), incident))
        }
    }

    /// A world in which all goes well, a kill aside, but that one partition key has far more rows than its partition takes.
    mutating func makeCalm(_ random: inout SplitMix64) {
        partitions = random.int(6...10)
        capacity = (Double(partitions) * random.magnitude(10, 40), 1000)
        limits = [Limit(measure: .units, resources: .max, rate: capacity.table * 0.7)]
        burst = .seconds(2)
        latency = random.milliseconds(1...60)
        jitter = 0
        configuration.window = random.int(100...250)
        configuration.laneCapacity = random.int(8...32)
        hotDay = 0
        if random.chance(0.5) { kills = (0..<random.int(1...2)).map { _ in random.int(50...800) } }
        let cold = random.int(400...700)
        let hot = configuration.window * random.int(2...3)
        rows = (0..<cold).map { Row(day: $0 + 1, id: $0) } + (0..<hot).map { Row(day: 0, id: cold + $0) }
        rows.shuffle(using: &random)
        ranges = random.int(1...4)
    }
}
