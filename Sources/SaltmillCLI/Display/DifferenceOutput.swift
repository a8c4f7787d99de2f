import Glibc

/// Gives the differences that were found to whoever wants them.
enum DifferenceOutput {
    /// Copies the file to standard output, or to a file for its owner alone that is there whole or not at all.
    static func copy(_ path: String, to output: String?) throws {
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw failure(path) }
        defer { close(source) }
        guard let output else { return try copy(source, STDOUT_FILENO, "standard output") }
        let partial = output + ".partial"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(partial) }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw failure(partial) }
        try copy(source, descriptor, partial)
        guard fsync(descriptor) == 0, rename(partial, output) == 0 else { throw failure(output) }
    }

    private static func copy(_ source: Int32, _ target: Int32, _ name: String) throws {
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(source, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(name) }
            guard count > 0 else { return }
            var written = 0
            while written < count {
                let step = block.withUnsafeBytes { write(target, $0.baseAddress?.advanced(by: written), count - written) }
                if step < 0, errno == EINTR { continue }
                guard step > 0 else { throw failure(name) }
                written += step
            }
        }
    }

    private static func failure(_ path: String) -> UsageError {
        UsageError("\(path) cannot be used: \(String(cString: strerror(errno)))")
    }
}
