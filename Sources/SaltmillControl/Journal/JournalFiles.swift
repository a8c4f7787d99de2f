import Foundation
import Glibc

/// The files of a job's journal: the one that grows, and those before it, which are numbered.
package struct JournalFiles: Sendable {
    package let folder: String
    /// A file is put away before it grows beyond this, in bytes.
    package static let fileSize = 4 << 20
    /// So many files are kept beside the one that grows: 44 MB in all.
    package static let kept = 10

    /// - Parameter folder: the job's folder.
    package init(folder: String) { self.folder = folder }

    package var current: String { folder + "/journal.jsonl" }

    /// The numbers of the files that were put away, oldest first.
    var numbers: [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { name in
            guard name.hasPrefix("journal-"), name.hasSuffix(".jsonl") else { return nil }
            return Int(name.dropFirst(8).dropLast(6))
        }.sorted()
    }

    func path(_ number: Int) -> String {
        let digits = String(number)
        return folder + "/journal-" + String(repeating: "0", count: max(6 - digits.count, 0)) + digits + ".jsonl"
    }

    /// All files, oldest first.
    package var all: [String] { numbers.map(path) + [current] }

    /// Puts the growing file away and deletes what is too old.
    func rotate() {
        let numbers = numbers
        guard rename(current, path((numbers.last ?? 0) + 1)) == 0 else { return }
        for number in numbers.dropLast(Self.kept - 1) { unlink(path(number)) }
    }
}
