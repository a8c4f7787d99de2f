import SaltmillControl
import Testing

@Suite struct NotificationQueueTests {
    private func message(_ number: Int) -> JobNotification {
        JobNotification(.state, at: 0, job: "j", host: "h", text: "\(number) <&>")
    }

    @Test func messagesGoOutOneASecondInOrder() {
        var queue = NotificationQueue()
        for number in 0..<3 { queue.append(message(number)) }
        #expect(queue.step(now: 5) == .send(message(0), dropped: 0))
        queue.sent(now: 5)
        #expect(queue.step(now: 5.5) == .wait(until: 6))
        #expect(queue.step(now: 6) == .send(message(1), dropped: 0))
        queue.sent(now: 6)
        queue.sent(now: 7)
        #expect(queue.step(now: 100) == .wait(until: nil))
    }

    /// However long a receiver hangs, few messages wait, the newest among them, and those that are gone are counted.
    @Test func aHangingReceiverCostsMessagesNotMemory() {
        var queue = NotificationQueue()
        for number in 0..<1000 { queue.append(message(number)) }
        #expect(queue.droppedInAll == 1000 - NotificationQueue.capacity)
        // The first may have been under way all the time.
        #expect(queue.step(now: 0) == .send(message(0), dropped: 1000 - NotificationQueue.capacity))
        queue.sent(now: 0)
        #expect(queue.step(now: 1) == .send(message(1001 - NotificationQueue.capacity), dropped: 0))
    }

    @Test func retryAfterIsObeyedAndTriesEnd() {
        var queue = NotificationQueue()
        queue.append(message(0))
        queue.failed(now: 0, retryAfter: 30, isFinal: false)
        #expect(queue.step(now: 29) == .wait(until: 30))
        queue.failed(now: 30, retryAfter: nil, isFinal: false)
        queue.failed(now: 40, retryAfter: nil, isFinal: false)
        #expect(queue.step(now: 100) == .send(message(0), dropped: 0))
        queue.failed(now: 100, retryAfter: nil, isFinal: false)
        #expect(queue.step(now: 200) == .wait(until: nil))
        queue.append(message(1))
        #expect(queue.step(now: 200) == .send(message(1), dropped: 1))
        queue.failed(now: 200, retryAfter: nil, isFinal: true)
        #expect(queue.droppedInAll == 2)
    }

    @Test func bodiesAreJSONWhoseTextMeansItself() {
        #expect(String(decoding: message(1).slackBody(dropped: 0), as: UTF8.self) == #"{"text":"j on h: 1 &lt;&amp;&gt;"}"#)
        let generic = String(decoding: message(1).genericBody(dropped: 2), as: UTF8.self)
        #expect(generic.contains(#""text":"1 <&>""#) && generic.contains(#""dropped":2"#))
    }

    @Test func namesOfTargetsHoldNoSecret() {
        #expect(NotificationTarget.slack(url: "https://hooks.example/T0/secret").name == "notify.slack (hooks.example)")
        #expect(NotificationTarget.webhook(url: "https://user:secret@h.example:8443/x?token=y").name == "notify.webhook (h.example:8443)")
    }
}
