import CCurl
import Glibc
import Synchronization

/// What the loop calls once a turn. It returns how long until it wants to be called again; nil when only an event matters.
package typealias TransportDriver = @Sendable () -> Duration?

/// The transport's thread: one libcurl multi handle and everything that touches it.
///
/// A turn: take the inbox, let libcurl work, deliver every transfer that finished, take the inbox again, call the driver, and poll only if
/// nothing was added meanwhile. Polling with finished transfers unread would leave them there until the poll ends.
final class TransferLoop: @unchecked Sendable {
    // Sendable because `inbox` is guarded by its lock and `thread` is atomic, `multi` is constant and touched from other threads only by
    // curl_multi_wakeup (which libcurl allows, and which the inbox's lock keeps from running after the clean-up), and all the rest is
    // touched only on the loop's own thread.

    /// What other threads ask for.
    private struct Inbox {
        var submissions: [Submission] = []
        var cancellations: [UInt64] = []
        var driver: TransportDriver??
        /// The loop has been woken and has not looked yet: another wake-up would be a wasted system call.
        var isWoken = false
        var isStopping = false
        /// The loop has ended; nobody looks into the inbox any more.
        var isClosed = false
    }

    private struct Submission {
        var request: HTTPRequest
        var id: UInt64
        var completion: HTTPCompletion
    }

    private let inbox = Mutex(Inbox())
    private let multi: UnsafeMutableRawPointer
    /// The loop's thread while it runs, else 0.
    private let thread = Atomic<UInt>(0)

    // Only on the loop's thread:
    private let options: TransportOptions
    private var transfers: [Transfer] = []
    private var idle: [Transfer] = []
    private var driver: TransportDriver?
    private var hasNewTransfers = false
    private var isStopping = false

    init(options: TransportOptions) {
        _ = Self.libraryIsReady
        guard let multi = curl_multi_init() else { preconditionFailure("libcurl has no memory left for a transport") }
        self.multi = multi
        self.options = options
        saltmill_multi_set_long(multi, CURLMOPT_MAXCONNECTS, options.maximumConnections)
        saltmill_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, options.maximumConnections)
    }

    /// libcurl's global initialisation, once a process and before any handle exists.
    private static let libraryIsReady = saltmill_curl_global_init() == CURLE_OK

    var isOnThread: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    // MARK: From any thread

    func submit(_ request: HTTPRequest, id: UInt64, completion: @escaping HTTPCompletion) {
        if isOnThread {
            add(Submission(request: request, id: id, completion: completion))
            return
        }
        let isClosed = post { $0.submissions.append(Submission(request: request, id: id, completion: completion)) }
        if isClosed { completion(.failure(Self.shutDown(request))) }
    }

    func cancel(_ id: UInt64) { _ = post { $0.cancellations.append(id) } }

    func setDriver(_ driver: TransportDriver?) { _ = post { $0.driver = .some(driver) } }

    func wake() { _ = post { _ in } }

    func stop() { _ = post { $0.isStopping = true } }

    /// Puts something into the inbox and wakes the loop unless that was done already. True when the loop has ended.
    private func post(_ change: (inout Inbox) -> Void) -> Bool {
        inbox.withLock { inbox in
            guard !inbox.isClosed else { return true }
            change(&inbox)
            if !inbox.isWoken {
                inbox.isWoken = true
                curl_multi_wakeup(multi)
            }
            return false
        }
    }

    private static func shutDown(_ request: HTTPRequest) -> TransportError {
        TransportError(
            .cancelled, host: Endpoint.authority(of: request.url), detail: "the transport was shut down", mayHaveBeenApplied: false)
    }

    // MARK: On the loop's thread

    /// Runs until told to stop, then ends every transfer and frees libcurl's handles.
    func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        takeInbox()
        while !isStopping {
            hasNewTransfers = false
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            deliverFinished()
            takeInbox()
            let wish = driver?()
            guard !isStopping, !hasNewTransfers else { continue }
            let milliseconds = min(wish?.wholeMilliseconds ?? Self.longestPoll, Self.longestPoll)
            if milliseconds > 0 { curl_multi_poll(multi, nil, 0, Int32(milliseconds), nil) }
        }
        close()
    }

    /// No poll is longer than this, in milliseconds.
    private static let longestPoll = 1000

    private func takeInbox() {
        var taken = Inbox()
        inbox.withLock { inbox in
            guard inbox.isWoken else { return }
            swap(&taken, &inbox)
        }
        isStopping = isStopping || taken.isStopping
        if let driver = taken.driver { self.driver = driver }
        for submission in taken.submissions { add(submission) }
        for id in taken.cancellations { withdraw(id) }
    }

    private func add(_ submission: Submission) {
        guard !isStopping else {
            submission.completion(.failure(Self.shutDown(submission.request)))
            return
        }
        let transfer = idle.popLast() ?? makeTransfer()
        transfer.prepare(submission.request, id: submission.id, completion: submission.completion)
        curl_multi_add_handle(multi, transfer.easy)
        hasNewTransfers = true
    }

    private func makeTransfer() -> Transfer {
        let transfer = Transfer(options: options)
        transfers.append(transfer)
        return transfer
    }

    private func deliverFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle, let transfer = Transfer.of(easy) else {
                continue
            }
            // Taken before the handle is removed: the message does not outlive that.
            let code = message.pointee.data.result
            curl_multi_remove_handle(multi, easy)
            transfer.finish(code)
            idle.append(transfer)
        }
    }

    /// Ends one request early; does nothing when it has ended already.
    private func withdraw(_ id: UInt64) {
        guard let transfer = transfers.first(where: { $0.id == id }) else { return }
        curl_multi_remove_handle(multi, transfer.easy)
        transfer.cancel("")
        idle.append(transfer)
    }

    private func close() {
        driver = nil
        for transfer in transfers where transfer.id != 0 {
            curl_multi_remove_handle(multi, transfer.easy)
            transfer.cancel("the transport was shut down")
        }
        var last = Inbox()
        inbox.withLock { inbox in
            swap(&last, &inbox)
            inbox.isClosed = true
        }
        for submission in last.submissions { submission.completion(.failure(Self.shutDown(submission.request))) }
        transfers = []
        idle = []
        thread.store(0, ordering: .relaxed)
        curl_multi_cleanup(multi)
    }
}
