extension PartitionSet {
    /// Sets another throughput.
    ///
    /// When it needs more partitions, all of them split in two, as often as it takes; when it needs fewer, nothing merges and each one's
    /// share shrinks (Developer Guide of 2017, "Guidelines for Tables"). Shares are made even again, also where splits by size had left
    /// them uneven: throughput "is divided evenly among partitions" there, and nothing else is said.
    package mutating func setThroughput(_ throughput: Throughput, at now: Int64) {
        advance(to: now)
        let wasOnDemand = self.throughput == .onDemand
        self.throughput = throughput
        rememberProvisioned()
        if throughput == .onDemand, !wasOnDemand { peak.restart(at: now) }
        while partitions.count < neededPartitions { splitAll(at: now) }
        for index in partitions.indices { partitions[index].share = 1 / Double(partitions.count) }
        guard !wasOnDemand, throughput != .onDemand else { return fill(at: now) }
        setRates(at: now)
    }

    /// Sets or removes the owner's maximum for an on-demand table.
    package mutating func setMaximum(_ maximum: OnDemandMaximum, at now: Int64) {
        advance(to: now)
        self.maximum = maximum
        setRates(at: now)
    }

    /// Units a second that the whole of the partitions admits, bursts aside; infinite where nothing is refused.
    package func limit(_ access: Access) -> Double {
        switch throughput {
        case .provisioned(let read, let write): return Double(access == .read ? read : write)
        case .onDemand:
            guard physics.model == .adaptive else { return .infinity }
            let served = min(2 * max(peak.previous[access], Physics.newTablePeak[access]), Physics.tableQuota[access])
            return min(served, maximum[access].map(Double.init) ?? .infinity)
        }
    }

    /// Units a second that one partition admits, bursts aside.
    package func limit(_ access: Access, ofPartition index: Int) -> Double {
        switch physics.model {
        case .even2015: limit(access) * partitions[index].share
        case .adaptive: min(limit(access), Physics.partitionCap[access])
        }
    }

    /// Brings everything that happens by itself up to date.
    package mutating func advance(to now: Int64) {
        guard now >= nextEvent else { return }
        for index in partitions.indices.reversed() where partitions[index].splitEnd.map({ $0 <= now }) == true {
            splitForHeat(index, at: now)
        }
        if throughput == .onDemand, peak.minuteEnd <= now {
            let before = peak.previous
            peak.advance(to: now, limit: Units(read: limit(.read), write: limit(.write)))
            if peak.previous != before {
                while partitions.count < neededPartitions { splitAll(at: now) }
                setRates(at: now)
            }
        }
        scheduleEvent()
    }

    /// How many partitions the throughput needs.
    private var neededPartitions: Int {
        guard throughput == .onDemand, physics.model == .adaptive else { return throughput.partitionCount }
        let needed = Access.allCases.map { Int((limit($0) / Physics.partitionCap[$0]).rounded(.up)) }
        return max(throughput.partitionCount, needed[0], needed[1])
    }

    private mutating func scheduleEvent() {
        nextEvent = partitions.reduce(.max) { min($0, $1.splitEnd ?? .max) }
        if throughput == .onDemand, physics.model == .adaptive { nextEvent = min(nextEvent, peak.minuteEnd) }
    }

    /// A table that goes on demand later has had half of what it was paid for as its peak.
    mutating func rememberProvisioned() {
        guard case .provisioned(let read, let write) = throughput else { return }
        peak.raise(.read, toHalfOf: read)
        peak.raise(.write, toHalfOf: write)
    }

    /// Gives everything new buckets, with one second's worth in them.
    mutating func fill(at now: Int64) {
        for index in partitions.indices {
            for access in Access.allCases {
                let (rate, capacity) = partitionRate(access, index)
                partitions[index][access] = TokenBucket(rate: rate, capacity: capacity, at: now)
            }
        }
        tableRead = TokenBucket(rate: tableRate(.read), capacity: tableRate(.read) * (1 + tableBurst), at: now)
        tableWrite = TokenBucket(rate: tableRate(.write), capacity: tableRate(.write) * (1 + tableBurst), at: now)
        scheduleEvent()
    }

    /// Sets all rates anew; what is in the buckets stays.
    mutating func setRates(at now: Int64) {
        for index in partitions.indices {
            for access in Access.allCases {
                let (rate, capacity) = partitionRate(access, index)
                partitions[index][access].setRate(rate, capacity: capacity, at: now)
            }
        }
        tableRead.setRate(tableRate(.read), capacity: tableRate(.read) * (1 + tableBurst), at: now)
        tableWrite.setRate(tableRate(.write), capacity: tableRate(.write) * (1 + tableBurst), at: now)
        scheduleEvent()
    }

    private func partitionRate(_ access: Access, _ index: Int) -> (rate: Double, capacity: Double) {
        switch physics.model {
        case .even2015:
            guard throughput != .onDemand else { return (0, 0) }
            let share = limit(access) * partitions[index].share
            return (share, share * (1 + burst))
        case .adaptive: return (Physics.partitionCap[access], Physics.partitionCap[access])
        }
    }

    private func tableRate(_ access: Access) -> Double { physics.model == .adaptive ? limit(access) : 0 }

    /// An on-demand table has nothing that it would not use.
    private var tableBurst: Double { throughput == .onDemand ? 0 : burst }
}
