"""What the store should hold after a load, worked out apart from Saltmill, and what it does hold, read with boto3.

The mapping of the flights, the salt rule and the choice among duplicates are written here a second time on purpose: standard
library and boto3 only. As a program: compare.py --endpoint-url URL --table flights --csv flights.csv [--key departure|flight].
"""

import argparse
import concurrent.futures
import dataclasses
import decimal
import hashlib
import sys

import data
import servers

SHARDS = 20
CARRIER_SHARDS = 10


def identity(values):
    """The bytes a shard is made from: each value's length in decimal, a colon, the value."""
    return b"".join(b"%d:%s" % (len(value), value) for value in values)


def shard(values, shards):
    """First four bytes of the SHA-256 of the identity, big-endian, modulo the number of shards."""
    return int.from_bytes(hashlib.sha256(identity(values)).digest()[:4], "big") % shards


def flight_item(row, key):
    """The item of one flight under the spec in flights.py; `key` says what the range key is made of."""
    day = f"{row['year']}-{row['month'].zfill(2)}-{row['day'].zfill(2)}"
    departure = f"{row['carrier']}#{row['flight']}"
    if key == "departure":
        departure += f"#{row['sched_dep_time']}"
    by = [departure.encode()]
    item = {
        "day": {"S": f"{day}.{shard(by, SHARDS)}"},
        "departure": {"S": departure},
        "carrier": {"S": row["carrier"]},
        "carrier_shard": {"S": f"{row['carrier']}.{shard(by, CARRIER_SHARDS)}"},
        "collection": {"S": "nycflights13"},
        "route": {"S": f"{row['origin']}-{row['dest']}"},
    }
    for column in ("flight", "sched_dep_time", "sched_arr_time", "distance", "dep_time", "dep_delay", "arr_delay", "air_time"):
        if row[column] != "NA":
            item[column] = {"N": row[column]}
    item["arr_time"] = {"NULL": True} if row["arr_time"] == "NA" else {"N": row["arr_time"]}
    if row["tailnum"] != "NA":
        item["tail"] = {"S": row["tailnum"]}
    item["time_hour"] = {"S": row["time_hour"]}
    return item


def expected_flights(rows, key):
    """Items by primary key; of two rows of one key the later stands."""
    items = {}
    for row in rows:
        item = flight_item(row, key)
        items[primary_key(item, ("day", "departure"))] = item
    return items


def generated_item(row):
    """The item of one row of rows.py under the mapping given there."""
    item = {name: {"S": row[name]} for name in ("id", "name", "email", "city", "created", "note")}
    item.update({name: {"N": row[name]} for name in ("amount", "quantity", "score")})
    item["active"] = {"BOOL": row["active"] == "true"}
    return item


def expected_generated(rows):
    return {primary_key(item, ("id",)): item for item in map(generated_item, rows)}


def canonical(value):
    """An attribute value in a form in which equal values are equal: numbers by value, sets without order."""
    ((kind, content),) = value.items()
    if kind == "N":
        return kind, decimal.Decimal(content)
    if kind == "NS":
        return kind, frozenset(decimal.Decimal(member) for member in content)
    if kind in ("SS", "BS"):
        return kind, frozenset(content)
    if kind == "L":
        return kind, [canonical(member) for member in content]
    if kind == "M":
        return kind, {name: canonical(member) for name, member in content.items()}
    return kind, content


def primary_key(item, names):
    return tuple(canonical(item[name]) for name in names)


def same(left, right):
    if left == right:
        return True
    return left.keys() == right.keys() and all(canonical(left[name]) == canonical(right[name]) for name in left)


@dataclasses.dataclass
class Difference:
    """How a table differs from what it should hold: keys, and pairs of items."""

    expected: int = 0
    found: int = 0
    missing: list = dataclasses.field(default_factory=list)
    extra: list = dataclasses.field(default_factory=list)
    different: list = dataclasses.field(default_factory=list)

    def __bool__(self):
        return bool(self.missing or self.extra or self.different)

    def __str__(self):
        lines = [
            f"{self.expected} expected, {self.found} found: {len(self.missing)} missing, {len(self.extra)} extra,"
            f" {len(self.different)} different"
        ]
        for name in ("missing", "extra", "different"):
            lines += [f"  {name}: {entry}" for entry in getattr(self, name)[:3]]
        return "\n".join(lines)


def scan(client, table, segments=8):
    """Every item of a table, by a parallel scan."""

    def segment(number):
        pages = client.get_paginator("scan").paginate(TableName=table, Segment=number, TotalSegments=segments, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    with concurrent.futures.ThreadPoolExecutor(min(segments, 4)) as pool:
        for items in pool.map(segment, range(segments)):
            yield from items


def compare(expected, client, table, segments=8):
    """Reads a whole table and says how it differs from `expected`, whose keys are ``primary_key`` values."""
    names = [part["AttributeName"] for part in client.describe_table(TableName=table)["Table"]["KeySchema"]]
    difference = Difference(expected=len(expected))
    seen = set()
    for item in scan(client, table, segments):
        difference.found += 1
        key = primary_key(item, names)
        if key not in expected or key in seen:
            difference.extra.append(key)
        elif not same(expected[key], item):
            difference.different.append((expected[key], item))
        seen.add(key)
    difference.missing = [key for key in expected if key not in seen]
    return difference


def main():
    parser = argparse.ArgumentParser(description="Compares a table with the flights it should hold, row by row.")
    parser.add_argument("--endpoint-url", required=True)
    parser.add_argument("--table", default="flights")
    parser.add_argument("--csv", default=None, help="the downloaded flights.csv unless given")
    parser.add_argument("--key", choices=["departure", "flight"], default="departure")
    arguments = parser.parse_args()
    expected = expected_flights(data.read(arguments.csv or data.flights()), arguments.key)
    difference = compare(expected, servers.client(arguments.endpoint_url), arguments.table)
    print(difference)
    return 4 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
