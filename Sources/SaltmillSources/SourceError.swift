import Glibc

/// Why a source or its survey cannot be used: one sentence naming the place and, where there is one, the fix.
package struct SourceError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// The input cannot be opened.
        case open
        /// Its first line does not give usable column names.
        case header
        /// Reading failed.
        case read
        /// The input is not what was surveyed, or changed while it was being read.
        case changed
        /// A file of the survey cannot be written or read, e.g. because the disk is full.
        case survey
    }

    package var kind: Kind
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }

    /// The system's words for an error number.
    static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}
