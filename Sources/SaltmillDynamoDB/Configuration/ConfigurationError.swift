/// Credentials, region or endpoint cannot be made out of flags, environment and files.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence that names the place and the fix.
    package var description: String

    package init(_ description: String) { self.description = description }
}
