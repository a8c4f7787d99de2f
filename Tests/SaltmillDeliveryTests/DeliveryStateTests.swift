import SaltmillDelivery
import SaltmillDispatching
import SaltmillDynamoDB
import SaltmillPacing
import SaltmillSources
import Testing

@Suite struct DeliveryStateTests {
    private func state(_ reader: ListReader, limits: [RateLimit] = []) -> DeliveryState {
        DeliveryState(head: head, checkpoint: reader.start, indexes: [], limits: limits)
    }

    /// Reads everything ahead that is wanted.
    private func fill(_ state: inout DeliveryState, _ reader: inout ListReader) {
        while let range = state.demand() {
            if let chunk = reader.read(range: range) { state.add(chunk, range: range) } else { state.exhausted(range: range) }
        }
    }

    @Test func readsAheadOnlyAsFarAsItsLowWaterMark() {
        var reader = ListReader(kinds: Array(repeating: .item, count: 100_000), ranges: 4)
        let start = reader.start
        var state = state(reader)
        fill(&state, &reader)
        let (checkpoint, _) = state.checkpoint(elapsed: 0, takenAt: 0)
        #expect(checkpoint.account.read == 0, "what was only read ahead is not taken up")
        #expect(checkpoint.unsettled.isEmpty)
        #expect(checkpoint.ranges == start.ranges)
    }

    @Test func nothingNewIsReadBeforeWhatAnEarlierRunLeftFitsTheWindow() {
        let reader = ListReader(kinds: Array(repeating: .item, count: 1000), ranges: 1)
        var checkpoint = reader.start
        let left = (0..<150).map { RecordLocator(offset: UInt64($0) * 10, line: UInt64($0) + 1) }
        checkpoint.unsettled = left
        checkpoint.account.read = left.count
        var configuration = Dispatcher.Configuration()
        configuration.window = 100
        var state = DeliveryState(head: head, checkpoint: checkpoint, indexes: [], limits: [], configuration: configuration)
        #expect(state.demand() == nil)
        state.add(reader.reread(left), range: state.recoveryRange)
        #expect(state.demand() == nil)
        // A hundred are taken up, fifty are left: still as many as may be.
        while case .send = state.next(now: .zero) {}
        #expect(state.demand() == nil && state.inFlight == 4)
        state.settle(.init(number: 1), .answered(refused: [], consumed: nil), now: .zero)
        _ = state.next(now: .zero)
        #expect(state.demand() == 0)
    }

    @Test func itIsKnownWhatHoldsTheRateBack() {
        func limiter(_ pace: Pace?, known: Double? = nil, rows: Int = 1000, turns: Int = 100) -> RateLimiter? {
            var reader = ListReader(kinds: Array(repeating: .item, count: rows), ranges: 1)
            var state = state(reader, limits: [RateLimit(rate: .infinity, now: .zero), .discovered(resource: 0, known: known, now: .zero)])
            if let pace { state.setPace(pace, now: .zero) }
            let now = MonotonicTime.zero + .seconds(1)
            for _ in 0..<turns {
                fill(&state, &reader)
                guard case .send = state.next(now: now) else { break }
            }
            return state.limiter(now: now)
        }
        #expect(limiter(Pace(rates: [100], text: "100/s")) == .ceiling)
        #expect(limiter(Pace(rates: [100], text: "100/s", isWindow: true)) == .window)
        #expect(limiter(Pace(rates: [.infinity], closed: Wait(.window, "until noon"), text: "off")) == .closed)
        #expect(limiter(Pace(rates: [5000], text: "5000/s"), known: 500) == .capacity(index: nil))
        #expect(limiter(nil) == .requestsInFlight)
        #expect(limiter(nil, rows: 100) == .source)
        #expect(RateLimiter.capacity(index: "by-day").text == "capacity of index by-day")
        #expect(RateLimiter.hotKey(attribute: "day", value: "2015-12-07", index: nil).text == "hot key day=2015-12-07")
    }

    @Test func aRequestThatWasNeverAnsweredIsUnsettled() {
        var reader = ListReader(kinds: Array(repeating: .item, count: 60), ranges: 2)
        var state = state(reader)
        fill(&state, &reader)
        guard case .send(let id, let body) = state.next(now: .zero) else {
            Issue.record("a request goes out")
            return
        }
        let sent = records(in: body)
        #expect(sent.count == 25)
        var (checkpoint, _) = state.checkpoint(elapsed: 0, takenAt: 0)
        #expect(Set(checkpoint.unsettled.map { Int($0.offset) / 10 }) == Set(sent))
        #expect(checkpoint.account.read == 25 && checkpoint.account.pending == 25)
        state.settle(id, .answered(refused: [ListReader.key(sent[3])], consumed: [24]), now: .zero)
        (checkpoint, _) = state.checkpoint(elapsed: 0, takenAt: 0)
        #expect(checkpoint.unsettled.map { Int($0.offset) / 10 } == [sent[3]])
        #expect(checkpoint.account.written == 24)
        #expect(checkpoint.usage.units == [24] && checkpoint.usage.refusedItems == 1)
    }

    /// Delivers everything but the given records, which are refused, and says what was hot after some requests.
    private func hotKeys(
        _ reader: ListReader, personal: PersonalKeys? = nil, refusing isRefused: (Int) -> Bool
    ) -> [HotKeyEntry] {
        var reader = reader
        let indexes = reader.hasIndex ? [IndexKey(name: "by_day", attribute: "day")] : []
        var state = DeliveryState(head: head, checkpoint: reader.start, indexes: indexes, limits: [], personal: personal)
        var now = MonotonicTime.zero
        for _ in 0..<100 {
            fill(&state, &reader)
            switch state.next(now: now) {
            case .send(let id, let body):
                let refused = records(in: body).filter(isRefused).map(ListReader.key)
                state.settle(id, .answered(refused: refused, consumed: nil), now: now)
            case .wait(let until): now = until ?? now
            }
        }
        return state.hotKeys(5)
    }

    @Test func namesTheValueThatRefusalsConcentrateOn() {
        let hot = hotKeys(ListReader(kinds: Array(repeating: .item, count: 1000), ranges: 1)) { $0 % 5 == 2 }
        #expect(hot.count == 1 && hot.first?.index == nil)
        #expect(hot.first?.key.hasPrefix(#"{"id":{"N":"#) == true, "every fifth record has the same lane: \(hot)")
        #expect((hot.first?.refusals ?? 0) > 4 && (hot.first?.tries ?? 0) >= (hot.first?.refusals ?? 0))
        #expect(abs((hot.first?.share ?? 0) - 0.2) < 0.05)
    }

    @Test func namesTheIndexAndItsAttribute() {
        let hot = hotKeys(ListReader(kinds: Array(repeating: .item, count: 1000), ranges: 1, hasIndex: true)) { $0.isMultiple(of: 3) }
        #expect(hot.map(\.index) == ["by_day"] && hot.map(\.key) == [#"{"day":{"S":"d"}}"#])
    }

    /// Who has not the job's secret cannot tell whose key it is, and who looks twice sees that it is the same.
    @Test func personalKeysAreNamedByAKeyedHashAlone() {
        func told(_ secret: [UInt8]) -> String? {
            let reader = ListReader(kinds: Array(repeating: .item, count: 1000), ranges: 1, hasIndex: true)
            return hotKeys(reader, personal: PersonalKeys(["day"], secret: secret)) { $0.isMultiple(of: 3) }.first?.key
        }
        #expect(told([1])?.hasPrefix(#"{"day":{"S":"hash:"#) == true && told([1])?.utf8.count == 37)
        #expect(told([1]) == told([1]) && told([1]) != told([2]))
    }

    @Test func refusalsOfAllKeysAlikeNameNone() {
        var random = SplitMix64(seed: 1)
        let reader = ListReader(kinds: Array(repeating: .item, count: 1000), ranges: 1, hasIndex: true)
        #expect(hotKeys(reader) { _ in Bool.random(using: &random) } == [])
    }

    @Test func anAnswerThatSpeaksOfOtherItemsIsNoAnswer() {
        var reader = ListReader(kinds: Array(repeating: .item, count: 25), ranges: 1)
        var state = state(reader)
        fill(&state, &reader)
        guard case .send(let id, _) = state.next(now: .zero) else { return }
        state.settle(id, .answered(refused: [ListReader.key(999)], consumed: nil), now: .zero)
        #expect(state.account.written == 0 && state.account.pending == 25)
        #expect(state.waitsFor?.reason.contains("not sent") == true)
    }

    @Test func beforeTheFirstAcknowledgedWriteAPermanentProblemStopsTheJob() {
        var reader = ListReader(kinds: Array(repeating: .item, count: 25), ranges: 1)
        var state = state(reader)
        fill(&state, &reader)
        guard case .send(let id, _) = state.next(now: .zero) else { return }
        state.settle(id, .failed(Problem("the key is wrong", isPermanent: true)), now: .zero)
        #expect(state.ending == .failed("the key is wrong"))
    }

    @Test func afterTheFirstAcknowledgedWriteTheSameProblemIsWaitedFor() {
        var reader = ListReader(kinds: Array(repeating: .item, count: 50), ranges: 1)
        var state = state(reader)
        fill(&state, &reader)
        guard case .send(let first, _) = state.next(now: .zero) else { return }
        state.settle(first, .answered(refused: [], consumed: nil), now: .zero)
        var now = MonotonicTime.zero
        for _ in 0..<200 {
            switch state.next(now: now) {
            case .send(let id, _): state.settle(id, .failed(Problem("the key has expired", isPermanent: true)), now: now)
            case .wait(let until): now = until ?? now
            }
        }
        #expect(state.ending == nil)
        #expect(state.waitsFor?.reason == "the key has expired")
        #expect(now > .zero + .seconds(60))
    }

    @Test func temporaryTroubleBeforeTheFirstWriteEndsAsTemporary() {
        var reader = ListReader(kinds: Array(repeating: .item, count: 50), ranges: 1)
        var state = state(reader)
        fill(&state, &reader)
        var now = MonotonicTime.zero
        while state.ending == nil {
            switch state.next(now: now) {
            case .send(let id, _): state.settle(id, .failed(Problem("no route")), now: now)
            case .wait(let until): now = until ?? now
            }
        }
        #expect(state.ending == .temporary("no route"))
        #expect(state.checkpoint(elapsed: 0, takenAt: 0).0.account.written == 0)
    }

    @Test func rejectsWaitForTheirCheckpointAndHoldReadingBackWhenTheyPileUp() {
        var reader = ListReader(kinds: Array(repeating: .reject, count: 400_000), ranges: 1)
        reader.chunkSize = 1000
        var state = state(reader)
        fill(&state, &reader)
        #expect(state.account.rejected > 50_000 && state.account.rejected < 200_000)
        let (checkpoint, rejects) = state.checkpoint(elapsed: 0, takenAt: 0)
        #expect(rejects.lines.count { $0 == 0x0A } == checkpoint.account.rejected)
        #expect(state.demand() == 0, "once they are handed over, reading goes on")
    }

    @Test func heldDeliveryNeitherReadsNorSends() {
        var reader = ListReader(kinds: Array(repeating: .item, count: 50), ranges: 1)
        var state = state(reader)
        fill(&state, &reader)
        state.hold(Wait(.disk, "disk full"))
        guard case .wait(nil) = state.next(now: .zero) else {
            Issue.record("nothing is sent")
            return
        }
        #expect(state.demand() == nil && state.waitsFor == Wait(.disk, "disk full"))
        state.hold(nil)
        guard case .send = state.next(now: .zero) else {
            Issue.record("it goes on")
            return
        }
        #expect(state.waitsFor == nil)
    }

    /// A state that keeps what the table has, after one request for each of three rows.
    private func keeping() -> (state: DeliveryState, sent: [(id: BatchID, body: [UInt8])]) {
        var reader = ListReader(kinds: Array(repeating: .item, count: 3), ranges: 1)
        var configuration = Dispatcher.Configuration()
        configuration.sendSingly()
        let head = WriteHead.newItem(NewItemHead(table: "t", hash: "id", capacity: .indexes))
        var state = DeliveryState(head: head, checkpoint: reader.start, indexes: [], limits: [], configuration: configuration)
        fill(&state, &reader)
        var sent: [(BatchID, [UInt8])] = []
        while case .send(let id, let body) = state.next(now: .zero) { sent.append((id, body)) }
        return (state, sent)
    }

    @Test func rowsThatTheTableHasAreKeptOrCountAsWritten() {
        var (state, sent) = keeping()
        #expect(sent.count == 3 && sent.allSatisfy { String(decoding: $0.body, as: UTF8.self).contains("attribute_not_exists") })
        state.settle(sent[0].id, .answered(refused: [], consumed: [1]), now: .zero)
        state.settle(sent[1].id, .present(isEqual: true, units: 3), now: .zero)
        state.settle(sent[2].id, .present(isEqual: false, units: nil), now: .zero)
        #expect(state.account.written == 2 && state.account.kept == 1 && state.account.pending == 0)
        #expect(state.usage.units == [5], "looking is charged, too")
        _ = state.next(now: .zero)
        #expect(state.ending == .finished)
    }

    @Test func aServerIsAskedForLessDetail() {
        var (state, sent) = keeping()
        state.settle(sent[0].id, .reform(.total), now: .zero)
        guard case .wait(let until?) = state.next(now: .zero), case .send(_, let body) = state.next(now: until) else {
            Issue.record("the row goes out again")
            return
        }
        #expect(ReturnedCapacity(askedIn: body) == .total)
    }

    @Test func whatAnAnswerDoesNotSayIsEstimated() {
        var reader = ListReader(kinds: Array(repeating: .item, count: 25), ranges: 1, hasIndex: true)
        var state = DeliveryState(
            head: head, checkpoint: reader.start, indexes: [IndexKey(name: "by_day", attribute: "day")], limits: [])
        fill(&state, &reader)
        guard case .send(let id, let body) = state.next(now: .zero) else { return }
        let refused = ListReader.key(records(in: body)[0])
        state.settle(id, .answered(refused: [refused], consumed: nil), now: .zero)
        #expect(state.usage.units == [24, 24])
    }

    @Test func anEmptySourceIsFinishedAtOnce() {
        var reader = ListReader(kinds: [], ranges: 3)
        var state = state(reader)
        fill(&state, &reader)
        _ = state.next(now: .zero)
        #expect(state.ending == .finished)
    }
}
