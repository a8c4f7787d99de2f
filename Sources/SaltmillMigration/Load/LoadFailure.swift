/// Why a job cannot begin or go on: what the user is told, and what a script is.
package struct LoadFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// It will not work before something is changed.
        case failed
        /// The spec or the command is wrong.
        case usage
        /// It may work later.
        case temporary
    }

    package var kind: Kind
    /// One sentence: what is wrong, where, and the fix.
    package var description: String

    package init(_ kind: Kind = .failed, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
