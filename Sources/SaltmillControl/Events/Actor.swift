import Glibc

/// Who asked for something.
package struct Actor: Sendable, Equatable, Codable, CustomStringConvertible {
    /// The user's name, or number where it has none.
    package var user: String
    package var uid: UInt32
    /// Where from, as far as is known: the address of a login over SSH, which the asking side tells.
    package var from: String?

    package init(uid: UInt32, from: String? = nil) {
        self.uid = uid
        self.from = from
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        let isKnown = getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0 && found != nil
        user = isKnown ? String(cString: entry.pw_name) : "\(uid)"
    }

    package var description: String { from.map { "\(user) from \($0)" } ?? user }
}
