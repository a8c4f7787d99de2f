import Glibc
import SaltmillBytes

/// Unpacks a tar archive from a pipe, in bounded memory, taking only plain files that stay within the folder.
package enum TarReader {
    /// The longest pax header that is read.
    private static let maximumRecords = 1 << 20

    /// Unpacks an archive into a folder, which becomes the dump in one step at the end: nothing is there before the archive was whole.
    /// - Parameters:
    ///   - folder: must not exist; made for its owner alone.
    ///   - name: what messages call the archive.
    /// - Throws: ``DumpError`` with the offset in the archive: for links, devices, absolute paths, `..`, a name that comes twice or that a
    ///   file has only while it is written, an archive that is cut off, and content behind its end; `CancellationError` when the task is
    ///   cancelled. Nothing remains then.
    package static func extract(from descriptor: Int32, into folder: String, name: String = "the input") throws {
        let destination = try DumpFolder(path: folder, resume: false)
        do throws(DumpError) {
            var archive = Archive(descriptor: descriptor, name: name)
            try archive.unpack(into: destination)
            try destination.commit()
        } catch {
            FileSystem.remove(destination.partialPath)
            throw Task.isCancelled ? CancellationError() : error
        }
    }

    private struct Archive {
        let descriptor: Int32
        let name: String
        var offset: UInt64 = 0
        var names: Set<String> = []
        var records: [String: String] = [:]

        mutating func unpack(into destination: DumpFolder) throws(DumpError) {
            while true {
                let start = offset
                let header = try block()
                let member: TarHeader.Member?
                do throws(TarFault) {
                    member = try TarHeader.read(header)
                } catch {
                    throw DumpError(name, at: start, error.description)
                }
                guard let member else {
                    guard try block().allSatisfy({ $0 == 0 }) else { throw DumpError(name, at: start, "there is only half an end mark") }
                    try expectEnd()
                    return
                }
                try take(member, at: start, into: destination)
            }
        }

        /// Reads what follows the end mark: zeros, with which archives are filled up.
        private mutating func expectEnd() throws(DumpError) {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = try read(into: &buffer, atMost: buffer.count)
                guard count > 0 else { return }
                if let place = buffer[..<count].firstIndex(where: { $0 != 0 }) {
                    throw DumpError(name, at: offset + UInt64(place), "there is content behind the archive's end; give one archive")
                }
                offset += UInt64(count)
            }
        }

        private mutating func take(_ member: TarHeader.Member, at start: UInt64, into destination: DumpFolder) throws(DumpError) {
            switch member.type {
            case UInt8(ascii: "x"), UInt8(ascii: "g"):
                guard member.size <= maximumRecords else { throw DumpError(name, at: start, "a pax header is too long") }
                var content: [UInt8] = []
                try copy(member.size) { content.append($0) }
                do throws(TarFault) {
                    let found = try TarHeader.records(content)
                    if member.type == UInt8(ascii: "x") { records = found }
                } catch {
                    throw DumpError(name, at: start, error.description)
                }
            case UInt8(ascii: "0"), 0:
                let path = try checked(records["path"] ?? member.name, at: start)
                guard !path.hasSuffix(".partial") else {
                    throw DumpError(name, at: start, "its member \"\(path)\" is a file that was never finished")
                }
                let size = records["size"].map { Int($0) ?? -1 } ?? member.size
                guard size >= 0 else { throw DumpError(name, at: start, "the size of \"\(path)\" is no number") }
                records = [:]
                let file = try destination.newFile(path)
                try copy(size) { (bytes) throws(DumpError) in try file.write(bytes) }
                try file.commit()
            case UInt8(ascii: "5"):
                _ = try checked(records["path"] ?? member.name, at: start)
                records = [:]
                try copy(member.size) { _ in }
            default:
                let kind = ["1": "a link", "2": "a symbolic link", "3": "a device", "4": "a device", "6": "a pipe"]
                let type = String(decoding: [member.type], as: UTF8.self)
                throw DumpError(
                    name, at: start, "its member \"\(member.name)\" is \(kind[type] ?? "of type \(type)"), and a dump holds only files")
            }
        }

        /// A member's path, once it is known to stay within the folder.
        private mutating func checked(_ path: String, at start: UInt64) throws(DumpError) -> String {
            var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            if parts.first == "." { parts.removeFirst() }
            if parts.last == "" { parts.removeLast() }
            guard !parts.contains(""), !parts.contains("."), !parts.contains(".."), !path.utf8.contains(0) else {
                throw DumpError(name, at: start, "its member \"\(path)\" would not stay within the dump's folder")
            }
            let path = parts.joined(separator: "/")
            guard path.isEmpty || names.insert(path).inserted else {
                throw DumpError(name, at: start, "its member \"\(path)\" comes twice")
            }
            return path
        }

        private mutating func block() throws(DumpError) -> [UInt8] {
            var block: [UInt8] = []
            try fill(TarHeader.blockSize) { block.append($0) }
            return block
        }

        /// Hands on a member's content, and skips what fills its last block.
        private mutating func copy(_ size: Int, _ body: (Span<UInt8>) throws(DumpError) -> Void) throws(DumpError) {
            try fill(size, body)
            try fill(TarHeader.padding(size)) { _ in }
        }

        private mutating func fill(_ size: Int, _ body: (Span<UInt8>) throws(DumpError) -> Void) throws(DumpError) {
            var buffer = [UInt8](repeating: 0, count: min(max(size, 1), 1 << 16))
            var left = size
            while left > 0 {
                let wanted = min(left, buffer.count)
                let count = try read(into: &buffer, atMost: wanted)
                guard count > 0 else { throw DumpError(name, at: offset, "it is cut off here, so the dump in it is not complete") }
                try body(buffer.span.extracting(first: count))
                offset += UInt64(count)
                left -= count
            }
        }

        /// Reads some bytes; 0 only at the end.
        private func read(into buffer: inout [UInt8], atMost wanted: Int) throws(DumpError) -> Int {
            var count: Int
            repeat {
                guard !Task.isCancelled else { throw DumpError(name, at: offset, "the reading of it was interrupted") }
                count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, wanted) }
            } while count < 0 && errno == EINTR
            guard count >= 0 else { throw DumpError(name, at: offset, "it cannot be read: \(FileSystem.reason(errno))") }
            return count
        }
    }
}
