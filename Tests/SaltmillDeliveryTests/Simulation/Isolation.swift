import SaltmillBytes
import SaltmillDispatching
import SaltmillPacing

extension Scenario {
    /// Plays the world of this seed, and where nothing is wrong in it but a hot key, also the one without that key's rows.
    ///
    /// The other rows may be late by a twentieth, and by what the hot key's rows that got through meanwhile have taken of the ceiling, each with
    /// one try in vain; after a kill, also by the time that it takes to find out once more what is hot.
    /// - Throws: the first promise that is not kept.
    func play(variant: WrongVariant? = nil, trace: Trace = Trace()) throws {
        let world = ChaosWorld(self, variant: variant, trace: trace)
        try world.play()
        guard let hotDay, let ceiling = limits.first?.rate else { return }
        let calm = ChaosWorld(withoutHotRows)
        try calm.play()
        let late = world.endOfOthers(than: hotDay)
        let usual = calm.endOfOthers(than: hotDay)
        let taken = Double(world.written(of: hotDay, until: late)) / ceiling
        let foundOutAgain = Double(world.runs - 1) * 1.5
        let bound = usual.inSeconds * 1.05 + taken * 2 + foundOutAgain + latency.inSeconds * 4 + 0.1
        guard late.inSeconds <= bound else {
            throw BrokenPromise("the other rows are done after \(late), not by \(bound) s: without the hot key it takes \(usual)")
        }
    }
}

extension ChaosWorld {
    /// When the last row was written that shares no partition with the hot key.
    fileprivate func endOfOthers(than hotDay: Int) -> Duration {
        func partition(_ day: Int) -> Int { store.partition(of: KeyHash.hash64(Array("d\(day)".utf8).span)) }
        let hot = partition(hotDay)
        let times = scenario.rows.indices.filter { partition(scenario.rows[$0].day) != hot }.compactMap { store.firstWritten[$0] }
        return (times.max() ?? .zero) - .zero
    }

    fileprivate func written(of day: Int, until end: Duration) -> Int {
        scenario.rows.indices.count { number in
            scenario.rows[number].day == day && (store.firstWritten[number].map { $0 - .zero <= end } ?? false)
        }
    }
}
