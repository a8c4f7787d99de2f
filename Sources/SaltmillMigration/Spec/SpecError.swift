/// A place in a spec file, counted as editors do.
package struct SpecPlace: Sendable, Hashable, Comparable {
    /// Line, from 1.
    package var line: Int
    /// Column, from 1, in Unicode scalars.
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (a: Self, b: Self) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// One thing that is wrong with a spec: where, in which field, what, and how to mend it.
package struct SpecProblem: Sendable, Hashable {
    package var place: SpecPlace
    /// The field, e.g. `key.hash.salt.by[0]`; empty for the file as a whole.
    package var path: String
    /// What is wrong and how to mend it, without the place.
    package var message: String

    package init(_ place: SpecPlace, _ path: String, _ message: String) {
        self.place = place
        self.path = path
        self.message = message
    }
}

/// Everything that could be found wrong with a spec, in the order of the file.
package struct SpecError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The spec's name as the user gave it.
    package var file: String
    package var problems: [SpecProblem]

    /// Sorts the problems by place and leaves repetitions out.
    package init(file: String, problems: [SpecProblem]) {
        self.file = file
        self.problems = []
        for problem in problems.sorted(by: { ($0.place, $0.path) < ($1.place, $1.path) }) where self.problems.last != problem {
            self.problems.append(problem)
        }
    }

    /// One line a problem: `flights.yaml:8:12: key.hash.type: …`.
    package var description: String {
        problems.map { problem in
            let subject = problem.path.isEmpty ? "" : "\(problem.path): "
            return "\(file):\(problem.place.line):\(problem.place.column): \(subject)\(problem.message)"
        }.joined(separator: "\n")
    }
}
