"""The migration spec for the flights: the date as hash key, which is a hot key of a thousand rows unless it is salted."""

SPEC = """\
version: 1
job: {job}
source: {{ file: "{file}", null: "NA" }}
target:
  table: {table}
  create: {{ billing: on-demand }}
key:
  hash:  {{ attribute: day, template: "{{year}}-{{month:02}}-{{day:02}}", type: S, salt: {{ shards: 20, by: [departure] }} }}
  range: {{ attribute: departure, template: "{range}", type: S }}
indexes:
  - name: by_carrier
    hash: {{ attribute: carrier, salt: {{ shards: 10, by: [departure], into: carrier_shard }} }}
    range: {{ attribute: time_hour }}
    projection: keys
attributes:
  carrier: S
  flight: N
  sched_dep_time: N
  sched_arr_time: N
  distance: N
  dep_time: N
  dep_delay: N
  arr_time: {{ from: arr_time, type: N, null: "null" }}
  arr_delay: {{ type: N, null: omit, about: "minutes after the scheduled arrival; negative when early" }}
  air_time: N
  tail: {{ from: tailnum, type: S }}
  route: {{ template: "{{origin}}-{{dest}}", type: S }}
  collection: {{ constant: nycflights13, type: S }}
  time_hour: S
drop: [hour, minute]
duplicates: last
rate: {{ ceiling: {rate} }}
rejects: {{ file: rejects.jsonl }}
"""

RANGES = {
    "departure": "{carrier}#{flight}#{sched_dep_time}",
    "flight": "{carrier}#{flight}",
}


def spec(file, key="departure", job="flights", table="flights", rate="none"):
    """The spec's text; `key` is one of RANGES."""
    return SPEC.format(file=file, range=RANGES[key], job=job, table=table, rate=rate)
