import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillPacing
import Testing

/// A scan whose ceiling changes while it runs.
@Suite struct ScanScheduleTests {
    private func state(provisioned: Double? = nil) -> ScanState {
        var state = ScanState(now: .zero)
        let segment = ScanState.Source.Segment(body: ScanBody(ScanRequest(table: "t")))
        _ = state.add(.init(provisioned: provisioned, isConsistent: true, segments: [segment]), now: .zero)
        return state
    }

    private func sends(_ state: inout ScanState, at now: MonotonicTime) -> Bool {
        if case .send = state.next(now: now) { true } else { false }
    }

    @Test func nothingIsAskedForWhileTheScheduleIsClosed() {
        var state = state()
        state.setCeiling(.none, closed: "closed by the schedule", now: .zero)
        #expect(!sends(&state, at: .zero + .seconds(60)))
        #expect(state.problem == "closed by the schedule")
        state.setCeiling(.none, closed: nil, now: .zero + .seconds(60))
        #expect(state.problem == nil)
        #expect(sends(&state, at: .zero + .seconds(60)))
    }

    @Test func anotherCeilingAppliesFromThenOn() {
        var state = state(provisioned: 1000)
        #expect(state.ceilingRate == nil)
        state.setCeiling(.absolute(50, .units), closed: nil, now: .zero)
        #expect(state.ceilingRate == 50)
        state.setCeiling(.share(0.2), closed: nil, now: .zero)
        #expect(state.ceilingRate == 200)
        state.setCeiling(.none, closed: nil, now: .zero)
        #expect(state.ceilingRate == nil)
    }
}
