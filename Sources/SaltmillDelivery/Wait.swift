/// What keeps a job from going on for the time being.
package struct Wait: Sendable, Equatable, Codable {
    package enum Cause: String, Sendable, Codable, CaseIterable {
        /// A person, or a stop file, asked for it.
        case paused
        /// The schedule closes this hour.
        case window
        /// Nobody answers.
        case network
        /// The credentials are not accepted, or do not permit this.
        case credentials
        /// The table is being created or changed.
        case table
        /// What answers reports an error of its own.
        case endpoint
        /// State, rejects or rows set aside cannot be written.
        case disk
        /// The source cannot be read.
        case source
    }

    package var cause: Cause
    /// What is wrong, and where; for a pause who asked for it and why.
    package var reason: String

    package init(_ cause: Cause, _ reason: String) {
        self.cause = cause
        self.reason = reason
    }
}
