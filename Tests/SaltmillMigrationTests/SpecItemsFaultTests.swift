import Testing

@Suite struct SpecItemsFaultTests {
    @Test(arguments: faults) func faultsOfKeyAndAttributesAreReportedAtTheirPlace(_ fault: SpecFault) {
        #expect(SpecSample.complaint(fault.old, fault.new) == fault.complaint)
    }

    private static let faults: [SpecFault] = [
        SpecFault(
            "{ attribute: flight, type: S }",
            "{ type: S }",
            "7:10: key.range.attribute: missing; name the attribute that holds the key"),
        SpecFault(
            "{ attribute: flight, type: S }",
            "{ attribute: flight }",
            "7:10: key.range.type: missing; write `S`, `N` or `B`"),
        SpecFault(
            "{ attribute: flight, type: S }",
            "{ attribute: flight, type: BOOL }",
            "7:37: key.range.type: must be `S`, `N` or `B`, not `BOOL`"),
        SpecFault(
            "{ attribute: flight, type: S }",
            "{ attribute: flight, type: s }",
            "7:37: key.range.type: must be written `S`, not `s`"),
        SpecFault(
            "{ attribute: flight, type: S }",
            "{ attribute: flight, type: string }",
            "7:37: key.range.type: must be `S`, `N` or `B`, not `string`"),
        SpecFault(
            "{ attribute: flight, type: S }",
            "{ attribute: flight, type: S, salt: { shards: 3, by: [day] } }",
            "7:40: key.range.salt: unknown field; known here are `attribute`, `from`, `template`, `constant`, `type`, `encoding`, `personal`, `mask` and `about`"
        ),
        SpecFault(
            "{ attribute: flight, type: S }",
            "{ attribute: flight, type: S, null: omit }",
            "7:40: key.range.null: unknown field; known here are `attribute`, `from`, `template`, `constant`, `type`, `encoding`, `personal`, `mask` and `about`"
        ),
        SpecFault(
            "{ attribute: flight, type: S }",
            "{ attribute: day, type: S }",
            "7:23: key.range.attribute: `day` is the hash key already; name another attribute"),
        SpecFault(
            "{ attribute: flight, type: S }",
            "{ attribute: flight, type: S, encoding: hex }",
            "7:50: key.range.encoding: is for type B, BS, and this is S; remove it"),
        SpecFault(
            "  hash: { attribute: day, type: S, salt: { shards: 20, by: [flight] } }\n",
            "",
            "6:3: key.hash: missing; describe the hash key, e.g. `hash: { attribute: id, type: S }`"),
        SpecFault(
            "attribute: day, type: S",
            "attribute: day, type: N",
            "6:42: key.hash.salt: a salted key is text such as `1000.7`, but `day` is of type N; use `type: S` or remove the salt"),
        SpecFault(
            "attribute: day, type: S",
            "attribute: day, type: B",
            "6:42: key.hash.salt: a salted key is text such as `key.7`, but `day` is of type B; use `type: S` or remove the salt"),
        SpecFault(
            "shards: 20",
            "shards: 1",
            "6:52: key.hash.salt.shards: one shard spreads nothing; use 2 or more, or remove the salt"),
        SpecFault(
            "shards: 20",
            "shards: 0",
            "6:52: key.hash.salt.shards: must be a whole number from 2 to 100000, not `0`"),
        SpecFault(
            "shards: 20",
            "shards: 100001",
            "6:52: key.hash.salt.shards: must be a whole number from 2 to 100000, not `100001`"),
        SpecFault(
            "shards: 20",
            "shards: 2.5",
            "6:52: key.hash.salt.shards: must be a whole number from 2 to 100000, not `2.5`"),
        SpecFault(
            "shards: 20, ",
            "",
            "6:42: key.hash.salt.shards: missing; say over how many shards each key is spread, e.g. `shards: 20`"),
        SpecFault(
            ", by: [flight]",
            "",
            "6:42: key.hash.salt.by: missing; list the key attributes whose values decide the shard, e.g. `by: [id]`"),
        SpecFault(
            "by: [flight]",
            "by: []",
            "6:60: key.hash.salt.by: names no attribute; add `flight`"),
        SpecFault(
            "by: [flight]",
            "by: [day]",
            "6:60: key.hash.salt.by: all rows with one `day` would get the same shard; add `flight`"),
        SpecFault(
            "by: [flight]",
            "by: [delay]",
            "6:60: key.hash.salt.by: `delay` is not part of the primary key (`day` and `flight`), so rows of one key could become several items; name key attributes only"
        ),
        SpecFault(
            "by: [flight]",
            "by: [fligth, carrier]",
            "6:60: key.hash.salt.by: `fligth` and `carrier` are not part of the primary key (`day` and `flight`), so rows of one key could become several items; name key attributes only"
        ),
        SpecFault(
            "by: [flight]",
            "by: [flight, flight]",
            "6:69: key.hash.salt.by[1]: `flight` is listed twice; keep one"),
        SpecFault(
            "by: [flight]",
            "by: [flight], separator: x1",
            "6:81: key.hash.salt.separator: the separator \"x1\" cannot stand between a key and its shard: it must not be empty or end in a digit; use \".\""
        ),
        SpecFault(
            "by: [flight]",
            "by: [flight], separator: \"\"",
            "6:81: key.hash.salt.separator: the separator \"\" cannot stand between a key and its shard: it must not be empty or end in a digit; use \".\""
        ),
        SpecFault(
            "by: [flight]",
            "by: [flight], into: day_shard",
            "6:70: key.hash.salt.into: unknown field; known here are `shards`, `by` and `separator`"),
        SpecFault(
            "  range: { attribute: flight, type: S }\n",
            "",
            "6:60: key.hash.salt.by: `flight` is not part of the primary key (`day`), so rows of one key could become several items; name key attributes only"
        ),
        SpecFault(
            "carrier: S\n",
            "carrier: { type: S, from: a, constant: b }\n",
            "11:12: attributes.carrier: `from` and `constant` exclude one another; keep one"),
        SpecFault(
            "delay: N",
            "delay: { from: delay }",
            "12:10: attributes.delay.type: missing; write `S`, `N`, `B`, `BOOL`, `NULL`, `SS`, `NS`, `BS`, `L` or `M`"),
        SpecFault(
            "delay: N",
            "delay: [N]",
            "12:10: attributes.delay: must be a mapping such as `{ from: column, type: S }`, not a list"),
        SpecFault(
            "delay: N",
            "delay: X",
            "12:10: attributes.delay: must be `S`, `N`, `B`, `BOOL`, `NULL`, `SS`, `NS`, `BS`, `L` or `M`, not `X`"),
        SpecFault(
            "delay: N",
            "day: S\n  delay: N",
            "12:8: attributes.day: is a key attribute, described under `key` already; remove it here or choose another name"),
        SpecFault(
            "delay: N",
            "\"\": N",
            "12:7: attributes.\"\": an attribute's name must not be empty"),
        SpecFault(
            "delay: N",
            "delay: { type: N, null: empty }",
            "12:27: attributes.delay.null: `empty` is for types S and B, not N"),
        SpecFault(
            "delay: N",
            "delay: { type: N, null: skip }",
            "12:27: attributes.delay.null: must be `omit`, `null`, `reject` or `empty`, not `skip`"),
        SpecFault(
            "delay: N",
            "delay: { type: N, constant: 1, null: omit }",
            "12:40: attributes.delay.null: has no meaning beside `constant`, which is never null; remove it"),
        SpecFault(
            "delay: N",
            "delay: { type: N, encoding: hex }",
            "12:31: attributes.delay.encoding: is for type B, BS, and this is N; remove it"),
        SpecFault(
            "delay: N",
            "delay: { type: N, separator: \"|\" }",
            "12:32: attributes.delay.separator: is for type SS, NS, BS, and this is N; remove it"),
        SpecFault(
            "delay: N",
            "delay: { type: SS, separator: \"\" }",
            "12:33: attributes.delay.separator: must be a text that is not empty, not an empty text"),
        SpecFault(
            "delay: N",
            "delay: { type: N, true: [Y] }",
            "12:27: attributes.delay.true: is for type BOOL, and this is N; remove it"),
        SpecFault(
            "delay: N",
            "delay: { type: BOOL, true: [N] }",
            "12:10: attributes.delay: `N` means both true and false; give both `true` and `false` texts, without overlap"),
        SpecFault(
            "delay: N",
            "delay: { type: S, template: \"late\" }",
            "12:31: attributes.delay.template: names no column; write e.g. `{id}`, or use `constant` for the same text in every item"),
        SpecFault(
            "delay: N",
            "delay: { type: S, template: \"{a\" }",
            "12:31: attributes.delay.template: `{` has no closing `}`; write `{{` for a literal brace"),
        SpecFault(
            "delay: N",
            "delay: { type: S, template: \"a}\" }",
            "12:31: attributes.delay.template: `}` has no opening `{`; write `}}` for a literal brace"),
        SpecFault(
            "delay: N",
            "delay: { type: S, template: \"{}\" }",
            "12:31: attributes.delay.template: `{}` names no column; write e.g. `{id}`, or `{{` for a literal brace"),
        SpecFault(
            "delay: N",
            "delay: { type: S, template: \"{a:2}\" }",
            "12:31: attributes.delay.template: `{a:2}` has no usable width; write e.g. `{a:02}` for two digits, padded with zeros"),
        SpecFault(
            "delay: N",
            "delay: { type: S, template: \"{a:0}\" }",
            "12:31: attributes.delay.template: `{a:0}` has no usable width; write e.g. `{a:02}` for two digits, padded with zeros"),
        SpecFault(
            "drop: [legacy]",
            "drop: [delay]",
            "13:8: drop[0]: column `delay` is used by attribute `delay`; remove it from one of them"),
    ]
}
