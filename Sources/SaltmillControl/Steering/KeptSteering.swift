import Foundation
import Glibc

/// What people have told a job that is to hold over restarts: a file of the job's folder.
package struct KeptSteering: Sendable, Equatable, Codable {
    /// A setting that replaces what the spec says.
    package struct Override: Sendable, Equatable, Codable {
        package var value: String
        package var actor: Actor
        /// Seconds since 1970.
        package var since: Double
    }

    /// A pause that somebody asked for.
    package struct Pause: Sendable, Equatable, Codable {
        package var reason: String?
        package var actor: Actor
        /// Seconds since 1970.
        package var since: Double
        /// When it ends by itself; nil for never.
        package var until: Double?
    }

    /// By the setting's name.
    package var overrides: [String: Override] = [:]
    package var pause: Pause?

    package init() {}

    package subscript(setting: ControlSetting) -> Override? {
        get { overrides[setting.rawValue] }
        set { overrides[setting.rawValue] = newValue }
    }

    // MARK: The file

    /// The file in a job's folder.
    package static func path(in folder: String) -> String { folder + "/steering.json" }

    /// Reads what is kept; nothing where there is no file.
    /// - Throws: ``ControlError`` when the file cannot be read.
    package init(folder: String) throws(ControlError) {
        let path = Self.path(in: folder)
        guard let data = FileManager.default.contents(atPath: path) else {
            self.init()
            return
        }
        do {
            self = try JSONDecoder().decode(KeptSteering.self, from: data)
        } catch {
            throw ControlError("\(path) is damaged; delete it to go by the spec, then give the settings again")
        }
    }

    /// Writes the file so that it is there whole or as it was before.
    /// - Throws: ``ControlError`` when it cannot be written.
    package func save(folder: String) throws(ControlError) {
        let path = Self.path(in: folder)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        // Nothing in it can fail to be encoded.
        let bytes = Array((try? encoder.encode(self)) ?? Data()) + [0x0A]
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        let isWritten = descriptor >= 0 && write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        if descriptor >= 0 { close(descriptor) }
        guard isWritten, rename(temporary, path) == 0 else {
            throw ControlError("cannot keep the setting, \(path) cannot be written: \(String(cString: strerror(errno)))")
        }
    }
}
