import NIOCore
import NIOPosix
import SaltmillPartitions
import Synchronization

/// The engine on a thread of its own, off the event loops: it answers one request at a time.
///
/// How many wait is bounded by the connections, each of which has one request under way.
final class SerialEngine: Sendable {
    private let pool = NIOThreadPool(numberOfThreads: 1)
    /// Nil when it has been stopped.
    private let engine: Mutex<Engine?>

    init(_ configuration: EndpointConfiguration) throws {
        engine = Mutex(try Engine(configuration))
        pool.start()
    }

    /// Answers a request; the future fails only when the engine has been stopped.
    func answer(_ operation: Operation, _ body: [UInt8], on loop: any EventLoop) -> EventLoopFuture<Answer> {
        pool.runIfActive(eventLoop: loop) {
            try self.engine.withLock { engine in
                guard let engine else { throw ChannelError.alreadyClosed }
                return engine.answer(operation, body)
            }
        }
    }

    /// Removes items that have expired, behind the requests at hand.
    func expire() {
        pool.submit { state in
            guard case .active = state else { return }
            // What cannot be removed now is found again the next time.
            self.engine.withLock { try? $0?.expire() }
        }
    }

    /// A table's partitions as they are behind the request at hand.
    func partitions(of table: String) -> PartitionedTable? { engine.withLock { $0?.partitions(of: table) } }

    /// Ends behind the request at hand, and closes the data.
    func stop() async {
        try? await pool.shutdownGracefully()
        engine.withLock { engine in
            engine?.savePartitions()
            engine = nil
        }
    }
}
