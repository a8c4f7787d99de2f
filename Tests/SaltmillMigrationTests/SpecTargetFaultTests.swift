import Testing

@Suite struct SpecTargetFaultTests {
    @Test(arguments: faults) func faultsOfSourceTargetRateAndRejectsAreReportedAtTheirPlace(_ fault: SpecFault) {
        #expect(SpecSample.complaint(fault.old, fault.new) == fault.complaint)
    }

    private static let faults: [SpecFault] = [
        SpecFault(
            "{ file: flights.csv }",
            "flights.csv",
            "3:9: source: must be a mapping such as `{ file: flights.csv }`, not `flights.csv`"),
        SpecFault(
            "{ file: flights.csv }",
            "[flights.csv]",
            "3:9: source: must be a mapping such as `{ file: flights.csv }`, not a list"),
        SpecFault(
            "{ file: flights.csv }",
            "{ null: NA }",
            "3:9: source.file: missing; name the file to read, e.g. `file: flights.csv`"),
        SpecFault(
            "{ file: flights.csv }",
            "{ file: \"\" }",
            "3:17: source.file: must be a text that is not empty, not an empty text"),
        SpecFault(
            "{ file: flights.csv }",
            "{ file: [a] }",
            "3:17: source.file: must be a text, not a list"),
        SpecFault(
            "{ file: flights.csv }",
            "{ file: a.jsonl, null: NA }",
            "3:32: source.null: is for CSV, and this is jsonl; remove it"),
        SpecFault(
            "{ file: flights.csv }",
            "{ file: a.csv, format: json }",
            "3:32: source.format: must be `csv`, `jsonl` or `dynamodb-json`, not `json`"),
        SpecFault(
            "{ file: flights.csv }",
            "{ sqlite: old.db }",
            "3:9: source.table: missing; name the table to read, e.g. `table: answers`"),
        SpecFault(
            "{ file: flights.csv }",
            "{ sqlite: old.db, query: SELECT 1 }",
            "3:9: source.key: missing; name the column of the query's result that numbers its rows"),
        SpecFault(
            "{ file: flights.csv }",
            "{ sqlite: old.db, table: t, key: id }",
            "3:42: source.key: is for `query`; a table's rows are told apart by their rowids, so remove it"),
        SpecFault(
            "{ file: flights.csv }",
            "{ sqlite: old.db, table: t, file: a.csv }",
            "3:43: source.file: is for files, and `sqlite` names a database; keep one of them"),
        SpecFault(
            "{ file: flights.csv }",
            "{ file: a.csv, table: t }",
            "3:31: source.table: is for a database; name it, e.g. `sqlite: old.db`, or remove this"),
        SpecFault(
            "{ file: flights.csv }",
            "{ url: mysql://a, table: t }",
            "3:16: source.url: the database's URL cannot be used: name the database behind the host: mysql://host/name"
        ),
        SpecFault(
            "{ file: flights.csv }",
            "{ file: f, delimiter: '\\t' }",
            "3:31: source.delimiter: must be one ASCII character other than a quote, not `\\t`; for a tab, write \"\\t\" in double quotes"),
        SpecFault(
            "{ file: flights.csv }",
            "{ file: f, delimiter: '\"' }",
            "3:31: source.delimiter: must be one ASCII character other than a quote, not `\"`; e.g. \",\", \";\" or \"\\t\""),
        SpecFault(
            "{ file: flights.csv }",
            "{ file: f, null: { a: b } }",
            "3:26: source.null: must be a text or a list of texts, not a mapping"),
        SpecFault(
            "{ file: flights.csv }",
            "{ file: f, null: [NA, NA] }",
            "3:31: source.null[1]: `NA` is listed twice; keep one"),
        SpecFault(
            "{ file: flights.csv }",
            "{ file: f, header: yes }",
            "3:28: source.header: must be `true` or `false`, not `yes`"),
        SpecFault(
            "{ file: flights.csv }",
            "{ file: f, header: false }",
            "3:9: source.columns: missing; without a header, list the columns' names in their order"),
        SpecFault(
            "{ file: flights.csv }",
            "{ file: f, columns: [a] }",
            "3:29: source.columns: names columns that the header names already; add `header: false` if there is none, or remove this"),
        SpecFault(
            "{ file: flights.csv }",
            "{ file: f, header: false, columns: [] }",
            "3:44: source.columns: must name at least one column"),
        SpecFault(
            "{ file: flights.csv }",
            "{ file: f, header: false, columns: [a, \"\"] }",
            "3:48: source.columns[1]: must be a text that is not empty, not an empty text"),
        SpecFault(
            "{ table: flights }",
            "{ existing: overwrite }",
            "4:9: target.table: missing; name the table to write to, e.g. `table: flights`"),
        SpecFault(
            "{ table: flights }",
            "{ table: fl }",
            "4:18: target.table: must be 3 to 255 letters, digits, `_`, `.` or `-`, not `fl`"),
        SpecFault(
            "{ table: flights }",
            "{ table: flüge }",
            "4:18: target.table: must be 3 to 255 letters, digits, `_`, `.` or `-`, not `flüge`"),
        SpecFault(
            "{ table: flights }",
            "{ table: flights, existing: replace }",
            "4:37: target.existing: must be `refuse`, `overwrite` or `keep`, not `replace`"),
        SpecFault(
            "{ table: flights }",
            "{ table: flights, existing: Refuse }",
            "4:37: target.existing: must be written `refuse`, not `Refuse`"),
        SpecFault(
            "{ table: flights }",
            "{ table: flights, purpose: copy }",
            "4:36: target.purpose: must be `production` or `test`, not `copy`"),
        SpecFault(
            "{ table: flights }",
            "{ table: flights, create: on-demand }",
            "4:35: target.create: must be a mapping such as `{ billing: on-demand }`, not `on-demand`"),
        SpecFault(
            "{ table: flights }",
            "{ table: flights, create: { write: 5 } }",
            "4:35: target.create.billing: missing; write `on-demand` or `provisioned`"),
        SpecFault(
            "{ table: flights }",
            "{ table: flights, create: { billing: free } }",
            "4:46: target.create.billing: must be `on-demand` or `provisioned`, not `free`"),
        SpecFault(
            "{ table: flights }",
            "{ table: flights, create: { billing: on-demand, write: 5 } }",
            "4:64: target.create.write: has no meaning on demand; remove it or use `billing: provisioned`"),
        SpecFault(
            "{ table: flights }",
            "{ table: flights, create: { billing: provisioned, write: 5 } }",
            "4:35: target.create.read: missing; a provisioned table needs it; give read capacity units a second, e.g. `read: 200`"),
        SpecFault(
            "{ table: flights }",
            "{ table: flights, create: { billing: provisioned, write: 1e3, read: 0 } }",
            "4:66: target.create.write: must be a whole number of at least 1, not `1e3`\n4:77: target.create.read: must be a whole number of at least 1, not `0`"
        ),
        SpecFault(
            "800/s",
            "800",
            "14:18: rate.ceiling: `800` lacks its unit; write `800/s`"),
        SpecFault(
            "800/s",
            "800/m",
            "14:18: rate.ceiling: `800/m` is no ceiling; write e.g. `800/s`, `500 items/s`, `2 MB/s`, `80%` or `none`"),
        SpecFault(
            "800/s",
            "0/s",
            "14:18: rate.ceiling: `0/s` is no ceiling; write e.g. `800/s`, `500 items/s`, `2 MB/s`, `80%` or `none`"),
        SpecFault(
            "800/s",
            "120%",
            "14:18: rate.ceiling: `120%` is no share of the provisioned capacity; write more than 0 and at most 100, e.g. `80%`"),
        SpecFault(
            "800/s",
            "[800/s]",
            "14:18: rate.ceiling: must be a text, not a list"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{}",
            "14:7: rate.ceiling: missing; write e.g. `800/s`, `80%` of the provisioned capacity, or `none`"),
        SpecFault(
            "drop: [legacy]",
            "drop: legacy",
            "13:7: drop: must be a list of columns, not `legacy`"),
        SpecFault(
            "drop: [legacy]",
            "drop: [legacy, legacy]",
            "13:16: drop[1]: `legacy` is listed twice; keep one"),
        SpecFault(
            "drop: [legacy]",
            "duplicates: latest",
            "13:13: duplicates: must be `last`, `first`, `reject` or `unchecked`, not `latest`"),
        SpecFault(
            "drop: [legacy]",
            "rejects: { stop_after: some }",
            "13:24: rejects.stop_after: must be a number of rows such as `1000`, a share of them such as `1%`, or `none`, not `some`"),
        SpecFault(
            "drop: [legacy]",
            "rejects: { stop_after: 101% }",
            "13:24: rejects.stop_after: must be a number of rows such as `1000`, a share of them such as `1%`, or `none`, not `101%`"),
        SpecFault(
            "drop: [legacy]",
            "rejects: { file: [] }",
            "13:18: rejects.file: must be a text, not a list"),
    ]
}
