/// Why a text with variables cannot be expanded; the sentence goes into a ``SpecProblem``.
package struct SpecVariableFault: Error, Equatable {
    package var message: String
}

/// Replaces each `${NAME}` by the environment's value; `$${` is a literal `${`, any other `$` is itself.
package func expandVariables(in text: String, from environment: [String: String]) throws(SpecVariableFault) -> String {
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
        result += rest[..<dollar]
        rest = rest[dollar...]
        if rest.hasPrefix("$${") {
            result += "${"
            rest = rest.dropFirst(3)
        } else if rest.hasPrefix("${") {
            guard let end = rest.firstIndex(of: "}") else {
                throw SpecVariableFault(message: "`${` has no closing `}`; write `$${` if a literal `${` is meant")
            }
            let name = String(rest[..<end].dropFirst(2))
            guard isVariableName(name) else {
                throw SpecVariableFault(
                    message: "`${\(name)}` does not name an environment variable; write `$${` if a literal `${` is meant")
            }
            guard let value = environment[name] else {
                throw SpecVariableFault(message: "the environment variable `\(name)` is not set; set it, or write `$${` for a literal `${`")
            }
            result += value
            rest = rest[rest.index(after: end)...]
        } else {
            result += "$"
            rest = rest.dropFirst()
        }
    }
    return result + rest
}

/// POSIX.1-2017, Base Definitions 3.235: letters, digits and underscores, not beginning with a digit.
private func isVariableName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F }
}
