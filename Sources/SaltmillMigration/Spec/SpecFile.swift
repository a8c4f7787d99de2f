import Foundation

/// A file with a spec, or a part of one.
enum SpecFile {
    /// The file's text.
    /// - Throws: ``SpecError`` when it cannot be read or is not UTF-8.
    static func text(of path: String) throws(SpecError) -> String {
        let start = SpecPlace(line: 1, column: 1)
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            let isMissing = (error as? CocoaError)?.code == .fileReadNoSuchFile
            let reason = isMissing ? "there is no such file; check its name" : "cannot be read: \(error.localizedDescription)"
            throw SpecError(file: path, problems: [SpecProblem(start, "", reason)])
        }
        guard let yaml = String(validating: data, as: UTF8.self) else {
            let lines = data.split(separator: 0x0A, omittingEmptySubsequences: false)
            let bad = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
            throw SpecError(
                file: path, problems: [SpecProblem(SpecPlace(line: bad + 1, column: 1), "", "is not UTF-8; save the file as UTF-8")])
        }
        return yaml
    }
}
