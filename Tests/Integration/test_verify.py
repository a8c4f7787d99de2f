"""Verification: finds every difference and nothing else, goes on after kills, repairs, and says what it did."""

import collections
import decimal
import json
import os
import random
import signal
import stat
import subprocess
import time

import jsonschema
import pytest

import compare
import program
import rows
import servers
import settings
from settings import choose

ROWS = choose(50_000, 1_000_000)
PLANTED = choose(100, 1_000)
SHARDS = 10
MEMORY_MIB = 96
KEY = {
    "hash": {"attribute": "place", "from": "city", "type": "S", "salt": {"shards": SHARDS, "by": ["id"]}},
    "range": {"attribute": "id", "type": "S"},
}
ATTRIBUTES = {name: kind for name, kind in rows.ATTRIBUTES.items() if name != "city"}


def spec(file, **more):
    return {
        "version": 1, "job": "rows", "source": {"file": str(file)}, "target": {"table": "rows", "create": {"billing": "on-demand"}},
        "key": KEY, "attributes": ATTRIBUTES, "rate": {"ceiling": "none"}, **more,
    }


def item(index, shift=0):
    """The item of a generated row, worked out apart from Saltmill; `shift` puts it into another shard."""
    row = dict(zip(rows.HEADER.strip().split(","), rows.row(index).split(",")))
    shard = (compare.shard([row["id"].encode()], SHARDS) + shift) % SHARDS
    made = {name: {"S": row[name]} for name in ("id", "name", "email", "created", "note")}
    made.update({name: {"N": row[name]} for name in ("amount", "quantity", "score")})
    return {"place": {"S": f"{row['city']}.{shard}"}, "active": {"BOOL": row["active"] == "true"}, **made}


def key(made):
    return {name: made[name] for name in ("place", "id")}


def text(key):
    return f"{key['place']['S']}/{key['id']['S']}"


def verify(path, url, *arguments, **options):
    return program.run("verify", path, "--endpoint-url", url, "--json", "--no-progress", *arguments, **options)


def check_schema(document, definition=None):
    schema = json.loads((settings.ROOT / "schemas" / "verify-report.schema.json").read_text())
    jsonschema.validate(document, {**schema["$defs"][definition], "$defs": schema["$defs"]} if definition else schema)


def lines(path):
    found = [json.loads(line) for line in path.read_text().splitlines()]
    for line in found:
        check_schema(line, "difference")
    return found


def plant(client, chance, count, total):
    """Makes so many differences of each of five kinds; returns what has to be found: kinds and attributes by key."""
    indexes = iter(chance.sample(range(total), count))
    expected = {}
    for number, index in enumerate(indexes):
        made = item(index)
        match number % 5:
            case 0:
                client.delete_item(TableName="rows", Key=key(made))
                expected[text(key(made))] = ("missing", None)
            case 1:
                other = item(total + index)
                client.put_item(TableName="rows", Item=other)
                expected[text(key(other))] = ("extra", None)
            case 2:
                digits = list(made["amount"]["N"])
                digits[-1] = "1" if digits[-1] != "1" else "2"
                changed = {**made, "amount": {"N": "".join(digits)}}
                client.put_item(TableName="rows", Item=changed)
                expected[text(key(made))] = ("different", {"amount": {"source": made["amount"], "target": changed["amount"]}})
            case 3:
                client.put_item(TableName="rows", Item={**made, "quantity": {"S": made["quantity"]["N"]}})
                expected[text(key(made))] = ("different", {"quantity": {"source": made["quantity"], "target": {"S": made["quantity"]["N"]}}})
            case 4:
                wrong = item(index, shift=1)
                client.delete_item(TableName="rows", Key=key(made))
                client.put_item(TableName="rows", Item=wrong)
                expected[text(key(made))] = ("missing", None)
                expected[text(key(wrong))] = ("extra", None)
    return expected


def normal(value):
    """Attribute values whose numbers can be compared as they stand."""
    if isinstance(value, dict):
        return {k: str(decimal.Decimal(v).normalize()) if k == "N" else normal(v) for k, v in value.items()}
    return value


def check(found, expected):
    """The differences found are those expected, no more and no fewer."""
    seen = {}
    for line in found:
        name = text(line["key"])
        assert name not in seen, name
        seen[name] = (line["kind"], line.get("attributes"))
        assert (line["kind"] == "extra") == ("row" not in line), line
    assert {name: kind for name, (kind, _) in seen.items()} == {name: kind for name, (kind, _) in expected.items()}
    for name, (_, attributes) in expected.items():
        assert normal(seen[name][1]) == normal(attributes), name


@pytest.fixture
def loaded(scratch, serve):
    """Loads generated rows and gives the spec's path and the server."""

    def begin(count, url=None, **more):
        server = serve()
        path = program.write_spec(scratch, spec(rows.generate(count), **more))
        program.load(path, server.url, timeout=1800).expect()
        return path, server

    return begin


@pytest.mark.long
def test_planted_differences_are_found_and_repaired(scratch, loaded, measured):
    path, server = loaded(ROWS)
    client = server.boto()
    chance = random.Random(settings.SEED)
    # What a sync leaves in items, and in the place of deleted ones, is no difference.
    for index in chance.sample(range(ROWS), 30):
        client.update_item(
            TableName="rows", Key=key(item(index)), UpdateExpression="SET #v = :v", ExpressionAttributeNames={"#v": "saltmill:version"},
            ExpressionAttributeValues={":v": {"N": "7"}})
    for index in range(2 * ROWS, 2 * ROWS + 10):
        client.put_item(
            TableName="rows", Item={**key(item(index)), "saltmill:version": {"N": "7"}, "saltmill:deleted": {"BOOL": True}})
    expected = plant(client, chance, PLANTED, ROWS)

    began = time.monotonic()
    result = verify(path, server.url, "--output", scratch / "found.jsonl", measure=True, timeout=1800).expect(4)
    measured(f"seconds of verifying {ROWS:,} rows", time.monotonic() - began)
    measured("  peak MiB", result.usage["peak_kib"] / 1024)
    measured("  CPU seconds", result.cpu)
    check(lines(scratch / "found.jsonl"), expected)
    assert stat.S_IMODE(os.stat(scratch / "found.jsonl").st_mode) == 0o600
    report = result.json()
    kinds = collections.Counter(kind for kind, _ in expected.values())
    assert report["differences"] == {name: kinds[name] for name in ("missing", "extra", "different")}
    assert report["rows"]["read"] == ROWS and report["items"]["deleted_by_sync"] == 10
    assert report["equal"] + kinds["missing"] + kinds["different"] == ROWS
    assert report["equal"] + kinds["extra"] + kinds["different"] == report["items"]["read"]
    assert result.usage["peak_kib"] / 1024 <= MEMORY_MIB

    check_schema(report)
    repaired = verify(path, server.url, "--repair", "--delete-extra", "--output", scratch / "again.jsonl", timeout=1800).expect(0).json()
    check(lines(scratch / "again.jsonl"), expected)
    check_schema(repaired)
    assert repaired["outcome"] == "repaired"
    assert repaired["repair"] == {
        "put": kinds["missing"] + kinds["different"], "deleted": kinds["extra"], "left": {"missing": 0, "extra": 0, "different": 0}}
    final = verify(path, server.url, timeout=1800).expect(0)
    assert final.json()["outcome"] == "equal" and final.json()["equal"] == ROWS and len(final.out.splitlines()) == 1
    # An independent reader agrees.
    found = {}
    for made in compare.scan(client, "rows"):
        made.pop("saltmill:version", None)
        if "saltmill:deleted" not in made:
            found[compare.primary_key(made, ("place", "id"))] = made
    assert len(found) == ROWS
    for index in chance.sample(range(ROWS), 2_000):
        made = item(index)
        assert compare.same(found[compare.primary_key(made, ("place", "id"))], made)


@pytest.mark.long
def test_killed_verification_goes_on(scratch, loaded):
    path, server = loaded(20_000)
    chance = random.Random(settings.SEED)
    expected = plant(server.boto(), chance, 25, 20_000)
    whole = verify(path, server.url, "--output", scratch / "whole.jsonl").expect(4).json()
    check(lines(scratch / "whole.jsonl"), expected)
    arguments = ("--rate", choose("150/s", "50/s"), "--source-rate", "10000", "--output", scratch / "found.jsonl")
    state = scratch / "rows.saltmill" / "verify" / "state.json"
    for run in range(1, choose(5, 20) + 1):
        process = program.popen(
            "verify", path, "--endpoint-url", server.url, "--json", "--no-progress", *arguments, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        # From its start on it may be killed at any moment.
        while process.poll() is None and not (state.exists() and json.loads(state.read_text())["runs"] == run):
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 1.5))
        assert process.poll() is None, "it was done before it could be killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
    report = verify(path, server.url, *arguments).expect(4).json()
    check(lines(scratch / "found.jsonl"), expected)
    assert report["rows"] == whole["rows"] and report["items"] == whole["items"] and report["equal"] == whole["equal"]
    # What was read before a kill is not read again, but for the last second.
    assert report["runs"] == choose(5, 20) + 1 and report["read_units"] < whole["read_units"] * 1.5


def test_what_can_be_stopped_can_be_gone_on_with(scratch, loaded):
    path, server = loaded(20_000)
    report = verify(path, server.url, "--rate", "100/s", "--run-time", "1s").expect(10).json()
    assert report["outcome"] == "run-time" and 0 < report["items"]["read"] < 20_000
    begun = time.monotonic()
    process = program.popen(
        "verify", path, "--endpoint-url", server.url, "--rate", "100/s", "--no-progress", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1)
    second = verify(path, server.url).expect(11)
    assert "another instance" in second.err
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130 and time.monotonic() - begun < 10
    report = verify(path, server.url).expect(0).json()
    assert report["runs"] == 3 and report["rows"]["read"] == report["items"]["read"] == report["equal"] == 20_000


def test_samples_are_deterministic_and_exact(scratch, loaded):
    count = 8_000
    path, server = loaded(count)
    client = server.boto()
    changed = {text(key(item(index))) for index in range(0, count, 40)}
    for index in range(0, count, 40):
        client.put_item(TableName="rows", Item={**item(index), "note": {"S": "changed"}})
    found = {}
    for name, sample, seed in [("a", "2000", "7"), ("b", "2000", "7"), ("c", "2000", "8"), ("d", "25%", "7")]:
        report = verify(path, server.url, "--sample", sample, "--seed", seed, "--output", scratch / name).expect(4).json()
        found[name] = {text(line["key"]) for line in lines(scratch / name)}
        assert found[name] <= changed and report["rows"]["read"] == count and report["seed"] == seed
        looked = report["equal"] + report["differences"]["different"]
        assert looked == 2000 if name != "d" else abs(looked - 2000) < 250, report
        # One in forty of the rows is changed: 50 are expected, with a deviation of 6.
        assert 20 <= len(found[name]) <= 80
    assert found["a"] == found["b"] != found["c"]
    verify(path, server.url, "--sample", "100%", "--output", scratch / "all", "--repair").expect(0)
    assert {text(line["key"]) for line in lines(scratch / "all")} == changed
    verify(path, server.url).expect(0)


def test_personal_values_are_not_shown(scratch, serve):
    server = serve()
    personal = {**ATTRIBUTES, "email": {"type": "S", "personal": True}}
    path = program.write_spec(scratch, spec(rows.generate(1_000), attributes=personal))
    program.load(path, server.url).expect()
    for index, email in enumerate(["a@example.org", "b@example.org", "a@example.org"]):
        server.boto().put_item(TableName="rows", Item={**item(index), "email": {"S": email}})
    result = verify(path, server.url).expect(4)
    assert "@example.org" not in result.out
    found = [json.loads(line)["attributes"]["email"] for line in result.out.splitlines()[:-1]]
    # Equal values can be seen to be equal.
    assert len({line["target"]["hash"] for line in found}) == 2 and len({line["source"]["hash"] for line in found}) == 3


def test_rejected_and_superseded_rows_are_not_missing(scratch, serve):
    server = serve()
    source = scratch / "answers.csv"
    source.write_text("id,who,note\n1,7,one\n2,x,two\n1,8,three\n3,9,four\n" + "4,5,five,six\n")
    path = program.write_spec(scratch, {
        "version": 1, "job": "answers", "source": {"file": "answers.csv"}, "target": {"table": "answers", "create": {"billing": "on-demand"}},
        "key": {"hash": {"attribute": "id", "type": "N"}}, "attributes": {"who": "N", "note": "S"}, "rate": {"ceiling": "none"}})
    program.load(path, server.url).expect(3)
    report = verify(path, server.url).expect(0).json()
    assert report["rows"] == {"read": 5, "rejected": 2, "superseded": 1} and report["equal"] == 2
    # Written otherwise, but the same.
    server.boto().put_item(TableName="answers", Item={"id": {"N": "3"}, "who": {"N": "9.0"}, "note": {"S": "four"}})
    verify(path, server.url).expect(0)
    # A changed source begins anew, and its new row is missing.
    source.write_text(source.read_text() + "10,1,new\n")
    result = verify(path, server.url).expect(4)
    (line, report) = [json.loads(text) for text in result.out.splitlines()]
    assert (line["kind"], line["key"], line["row"]["line"]) == ("missing", {"id": {"N": "10"}}, 7)
    assert report["differences"] == {"missing": 1, "extra": 0, "different": 0}


def test_the_limit_of_read_units_is_kept(scratch, loaded):
    path, server = loaded(10_000)
    began = time.monotonic()
    report = verify(path, server.url, "--rate", "150/s").expect(0).json()
    seconds = time.monotonic() - began
    assert report["read_units"] > 400, report
    assert report["read_units"] <= 150 * seconds + 20


def test_refusals_and_outages_are_waited_through(scratch, loaded, running):
    path, server = loaded(8_000)
    expected = plant(server.boto(), random.Random(settings.SEED), 50, 8_000)
    proxy = running(
        servers.start_proxy, server.url, scratch / "faults.jsonl", throttled=0.2, failed=0.2, reset=0.05, lost=0.05, unprocessed=0.2,
        operations=["Scan", "BatchGetItem", "BatchWriteItem", "DeleteItem"])
    report = verify(path, proxy.url, "--repair", "--delete-extra", "--output", scratch / "found.jsonl").expect(0).json()
    check(lines(scratch / "found.jsonl"), expected)
    assert report["repair"]["left"] == {"missing": 0, "extra": 0, "different": 0}
    verify(path, server.url).expect(0)


@pytest.mark.parametrize("start", [servers.start_moto, servers.start_ministack])
def test_other_servers_are_verified_too(scratch, running, start):
    server = running(start)
    path = program.write_spec(scratch, spec(rows.generate(1_000)))
    program.load(path, server.url).expect()
    expected = plant(server.boto(), random.Random(settings.SEED), 25, 1_000)
    verify(path, server.url, "--repair", "--delete-extra", "--output", scratch / "found.jsonl").expect(0)
    check(lines(scratch / "found.jsonl"), expected)
    verify(path, server.url).expect(0)


def test_what_cannot_be_is_said(scratch, serve):
    server = serve()
    path = program.write_spec(scratch, spec(rows.generate(1_000)))
    assert "there is no such table" in verify(path, server.url).expect(1).err
    program.load(path, server.url).expect()
    assert "--sample" in verify(path, server.url, "--seed", "7").expect(2).err
    assert "sample" in verify(path, server.url, "--sample", "0").expect(2).err
    assert "extra" in verify(path, server.url, "--sample", "10", "--delete-extra").expect(2).err
    assert "on-demand" in verify(path, server.url, "--rate", "50%").expect(2).err
    reserved = program.write_spec(scratch, spec(rows.generate(1_000), attributes={**ATTRIBUTES, "saltmill:x": {"constant": "1", "type": "S"}}), "r.yaml")
    assert "saltmill:" in verify(reserved, server.url).expect(2).err
