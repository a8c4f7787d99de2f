/// A piece of a document, independent of what it is written as.
package enum DocumentBlock: Sendable, Equatable {
    /// A piece of a line.
    package enum Span: Sendable, Equatable {
        case text(String)
        /// A name or value as it stands in a source or table.
        case code(String)
        /// What a reader must not overlook.
        case warning(String)
    }

    /// A line of a table.
    package struct Row: Sendable, Equatable {
        package var cells: [[Span]]
        /// Something is missing in it.
        package var isIncomplete = false
    }

    case heading(String)
    case paragraph([Span])
    case table(head: [String], rows: [Row])
    case list([[Span]])
    /// A program to copy; `language` is its name in lower case.
    case code(String, language: String)
}

/// A document as a tree of blocks, to be written as a page or as Markdown.
package struct SpecDocument: Sendable, Equatable {
    package var title: String
    package var blocks: [DocumentBlock]
    /// Columns that nobody has described.
    package var undescribed: [String]
}
