/// Text in HTML and SVG.
package enum MarkupText {
    /// The text as character data or as the value of a quoted attribute (HTML Living Standard, sections 13.1.2.3 and 13.1.2.4).
    package static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
