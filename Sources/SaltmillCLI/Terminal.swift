import Glibc

/// Standard output for results, standard error for talk.
enum Terminal {
    /// Whether somebody may be watching standard error.
    static let isInteractive = isatty(STDERR_FILENO) == 1

    /// Prints a result; the program ends with 1 when nobody takes it.
    static func output(_ text: String) {
        guard !write(text + "\n", to: STDOUT_FILENO) else { return }
        // A reader that has seen enough, such as `head`, need not be told.
        if errno != EPIPE { error("saltmill: standard output cannot be written: \(String(cString: strerror(errno)))") }
        exit(ExitStatus.failed)
    }

    static func error(_ text: String) { _ = write(text + "\n", to: STDERR_FILENO) }

    /// Draws over the line the cursor is on.
    static func redraw(_ line: String) { _ = write("\r\u{1B}[2K" + line, to: STDERR_FILENO) }

    /// Width of the terminal in columns.
    static var width: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 100
    }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
