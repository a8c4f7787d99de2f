"""Restores: exact from every format into every server, resumed after kills, verified, and never destructive unless a table is named."""

import base64
import gzip
import hashlib
import json
import random
import shutil
import signal
import subprocess
import time

import pytest

import compare
import data
import dumps
import flights
import program
import servers
import settings
import stub
from settings import choose, number
from test_dump import create, every_type, on_the_wire, people, write

KILLS = number("RESTORE_KILLS", 20, 50)
FAULT_ITEMS = number("RESTORE_FAULT_ITEMS", 4_000, 50_000)
MIX = {"unprocessed": 0.2, "throttled": 0.2, "failed": 0.2, "reset": 0.05, "lost": 0.05, "wrong_crc": 0.02, "slow": 0.02}


def restore(url, path, *arguments, cwd=None, **options):
    """`saltmill restore`, its report asked for as JSON."""
    return program.run("restore", path, *arguments, "--endpoint-url", url, "--json", "--no-progress", cwd=cwd, **options)


def only(result, code=0):
    """The report of the one table."""
    (table,) = result.expect(code).json()["tables"]
    return table


def digest(path, table):
    manifest = dumps.manifest(path, table)
    return manifest["items"], manifest["digest"]


def content(client, table):
    return sorted(json.dumps(on_the_wire(item), sort_keys=True) for item in compare.scan(client, table, segments=2))


def names(client):
    return set(client.list_tables()["TableNames"])


@pytest.fixture(params=["saltmill", "moto", "ministack"])
def any_server(request, running):
    return running({"saltmill": servers.start_saltmill, "moto": servers.start_moto, "ministack": servers.start_ministack}[request.param])


@pytest.fixture
def dumped(scratch, serve):
    """An endpoint with a table of people, and its dump."""
    server = serve()
    create(server.boto(), "people")
    write(server.boto(), "people", people(2_000))
    dumps.dump(server.url, "people", "--to", scratch / "dump").expect()
    return server, scratch / "dump"


# Exactness


@pytest.mark.parametrize("format", ["aws", "dynamodump"])
def test_every_type_comes_back_and_is_dumped_alike(scratch, any_server, format):
    client = any_server.boto()
    create(client, "values")
    for item in every_type():
        client.put_item(TableName="values", Item=item)
    dumps.dump(any_server.url, "values", "--to", scratch / "one", "--format", format).expect()
    report = only(restore(any_server.url, scratch / "one", "--as", "copy", cwd=scratch))
    assert report["verification"]["result"] == "equal" and report["items"]["written"] == len(every_type()), report
    assert not compare.compare({compare.primary_key(i, ["id"]): i for i in compare.scan(client, "values", 1)}, client, "copy")
    dumps.dump(any_server.url, "copy", "--to", scratch / "two", "--format", format).expect()
    assert digest(scratch / "one", "values") == digest(scratch / "two", "copy")
    assert not list(scratch.glob("*.restore")), "state is removed when all is done"


KEYS = {
    "S": ["a", " ", "\U0010ffff\u0001", "ü" * 500], "N": ["0", "-1", "1E-130", "9.9999999999999999999999999999999999999E+125", "12345678901234567890123456789012345678"],
    "B": [b"\x00", b"\xff\xfe", bytes(range(256))],
}


@pytest.mark.parametrize("hash_type", KEYS)
def test_every_type_of_key(scratch, serve, hash_type):
    server = serve()
    client = server.boto()
    tables = []
    for range_type in [None, *KEYS]:
        table = f"keys-{hash_type}-{range_type}"
        parts = [("h", hash_type, "HASH")] + ([("r", range_type, "RANGE")] if range_type else [])
        client.create_table(
            TableName=table, BillingMode="PAY_PER_REQUEST", AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t, _ in parts],
            KeySchema=[{"AttributeName": n, "KeyType": k} for n, _, k in parts])
        write(client, table, [
            {"v": {"N": "1"}, **({"r": {range_type: r}} if range_type else {}), "h": {hash_type: h}}
            for h in KEYS[hash_type] for r in (KEYS[range_type] if range_type else [None])])
        tables.append(table)
    dumps.dump(server.url, *tables, "--to", scratch / "dump").expect()
    report = restore(server.url, scratch / "dump", "--prefix-from", "keys-", "--prefix-to", "copy-", cwd=scratch).expect().json()
    assert len(report["tables"]) == 4
    for table in tables:
        assert content(client, table) == content(client, table.replace("keys-", "copy-"))


def test_from_server_to_server(scratch, running):
    """This program's endpoint to moto, to ministack, and back: one digest all the way."""
    chain = [running(start) for start in (servers.start_saltmill, servers.start_moto, servers.start_ministack, servers.start_saltmill)]
    create(chain[0].boto(), "values", range_name="at")
    write(chain[0].boto(), "values", [{**item, "at": {"N": str(index)}} for index, item in enumerate(every_type() + people(300))])
    dumps.dump(chain[0].url, "values", "--to", scratch / "0").expect()
    for step, server in enumerate(chain[1:], 1):
        only(restore(server.url, scratch / str(step - 1), cwd=scratch))
        dumps.dump(server.url, "values", "--to", scratch / str(step)).expect()
        assert digest(scratch / str(step), "values") == digest(scratch / "0", "values")


def test_settings_come_back(scratch, ministack):
    client = ministack.boto()
    client.create_table(
        TableName="settings", BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 7, "WriteCapacityUnits": 8},
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in (("id", "S"), ("at", "N"), ("who", "S"))],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        LocalSecondaryIndexes=[{
            "IndexName": "local", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "who", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"}}],
        GlobalSecondaryIndexes=[{
            "IndexName": "by-who", "KeySchema": [{"AttributeName": "who", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["text"]},
            "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        Tags=[{"Key": "team", "Value": "data"}], DeletionProtectionEnabled=True)
    client.update_time_to_live(TableName="settings", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    client.update_continuous_backups(TableName="settings", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    write(client, "settings", [{"id": {"S": "a"}, "at": {"N": str(n)}, "who": {"S": f"w{n % 3}"}} for n in range(12)])
    dumps.dump(ministack.url, "settings", "--to", scratch / "dump").expect()

    def facts(table):
        found = client.describe_table(TableName=table)["Table"]
        indexes = lambda kind: [{k: i[k] for k in ("IndexName", "KeySchema", "Projection")} for i in found.get(kind, [])]
        return {
            "key": found["KeySchema"], "types": sorted(found["AttributeDefinitions"], key=str), "local": indexes("LocalSecondaryIndexes"),
            "global": indexes("GlobalSecondaryIndexes"),
            "units": [found["ProvisionedThroughput"][n] for n in ("ReadCapacityUnits", "WriteCapacityUnits")],
            "stream": found.get("StreamSpecification"), "protected": found.get("DeletionProtectionEnabled"),
            "ttl": client.describe_time_to_live(TableName=table)["TimeToLiveDescription"],
            "recovery": client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"][
                "PointInTimeRecoveryStatus"],
            "tags": client.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"],
        }

    report = only(restore(ministack.url, scratch / "dump", "--as", "copy", cwd=scratch))
    assert report["notes"] == [] and facts("copy") == facts("settings")
    only(restore(ministack.url, scratch / "dump", "--as", "later", "--create-indexes-after", cwd=scratch))
    assert facts("later") == facts("settings")
    only(restore(ministack.url, scratch / "dump", "--as", "bare", "--schema-only", "--billing", "on-demand", cwd=scratch))
    bare = client.describe_table(TableName="bare")["Table"]
    assert bare["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST" and bare["ItemCount"] == 0


# Other programs


def dynamodump(server, folder, *arguments):
    # It takes an endpoint only for a region called "local", which servers keep apart from ours, or know nothing of: its requests are signed anew.
    with stub.stub(dumps.Recorder(server.url)) as url:
        done = subprocess.run(
            [servers.tool("dynamodump"), "--region", "local", "--host", "127.0.0.1", "--port", url.rstrip("/").rpartition(":")[2], "--accessKey",
             servers.ACCESS_KEY, "--secretKey", servers.SECRET_KEY, "--dumpPath", str(folder), *arguments],
            env=servers.environment(), capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr


def spoilt(value, top=True):
    """What dynamodump's restore makes of a value: binaries within lists and maps, and all members of binary sets, are encoded twice."""
    ((kind, content),) = value.items()
    twice = lambda binary: base64.b64encode(bytes(binary))
    if kind == "B":
        return value if top else {kind: twice(content)}
    if kind == "BS":
        return {kind: [twice(member) for member in content]}
    if kind == "L":
        return {kind: [spoilt(member, False) for member in content]}
    if kind == "M":
        return {kind: {name: spoilt(member, False) for name, member in content.items()}}
    return value


@pytest.mark.long
@pytest.mark.parametrize("starter", [servers.start_ministack, servers.start_moto])
def test_dynamodump_restores_our_dump(scratch, running, serve, starter):
    # Not of the same server's table: what moto says of a table without indexes, dynamodump cannot create.
    source, server = serve(), running(starter)
    create(source.boto(), "values")
    write(source.boto(), "values", every_type() + people(100))
    before = {compare.primary_key(item, ["id"]): item for item in compare.scan(source.boto(), "values", 1)}
    dumps.dump(source.url, "values", "--to", scratch / "dump", "--format", "dynamodump").expect()
    create(server.boto(), "copy")
    dynamodump(server, scratch / "dump", "--mode", "restore", "--srcTable", "values", "--destTable", "copy", "--noConfirm")
    wanted = {key: {name: spoilt(value) for name, value in item.items()} for key, item in before.items()}
    difference = compare.compare(wanted, server.boto(), "copy")
    assert not difference, str(difference)


@pytest.mark.long
@pytest.mark.parametrize("starter", [servers.start_ministack, servers.start_moto])
def test_we_restore_the_dump_of_dynamodump(scratch, running, starter):
    server = running(starter)
    client = server.boto()
    create(client, "values")
    for item in every_type() + people(100):
        client.put_item(TableName="values", Item=item)
    before = {compare.primary_key(item, ["id"]): item for item in compare.scan(client, "values", 1)}
    dynamodump(server, scratch / "dump", "--mode", "backup", "--srcTable", "values")
    report = only(restore(server.url, scratch / "dump", "--as", "copy", cwd=scratch))
    assert report["verification"]["result"] == "equal"
    difference = compare.compare(before, client, "copy")
    assert not difference, str(difference)


# What is there already


def test_a_table_with_items_is_not_touched_unless_that_is_said(scratch, dumped):
    server, dump = dumped
    client = server.boto()
    create(client, "other")
    write(client, "other", [{"id": {"S": "mine"}}, {"id": {"S": "row-000000000001"}}])
    assert "already has items" in restore(server.url, dump, "--as", "other", cwd=scratch).expect(1).err
    assert len(content(client, "other")) == 2
    report = only(restore(server.url, dump, "--as", "other", "--into-existing", cwd=scratch))
    assert report["verification"]["result"] == "unchecked" and len(content(client, "other")) == 2_001
    only(restore(server.url, dump, "--as", "other", "--replace", "other", cwd=scratch))
    assert content(client, "other") == content(client, "people")


def test_an_empty_table_is_used(scratch, dumped):
    server, dump = dumped
    create(server.boto(), "other")
    before = server.boto().describe_table(TableName="other")["Table"]["TableId"]
    only(restore(server.url, dump, "--as", "other", cwd=scratch))
    assert server.boto().describe_table(TableName="other")["Table"]["TableId"] == before
    assert content(server.boto(), "other") == content(server.boto(), "people")


@pytest.mark.parametrize("pattern", ["*", "peo*", "other", "people2", "?eople"])
def test_no_pattern_deletes_a_table(scratch, dumped, pattern):
    server, dump = dumped
    create(server.boto(), "other")
    write(server.boto(), "other", [{"id": {"S": "mine"}}])
    restore(server.url, dump, "--replace", pattern, cwd=scratch).expect(2)
    assert names(server.boto()) == {"people", "other"} and len(content(server.boto(), "other")) == 1
    assert len(content(server.boto(), "people")) == 2_000


def data_file(dump):
    (file,) = dump.glob("people/AWSDynamoDB/*/data/*.gz")
    return file


def flip(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def lie(dump):
    """A dump whose files and sums agree with each other and not with the digest."""
    file = data_file(dump)
    lines = gzip.decompress(file.read_bytes()).replace(b"Bratislava", b"Bratislavo", 1)
    file.write_bytes(gzip.compress(lines))
    path = dump / "people" / "saltmill-manifest.json"
    manifest = json.loads(path.read_bytes())
    for part in manifest["parts"]:
        part["bytes"] = file.stat().st_size
        part["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
        part["md5"] = hashlib.md5(file.read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest))


DAMAGE = {
    "a flipped bit": lambda dump: flip(data_file(dump)),
    "cut off": lambda dump: data_file(dump).write_bytes(data_file(dump).read_bytes()[:-20]),
    "a lost file": lambda dump: data_file(dump).unlink(),
    "other items": lie,
    "a lost manifest": lambda dump: next(dump.glob("people/AWSDynamoDB/*/manifest-files.json")).unlink(),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_dump_is_refused_before_anything_is_touched(scratch, dumped, damage):
    server, dump = dumped
    DAMAGE[damage](dump)
    result = restore(server.url, dump, "--replace", "people", cwd=scratch).expect(1)
    assert result.err.startswith("saltmill: ") and len(result.err.splitlines()) == 1, result.err
    assert len(content(server.boto(), "people")) == 2_000
    if damage != "other items":
        restore(server.url, dump, "--as", "copy", cwd=scratch).expect(1)
        assert names(server.boto()) == {"people"}


def test_an_unfinished_or_mixed_dump_is_refused(scratch, dumped):
    server, dump = dumped
    (scratch / "x.partial").mkdir()
    shutil.copytree(dump / "people", scratch / "x.partial" / "people")
    assert "not complete" in restore(server.url, scratch / "x.partial", "--as", "copy", cwd=scratch).expect(1).err
    create(server.boto(), "second")
    dumps.dump(server.url, "second", "--to", scratch / "dump2").expect()
    shutil.copytree(scratch / "dump2" / "second", dump / "second")
    assert "mixed" in restore(server.url, dump, "--prefix-from", "", "--prefix-to", "c", cwd=scratch).expect(1).err
    assert names(server.boto()) == {"people", "second"}


def test_another_key_is_refused_with_the_difference(scratch, dumped):
    server, dump = dumped
    create(server.boto(), "other", kind="N")
    for flags in (["--data-only"], [], ["--into-existing"]):
        result = restore(server.url, dump, "--as", "other", *flags, cwd=scratch).expect(2)
        assert "the key is (id N), in the dump (id S)" in result.err, result.err
    assert "no table" in restore(server.url, dump, "--as", "missing", "--data-only", cwd=scratch).expect(1).err
    create(server.boto(), "plain")
    only(restore(server.url, dump, "--as", "plain", "--data-only", cwd=scratch))


@pytest.mark.parametrize("error, code, words", [
    (dumps.refusal("AccessDeniedException", "no"), 1, "permit"),
    (dumps.refusal("UnrecognizedClientException", "The security token included in the request is invalid."), 1, "credentials"),
    ((503, {"__type": "ServiceUnavailable", "message": "try later"}), 5, "run the command again"),
])
def test_what_keeps_a_restore_from_beginning_is_said(scratch, dumped, error, code, words):
    with stub.stub(lambda operation, body: error) as url:
        result = restore(url, dumped[1], "--as", "copy", cwd=scratch).expect(code)
    assert words in result.err, result.err


@pytest.mark.parametrize("verify, code", [("scan", 4), ("count", 4), ("none", 0)])
def test_a_store_that_loses_items_is_found_out(scratch, dumped, verify, code):
    server, dump = dumped
    swallowed = iter([True])

    def change(operation, body):
        return (200, {"UnprocessedItems": {}}) if operation == "BatchWriteItem" and next(swallowed, False) else None

    with stub.stub(dumps.Recorder(server.url, change)) as url:
        report = only(restore(url, dump, "--as", "copy", "--verify", verify, cwd=scratch), code)
        assert report["items"]["written"] == 2_000
        if code:
            assert "1975 items, and should have 2000" in report["message"], report["message"]
            again = only(restore(url, dump, "--as", "copy", cwd=scratch), 4)
            assert again["requests"]["sent"] == report["requests"]["sent"], "all was written: it is compared again, not written again"
            only(restore(url, dump, "--as", "copy", "--replace", "copy", cwd=scratch))
            assert content(server.boto(), "copy") == content(server.boto(), "people")


def test_a_store_that_changes_items_is_found_out(scratch, dumped):
    server, dump = dumped

    def change(operation, body):
        for request in body.get("RequestItems", {}).get("copy", []):
            request["PutRequest"]["Item"]["quantity"]["N"] = "0"

    with stub.stub(dumps.Recorder(server.url, change)) as url:
        report = only(restore(url, dump, "--as", "copy", cwd=scratch), 4)
        assert "are not all as in the dump" in report["message"], report["message"]


def test_usage_is_checked_first(scratch, dumped):
    dump = dumped[1]
    for arguments in (
        ["--schema-only", "--data-only"], ["--as", "x", "--prefix-from", "a", "--prefix-to", "b"], ["--prefix-from", "a"], ["missing"],
        ["--salt", "id"], ["--rename", "a"], ["--billing", "free"], ["--rate", "fast"], ["--verify", "maybe"], ["--as", "a b"],
        ["--drop", "id"], ["--salt", "id:5:by=name"], ["--replace", "people", "--data-only"],
    ):
        restore("http://127.0.0.1:1", dump, *arguments, cwd=scratch).expect(2)


# What others do meanwhile


@pytest.mark.parametrize("has_items", [False, True])
def test_a_table_that_somebody_else_makes_meanwhile_is_not_written_to(scratch, dumped, has_items):
    server, dump = dumped
    client = server.boto()

    def change(operation, body):
        if operation == "CreateTable":
            create(client, "copy")
            write(client, "copy", [{"id": {"S": "theirs"}}] if has_items else [])

    with stub.stub(dumps.Recorder(server.url, change)) as url:
        result = restore(url, dump, "--as", "copy", cwd=scratch).expect(1)
    assert "somebody else" in result.err, result.err
    assert len(content(client, "copy")) == has_items


def test_a_lost_answer_to_the_creation_of_a_table_is_no_other_table(scratch, dumped):
    server, dump = dumped
    lost = iter([True])

    def change(operation, body):
        if operation == "CreateTable" and next(lost, False):
            create(server.boto(), "copy")
            return 500, {"__type": "InternalServerError", "message": "the answer is lost"}

    with stub.stub(dumps.Recorder(server.url, change)) as url:
        only(restore(url, dump, "--as", "copy", cwd=scratch))
    assert content(server.boto(), "copy") == content(server.boto(), "people")


def test_one_table_of_two_that_somebody_else_makes_meanwhile(scratch, serve):
    server = serve()
    client = server.boto()
    for table in ("from-a", "from-b"):
        create(client, table)
        write(client, table, people(100))
    dumps.dump(server.url, "from-a", "from-b", "--to", scratch / "dump").expect()
    made = iter([True])

    def change(operation, body):
        if operation == "BatchWriteItem" and next(made, False):
            create(client, "to-b" if "to-a" in body["RequestItems"] else "to-a")

    with stub.stub(dumps.Recorder(server.url, change)) as url:
        report = restore(url, scratch / "dump", "--prefix-from", "from-", "--prefix-to", "to-", cwd=scratch).expect(1).json()
    first, second = report["tables"]
    assert first["outcome"] == "done" and first["items"]["written"] == 100, "what was restored before is told"
    assert second["outcome"] == "failed" and "somebody else" in second["message"], second
    assert not content(client, second["table"])


def test_a_table_that_is_recreated_under_the_restore_is_found_out(scratch, dumped):
    server, dump = dumped
    client = server.boto()
    calls = iter(range(10_000))

    def change(operation, body):
        if operation == "BatchWriteItem" and next(calls) == 20:
            client.delete_table(TableName="copy")
            create(client, "copy")

    with stub.stub(dumps.Recorder(server.url, change)) as url:
        report = only(restore(url, dump, "--as", "copy", "--verify", "none", "--rate", "1000/s", cwd=scratch), 1)
    assert "recreated" in report["message"], report["message"]


# What an earlier run has left


def test_a_finished_restore_is_begun_anew_or_says_that_nothing_was_left(scratch, dumped):
    server, dump = dumped
    client = server.boto()
    create(client, "loose")
    (scratch / "loose.jsonl").write_text('{"Item":{"id":{"S":"a"}}}\n{"Item":{"id":{"S":""}}}\n')
    command = [server.url, scratch / "loose.jsonl", "--as", "loose", "--data-only"]
    only(restore(*command, cwd=scratch), 3)
    client.delete_item(TableName="loose", Key={"id": {"S": "a"}})
    report = only(restore(*command, cwd=scratch), 4)
    assert any("nothing was left to write" in note for note in report["notes"]), report
    only(restore(*command, "--into-existing", cwd=scratch), 3)
    assert len(content(client, "loose")) == 1
    assert len(program.rejects(scratch / "loose.restore" / "rejects.1.jsonl")) == 1, "the earlier rejects are set aside"


def test_a_finished_restore_is_replaced_even_where_nobody_compares(scratch, dumped):
    server, dump = dumped
    swallowed = iter([True])

    def change(operation, body):
        return (200, {"UnprocessedItems": {}}) if operation == "BatchWriteItem" and next(swallowed, False) else None

    with stub.stub(dumps.Recorder(server.url, change)) as url:
        only(restore(url, dump, "--as", "copy", cwd=scratch), 4)
        (scratch / "copy.restore" / "different").unlink(missing_ok=True)
        only(restore(url, dump, "--as", "copy", "--replace", "copy", "--verify", "none", cwd=scratch))
    assert content(server.boto(), "copy") == content(server.boto(), "people")


def test_state_of_another_endpoint_or_of_another_choice_is_kept(scratch, dumped, serve):
    server, dump = dumped
    only(restore(server.url, dump, "--as", "copy", "--rate", "200/s", "--run-time", "1s", cwd=scratch), 10)
    other = serve()
    create(other.boto(), "copy")
    result = restore(other.url, dump, "--as", "copy", "--replace", "copy", cwd=scratch).expect(1)
    assert "endpoint" in result.err and names(other.boto()) == {"copy"}, result.err
    for flags in (["--data-only"], ["--schema-only"]):
        assert "what is restored" in restore(server.url, dump, "--as", "copy", *flags, cwd=scratch).expect(1).err
    report = only(restore(server.url, dump, "--as", "copy", cwd=scratch))
    assert report["runs"] == 2 and report["items"]["written"] == 2_000


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_a_refused_setting_is_no_success(scratch, serve, code):
    server = serve()
    client = server.boto()
    create(client, "expiring")
    write(client, "expiring", people(10))
    client.update_time_to_live(TableName="expiring", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    dumps.dump(server.url, "expiring", "--to", scratch / "dump").expect()
    denied = iter([True])

    def change(operation, body):
        if operation == "UpdateTimeToLive" and next(denied, False):
            return dumps.refusal(code, "no")

    with stub.stub(dumps.Recorder(server.url, change)) as url:
        report = only(restore(url, scratch / "dump", "--as", "copy", cwd=scratch), 1)
        assert "expiry by until" in report["message"] and report["verification"]["result"] == "equal", report
        only(restore(url, scratch / "dump", "--as", "copy", cwd=scratch))
    assert client.describe_time_to_live(TableName="copy")["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    assert not list(scratch.glob("*.restore"))


# Parts of tables


def test_a_part_of_a_table_does_not_replace_it_unawares(scratch, dumped):
    server, _ = dumped
    client = server.boto()
    dumps.dump(server.url, "people", "--to", scratch / "schema", "--schema-only").expect()
    assert "--schema-only" in restore(server.url, scratch / "schema", "--replace", "people", cwd=scratch).expect(2).err
    dumps.dump(server.url, "people", "--to", scratch / "part", "--filter", "quantity < :n", "--values", '{":n":{"N":"10"}}').expect()
    assert "--partial" in restore(server.url, scratch / "part", "--replace", "people", cwd=scratch).expect(2).err
    assert len(content(client, "people")) == 2_000
    report = only(restore(server.url, scratch / "part", "--as", "copy", cwd=scratch))
    assert "filter" in report["notes"][0] and report["items"]["written"] == 20, report
    only(restore(server.url, scratch / "part", "--replace", "people", "--partial", cwd=scratch))
    assert len(content(client, "people")) == 20


def test_an_outage_while_the_table_is_compared_is_a_pause(scratch, dumped):
    server, dump = dumped
    # More than a dump waits for before it has read anything.
    failing = iter(range(11))

    def change(operation, body):
        if operation == "Scan" and next(failing, None) is not None:
            return 500, {"__type": "InternalServerError", "message": "not now"}

    with stub.stub(dumps.Recorder(server.url, change)) as url:
        report = only(restore(url, dump, "--as", "copy", cwd=scratch))
    assert report["verification"]["result"] == "equal"


def test_reading_back_keeps_to_the_rate(scratch, serve):
    server = serve()
    create(server.boto(), "blocks")
    write(server.boto(), "blocks", [{"id": {"S": f"b{index}"}, "text": {"S": "x" * 4000}} for index in range(120)])
    dumps.dump(server.url, "blocks", "--to", scratch / "dump").expect()
    recorder = dumps.Recorder(server.url)
    with stub.stub(recorder) as url:
        only(restore(url, scratch / "dump", "--as", "copy", "--rate", "100/s", cwd=scratch))
    scans = recorder.scans()
    assert sum(entry["units"] for entry in scans) >= 120 and scans[-1]["time"] - scans[0]["time"] >= 0.7, scans


def test_closed_hours_are_kept(scratch, dumped):
    server, dump = dumped
    schedule = scratch / "hours.yaml"

    def close(first, last):
        hours = [time.strftime("%H:%M", time.gmtime(time.time() + 3600 * hour)) for hour in (first, last)]
        schedule.write_text(
            f'ceiling: none\nzone: UTC\nwindows:\n  - {{ days: all, from: "{hours[0]}", to: "{hours[1]}", ceiling: off }}\n')

    close(-1, 1)
    command = [server.url, dump, "--as", "copy", "--schedule", schedule]
    report = only(restore(*command, "--run-time", "2s", cwd=scratch), 10)
    assert report["items"]["written"] == 0
    target = ["people", "--to", scratch / "again", "--schedule", schedule]
    result = program.run("dump", *target, "--run-time", "3s", "--endpoint-url", server.url).expect(10)
    assert "closed by the schedule until" in result.err, result.err
    close(1, 3)
    only(restore(*command, cwd=scratch))
    dumps.dump(server.url, *target).expect()
    schedule.write_text("ceiling: 10 cows/s\n")
    assert "hours.yaml:1:10: ceiling: " in restore(*command, cwd=scratch).expect(2).err


@pytest.mark.long
def test_a_share_follows_what_is_provisioned(scratch, serve):
    server = serve()
    client = server.boto()
    create(client, "people", BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 1000, "WriteCapacityUnits": 20})
    write(server.boto(), "people", people(2_000))
    dumps.dump(server.url, "people", "--to", scratch / "dump").expect()
    began, raised = time.monotonic(), []

    def change(operation, body):
        if operation == "BatchWriteItem" and not raised:
            raised.append(client.update_table(
                TableName="copy", ProvisionedThroughput={"ReadCapacityUnits": 1000, "WriteCapacityUnits": 2000}))
            return dumps.refusal("ProvisionedThroughputExceededException", "slow down")

    with stub.stub(dumps.Recorder(server.url, change)) as url:
        only(restore(url, scratch / "dump", "--as", "copy", "--rate", "50%", cwd=scratch))
    # At ten units a second it would take more than three minutes.
    assert raised and time.monotonic() - began < 60


def test_indexes_are_added_afterwards_in_moto(scratch, running):
    server = running(servers.start_moto)
    client = server.boto()
    client.create_table(
        TableName="values", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("id", "who", "city")],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[{
            "IndexName": f"by-{n}", "KeySchema": [{"AttributeName": n, "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}
            for n in ("who", "city")])
    write(client, "values", [{"id": {"S": f"{n}"}, "who": {"S": "w"}} for n in range(30)])
    dumps.dump(server.url, "values", "--to", scratch / "dump").expect()
    only(restore(server.url, scratch / "dump", "--as", "copy", "--create-indexes-after", cwd=scratch))
    indexes = client.describe_table(TableName="copy")["Table"]["GlobalSecondaryIndexes"]
    assert {index["IndexName"] for index in indexes} == {"by-who", "by-city"}


# Changes on the way


def test_a_hot_table_gets_salted_keys(scratch, serve):
    server = serve()
    client = server.boto()
    create(client, "days", name="day", range_name="id")
    write(client, "days", [
        {"day": {"S": f"2015-12-0{n % 3 + 1}"}, "id": {"N": str(n)}, "old": {"S": "x"}, "body": {"B": bytes([n % 256])}} for n in range(900)])
    dumps.dump(server.url, "days", "--to", scratch / "dump").expect()
    report = only(restore(
        server.url, scratch / "dump", "--as", "salted", "--salt", "day:20:by=id", "--drop", "old", "--rename", "body=text", cwd=scratch))
    assert report["verification"] == {"result": "equal", "items": 900, "seconds": report["verification"]["seconds"]}
    wanted = {}
    for item in compare.scan(client, "days", 1):
        salted = {"day": {"S": f"{item['day']['S']}.{compare.shard([item['id']['N'].encode()], 20)}"}, "id": item["id"], "text": item["body"]}
        wanted[compare.primary_key(salted, ["day", "id"])] = salted
    assert not compare.compare(wanted, client, "salted")
    found = program.run("query", "salted", "2015-12-02", "--endpoint-url", server.url).expect()
    assert [json.loads(line)["id"]["N"] for line in found.out.splitlines()] == [str(n) for n in range(1, 900, 3)]
    dumps.dump(server.url, "salted", "--to", scratch / "again").expect()
    assert "salted already" in restore(server.url, scratch / "again", "--as", "x20", "--salt", "day:9:by=id", cwd=scratch).expect(2).err


def test_bad_items_are_rejects_with_their_place(scratch, serve):
    server = serve()
    create(server.boto(), "loose")
    lines = [
        '{"Item":{"id":{"S":"a"},"n":{"N":"1"}}}', '{"Item":{"id":{"S":"b"},"n":{"N":"one"}}}', '{"Item":{"id":{"S":""}}}',
        '{"Item":{"other":{"S":"c"}}}', '{"Item":{"id":{"S":"d"},"b":{"B":null}}}', '{"Item":{"id":{"S":"e"}}}',
    ]
    (scratch / "loose.jsonl").write_text("\n".join(lines) + "\n")
    report = only(restore(server.url, scratch / "loose.jsonl", "--as", "loose", "--data-only", cwd=scratch), 3)
    assert report["items"] | {"deleted": 0} == {"read": 6, "written": 2, "rejected": 4, "pending": 0, "deleted": 0}
    assert report["verification"]["result"] == "equal" and report["verification"]["items"] == 2
    rejects = program.rejects(scratch / report["rejects"]["file"])
    assert [(line["line"], line["code"]) for line in rejects] == [(2, "number.syntax"), (3, "key.empty"), (4, "key.missing"), (5, "binary.null")]
    text = "\n".join(lines)
    for line in rejects:
        assert text[line["offset"]:].startswith(lines[line["line"] - 1])


def increment(path, changes):
    """Writes changes as an incremental export of DynamoDB to S3 has them."""
    body = gzip.compress("".join(
        json.dumps({"Metadata": {"WriteTimestampMicros": {"N": "1680109764000000"}}, **change}) + "\n" for change in changes).encode())
    export = path / "AWSDynamoDB"
    folder = export / "01693685827463-2d8752fd"
    (export / "data").mkdir(parents=True)
    folder.mkdir()
    (export / "data" / "abc.json.gz").write_bytes(body)
    listed = json.dumps({
        "itemCount": len(changes), "md5Checksum": dumps.md5(body), "etag": "x-1", "dataFileS3Key": "AWSDynamoDB/data/abc.json.gz"}) + "\n"
    summary = json.dumps({
        "version": "2023-08-01", "exportArn": "arn:aws:dynamodb:us-east-1:1:table/people/export/x", "startTime": "2023-01-01T00:00:00.000Z",
        "endTime": "2023-01-01T00:00:00.000Z", "tableArn": "arn:aws:dynamodb:us-east-1:1:table/people", "tableId": "x",
        "exportFromTime": "2023-01-01T00:00:00.000Z", "exportToTime": "2023-01-01T01:00:00.000Z", "s3Bucket": "b", "s3Prefix": None,
        "s3SseAlgorithm": "AES256", "s3SseKmsKeyId": None, "manifestFilesS3Key": f"AWSDynamoDB/{folder.name}/manifest-files.json",
        "billedSizeBytes": 0, "itemCount": len(changes), "outputFormat": "DYNAMODB_JSON", "outputView": "NEW_AND_OLD_IMAGES",
        "exportType": "INCREMENTAL_EXPORT"})
    for name, text in (("manifest-files", listed), ("manifest-summary", summary)):
        (folder / f"{name}.json").write_text(text)
        (folder / f"{name}.md5").write_text(dumps.md5(text.encode()))


def test_a_bad_item_that_an_export_counts_is_a_reject(scratch, dumped):
    server, _ = dumped
    images = [{"id": {"S": "a"}}, {"id": {"S": "b"}, "data": {"B": None}}, {"id": {"S": "c"}}]
    increment(scratch / "increment", [{"Keys": {"id": image["id"]}, "NewImage": image} for image in images])
    report = only(restore(server.url, scratch / "increment", "--as", "people", "--into-existing", cwd=scratch), 3)
    assert report["items"]["written"] == 2 and report["items"]["rejected"] == 1, report


def test_an_incremental_export_is_applied(scratch, dumped):
    server, _ = dumped
    changes = [
        {"Keys": {"id": {"S": "row-000000000001"}}, "OldImage": people(2)[1], "NewImage": {"id": {"S": "row-000000000001"}, "v": {"N": "2"}}},
        {"Keys": {"id": {"S": "row-000000000002"}}, "OldImage": people(3)[2]},
        {"Keys": {"id": {"S": "new"}}, "NewImage": {"id": {"S": "new"}}},
    ]
    increment(scratch / "increment", changes)
    report = only(restore(server.url, scratch / "increment", "--as", "people", "--into-existing", cwd=scratch))
    assert (report["items"]["written"], report["items"]["deleted"]) == (2, 1)
    client = server.boto()
    get = lambda name: client.get_item(TableName="people", Key={"id": {"S": name}}).get("Item")
    assert get("row-000000000001") == {"id": {"S": "row-000000000001"}, "v": {"N": "2"}}
    assert get("row-000000000002") is None and get("new") and len(content(client, "people")) == 2_000
    create(client, "blank")
    report = only(restore(server.url, scratch / "increment", "--as", "blank", "--data-only", cwd=scratch))
    assert report["verification"]["result"] == "equal" and report["verification"]["items"] == 2, report


def test_deletes_keep_to_the_rate_and_are_not_done_twice(scratch, dumped):
    server, _ = dumped
    client = server.boto()
    keys = [{"id": {"S": f"row-{n:012d}"}} for n in range(500)]
    increment(scratch / "increment", [{"Keys": key} for key in keys])
    command = [scratch / "increment", "--as", "people", "--into-existing", "--rate", "100 items/s"]
    chance, busy = random.Random(settings.SEED), []
    refuse = lambda operation, body: (
        dumps.refusal("ThrottlingException", "slow down") if busy and operation == "BatchWriteItem" and chance.random() < 0.5 else None)
    with stub.stub(dumps.Recorder(server.url, refuse)) as url:
        report = only(restore(url, *command, "--run-time", "2s", cwd=scratch), 10)
        assert 100 <= report["items"]["deleted"] <= 300, report
        assert len(content(client, "people")) == 2_000 - report["items"]["deleted"]
        write(client, "people", [keys[0]])
        busy.append(True)
        report = only(restore(url, *command[:-2], cwd=scratch))
    assert report["items"]["deleted"] == 500
    assert len(content(client, "people")) == 1_501, "what has come back after it was deleted stays"


# Streams


def test_a_stream_is_restored_and_one_that_is_cut_off_is_not(scratch, dumped):
    server, _ = dumped
    made = subprocess.run(
        [settings.SALTMILL, "dump", "people", "--to", "-", "--endpoint-url", server.url], stdin=subprocess.DEVNULL, capture_output=True,
        env=servers.environment(TMPDIR=scratch), timeout=60)
    assert made.returncode == 0, made.stderr

    def receive(stream, *arguments):
        command = [settings.SALTMILL, "restore", "-", *arguments, "--endpoint-url", server.url, "--json", "--no-progress"]
        done = subprocess.run(command, input=stream, capture_output=True, env=servers.environment(TMPDIR=scratch), cwd=scratch, timeout=60)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    for cut in (0, 100, len(made.stdout) // 2, len(made.stdout) - 2_000):
        code, out, err = receive(made.stdout[:cut], "--as", "copy")
        assert code == 1 and err, (cut, code, out, err)
    assert names(server.boto()) == {"people"}
    code, out, err = receive(made.stdout, "--as", "copy")
    assert code == 0, err
    assert content(server.boto(), "copy") == content(server.boto(), "people")
    assert not list(scratch.glob("saltmill.*")), "what was unpacked is removed"


def test_an_interrupt_ends_the_wait_for_a_stream(scratch):
    process = subprocess.Popen(
        [settings.SALTMILL, "restore", "-", "--as", "copy", "--endpoint-url", "http://127.0.0.1:1"], stdin=subprocess.PIPE,
        stderr=subprocess.PIPE, env=servers.environment(TMPDIR=scratch), cwd=scratch)
    process.stdin.write(b"x")
    process.stdin.flush()
    deadline = time.monotonic() + 10
    while not list(scratch.glob("saltmill.*")):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 130
    assert not list(scratch.glob("saltmill.*")), "what was unpacked is removed"


# Bars


@pytest.mark.long
def test_killed_restore_is_exact(scratch, serve, measured):
    count = choose(20_000, 100_000)
    server = serve()
    create(server.boto(), "people")
    write(server.boto(), "people", people(count))
    dumps.dump(server.url, "people", "--to", scratch / "dump").expect()
    chance = random.Random(settings.SEED)
    rate = max(100, round(count / (KILLS * 0.5)))
    command = ["restore", scratch / "dump", "--as", "copy", "--rate", f"{rate}/s", "--endpoint-url", server.url, "--json", "--no-progress"]
    for kill in range(KILLS):
        process = program.popen(*command, cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            code = process.wait(chance.uniform(0.02, 1.2))
            raise AssertionError(f"after {kill} kills it ended by itself with {code}: {process.stderr.read()}")
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
        process.stdout.close()
        process.stderr.close()
    report = only(restore(server.url, scratch / "dump", "--as", "copy", cwd=scratch))
    assert report["items"]["written"] == count and report["verification"]["result"] == "equal", report
    measured("kills of a restore, runs that went on from a checkpoint", f"{KILLS}, {report['runs'] - 1}")
    dumps.dump(server.url, "copy", "--to", scratch / "again").expect()
    assert digest(scratch / "again", "copy") == digest(scratch / "dump", "people")


@pytest.mark.long
def test_nothing_is_lost_through_faults(scratch, running, serve, measured):
    server = serve()
    create(server.boto(), "people")
    write(server.boto(), "people", people(FAULT_ITEMS))
    dumps.dump(server.url, "people", "--to", scratch / "dump").expect()
    proxy = running(servers.start_proxy, server.url, scratch / "faults.jsonl", seed=settings.SEED, outage_after=40, outage_seconds=3, **MIX)
    report = only(restore(proxy.url, scratch / "dump", "--as", "copy", cwd=scratch, timeout=choose(240, 1800)))
    assert report["verification"]["result"] == "equal" and report["items"]["written"] == FAULT_ITEMS
    assert report["requests"]["throttled"] > 0 and report["requests"]["failed"] > 0 and report["refused_items"] > 0
    assert content(server.boto(), "copy") == content(server.boto(), "people")
    measured("requests of a restore through faults: sent, throttled, failed", str(list(report["requests"].values())))


@pytest.mark.long
def test_flights_there_and_back(scratch, serve):
    count = choose(30_000, data.FLIGHTS_ROWS)
    server = serve()
    data.first_flights(count, scratch / "flights.csv")
    spec = program.write_spec(scratch, flights.spec("flights.csv"))
    assert program.load(spec, server.url, timeout=900).expect().json()["rows"]["written"] == count
    dumps.dump(server.url, "flights", "--to", scratch / "dump", timeout=600).expect()
    report = only(restore(server.url, scratch / "dump", "--as", "flights-copy", cwd=scratch, timeout=900))
    assert report["items"]["written"] == count and report["verification"] | {"seconds": 0} == {"result": "equal", "items": count, "seconds": 0}
    difference = compare.compare(compare.expected_flights(data.read(scratch / "flights.csv"), "departure"), server.boto(), "flights-copy")
    assert not difference, str(difference)
    tags = server.boto().list_tags_of_resource(
        ResourceArn=server.boto().describe_table(TableName="flights-copy")["Table"]["TableArn"])["Tags"]
    assert any(tag["Key"] == "saltmill:salt" for tag in tags), "the salts are declared on the restored table"


@pytest.mark.long
@pytest.mark.measuring
def test_cost_and_memory(scratch, running, serve, measured):
    """Client CPU of a restore into a store without bottom, and its memory."""
    count = choose(100_000, 1_000_000)
    server = serve()
    create(server.boto(), "people")
    write(server.boto(), "people", people(count))
    dumps.dump(server.url, "people", "--to", scratch / "dump", timeout=600).expect()
    sink = running(servers.start_sink, {
        "TableName": "people", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]})
    result = restore(sink.url, scratch / "dump", "--data-only", "--verify", "none", cwd=scratch, measure=True, timeout=600).expect()
    measured("client CPU of a restore, µs an item", result.cpu / count * 1e6)
    measured("memory of a restore, MiB", result.usage["peak_kib"] / 1024)
    assert result.usage["peak_kib"] <= 64 * 1024
    assert result.cpu / count <= choose(6e-6, 3e-6)


@pytest.mark.long
def test_large_items_take_no_more_memory(scratch, running, measured):
    """Items of 400 KB there and back, however many of them wait."""
    count = choose(300, 1_000)
    server = running(servers.start_saltmill, data=scratch / "store")
    create(server.boto(), "large")
    for index in range(count):
        server.boto().put_item(TableName="large", Item={"id": {"S": str(index)}, "text": {"S": f"{index % 10}" * 400_000}})
    dumped = dumps.dump(server.url, "large", "--to", scratch / "dump", measure=True, timeout=600).expect()
    restored = restore(server.url, scratch / "dump", "--as", "copy", cwd=scratch, measure=True, timeout=600).expect()
    assert only(restored)["verification"]["result"] == "equal"
    peaks = [result.usage["peak_kib"] / 1024 for result in (dumped, restored)]
    measured("memory of dump and restore of items of 400 KB, MiB", str([round(peak, 1) for peak in peaks]))
    assert max(peaks) <= 64, peaks
