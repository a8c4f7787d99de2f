"""ScyllaDB Alternator and DynamoDB local, by doubles that answer as they do: load, status, query, dump, restore, keep."""

import collections
import contextlib

import pytest

import compare
import doubles
import dumps
import flights
import data
import program
import stub

ROWS = 1_500

SERVERS = {
    "Alternator": (doubles.Alternator, False), "old Alternator": (doubles.Alternator, True),
    "DynamoDB local": (doubles.DynamoDBLocal, False), "old DynamoDB local": (doubles.DynamoDBLocal, True),
}


@pytest.fixture(params=SERVERS)
def other(request, serve):
    """A double of another server with its URL, and the endpoint behind it."""
    upstream = serve()
    double, is_old = SERVERS[request.param]
    recorder = double(upstream.url, is_old)
    with stub.stub(recorder) as url:
        yield recorder, url, upstream


def test_everything_works_against_other_servers(scratch, other):
    recorder, url, upstream = other
    file = data.first_flights(ROWS, scratch / "flights.csv")
    job = program.write_spec(scratch, flights.spec(file.name))
    report = program.load(job, url).expect().json()
    account = program.check_account(report)
    expected = compare.expected_flights(data.read(file), "departure")
    assert account["written"] + account["superseded"] == ROWS and account["written"] == len(expected)
    assert not compare.compare(expected, upstream.boto(), "flights")
    # Nothing is charged less than a unit, whoever tells it, or nobody.
    assert report["units"] == {"table": len(expected), "indexes": {"by_carrier": len(expected)}}, report
    sizes = collections.Counter(len(requests) for body in bodies(recorder, "BatchWriteItem") for requests in body["RequestItems"].values())
    assert max(sizes) == (100 if isinstance(recorder, doubles.Alternator) else 25), sizes

    # A job knows its table again, and goes on.
    assert program.load(job, url).expect().json()["runs"] == 2
    assert program.run("status", job, "--json").json()["state"] == "finished"
    day = "2013-01-01"
    found = program.run("query", "flights", day, "--salt", "20", "--endpoint-url", url).expect().out if needs_salt(recorder) else None
    if found is None:
        found = program.run("query", "flights", day, "--endpoint-url", url).expect().out
    assert found.count('"departure"') == sum(key[0][1].startswith(f"{day}.") for key in expected)

    dump = dumps.dump(url, "flights", "--to", scratch / "dump", "--consistent").expect().json()
    assert dump["tables"][0]["items"] == len(expected), dump
    program.run("restore", scratch / "dump", "--as", "flights-2", "--endpoint-url", url, "--no-progress").expect()
    assert not compare.compare(expected, upstream.boto(), "flights-2")


def needs_salt(recorder):
    """Without tags the recipe is nowhere to be found."""
    return isinstance(recorder, doubles.DynamoDBLocal) or recorder.is_old


def bodies(recorder, operation):
    return [entry["body"] for entry in recorder.entries if entry["operation"] == operation and entry["status"] == 200]


def test_rows_that_are_there_are_kept(scratch, other):
    recorder, url, upstream = other
    file = data.first_flights(300, scratch / "flights.csv")
    job = program.write_spec(scratch, flights.spec(file.name))
    program.load(job, url).expect()
    text = flights.spec(file.name, job="again").replace("table: flights\n", "table: flights\n  existing: keep\n").replace("nycflights13", "new")
    again = program.load(program.write_spec(scratch, text, "again.yaml"), url).expect().json()
    rows = program.check_account(again)
    assert rows["written"] == 0 and rows["kept"] == len(list(compare.scan(upstream.boto(), "flights", 1))), rows
