import Testing

@Suite struct SpecSyntaxTests {
    @Test(arguments: faults) func faultsOfTheFileAreReportedAtTheirPlace(_ fault: SpecFault) {
        #expect(SpecSample.complaint(fault.old, fault.new) == fault.complaint)
    }

    private static let faults: [SpecFault] = [
        SpecFault(
            "job: flights",
            "job: flights\njob: twice",
            "2:1: `job` is given more than once in one mapping; keep one of them"),
        SpecFault(
            "source: { file: flights.csv }",
            "source: { file: flights.csv",
            "4:7: not valid YAML: while parsing a flow mapping, did not find expected ',' or '}'"),
        SpecFault(
            "drop: [legacy]",
            "drop: *nothing",
            "13:7: not valid YAML: the alias names no anchor that stands before it"),
        SpecFault(
            "job: flights",
            "job: [flights",
            "3:7: not valid YAML: while parsing a flow sequence, did not find expected ',' or ']'"),
        SpecFault(
            "",
            "\n---\nversion: 1",
            "15:1: not valid YAML: a spec is one document; remove `---` and what follows it"),
        SpecFault(
            "job: flights",
            "job:",
            "2:5: job: has no value; give one (`\"\"` for an empty text) or remove the field"),
        SpecFault(
            "drop: [legacy]",
            "? [drop]\n: [legacy]",
            "13:3: a field's name must be a text"),
        SpecFault(
            "drop: [legacy]",
            "<<: 3",
            "13:1: <<: must be an alias of a mapping or a list of such aliases"),
        SpecFault(
            "version: 1",
            "version: 2",
            "1:10: version: `2` is no version that this Saltmill reads; write `version: 1`"),
        SpecFault(
            "version: 1\n",
            "",
            "1:1: version: missing; write `version: 1`"),
        SpecFault(
            "job: flights",
            "job: \"${JOB}\"",
            "2:6: job: the environment variable `JOB` is not set; set it, or write `$${` for a literal `${`"),
        SpecFault(
            "job: flights",
            "job: \"${JOB\"",
            "2:6: job: `${` has no closing `}`; write `$${` if a literal `${` is meant"),
        SpecFault(
            "job: flights",
            "job: \"${JOB:-flights}\"",
            "2:6: job: `${JOB:-flights}` does not name an environment variable; write `$${` if a literal `${` is meant"),
        SpecFault(
            "job: flights",
            "job: a b",
            "2:6: job: must be 1 to 64 letters, digits, `_`, `.` or `-`, not `a b`"),
        SpecFault(
            "job: flights\n",
            "",
            "1:1: job: missing; name the job, e.g. `job: flights`"),
        SpecFault(
            "source: { file: flights.csv }\n",
            "",
            "1:1: source: missing; say what to read, e.g. `source: { file: flights.csv }`"),
        SpecFault(
            "target: { table: flights }\n",
            "",
            "1:1: target: missing; say where to write, e.g. `target: { table: flights }`"),
        SpecFault(
            "rate: { ceiling: 800/s }",
            "",
            "1:1: rate: missing; say how fast to write, e.g. `rate: { ceiling: 800/s }` or `rate: { ceiling: none }`"),
        SpecFault(
            "drop: [legacy]",
            "dorp: [legacy]",
            "13:1: dorp: unknown field; did you mean `drop`?"),
        SpecFault(
            "drop: [legacy]",
            "zzz: [legacy]",
            "13:1: zzz: unknown field; known here are `version`, `job`, `source`, `target`, `key`, `indexes`, `attributes`, `drop`, `duplicates`, `rate`, `rejects` and `notify`"
        ),
    ]
}
