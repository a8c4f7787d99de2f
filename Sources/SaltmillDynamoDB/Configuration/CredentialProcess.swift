import Dispatch
import Glibc

/// A program that prints credentials, as a profile's `credential_process` names it (AWS SDKs and Tools Reference Guide, "Process credential
/// provider"). It is started directly: no shell looks at the line.
struct CredentialProcess {
    /// The line as the profile has it.
    let line: String
    let place: String
    /// What it prints at most, in bytes.
    private static let longestOutput = 1 << 20

    /// Runs the program. Its standard error goes to ours, so that it can ask for a code or say what is wrong.
    /// - Throws: ``ConfigurationError`` when it cannot be started, fails, or prints something else.
    func credentials() async throws(ConfigurationError) -> Credentials {
        let words = try Self.words(line, place: place)
        guard let program = words.first else { throw ConfigurationError("\(place): credential_process is empty; name a program") }
        let result = await withCheckedContinuation { continuation in
            // It may take as long as somebody's looking up a code: not on a thread that tasks share.
            DispatchQueue.global().async { continuation.resume(returning: Self.run(words)) }
        }
        switch result {
        case .failure(let reason): throw ConfigurationError("\(place): credential_process cannot run \(program): \(reason.text)")
        case .success(let (output, status)):
            guard status == 0 else {
                throw ConfigurationError(
                    "\(place): credential_process \(program) ended with status \(status); run it by hand to see what it wants")
            }
            return try CredentialDocument.read(
                output, place: "\(place): credential_process \(program)", token: "SessionToken", isVersioned: true)
        }
    }

    private struct Reason: Error { var text: String }

    private static func run(_ words: [String]) -> Result<(output: [UInt8], status: Int32), Reason> {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return .failure(Reason(text: String(cString: strerror(errno)))) }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let failure = posix_spawnp(&process, words[0], &actions, nil, arguments, environ)
        close(ends[1])
        guard failure == 0 else { return .failure(Reason(text: String(cString: strerror(failure)))) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(ends[0], &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            if output.count < Self.longestOutput { output += buffer[..<count] }
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        // As the shell tells it: the exit code, or 128 and the signal.
        return .success((output, status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F))
    }

    /// Splits a line as a POSIX shell would, but for expansions: blanks separate, quotes and backslashes keep together.
    static func words(_ line: String, place: String) throws(ConfigurationError) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in line {
            if isEscaped {
                // Between double quotes a backslash escapes only what would mean something there.
                if quote == "\"", character != "\"", character != "\\" { word = (word ?? "") + "\\" }
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let word { words.append(word) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil, !isEscaped else {
            throw ConfigurationError("\(place): credential_process has a quote or a backslash that leads nowhere; close it")
        }
        if let word { words.append(word) }
        return words
    }
}
