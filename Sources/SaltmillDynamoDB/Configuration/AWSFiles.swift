import Glibc

/// The profiles of the two files that the AWS command line keeps: `~/.aws/config` and `~/.aws/credentials`.
package struct AWSFiles: Sendable {
    /// Reads a file; nil when there is none.
    package typealias Reader = @Sendable (_ path: String) throws(ConfigurationError) -> String?

    package private(set) var configPath: String
    package private(set) var credentialsPath: String
    private var profiles: [String: [String: INIFile.Value]] = [:]
    private var services: [String: [String: INIFile.Value]] = [:]
    private var credentials: [String: [String: INIFile.Value]] = [:]

    /// - Parameters:
    ///   - environment: for `AWS_CONFIG_FILE`, `AWS_SHARED_CREDENTIALS_FILE` and `HOME`.
    ///   - read: how files are read.
    /// - Throws: ``ConfigurationError`` for a file that cannot be read or understood; a missing one is an empty one.
    package init(environment: [String: String], read: Reader) throws(ConfigurationError) {
        let home = environment.filled("HOME")
        func expand(_ path: String) -> String {
            guard path.hasPrefix("~/"), let home else { return path }
            return home + path.dropFirst(1)
        }
        configPath = expand(environment.filled("AWS_CONFIG_FILE") ?? "~/.aws/config")
        credentialsPath = expand(environment.filled("AWS_SHARED_CREDENTIALS_FILE") ?? "~/.aws/credentials")
        if let text = try read(configPath) {
            for (section, options) in try INIFile(parsing: text, path: configPath).sections {
                if section == "default" {
                    profiles["default"] = options
                } else if let name = Self.name(section, kind: "profile") {
                    profiles[name] = options
                } else if let name = Self.name(section, kind: "services") {
                    services[name] = options
                }
            }
        }
        if let text = try read(credentialsPath) { credentials = try INIFile(parsing: text, path: credentialsPath).sections }
    }

    /// The name in `profile name` or `profile "name"`.
    private static func name(_ section: String, kind: String) -> String? {
        guard section.hasPrefix(kind) else { return nil }
        let rest = section.dropFirst(kind.count)
        guard let first = rest.first, first.isWhitespace else { return nil }
        let name = rest.trimmingBlanks
        for quote: Character in ["\"", "'"] where name.count > 1 && name.first == quote && name.last == quote {
            return String(name.dropFirst().dropLast())
        }
        return String(name)
    }

    /// True when either file knows the profile.
    package func has(profile: String) -> Bool { profiles[profile] != nil || credentials[profile] != nil }

    /// An option of a profile in the config file; nil when it is absent or empty.
    package func option(_ name: String, profile: String) -> String? { Self.text(profiles[profile]?[name]) }

    /// An option of a profile in the credentials file; nil when it is absent or empty.
    package func credential(_ name: String, profile: String) -> String? { Self.text(credentials[profile]?[name]) }

    /// A setting that a profile's `services` section makes for one service.
    package func serviceOption(_ name: String, service: String, profile: String) -> String? {
        guard let section = option("services", profile: profile), case .nested(let members)? = services[section]?[service] else {
            return nil
        }
        return members[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func text(_ value: INIFile.Value?) -> String? {
        guard case .text(let text)? = value, !text.isEmpty else { return nil }
        return text
    }

    /// Reads a file of the machine; nil when there is none.
    @Sendable package static func readFile(_ path: String) throws(ConfigurationError) -> String? {
        func fault() -> ConfigurationError { ConfigurationError("\(path) cannot be read: \(String(cString: strerror(errno)))") }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw fault()
        }
        defer { close(file) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count != 0 else { return String(decoding: content, as: UTF8.self) }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw fault()
            }
            content.append(contentsOf: buffer[..<count])
            guard content.count <= 16 << 20 else { throw ConfigurationError("\(path) is longer than 16 MB, which no AWS configuration is") }
        }
    }
}

extension [String: String] {
    /// A variable's value; nil when it is absent or empty.
    func filled(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }
}
