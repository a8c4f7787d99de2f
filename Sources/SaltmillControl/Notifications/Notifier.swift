import Foundation
package import SaltmillDynamoDB
import Synchronization

/// Sends messages about a job to where its spec says, beside the load and without ever holding it up.
package final class Notifier: Sendable {
    private struct State {
        var rules: NotificationRules
        var queues: [NotificationQueue]
        /// What was told of a target that does not take messages.
        var complained: Set<String> = []
        var isEnding = false
    }

    private let targets: [NotificationTarget]
    private let transport: CurlTransport
    private let state: Mutex<State>
    private let complaint: @Sendable (String) -> Void

    /// How often it is looked whether there is something to send.
    private static let interval: Duration = .milliseconds(250)
    /// How long a webhook or a program may take for a message.
    private static let deadline: Duration = .seconds(10)
    /// How long the end of a job waits for its last message.
    private static let farewell: Duration = .seconds(5)

    /// - Parameters:
    ///   - complaint: called with one sentence, once, for each target that does not take messages.
    package init(
        _ targets: [NotificationTarget], rules: NotificationRules, transport: CurlTransport,
        complaint: @escaping @Sendable (String) -> Void
    ) {
        self.targets = targets
        self.transport = transport
        self.complaint = complaint
        state = Mutex(State(rules: rules, queues: Array(repeating: NotificationQueue(), count: targets.count)))
    }

    /// Takes in an event; returns at once.
    package func note(_ event: JobEvent) {
        let now = Clocks.now.boot
        state.withLock { state in
            for notification in state.rules.note(event, now: now) { Self.put(notification, &state) }
        }
    }

    private static func put(_ notification: JobNotification, _ state: inout State) {
        for index in state.queues.indices { state.queues[index].append(notification) }
    }

    /// Sends until its task is cancelled, and then for a moment what is left.
    package func run() async {
        let sending = Task { await send() }
        await withTaskCancellationHandler {
            await sending.value
        } onCancel: {
            state.withLock { $0.isEnding = true }
            // What does not arrive by then is given up.
            Task {
                try? await ContinuousClock().sleep(for: Self.farewell)
                sending.cancel()
            }
        }
    }

    private func send() async {
        await withTaskGroup(of: Void.self) { group in
            for index in targets.indices { group.addTask { [self] in await serve(index) } }
            group.addTask { [self] in await keepTime() }
        }
    }

    /// Turns what is due into messages.
    private func keepTime() async {
        while !Task.isCancelled {
            let now = Clocks.now
            let isEnding = state.withLock { state in
                for notification in state.rules.due(now: now.boot, wall: now.wall) { Self.put(notification, &state) }
                return state.isEnding
            }
            if isEnding { return }
            await pause()
        }
    }

    /// Sends one target's messages.
    private func serve(_ index: Int) async {
        while !Task.isCancelled {
            let (step, isEnding) = state.withLock { ($0.queues[index].step(now: Clocks.now.boot), $0.isEnding) }
            switch step {
            case .wait(nil) where isEnding: return
            case .wait: await pause()
            case .send(let notification, let dropped):
                let outcome = await deliver(notification, to: targets[index], dropped: dropped)
                let now = Clocks.now.boot
                state.withLock { state in
                    switch outcome {
                    case .arrived: state.queues[index].sent(now: now)
                    case .failed(_, let retryAfter, let isFinal):
                        state.queues[index].failed(now: now, retryAfter: retryAfter, isFinal: isFinal)
                    }
                }
                if case .failed(let reason, _, _) = outcome { complain(targets[index], reason) }
            }
        }
    }

    private func complain(_ target: NotificationTarget, _ reason: String) {
        guard state.withLock({ $0.complained.insert(target.name).inserted }) else { return }
        complaint("\(target.name) does not take messages: \(reason); the load goes on without them")
    }

    private func pause() async { try? await ContinuousClock().sleep(for: Self.interval) }

    // MARK: One message

    private enum Outcome {
        case arrived
        case failed(String, retryAfter: Double?, isFinal: Bool)
    }

    private func deliver(_ notification: JobNotification, to target: NotificationTarget, dropped: Int) async -> Outcome {
        switch target {
        case .slack(let url): await post(notification.slackBody(dropped: dropped), to: url)
        case .webhook(let url): await post(notification.genericBody(dropped: dropped), to: url)
        case .command(let words):
            if let reason = await CommandHook.run(words, notification, dropped: dropped, deadline: Self.deadline) {
                .failed(reason, retryAfter: nil, isFinal: false)
            } else {
                .arrived
            }
        }
    }

    private func post(_ body: [UInt8], to url: String) async -> Outcome {
        var headers = HeaderLines()
        headers.append("Content-Type", "application/json; charset=utf-8")
        let request = HTTPRequest(url: url, headers: headers, body: body, deadline: Self.deadline, maximumResponse: 1 << 16)
        do throws(TransportError) {
            let response = try await transport.perform(request)
            if (200..<300).contains(response.status) { return .arrived }
            let retryAfter = response.headers.retryAfter.map { Double($0.components.seconds) }
            // A redirect is not followed: it could carry the message anywhere.
            let isFinal = (300..<500).contains(response.status) && response.status != 429 && response.status != 408
            return .failed("it answers with status \(response.status)", retryAfter: retryAfter, isFinal: isFinal)
        } catch {
            return .failed("\(error)", retryAfter: nil, isFinal: false)
        }
    }

    /// Sends a test message to every target.
    /// - Returns: for each its name and, if it did not take the message, why.
    package func test(job: String, host: String) async -> [(target: String, failure: String?)] {
        let notification = JobNotification(
            .test, at: Clocks.now.wall, job: job, host: host, text: "this is a test; messages of the job will arrive here")
        var results: [(target: String, failure: String?)] = []
        for target in targets {
            switch await deliver(notification, to: target, dropped: 0) {
            case .arrived: results.append((target.name, nil))
            case .failed(let reason, _, _): results.append((target.name, reason))
            }
        }
        return results
    }
}
