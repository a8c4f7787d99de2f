import SaltmillPartitions
import Synchronization

/// The engine, which answers one request at a time.
///
/// Requests are answered on the event loop that read them: handing them to another thread and back costs more than most take.
final class SerialEngine: Sendable {
    /// Nil when it has been stopped.
    private let engine: Mutex<Engine?>

    init(_ configuration: EndpointConfiguration) throws { engine = Mutex(try Engine(configuration)) }

    /// Answers a request; nil when the engine has been stopped.
    func answer(_ operation: Operation, _ body: [UInt8]) -> Answer? { engine.withLock { $0?.answer(operation, body) } }

    /// Removes items that have expired, behind the request at hand.
    func expire() {
        // What cannot be removed now is found again the next time.
        engine.withLock { try? $0?.expire() }
    }

    /// A table's partitions as they are behind the request at hand.
    func partitions(of table: String) -> PartitionedTable? { engine.withLock { $0?.partitions(of: table) } }

    /// Ends behind the request at hand, and closes the data.
    func stop() {
        engine.withLock { engine in
            engine?.savePartitions()
            engine = nil
        }
    }
}
