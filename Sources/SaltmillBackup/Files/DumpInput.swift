import Glibc
import SaltmillBytes

/// A data file of a dump, read from its start as text: decompressed where it is gzip, and its checksum kept on the way.
struct DumpInput: ~Copyable {
    private let name: String
    private let descriptor: Int32
    private let block: UnsafeMutableRawBufferPointer
    /// What of ``block`` is not taken yet.
    private var waiting = 0..<0
    private var isGzip: Bool?
    private var isAtEnd = false
    private var decoder: GzipDecoder
    private var sha256: Digester
    private var md5: Digester
    private let wantsMD5: Bool
    private let expands: Bool
    /// The name promises gzip.
    private let isNamedGzip: Bool
    /// How many bytes of the file were read.
    private(set) var bytes = 0

    /// - Parameters:
    ///   - path: must be a regular file; a link is refused.
    ///   - name: what messages call it.
    ///   - wantsMD5: whether ``finishMD5()`` will be asked for.
    ///   - expands: whether gzip is decompressed, as in all files of items.
    init(path: String, name: String, wantsMD5: Bool, expands: Bool = true) throws(DumpError) {
        let descriptor = try Self.open(path, name)
        self.name = name
        self.wantsMD5 = wantsMD5
        self.expands = expands
        isNamedGzip = path.hasSuffix(".gz")
        self.descriptor = descriptor
        block = .allocate(byteCount: 1 << 16, alignment: 16)
        decoder = GzipDecoder()
        sha256 = Digester(.sha256)
        md5 = Digester(.md5)
    }

    private static func open(_ path: String, _ name: String) throws(DumpError) -> Int32 {
        switch FileSystem.kind(of: path) {
        case .file: break
        case nil: throw DumpError(name, "the file is missing")
        case .link: throw DumpError(name, "this is a link, and a dump holds none")
        case .folder, .other: throw DumpError(name, "this is not a regular file")
        }
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw DumpError(name, "it cannot be opened: \(FileSystem.reason(errno))") }
        return descriptor
    }

    deinit {
        close(descriptor)
        block.deallocate()
    }

    private func content(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeRawBufferPointer(rebasing: block[range]).bindMemory(to: UInt8.self)
    }

    /// Fills part of `target` and gives the number of bytes: 0 only at the end, where a gzip stream has been found to be whole.
    mutating func read(into target: UnsafeMutableRawBufferPointer) throws(DumpError) -> Int {
        while true {
            if waiting.isEmpty, !isAtEnd { try refill() }
            if isGzip == nil {
                let hasMark = waiting.count >= 2 && block[waiting.lowerBound] == 0x1F && block[waiting.lowerBound + 1] == 0x8B
                guard hasMark || !expands || !isNamedGzip else {
                    throw DumpError(name, "its name ends in .gz and its content is not gzip: the file was cut off or altered")
                }
                isGzip = hasMark && expands
            }
            guard isGzip == true else {
                let count = min(waiting.count, target.count)
                let taken = waiting.lowerBound..<(waiting.lowerBound + count)
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: block[taken]))
                waiting = taken.upperBound..<waiting.upperBound
                return count
            }
            do throws(GzipError) {
                let (taken, filled) = try decoder.decode(content(waiting).span, into: target)
                waiting = (waiting.lowerBound + taken)..<waiting.upperBound
                if filled > 0 { return filled }
                if isAtEnd, waiting.isEmpty {
                    try decoder.finish()
                    return 0
                }
            } catch {
                throw DumpError(name, "\(error)")
            }
        }
    }

    private mutating func refill() throws(DumpError) {
        var count: Int
        repeat {
            count = Glibc.read(descriptor, block.baseAddress, block.count)
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw DumpError(name, "it cannot be read: \(FileSystem.reason(errno))") }
        waiting = 0..<count
        isAtEnd = count == 0
        bytes += count
        let content = content(waiting)
        sha256.update(content.span)
        if wantsMD5 { md5.update(content.span) }
    }

    /// SHA-256 of the file, once it was read to its end.
    mutating func finishSHA256() -> SHA256Digest { sha256.finishSHA256() }

    /// MD5 of the file, once it was read to its end.
    mutating func finishMD5() -> [UInt8] { md5.finish() }
}
