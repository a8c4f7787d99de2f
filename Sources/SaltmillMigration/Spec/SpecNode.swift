/// A node of a spec: YAML after anchors, merges and variables, with its place and its path.
struct SpecNode {
    indirect enum Content {
        /// A scalar's own text, whatever YAML would make of it (`NA`, `no` and `1e3` stay what they are).
        case text(String)
        case list([SpecNode])
        case fields([SpecField])
        /// Something whose fault has been reported already.
        case broken
    }

    var content: Content
    /// A scalar as it stands in the file, its variables not replaced.
    var written = ""
    var place: SpecPlace
    var path: String

    /// How to call the node in "must be …, not …".
    var kind: String {
        switch content {
        case .text(let text): text.isEmpty ? "an empty text" : "`\(text)`"
        case .list: "a list"
        case .fields: "a mapping"
        case .broken: "a faulty value"
        }
    }
}

/// A field of a mapping.
struct SpecField {
    var name: String
    /// Where the name stands.
    var place: SpecPlace
    var value: SpecNode
}

extension SpecNode {
    /// The path of a field below `parent`. Names that would make the path ambiguous are quoted: `attributes."a.b"`.
    static func path(_ parent: String, _ name: String) -> String {
        let isPlain = !name.isEmpty && !name.contains { ".[]\"".contains($0) || $0.isWhitespace }
        let component = isPlain ? name : "\"\(name)\""
        return parent.isEmpty ? component : "\(parent).\(component)"
    }
}
