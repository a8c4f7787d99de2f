/// How a control operation is tried again.
///
/// The defaults are those of the AWS SDKs' "standard" mode of 2026 for DynamoDB (AWS SDKs and Tools Reference Guide, "Retry behavior").
package struct RetryPolicy: Sendable {
    /// Tries in all, the first included.
    package var attempts = 4
    /// Upper bound of the first pause after throttling; it doubles with every try.
    package var throttlingBase = Duration.seconds(1)
    /// Upper bound of the first pause after any other failure; it doubles with every try.
    package var transientBase = Duration.milliseconds(25)
    /// Upper bound of every pause.
    package var longestPause = Duration.seconds(20)
    /// The most that one try may take.
    package var attemptDeadline = Duration.seconds(20)

    package init() {}

    /// The pause before try `number + 1`, drawn evenly from nothing to its bound ("full jitter"); nil when the failure is not one that
    /// another try mends.
    ///
    /// What the server asks for counts as the least, but for no more than 5 s above the pause drawn.
    func pause(after failure: DynamoDBFailure, number: Int) -> Duration? {
        let base: Duration
        switch failure.errorClass {
        case .throttling, .limitExceeded: base = throttlingBase
        case .transient: base = transientBase
        default: return nil
        }
        guard number < attempts else { return nil }
        let bound = min(base * (1 << min(number - 1, 20)), longestPause)
        let pause = bound * Double.random(in: 0...1)
        guard case .service(let error) = failure, let asked = error.retryAfter else { return pause }
        return min(max(pause, asked), pause + .seconds(5))
    }
}
