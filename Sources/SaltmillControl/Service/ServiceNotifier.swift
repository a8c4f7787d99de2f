import Glibc
import Synchronization

/// Tells systemd how a service does, where it asks to be told: `sd_notify(3)` by hand.
package final class ServiceNotifier: Sendable {
    private let path: String?
    private let lastStatus = Mutex("")

    /// - Parameter environment: where `NOTIFY_SOCKET` stands when there is somebody to tell.
    package init(environment: [String: String]) { path = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 } }

    /// The service has begun.
    package func ready() { send("READY=1") }

    /// It goes on; to be told at least twice in each span of the watchdog.
    package func alive(_ status: String) {
        let isNew = lastStatus.withLock { last in
            defer { last = status }
            return last != status
        }
        send(isNew ? "WATCHDOG=1\nSTATUS=\(status.replacing("\n", with: " "))" : "WATCHDOG=1")
    }

    /// It is about to end.
    package func stopping() { send("STOPPING=1") }

    private func send(_ message: String) {
        guard let path else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // `@` stands for the zero byte that abstract sockets begin with.
        let bytes = (path.hasPrefix("@") ? [0] : Array(path.utf8.prefix(1))) + Array(path.utf8.dropFirst())
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let text = Array(message.utf8)
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), $0, length)
            }
        }
    }
}
