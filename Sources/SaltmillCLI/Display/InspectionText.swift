import SaltmillBackup
import SaltmillItems

/// What was found of a dump, for people.
enum InspectionText {
    static func make(_ inspection: Inspection) -> String {
        var lines: [String] = []
        let format = inspection.format.map { "\($0.rawValue), " } ?? ""
        let verdict = !inspection.isSound ? "NOT SOUND" : inspection.isSelection ? "sound, but NOT WHOLE TABLES" : "sound"
        lines.append("\(inspection.path): \(inspection.isDump ? format + verdict : "no dump")")
        for table in inspection.tables { lines += describe(table) }
        lines += inspection.problems.map { "  PROBLEM   \(text($0))" }
        lines += inspection.suspicions.map { "  suspicion \(text($0))" }
        return lines.joined(separator: "\n")
    }

    private static func describe(_ table: Inspection.Table) -> [String] {
        let deletions = table.deletions > 0 ? " and \(table.deletions) deletions" : ""
        var lines = [
            "  table     \(table.name ?? "not named in the dump")\(table.when.map { ", as of \($0)" } ?? "")",
            "  items     \(table.digest.count)\(deletions) in \(table.parts) file\(table.parts == 1 ? "" : "s"), \(table.bytes) bytes",
            "  digest    \(table.digest)",
            "  holds     \(table.hasSchema ? "the schema" : "no schema")\(table.hasManifest ? ", settings, checksums" : ", no manifest of saltmill")",
        ]
        if table.isSchemaOnly { lines.append("  only      the schema, no items") }
        if let filter = table.filter { lines.append("  only      items for which \(filter)") }
        if let projection = table.projection { lines.append("  only      the attributes \(projection)") }
        if table.faults > 0 { lines.append("  faults    \(table.faults) items that no table can hold") }
        if table.doubledBinaries > 0 {
            lines.append("  binaries  \(table.doubledBinaries) of \(table.nestedBinaries) look as if they were encoded in Base64 twice")
        }
        return lines
    }

    private static func text(_ finding: Inspection.Finding) -> String {
        "\(finding.file)\(finding.offset.map { ", byte \($0)" } ?? ""): \(finding.message)"
    }
}
