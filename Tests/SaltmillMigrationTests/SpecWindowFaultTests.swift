import Testing

@Suite struct SpecWindowFaultTests {
    @Test(arguments: faults) func faultsOfWindowsAndZonesAreReportedAtTheirPlace(_ fault: SpecFault) {
        #expect(SpecSample.complaint(fault.old, fault.new) == fault.complaint)
    }

    private static let faults: [SpecFault] = [
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: off }",
            "14:18: rate.ceiling: `off` closes windows, and this applies outside of them; end the list of windows with `{ days: all, from: \"00:00\", to: \"24:00\", ceiling: off }`"
        ),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, windows: none, zone: UTC }",
            "14:34: rate.windows: must be a list of windows, not `none`"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [night] }",
            "14:46: rate.windows[0]: must be a mapping such as `{ days: mon-fri, from: \"22:00\", to: \"06:00\", ceiling: none }`, not `night`"
        ),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, windows: [{ days: mon, from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:7: rate.zone: missing; say where the windows' times of day are meant, e.g. `zone: Europe/Berlin` or `zone: UTC`"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, windows: [] }",
            "14:7: rate.zone: missing; say where the windows' times of day are meant, e.g. `zone: Europe/Berlin` or `zone: UTC`"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: Europe/Berln, windows: [{ days: mon, from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:31: rate.zone: `Europe/Berln` is no time zone known here; did you mean `Europe/Berlin`?"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: CET, windows: [{ days: mon, from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:31: rate.zone: `CET` is no time zone known here; write an IANA name of the form `Area/City`, e.g. `Europe/Berlin`, or `UTC`"
        ),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: GMT+2, windows: [{ days: mon, from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:31: rate.zone: `GMT+2` is no time zone known here; write an IANA name of the form `Area/City`, e.g. `Europe/Berlin`, or `UTC`"
        ),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: [], windows: [{ days: mon, from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:31: rate.zone: must be a text, not a list"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{}] }",
            "14:46: rate.windows[0].ceiling: missing; write e.g. `800/s`, `80%` of the provisioned capacity, `none`, or `off`\n14:46: rate.windows[0].days: missing; write e.g. `mon-fri`, `sat-sun` or `all`\n14:46: rate.windows[0].from: missing; say when the window opens, e.g. `from: \"22:00\"`\n14:46: rate.windows[0].to: missing; say when the window closes, e.g. `to: \"06:00\"`"
        ),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: Mon, from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:54: rate.windows[0].days: `Mon` is no day; did you mean `mon`?"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: monday-friday, from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:54: rate.windows[0].days: `monday` is no day; did you mean `mon`?"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: weekdays, from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:54: rate.windows[0].days: `weekdays` is no day; write e.g. `mon`, `mon-fri`, `mon,wed,fri` or `all`"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: mon-, from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:54: rate.windows[0].days: `mon-` lacks a day; write e.g. `mon`, `mon-fri`, `mon,wed,fri` or `all`"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: \"mon,,tue\", from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:54: rate.windows[0].days: `mon,,tue` lacks a day; write e.g. `mon`, `mon-fri`, `mon,wed,fri` or `all`"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: [mon, 2], from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:60: rate.windows[0].days[1]: `2` is no day; write e.g. `mon`, `mon-fri`, `mon,wed,fri` or `all`"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: [], from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:54: rate.windows[0].days: must name at least one day"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: { mon: 1 }, from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:54: rate.windows[0].days: must be a text or a list of days, not a mapping"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: mon,wed, from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:54: rate.windows[0].days: between braces a comma ends the value; write several days as a list, e.g. `[mon, wed]`\n14:58: rate.windows[0].wed: unknown field; known here are `days`, `from`, `to` and `ceiling`\n14:61: rate.windows[0].wed: has no value; give one (`\"\"` for an empty text) or remove the field"
        ),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: mon, from: 8, to: \"09:00\", ceiling: off }] }",
            "14:65: rate.windows[0].from: must be a time of day from `00:00` to `23:59`, not `8`"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: mon, from: \"8:00\", to: \"9:00 pm\", ceiling: off }] }",
            "14:65: rate.windows[0].from: must be a time of day from `00:00` to `23:59`, not `8:00`\n14:77: rate.windows[0].to: must be a time of day from `00:00` to `24:00`, not `9:00 pm`"
        ),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: mon, from: \"24:00\", to: \"24:01\", ceiling: off }] }",
            "14:65: rate.windows[0].from: must be a time of day from `00:00` to `23:59`, not `24:00`\n14:78: rate.windows[0].to: must be a time of day from `00:00` to `24:00`, not `24:01`"
        ),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: mon, from: \"08:60\", to: \"25:00\", ceiling: off }] }",
            "14:65: rate.windows[0].from: must be a time of day from `00:00` to `23:59`, not `08:60`\n14:78: rate.windows[0].to: must be a time of day from `00:00` to `24:00`, not `25:00`"
        ),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: mon, from: \"08-00\", to: \"09:00:00\", ceiling: off }] }",
            "14:65: rate.windows[0].from: must be a time of day from `00:00` to `23:59`, not `08-00`\n14:78: rate.windows[0].to: must be a time of day from `00:00` to `24:00`, not `09:00:00`"
        ),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: mon, from: [], to: \"-1:00\", ceiling: off }] }",
            "14:65: rate.windows[0].from: must be a time of day from `00:00` to `23:59`, not a list\n14:73: rate.windows[0].to: must be a time of day from `00:00` to `24:00`, not `-1:00`"
        ),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: mon, from: \"08:00\", to: \"09:00\", ceiling: closed }] }",
            "14:96: rate.windows[0].ceiling: `closed` is no ceiling; write e.g. `800/s`, `500 items/s`, `2 MB/s`, `80%` or `none`; `off` closes the window"
        ),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: mon, from: \"08:00\", to: \"09:00\", ceiling: 200 }] }",
            "14:96: rate.windows[0].ceiling: `200` lacks its unit; write `200/s`; `off` closes the window"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: mon, from: \"08:00\", to: \"09:00\", ceiling: 200% }] }",
            "14:96: rate.windows[0].ceiling: `200%` is no share of the provisioned capacity; write more than 0 and at most 100, e.g. `80%`; `off` closes the window"
        ),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: mon, form: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:46: rate.windows[0].from: missing; say when the window opens, e.g. `from: \"22:00\"`\n14:59: rate.windows[0].form: unknown field; did you mean `from`?"
        ),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: all, from: \"08:00\", to: \"18:00\", ceiling: off }, { days: mon-fri, from: \"12:00\", to: \"13:00\", ceiling: none }] }",
            "14:103: rate.windows[1]: never applies, since the windows before it cover all its hours; move it up or remove it"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: mon, from: \"08:00\", to: \"09:00\", ceiling: off }, { days: mon, from: \"08:00\", to: \"09:00\", ceiling: off }] }",
            "14:103: rate.windows[1]: never applies, since the windows before it cover all its hours; move it up or remove it"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: all, from: \"00:00\", to: \"24:00\", ceiling: off }] }",
            "14:45: rate.windows: are `off` at every hour of the week, so that nothing would ever be written; leave some hours open"),
        SpecFault(
            "{ ceiling: 800/s }",
            "{ ceiling: 800/s, zone: UTC, windows: [{ days: all, from: \"06:00\", to: \"06:00\", ceiling: off }] }",
            "14:45: rate.windows: are `off` at every hour of the week, so that nothing would ever be written; leave some hours open"),
    ]
}
