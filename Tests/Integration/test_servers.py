"""ScyllaDB Alternator and DynamoDB local, by doubles that answer as they do: load, status, query, dump, restore, keep."""

import collections
import contextlib
import urllib.parse

import pytest

import compare
import data
import doubles
import dumps
import flights
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
    shards = ["--shards", 20] if has_no_tags(recorder) else []
    found = program.run("query", "flights", day, *shards, "--endpoint-url", url).expect().out
    assert found.count('"departure"') == sum(key[0][1].startswith(f"{day}.") for key in expected)

    dump = dumps.dump(url, "flights", "--to", scratch / "dump", "--consistent").expect().json()
    assert dump["tables"][0]["items"] == len(expected), dump
    program.run("restore", scratch / "dump", "--as", "flights-2", "--endpoint-url", url, "--no-progress", cwd=scratch).expect()
    assert not compare.compare(expected, upstream.boto(), "flights-2")


def has_no_tags(recorder):
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


def test_connections_are_spread_over_the_nodes_of_a_cluster(scratch, serve):
    upstream = serve()
    file = data.first_flights(1_000, scratch / "flights.csv")
    listed = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"]
    pages = {"/localnodes": lambda: listed}
    nodes = [doubles.Alternator(upstream.url) for _ in range(3)]
    with contextlib.ExitStack() as cluster:
        url = cluster.enter_context(stub.stub(nodes[0], pages=pages))
        port = urllib.parse.urlsplit(url).port
        for node, address in zip(nodes[1:], listed[1:]):
            cluster.enter_context(stub.stub(node, address=(address, port)))
        # The fourth node is down; it costs tries and no rows.
        job = program.write_spec(scratch, flights.spec(file.name))
        report = program.load(job, url, "--spread").expect().json()
    assert program.check_account(report)["rejected"] == 0
    expected = compare.expected_flights(data.read(file), "departure")
    assert not compare.compare(expected, upstream.boto(), "flights")
    batches = [len(bodies(node, "BatchWriteItem")) for node in nodes]
    assert min(batches) > 0, batches


def test_spreading_needs_a_server_that_tells_its_nodes(scratch, serve):
    server = serve()
    (scratch / "rows.csv").write_text("id\n1\n")
    job = program.write_spec(scratch, {
        "version": 1, "job": "rows", "source": {"file": "rows.csv"}, "target": {"table": "rows", "create": {"billing": "on-demand"}},
        "key": {"hash": {"attribute": "id", "type": "S"}}, "rate": {"ceiling": "none"},
    })
    assert "/localnodes" in program.load(job, server.url, "--spread").expect(1).err
