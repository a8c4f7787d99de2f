import Testing

@Suite struct SpecIndexFaultTests {
    @Test(arguments: faults) func faultsOfIndexesAreReportedAtTheirPlace(_ fault: SpecFault) {
        #expect(SpecSample.complaint(fault.old, fault.new) == fault.complaint)
    }

    private static let faults: [SpecFault] = [
        SpecFault(
            "  - { name: by_carrier, hash: { attribute: carrier } }",
            "  by_carrier: { hash: { attribute: carrier } }",
            "9:3: indexes: must be a list of indexes, not a mapping"),
        SpecFault(
            "{ name: by_carrier, hash: { attribute: carrier } }",
            "by_carrier",
            "9:5: indexes[0]: must be a mapping such as `{ name: by_carrier, hash: { attribute: carrier } }`, not `by_carrier`"),
        SpecFault(
            "name: by_carrier, ",
            "",
            "9:5: indexes[0].name: missing; name the index, e.g. `name: by_carrier`"),
        SpecFault(
            "name: by_carrier",
            "name: by carrier",
            "9:13: indexes[0].name: must be 3 to 255 letters, digits, `_`, `.` or `-`, not `by carrier`"),
        SpecFault(
            ", hash: { attribute: carrier }",
            "",
            "9:5: indexes[0].hash: missing; describe the index's hash key, e.g. `hash: { attribute: carrier }`"),
        SpecFault(
            "hash: { attribute: carrier }",
            "hash: carrier",
            "9:31: indexes[0].hash: must be a mapping such as `{ attribute: carrier }`, not `carrier`"),
        SpecFault(
            "hash: { attribute: carrier }",
            "hash: { salt: { shards: 2, by: [flight] } }",
            "9:31: indexes[0].hash.attribute: missing; name the attribute that is the index's key"),
        SpecFault(
            "hash: { attribute: carrier }",
            "hash: { attribute: carier }",
            "9:44: indexes[0].hash.attribute: `carier` is no attribute of the items; did you mean `carrier`?"),
        SpecFault(
            "hash: { attribute: carrier }",
            "hash: { attribute: airline }",
            "9:44: indexes[0].hash.attribute: `airline` is no attribute of the items; add it to `attributes`"),
        SpecFault(
            "hash: { attribute: carrier }",
            "hash: { attribute: carrier }, range: { attribute: carrier }",
            "9:75: indexes[0].range.attribute: `carrier` is the index's hash key already; name another attribute"),
        SpecFault(
            "hash: { attribute: carrier }",
            "hash: { attribute: delay, salt: { shards: 4, by: [flight] } }",
            "9:57: indexes[0].hash.salt: a salted key is text such as `1000.7`, but `delay` is of type N; use `type: S` or remove the salt"),
        SpecFault(
            "hash: { attribute: carrier }",
            "hash: { attribute: flight, salt: { shards: 4, by: [flight] } }",
            "9:75: indexes[0].hash.salt.by: all rows with one `flight` would get the same shard; add `day`"),
        SpecFault(
            "hash: { attribute: carrier }",
            "hash: { attribute: carrier, salt: { shards: 4, by: [carrier] } }",
            "9:76: indexes[0].hash.salt.by: `carrier` is not part of the primary key (`day` and `flight`), so rows of one key could become several items; name key attributes only"
        ),
        SpecFault(
            "hash: { attribute: carrier }",
            "hash: { attribute: carrier, salt: { shards: 4, by: [flight], into: delay } }",
            "9:92: indexes[0].hash.salt.into: `delay` is an attribute already; choose another name for the salted one"),
        SpecFault(
            "hash: { attribute: carrier } }",
            "hash: { attribute: carrier, salt: { shards: 4, by: [flight] } } }\n  - { name: other, hash: { attribute: carrier, salt: { shards: 8, by: [flight] } } }",
            "10:54: indexes[1].hash.salt.into: `carrier_shard` is another index's salted attribute already; choose another name"),
        SpecFault(
            "hash: { attribute: carrier } }",
            "hash: { attribute: carrier } }\n  - { name: by_carrier, hash: { attribute: delay } }",
            "10:13: indexes[1].name: `by_carrier` names another index already; choose another name"),
        SpecFault(
            "hash: { attribute: carrier }",
            "hash: { attribute: carrier }, projection: some",
            "9:67: indexes[0].projection: must be `all`, `keys` or a list of attributes, not `some`"),
        SpecFault(
            "hash: { attribute: carrier }",
            "hash: { attribute: carrier }, projection: []",
            "9:67: indexes[0].projection: lists no attribute; use `keys` to project the keys alone"),
        SpecFault(
            "hash: { attribute: carrier }",
            "hash: { attribute: carrier }, projection: [dealy]",
            "9:68: indexes[0].projection[0]: `dealy` is no attribute of the items; did you mean `delay`?"),
        SpecFault(
            "hash: { attribute: carrier }",
            "hash: { attribute: carrier }, projection: [day]",
            "9:68: indexes[0].projection[0]: `day` is a key, and keys are always projected; remove it"),
        SpecFault(
            "hash: { attribute: carrier }",
            "hash: { attribute: carrier }, write: 5",
            "9:62: indexes[0].write: has a meaning only where the table is created with `billing: provisioned`; remove it"),
        SpecFault(
            "carrier: S\n",
            "carrier: BOOL\n",
            "9:44: indexes[0].hash.attribute: `carrier` is of type BOOL, and an index key is of type S, N or B"),
        SpecFault(
            "carrier: S\n",
            "carrier: { type: S, null: empty }\n",
            "9:44: indexes[0].hash.attribute: `carrier` has `null: empty`, which an index key cannot hold; use `omit`, which keeps the item out of the index, or `reject`"
        ),
        SpecFault(
            "target: { table: flights }",
            "target: { table: flights, create: { billing: provisioned, write: 5, read: 5 } }",
            "9:5: indexes[0].read: missing; an index of a provisioned table needs it; give read capacity units a second, e.g. `read: 200`\n9:5: indexes[0].write: missing; an index of a provisioned table needs it; give write capacity units a second, e.g. `write: 1000`"
        ),
    ]
}
