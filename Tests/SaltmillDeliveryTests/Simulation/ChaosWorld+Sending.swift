import SaltmillBytes
import SaltmillDelivery
import SaltmillDispatching
import SaltmillDynamoDB
import SaltmillPacing
import SaltmillPartitions

/// The sending thread, the network and the store's answers.
extension ChaosWorld {
    /// Sends what is to be sent, until the delivery says to wait.
    func turn() throws {
        guard let run else { return }
        run.ticket += 1
        while true {
            let turn = run.state.next(now: now)
            if run.state.hasReadingToDo { signalDemand() }
            switch turn {
            case .send(let id, let body): try send(body, batch: id.number, of: run)
            case .wait(let until):
                if let until { schedule(.turn(run: run.number, ticket: run.ticket), after: max(until - now, .zero)) }
                if run.state.ending != nil {
                    signalDemand()
                    try drain()
                }
                return
            }
        }
    }

    private func send(_ body: [UInt8], batch: UInt64, of run: Run) throws {
        lastNews = now
        requests += 1
        let items = try SentItem.items(in: body.span)
        trace.note(now, 30, "sends \(batch): rows \(items.map { String($0.row) }.joined(separator: " "))")
        for item in items where !item.isFaithful(to: scenario.rows[item.row], in: body.span, isSalted: scenario.shards != nil) {
            throw BrokenPromise("the item of row \(item.row) does not say what the row says")
        }
        try run.promises.noteSent(items, scenario: scenario)
        for number in scenario.limits.indices { try run.audits[number].note(cost(of: items, under: scenario.limits[number]), now: now) }
        let request = Request(run: run.number, batch: batch, body: body, items: items)
        run.flights[batch] = request
        let trouble = scenario.trouble
        guard !isCutOff, !random.chance(trouble.lost) else {
            let wait = random.chance(0.2) ? Duration.seconds(30) : delay()
            return schedule(.answer(run: run.number, batch: batch, .failed(Problem("no connection"))), after: wait)
        }
        let way = delay()
        schedule(.arrival(request, isFirst: true), after: way)
        if random.chance(trouble.deliveredAgain) { schedule(.arrival(request, isFirst: false), after: way + random.milliseconds(1...5000)) }
    }

    /// Half of the latency: one way.
    private func delay() -> Duration {
        let varying = scenario.jitter > 0 ? Double.random(in: -scenario.jitter...scenario.jitter, using: &random) : 0
        return scenario.latency / 2 * (1 + varying)
    }

    private func cost(of items: [SentItem], under limit: Scenario.Limit) -> Double {
        switch limit.measure {
        case .items: return Double(items.count)
        case .bytes: return items.reduce(0) { $0 + store.sizes[$1.row] }
        case .units:
            return items.reduce(0) { sum, item in
                let shares = (limit.resources & 1 != 0 ? 1.0 : 0) + (limit.resources & 2 != 0 && item.indexPosition != nil ? 1 : 0)
                return sum + store.units[item.row] * shares
            }
        }
    }

    // MARK: The store's side

    func arrive(_ request: Request, isFirst: Bool) {
        let trouble = scenario.trouble
        func answer(_ reply: Reply, after wait: Duration) {
            guard isFirst else { return }
            trace.note(now, 31, "  \(request.batch) is answered: \(Self.name(reply))")
            schedule(.answer(run: request.run, batch: request.batch, reply), after: wait)
        }
        if random.chance(trouble.tableGone) { return answer(.broken(Problem("the table is gone")), after: delay()) }
        if random.chance(trouble.throttled) { return answer(.throttled(), after: delay()) }
        let isLost = random.chance(trouble.answerLost)
        let part = isLost && random.chance(0.5) ? Double.random(in: 0...1, using: &random) : 1
        let result = store.take(request.items, part: part, refusing: trouble.refusedItem, now: now, random: &random)
        if isLost { return answer(.failed(Problem("the connection broke")), after: random.chance(0.2) ? .seconds(30) : delay()) }
        switch result {
        case .throttled where random.chance(0.7): answer(.throttled(), after: delay())
        case .throttled: answer(reply(to: request, refused: Array(request.items.indices), consumed: [0, 0]), after: delay())
        case .invalid: answer(.invalid(code: "store.validation", message: "refused"), after: delay())
        case .done(let refused, let consumed): answer(reply(to: request, refused: refused, consumed: consumed), after: delay())
        }
    }

    /// The answer as it goes over the wire, and as it is read from there.
    private func reply(to request: Request, refused: [Int], consumed: [Double]) -> Reply {
        let trouble = scenario.trouble
        var bytes = Array(#"{"UnprocessedItems":{"#.utf8)
        var back = refused.map { key(request.items[$0], request.body) }
        if random.chance(trouble.foreignAnswer) { back.append(Array(#""day":{"S":"d0"},"id":{"N":"-1"}"#.utf8)) }
        if !back.isEmpty {
            bytes += Array(#""t":["#.utf8)
            for (place, key) in back.enumerated() {
                bytes += Array((place > 0 ? "," : "").utf8) + Array(#" {"PutRequest":{"Item":{"#.utf8) + key + Array("}}}".utf8)
            }
            bytes += Array("]".utf8)
        }
        bytes += Array("}".utf8)
        if scenario.tellsConsumption {
            let index = scenario.hasIndex ? #","GlobalSecondaryIndexes":{"by_kind":{"CapacityUnits":\#(consumed[1])}}"# : ""
            let total = consumed.reduce(0, +)
            bytes += Array(
                #","ConsumedCapacity":[{"TableName":"t","CapacityUnits":\#(total),"Table":{"CapacityUnits":\#(consumed[0])}\#(index)}]"#
                    .utf8)
        }
        bytes += Array("}".utf8)
        if random.chance(trouble.corruptAnswer) { bytes.removeLast(random.int(1...bytes.count)) }
        return read(bytes)
    }

    /// An item's key, its parts in another order and its number in another spelling than they were sent.
    private func key(_ item: SentItem, _ body: [UInt8]) -> [UInt8] {
        Array(#""id":{"N":"\#(item.id)e0"}, "day":{"S":""#.utf8) + body[item.day] + Array(#""}"#.utf8)
    }

    private func read(_ bytes: [UInt8]) -> Reply {
        do {
            let schema = KeySchema(hash: KeyAttribute("day", .S), range: KeyAttribute("id", .N))
            let answer = try BatchWriteAnswer.read(bytes.span, table: "t", keySchema: schema)
            let consumed = answer.capacity.map { [$0.table ?? $0.total] + $0.globalIndexes.map(\.units) }
            return .answered(refused: answer.unprocessed, consumed: consumed)
        } catch {
            return .failed(Problem("\(error)"))
        }
    }

    // MARK: Answers

    func settle(_ batch: UInt64, _ reply: Reply) throws {
        guard let run, let request = run.flights.removeValue(forKey: batch) else { return }
        lastNews = now
        trace.note(now, 32, "\(batch) comes back: \(Self.name(reply))")
        var refused: Set<UInt64>?
        var isRejected = false
        switch reply {
        case .answered(let keys, _):
            // An answer that speaks of what was not sent says nothing.
            refused = keys.allSatisfy { key in request.items.contains { $0.key == key } } ? Set(keys) : nil
        case .invalid: isRejected = true
        default: break
        }
        run.state.settle(.init(number: batch), variant?.alter(reply, to: request.items) ?? reply, now: now)
        try run.promises.noteAnswered(request.items, refused: refused, isRejected: isRejected, store: store)
        try turn()
    }

    private static func name(_ reply: Reply) -> String {
        switch reply {
        case .answered(let refused, _): refused.isEmpty ? "done" : "done but \(refused.count)"
        case .throttled: "throttled"
        case .present: "present"
        case .invalid: "invalid"
        case .failed(let problem), .broken(let problem): problem.message
        case .reform: "another form"
        }
    }
}
