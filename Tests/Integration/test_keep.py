"""`existing: keep`: what the table has stays as it is, only rows of other keys are written, and the account says which is which."""

import random
import signal
import subprocess

import pytest

import compare
import data
import dumps
import program
import rows
import servers
import settings
import stub
from settings import choose

ROWS = 3_000
#: Rows whose keys the table has already: with another item, and with the very item of the row.
OTHER, EQUAL = range(0, 300), range(1_000, 1_100)


def prepare(server, count=ROWS):
    """A table with items under some of the rows' keys. Returns what it should hold after the load."""
    source = rows.generate(count)
    expected = compare.expected_generated(data.read(source))
    keys = sorted(expected)
    client = server.boto()
    client.create_table(
        TableName="rows", AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST")
    client.get_waiter("table_exists").wait(TableName="rows")
    for position in OTHER:
        item = {"id": expected[keys[position]]["id"], "older": {"N": str(position)}}
        expected[keys[position]] = item
        client.put_item(TableName="rows", Item=item)
    for position in EQUAL:
        # The same content, its numbers written otherwise: equal all the same.
        item = {name: {"N": value["N"] + "0"} if name == "score" else value for name, value in expected[keys[position]].items()}
        client.put_item(TableName="rows", Item=item)
    return source, expected


def spec(scratch, source, rate="none", existing="keep"):
    return program.write_spec(scratch, {
        "version": 1, "job": "rows", "source": {"file": str(source)}, "target": {"table": "rows", "existing": existing},
        "key": rows.KEY, "attributes": rows.ATTRIBUTES, "rate": {"ceiling": rate},
    })


def check(report, server, expected, kept=len(OTHER)):
    account = program.check_account(report)
    assert (account["read"], account["written"], account["kept"]) == (len(expected), len(expected) - kept, kept), account
    difference = compare.compare(expected, server.boto(), "rows")
    assert not difference, str(difference)


def test_what_is_there_stays_and_is_counted(scratch, serve):
    server = serve()
    source, expected = prepare(server)
    job = spec(scratch, source)
    report = program.load(job, server.url).expect().json()
    check(report, server, expected)
    # A condition that fails is charged too.
    assert report["units"] == {"table": ROWS, "indexes": {}} and report["requests"]["sent"] == ROWS, report
    assert f"{len(OTHER)} of them kept" in report["message"]
    status = program.run("status", job, "--json").json()
    assert status["state"] == "finished" and status["rows"]["kept"] == len(OTHER)
    assert program.run("status", job).out.count(f"kept {len(OTHER)}") == 1

    # Once more: nothing is left to do.
    again = program.load(job.rename(scratch / "again.yaml"), server.url).expect().json()
    assert again["runs"] == 2 and again["rows"] == report["rows"]


def test_killed_load_counts_what_it_wrote_itself_as_written(scratch, serve):
    chance = random.Random(settings.SEED)
    server = serve()
    source, expected = prepare(server)
    job = spec(scratch, source, rate=f"{choose(500, 100)}/s")
    kills = 0
    while kills < choose(5, 25):
        process = program.popen("load", job, "--endpoint-url", server.url, "--no-progress", stdout=subprocess.DEVNULL)
        try:
            assert process.wait(chance.uniform(0.1, 1.2)) == 0, "it has ended by itself, and not well"
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
    assert kills >= 3
    check(program.load(job, server.url).expect().json(), server, expected)


def test_faults_make_neither_more_nor_less_kept(scratch, serve, running):
    """A put that was applied and never answered is found in its place when it is sent again: it is this job's own."""
    server = serve()
    source, expected = prepare(server, 1_100)
    proxy = running(
        servers.start_proxy, server.url, scratch / "faults.jsonl", seed=settings.SEED, operations=["PutItem"], throttled=0.1, failed=0.06,
        reset=0.02, lost=0.05, wrong_crc=0.02)
    report = program.load(spec(scratch, source), proxy.url).expect().json()
    check(report, server, expected)
    assert report["requests"]["throttled"] > 40 and report["requests"]["failed"] > 40, report["requests"]


def test_server_that_does_not_tell_what_is_there(scratch, serve):
    """Then a row that is there counts as kept even when it is equal."""
    server = serve()
    source, expected = prepare(server, 1_500)
    recorder = dumps.Recorder(server.url)
    recorder.change = lambda operation, body: without_item(recorder, operation, body)
    with stub.stub(recorder) as url:
        report = program.load(spec(scratch, source), url).expect().json()
    check(report, server, expected, kept=len(OTHER) + len(EQUAL))
    bodies = [entry["body"] for entry in recorder.entries if entry["operation"] == "PutItem"]
    assert all(body["ConditionExpression"] == "attribute_not_exists(#key)" for body in bodies)
    assert all(body["ExpressionAttributeNames"] == {"#key": "id"} for body in bodies)


def without_item(recorder, operation, body):
    if operation != "PutItem":
        return None
    status, answer = recorder.passed(operation, body)
    answer.pop("Item", None)
    return status, answer


@pytest.mark.parametrize(("first", "then"), [("keep", "overwrite"), ("overwrite", "keep")])
def test_rule_does_not_change_under_a_job(scratch, serve, first, then):
    server = serve()
    source, _ = prepare(server, 1_500)
    program.load(spec(scratch, source, rate="200/s", existing=first), server.url, "--run-time", "1s").expect(10)
    result = program.load(spec(scratch, source, existing=then), server.url).expect(1)
    assert "target.existing" in result.err, result.err


def test_table_with_items_is_still_refused_without_it(scratch, serve):
    server = serve()
    source, _ = prepare(server, 1_500)
    result = program.load(spec(scratch, source, existing="refuse"), server.url).expect(1)
    assert "keep" in result.err
