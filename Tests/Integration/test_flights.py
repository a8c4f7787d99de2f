"""The real data, whole, into servers of several makes, read back with boto3 and compared row by row."""

import json

import pytest

import compare
import data
import flights
import program
from settings import FULL, choose

KEYS = {"departure": (336_776, 0), "flight": (336_752, 24)}


def migrate(scratch, server, key, file, rows):
    """Loads flights, checks report and account, and compares the table with what it should hold: `rows` written and superseded."""
    written, superseded = rows
    spec = program.write_spec(scratch, flights.spec(file, key=key))
    report = program.load(spec, server.url, timeout=900).expect(0).json()
    account = program.check_account(report)
    assert (account["written"], account["superseded"]) == (written, superseded), account
    assert (account["read"], account["rejected"], account["filtered"]) == (written + superseded, 0, 0), account
    assert report["outcome"] == "done" and report["exit_code"] == 0
    difference = compare.compare(compare.expected_flights(data.read(file), key), server.boto(), "flights")
    assert not difference, str(difference)
    assert difference.found == written
    return report


@pytest.mark.long
@pytest.mark.parametrize("key", KEYS)
def test_every_flight_arrives_in_the_embedded_endpoint(scratch, serve, measured, key):
    report = migrate(scratch, serve(), key, data.flights(), KEYS[key])
    measured(f"flights by {key} into serve, seconds", report["seconds"]["load"])


@pytest.mark.long
@pytest.mark.parametrize("key", KEYS)
def test_flights_arrive_in_ministack(scratch, ministack, measured, key):
    """All of them at full length; reading them back from there takes minutes."""
    file, rows = (data.flights(), KEYS[key]) if FULL else part(scratch, 30_000, key)
    report = migrate(scratch, ministack, key, file, rows)
    measured(f"flights by {key} into ministack, seconds", report["seconds"]["load"])


@pytest.mark.long
def test_part_of_the_flights_arrives_in_moto(scratch, moto):
    migrate(scratch, moto, "flight", *part(scratch, choose(10_000, 50_000), "flight"))


def part(scratch, count, key):
    """The first so many flights: the file, and how many rows of it are written and superseded."""
    file = data.first_flights(count, scratch / "part.csv")
    written = len(compare.expected_flights(data.read(file), key))
    return file, (written, count - written)


def test_a_day_can_be_read_back_across_its_salts(scratch, serve):
    file = data.first_flights(2_000, scratch / "part.csv")
    server = serve()
    program.load(program.write_spec(scratch, flights.spec(file)), server.url).expect(0)
    expected = compare.expected_flights(data.read(file), "departure")
    shards = {item["day"]["S"] for item in expected.values() if item["day"]["S"].startswith("2013-01-01.")}
    assert len(shards) == compare.SHARDS, "a day of 842 flights is on every shard"

    answer = program.run("query", "flights", "2013-01-01", "--json", "--endpoint-url", server.url).expect(0)
    check_gathered(answer.out, [item for item in expected.values() if item["day"]["S"] in shards])
    answer = program.run(
        "query", "flights", "2013-01-01", "--sort-key-begins-with", "UA#", "--json", "--endpoint-url", server.url
    ).expect(0)
    check_gathered(
        answer.out, [item for item in expected.values() if item["day"]["S"] in shards and item["departure"]["S"].startswith("UA#")]
    )


def check_gathered(lines, expected):
    items = [json.loads(line) for line in lines.splitlines()]
    expected.sort(key=lambda item: item["departure"]["S"].encode())
    assert [item["departure"] for item in items] == [item["departure"] for item in expected], "merged by sort key"
    assert all(compare.same(item, other) for item, other in zip(items, expected))
