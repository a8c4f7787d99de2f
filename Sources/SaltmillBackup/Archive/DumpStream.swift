import Glibc
import SaltmillBytes
import Synchronization

/// A dump being written as a tar archive to a pipe. Each file is held in memory until it is whole, so parts must be small; they are written
/// in the order in which they are finished, and the archive's end mark only with ``commit()``.
package final class DumpStream: DumpDestination {
    /// The length of parts, in bytes of their text, that keeps what is held in memory small: see ``DumpOptions/partBytes``.
    package static let partBytes = 4 << 20

    private let descriptor: Int32
    private let lock = Mutex(())

    /// - Parameter descriptor: is not closed.
    package init(descriptor: Int32) { self.descriptor = descriptor }

    package func newFile(_ path: String) throws(DumpError) -> any DumpOutput { StreamedFile(path, self) }

    /// A stream is never gone on with, so there is nothing in it that could be dropped.
    package func keep(only files: Set<String>, under folder: String) throws(DumpError) {}

    package func size(of path: String) -> Int? { nil }

    package func commit() throws(DumpError) { try write([UInt8](repeating: 0, count: 2 * TarHeader.blockSize)) }

    fileprivate func add(_ path: String, _ content: [UInt8]) throws(DumpError) {
        let member =
            TarHeader.blocks(name: path, size: content.count) + content + [UInt8](repeating: 0, count: TarHeader.padding(content.count))
        try write(member)
    }

    private func write(_ bytes: [UInt8]) throws(DumpError) {
        try lock.withLock { (_) throws(DumpError) in try FileSystem.write(bytes.span, to: descriptor, "the output") }
    }
}

/// A file that becomes a member of the archive.
private final class StreamedFile: DumpOutput {
    private let path: String
    private let stream: DumpStream
    private var content: [UInt8] = []

    init(_ path: String, _ stream: DumpStream) {
        self.path = path
        self.stream = stream
    }

    func write(_ bytes: Span<UInt8>) throws(DumpError) { content.append(bytes) }

    func commit() throws(DumpError) { try stream.add(path, content) }
}
