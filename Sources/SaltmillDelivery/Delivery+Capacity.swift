import SaltmillDispatching
import SaltmillPacing

extension Delivery {
    /// Asks again and again what the table says of itself, and follows it: every minute, and within ten seconds after a refusal.
    func keepCapacity() async {
        guard let ask = options.capacity else { return }
        let clock = ContinuousClock()
        var refused = engine.read { $0.usage.refusedItems }
        while true {
            for _ in 0..<6 {
                do { try await clock.sleep(for: .seconds(10)) } catch { return }
                if engine.read({ $0.usage.refusedItems }) > refused { break }
            }
            refused = engine.read { $0.usage.refusedItems }
            guard let units = await ask() else { continue }
            let guidance = options.guidance
            // A share of what is provisioned is another rate now.
            let pace = guidance.pace?(Int64(guidance.clock.secondsSince1970()))
            engine.withState { state in
                let now = guidance.clock.now()
                state.know(units, now: now)
                if let pace { state.setPace(pace, now: now) }
            }
        }
    }
}

extension DeliveryState {
    /// Takes in what the table, and then each global index, is provisioned with, in write units a second; nil where it does not say.
    mutating func know(_ units: [Double?], now: MonotonicTime) { dispatcher.know(units, now: now) }
}
