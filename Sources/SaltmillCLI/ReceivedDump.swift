import Foundation
import Glibc
import SaltmillBackup

/// The dump that a command names: a folder, or what comes from standard input, unpacked into a folder that only its owner may look into.
struct ReceivedDump {
    let path: String
    /// The folder to remove; nil for a dump of the user's.
    private let temporary: String?

    /// - Parameter path: `-` for standard input.
    /// - Throws: for a stream that is cut off or that is no dump.
    init(_ path: String) throws {
        guard path == "-" else {
            self.path = path
            temporary = nil
            return
        }
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/saltmill.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw UsageError(
                "cannot make a folder in \(parent): \(String(cString: strerror(errno))); set TMPDIR to a place with room for the dump")
        }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        temporary = folder
        self.path = folder + "/dump"
        do {
            try TarReader.extract(from: STDIN_FILENO, into: self.path)
        } catch {
            remove()
            throw error
        }
    }

    /// Removes what was unpacked.
    func remove() {
        if let temporary { try? FileManager.default.removeItem(atPath: temporary) }
    }
}
