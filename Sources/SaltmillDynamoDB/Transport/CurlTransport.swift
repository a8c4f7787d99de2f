import Glibc
import Synchronization

/// HTTP over libcurl: one thread with one multi handle, keep-alive, certificates always verified, no redirects followed.
///
/// Results are delivered on the transport's own thread, which must not be kept waiting: a completion or a driver computes, submits and
/// returns. What is submitted on that thread starts without a queue or a wake-up in between.
package final class CurlTransport: Sendable {
    private let loop: TransferLoop
    private let lastID = Atomic<UInt64>(0)
    /// The thread to be joined; nil once it has been.
    private let thread: Mutex<pthread_t?>

    /// Starts the thread.
    package init(_ options: TransportOptions = TransportOptions()) {
        loop = TransferLoop(options: options)
        thread = Mutex(Self.start(loop))
    }

    private static func start(_ loop: TransferLoop) -> pthread_t {
        // The thread takes no signals: they are the main thread's. (A write to a closed connection then fails instead of killing.)
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(loop).toOpaque()
        let failure = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context)
        precondition(failure == 0, "the system gives no thread for the transport: \(String(cString: strerror(failure)))")
        return thread
    }

    deinit { shutdown() }

    /// Sends a request. The completion is called once, on the transport's thread.
    ///
    /// After ``shutdown()`` it is called at once with ``TransportError/Kind/cancelled``, on the caller's thread; whoever hears that must
    /// not submit again.
    /// - Returns: what ``cancel(_:)`` takes.
    @discardableResult
    package func submit(_ request: HTTPRequest, completion: @escaping HTTPCompletion) -> UInt64 {
        let id = makeID()
        loop.submit(request, id: id, completion: completion)
        return id
    }

    /// A number for a request that ``submit(_:id:completion:)`` is to send.
    func makeID() -> UInt64 { lastID.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Sends a request under a number that the caller already knows it by.
    func submit(_ request: HTTPRequest, id: UInt64, completion: @escaping HTTPCompletion) {
        loop.submit(request, id: id, completion: completion)
    }

    /// Withdraws a request: its completion is called with ``TransportError/Kind/cancelled`` unless it has been called already.
    package func cancel(_ id: UInt64) { loop.cancel(id) }

    /// Sends a request and waits for the answer; withdraws it when the task is cancelled.
    package func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let id = makeID()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<HTTPResponse, TransportError>, Never>) in
                loop.submit(request, id: id) { continuation.resume(returning: $0) }
                // The task may have been cancelled before there was anything to withdraw.
                if Task.isCancelled { loop.cancel(id) }
            }
        } onCancel: {
            loop.cancel(id)
        }
        return try result.get()
    }

    /// Sets what the loop calls on its own thread once a turn: after finished requests were delivered and before it polls.
    ///
    /// The driver may submit. It returns how long until it wants to be called again, or nil when only an event matters: a finished
    /// request, or ``wake()``. A wait is rounded up to whole milliseconds; zero means at once. It may be called earlier than it asked.
    package func setDriver(_ driver: TransportDriver?) { loop.setDriver(driver) }

    /// Makes the loop take a turn.
    package func wake() { loop.wake() }

    /// Ends every request with ``TransportError/Kind/cancelled``, and the thread; returns when it has ended, unless it is called on it.
    package func shutdown() {
        loop.stop()
        let taken = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let taken else { return }
        if pthread_equal(taken, pthread_self()) != 0 {
            pthread_detach(taken)
        } else {
            pthread_join(taken, nil)
        }
    }
}
