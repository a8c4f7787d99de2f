"""Dumps: whole and exact in every format, from every endpoint, through faults and kills, under a limit, or refused with the reason."""

import base64
import collections
import concurrent.futures
import io
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tarfile
import threading
import time

import pytest

import compare
import dumps
import program
import servers
import settings
import stub
from dumps import dump
from settings import choose, number

KILLS = number("DUMP_KILLS", 20, 50)
LIMIT_SECONDS = number("DUMP_LIMIT_SECONDS", 15, 60)
ITEMS = 20_000


def create(client, table, name="id", kind="S", range_name=None, **more):
    keys = [(name, kind)] + ([(range_name, "N")] if range_name else [])
    client.create_table(
        TableName=table, AttributeDefinitions=[{"AttributeName": n, "AttributeType": k} for n, k in keys],
        KeySchema=[{"AttributeName": n, "KeyType": role} for (n, _), role in zip(keys, ("HASH", "RANGE"))],
        **({"BillingMode": "PAY_PER_REQUEST"} | more),
    )


def write(client, table, items):
    for start in range(0, len(items), 25):
        requests = {table: [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]}
        while requests:
            requests = client.batch_write_item(RequestItems=requests)["UnprocessedItems"]


def people(count):
    """Items of about 250 bytes of JSON."""
    return [
        {
            "id": {"S": f"row-{index:012d}"}, "name": {"S": f"user {index * 7919 % 99991:010d}"}, "email": {"S": f"u{index:010d}@example.org"},
            "city": {"S": ["Bratislava", "Manchester", "Birmingham"][index % 3]}, "amount": {"N": f"{100 + index % 900}.{index % 9 + 1}"},
            "quantity": {"N": str(index % 1000)}, "active": {"BOOL": index % 2 == 0},
        }
        for index in range(count)
    ]


def every_type():
    """One item for each kind of value that is easily got wrong."""
    binary = bytes(range(256))
    values = {
        "text": {"S": 'quotes " and \\ and / and \n\t\x01\x7f\u2028'}, "edges": {"S": "\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"},
        "empty": {"S": ""}, "long number": {"N": "-0." + "1234567890" * 3 + "12345678"}, "large": {"N": "9" * 38 + "0" * 80},
        "small": {"N": "0." + "0" * 100 + "1"}, "binary": {"B": binary}, "no bytes": {"B": b""}, "true": {"BOOL": True}, "null": {"NULL": True},
        "texts": {"SS": ["a", "b", "ä"]}, "numbers": {"NS": ["1", "-2.5", "300"]}, "binaries": {"BS": [b"\x00", b"\x01\x02"]},
        "list": {"L": [{"B": binary}, {"L": []}, {"M": {}}, {"NULL": True}, {"NS": ["7"]}]},
        "map": {"M": {"b": {"B": b"deep"}, 'q"': {"M": {"x": {"BS": [b"z"]}}}}},
        "big": {"S": "x" * 390_000},
    }
    return [{"id": {"S": name}, "value": value} for name, value in values.items()]


def on_the_wire(item):
    """An item of boto3's as the wire has it: binaries as Base64."""

    def value(attribute):
        ((kind, content),) = attribute.items()
        if kind == "B":
            return {kind: base64.b64encode(content).decode()}
        if kind == "BS":
            return {kind: sorted(base64.b64encode(member).decode() for member in content)}
        if kind == "L":
            return {kind: [value(member) for member in content]}
        if kind == "M":
            return {kind: {name: value(member) for name, member in content.items()}}
        return attribute

    return {name: value(attribute) for name, attribute in item.items()}


def assert_holds(found, expected, names=("id",)):
    """Exactly the expected items, each once."""
    found = {compare.primary_key(item, names): item for item in found} if len(found) == len(expected) else pytest.fail(
        f"{len(found)} items, not {len(expected)}")
    for item in map(on_the_wire, expected):
        other = found.get(compare.primary_key(item, names))
        assert other is not None and compare.same(item, other), (item, other)


@pytest.fixture(scope="module")
def people_file(tmp_path_factory):
    """The data file of an endpoint with a table of people."""
    folder = tmp_path_factory.mktemp("people")
    server = servers.start_saltmill(folder, data=folder / "people.db")
    create(server.boto(), "people")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda part: write(server.boto(), "people", part), (people(ITEMS)[start : start + 2500] for start in range(0, ITEMS, 2500))))
    server.stop()
    return folder / "people.db"


@pytest.fixture
def people_server(scratch, serve, people_file):
    """An endpoint with a table of people."""
    shutil.copy(people_file, scratch / "people.db")
    return serve(data=scratch / "people.db")


@pytest.fixture(params=["saltmill", "moto", "ministack"])
def any_server(request, running):
    starters = {"saltmill": servers.start_saltmill, "moto": servers.start_moto, "ministack": servers.start_ministack}
    return running(starters[request.param])


@pytest.mark.parametrize("format", ["aws", "dynamodump"])
def test_every_type_of_value_is_dumped_from_every_server(scratch, any_server, format):
    client = any_server.boto()
    create(client, "values")
    for item in every_type():
        client.put_item(TableName="values", Item=item)
    expected = list(compare.scan(client, "values", segments=1))
    report = dump(any_server.url, "values", "--to", scratch / "dump", "--format", format, "--segments", 3, "--verify").expect().json()
    found = dumps.read_aws(scratch / "dump", "values") if format == "aws" else dumps.read_dynamodump(scratch / "dump", "values")[0]
    assert_holds(found, expected)
    assert report["verified"] and report["tables"][0]["items"] == len(expected)
    assert program.run("inspect", scratch / "dump").expect().out.count("sound") == 1
    assert not (scratch / "dump.partial").exists()


def test_settings_are_in_the_manifest(scratch, ministack):
    client = ministack.boto()
    create(
        client, "settings", range_name="at", BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 7, "WriteCapacityUnits": 8},
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}, Tags=[{"Key": "team", "Value": "data"}],
    )
    client.update_time_to_live(TableName="settings", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    client.update_continuous_backups(
        TableName="settings", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    report = dump(ministack.url, "settings", "--to", scratch / "dump").expect().json()
    manifest = dumps.manifest(scratch / "dump", "settings")
    found = manifest["settings"]
    assert found["time_to_live"] == "expires" and found["tags"] == {"team": "data"}, found
    assert found["stream"] == "NEW_AND_OLD_IMAGES" and found["point_in_time_recovery"] is True, found
    assert found["missing"] == {} == report["tables"][0]["missing"]
    assert manifest["table"]["ProvisionedThroughput"]["ReadCapacityUnits"] == 7
    assert manifest["scan"]["began"] <= manifest["scan"]["ended"] and "no snapshot" in manifest["scan"]["note"]


def test_what_may_not_be_asked_is_named_and_the_dump_goes_on(scratch, people_server):
    denied = {"DescribeTimeToLive", "ListTagsOfResource"}

    def change(operation, body):
        if operation in denied:
            return dumps.refusal("AccessDeniedException", f"User: x is not authorized to perform: dynamodb:{operation}")
        if operation == "DescribeContinuousBackups":
            return dumps.refusal("UnknownOperationException", "")
        return None

    with stub.stub(dumps.Recorder(people_server.url, change)) as url:
        result = program.run("dump", "people", "--to", scratch / "dump", "--endpoint-url", url).expect()
    assert len(result.out.splitlines()) == 1 and "tags of people (not permitted" in result.out, result.out
    missing = dumps.manifest(scratch / "dump", "people")["settings"]["missing"]
    assert set(missing) == {"time_to_live", "tags", "point_in_time_recovery"}, missing
    assert "not authorized" in missing["tags"] and "does not know" in missing["point_in_time_recovery"], missing
    assert_holds(dumps.read_aws(scratch / "dump", "people"), people(ITEMS))


def test_several_tables_by_pattern_tag_and_all(scratch, ministack):
    client = ministack.boto()
    for name, tags in {"prod-a": {"team": "x"}, "prod-b": {"team": "y"}, "prod-c": {"team": "x", "keep": "1"}, "dev-a": {"team": "x"}}.items():
        create(client, name, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
        write(client, name, [{"id": {"S": f"{name}-{index}"}} for index in range(30)])

    def dumped(*arguments):
        path = scratch / f"dump-{random.random()}"
        report = dump(ministack.url, *arguments, "--to", path).expect().json()
        names = [table["name"] for table in report["tables"]]
        for name in names:
            assert_holds(dumps.read_aws(path, name), [{"id": {"S": f"{name}-{index}"}} for index in range(30)])
        assert {entry.name for entry in path.iterdir()} == set(names)
        return names

    assert dumped("prod-*") == ["prod-a", "prod-b", "prod-c"]
    assert dumped("*-a", "prod-b") == ["dev-a", "prod-a", "prod-b"]
    assert dumped("--all") == ["dev-a", "prod-a", "prod-b", "prod-c"]
    assert dumped("--tag", "team=x") == ["dev-a", "prod-a", "prod-c"]
    assert dumped("prod-*", "--tag", "team=x", "--tag", "keep=1") == ["prod-c"]
    assert "no table" in dump(ministack.url, "other-*", "--to", scratch / "none").expect(2).err
    assert "no table" in dump(ministack.url, "--tag", "team=z", "--to", scratch / "none").expect(2).err
    assert not list(scratch.glob("none*"))


@pytest.mark.parametrize("starter", [servers.start_moto, servers.start_ministack])
def test_filter_and_projection(scratch, running, starter):
    server = running(starter)
    client = server.boto()
    create(client, "people")
    everybody = people(400)
    write(client, "people", everybody)
    dump(
        server.url, "people", "--to", scratch / "dump", "--filter", "#q >= :q", "--projection", "id, #q",
        "--names", '{"#q": "quantity"}', "--values", '{":q": {"N": "100"}}',
    ).expect()
    expected = [{"id": item["id"], "quantity": item["quantity"]} for item in everybody if int(item["quantity"]["N"]) >= 100]
    assert len(expected) == 300
    assert_holds(dumps.read_aws(scratch / "dump", "people"), expected)
    scan = dumps.manifest(scratch / "dump", "people")["scan"]
    assert (scan["filter"], scan["projection"]) == ("#q >= :q", "id, #q")
    refused = dump(server.url, "people", "--to", scratch / "bad", "--filter", "quantity >").expect(1)
    assert "refuses the scan" in refused.err, refused.err


def test_consistent_reads_are_asked_for(scratch, people_server):
    recorder = dumps.Recorder(people_server.url)
    with stub.stub(recorder) as url:
        dump(url, "people", "--to", scratch / "dump", "--consistent").expect()
    assert all(entry["body"]["ConsistentRead"] is True for entry in recorder.scans())
    assert dumps.manifest(scratch / "dump", "people")["scan"]["consistent"] is True


def test_schema_alone(scratch, people_server):
    dump(people_server.url, "people", "--to", scratch / "dump", "--schema-only", "--format", "dynamodump").expect()
    assert not (scratch / "dump" / "people" / "data").exists()
    assert json.loads((scratch / "dump" / "people" / "schema.json").read_bytes())["Table"]["TableName"] == "people"


# Faults


def test_nothing_is_lost_through_faults(scratch, running, people_server, measured):
    log = scratch / "faults.jsonl"
    proxy = running(
        servers.start_proxy, people_server.url, log, seed=settings.SEED, operations=["Scan"],
        throttled=0.2, failed=0.2, reset=0.05, lost=0.1, wrong_crc=0.05, slow=0.05)
    # A limit makes many small pages of the table.
    report = dump(proxy.url, "people", "--to", scratch / "dump", "--rate", "400/s", "--verify", timeout=300).expect().json()
    assert_holds(dumps.read_aws(scratch / "dump", "people"), people(ITEMS))
    faults = collections.Counter(json.loads(line)["fault"] for line in log.read_text().splitlines())
    measured("faults of a dump", dict(faults))
    assert report["requests"]["throttled"] == faults["throttled"] > 0
    assert report["requests"]["failed"] == sum(faults[name] for name in ("failed", "reset", "lost", "wrong_crc")) > 0


@pytest.mark.long
def test_outage_is_waited_for(scratch, running, people_server):
    log = scratch / "faults.jsonl"
    proxy = running(servers.start_proxy, people_server.url, log, operations=["Scan"], outage_after=8, outage_seconds=5)
    dump(proxy.url, "people", "--to", scratch / "dump", "--rate", "200/s").expect()
    assert_holds(dumps.read_aws(scratch / "dump", "people"), people(ITEMS))
    during = [line for line in log.read_text().splitlines() if json.loads(line).get("outage")]
    assert 3 <= len(during) < 200, len(during)


def test_cut_off_answers_are_asked_for_again(scratch, people_server):
    cut = iter([True, True, False, True])

    def change(operation, body):
        # JSON, but no page: what a broken gateway makes of one.
        return (200, {"Count": 3, "ScannedCount": 3}) if operation == "Scan" and next(cut, False) else None

    with stub.stub(dumps.Recorder(people_server.url, change)) as url:
        report = dump(url, "people", "--to", scratch / "dump").expect().json()
    assert report["requests"]["failed"] == 3
    assert_holds(dumps.read_aws(scratch / "dump", "people"), people(ITEMS))


def run_until(process, condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"it did not come to that; exit code {process.poll()}")


@pytest.mark.parametrize("again", [False, True], ids=["deleted", "made again"])
def test_table_that_goes_away_leaves_an_unfinished_dump(scratch, people_server, again):
    client = people_server.boto()
    going_on = threading.Event()
    going_on.set()

    def change(operation, body):
        if operation == "Scan":
            going_on.wait()

    recorder = dumps.Recorder(people_server.url, change)
    with stub.stub(recorder) as url:
        process = program.popen(
            "dump", "people", "--to", scratch / "dump", "--rate", "100/s", "--endpoint-url", url, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        run_until(process, lambda: len(recorder.scans()) > 10)
        # Nothing is read while the table is away: that it is another one is not to be seen from the scan.
        going_on.clear()
        time.sleep(0.3)
        client.delete_table(TableName="people")
        if again:
            create(client, "people")
            write(client, "people", people(500))
        going_on.set()
        out, err = process.communicate(timeout=60)
        resumed = dump(url, "people", "--to", scratch / "dump")
    assert process.returncode == 1, out + err
    assert ("was deleted and made again" if again else "the table is gone") in out, out + err
    assert (scratch / "dump.partial").exists() and not (scratch / "dump").exists()
    assert program.run("inspect", scratch / "dump.partial").code != 0
    # The unfinished dump is of a table that is no more.
    assert ("begin anew" if again else "no such table") in resumed.expect(1).err


@pytest.mark.parametrize("error, code, words", [
    (dumps.refusal("AccessDeniedException", "no"), 1, "permit"),
    (dumps.refusal("UnrecognizedClientException", "The security token included in the request is invalid."), 1, "credentials"),
    (dumps.refusal("ResourceNotFoundException", "Requested resource not found"), 1, "no such table"),
    ((503, {"__type": "ServiceUnavailable", "message": "try later"}), 5, "run the command again"),
])
def test_what_keeps_a_dump_from_beginning_is_said_and_leaves_nothing(scratch, error, code, words):
    with stub.stub(lambda operation, body: error) as url:
        result = dump(url, "people", "--to", scratch / "dump").expect(code)
    assert words in result.err, result.err
    assert not list(scratch.glob("dump*"))


def test_usage_is_checked_before_anything_is_asked(scratch):
    url = "http://127.0.0.1:1"
    for arguments in (
        ["--to", scratch / "x"], ["people", "--all", "--to", scratch / "x"], ["people", "--to", scratch / "x", "--rate", "100"],
        ["people", "--to", "-", "--keep", 3], ["people", "--to", scratch / "x", "--segments", 0],
        ["people", "--to", scratch / "x", "--names", "{}"], ["people", "--to", scratch / "x", "--filter", "a", "--values", '{":v": 1}'],
    ):
        dump(url, *arguments).expect(2)
    assert not list(scratch.iterdir())


def test_share_of_nothing_provisioned_is_refused(scratch, people_server):
    assert "on-demand" in dump(people_server.url, "people", "--to", scratch / "dump", "--rate", "50%").expect(1).err


# Paths


def test_what_is_there_is_never_touched(scratch, people_server):
    (scratch / "dump").mkdir()
    (scratch / "dump" / "file").write_text("mine")
    assert "already" in dump(people_server.url, "people", "--to", scratch / "dump").expect(1).err
    (scratch / "other.partial").mkdir()
    (scratch / "other.partial" / "file").write_text("mine")
    assert "move it away" in dump(people_server.url, "people", "--to", scratch / "other").expect(2).err
    assert (scratch / "dump" / "file").read_text() == (scratch / "other.partial" / "file").read_text() == "mine"


def test_one_instance_at_a_path(scratch, people_server):
    first = program.popen(
        "dump", "people", "--to", scratch / "dump", "--rate", "50/s", "--endpoint-url", people_server.url, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    run_until(first, (scratch / "dump.partial" / ".saltmill-journal").exists)
    dump(people_server.url, "people", "--to", scratch / "dump").expect(11)
    first.send_signal(signal.SIGINT)
    assert first.wait(30) == 130
    first.communicate()


def test_nightly_dumps_keep_the_newest(scratch, people_server):
    nightly = scratch / "nightly"
    (nightly / "20200101T000000Z").mkdir(parents=True)
    (nightly / "20200101T000000Z" / "notes.txt").write_text("no dump of ours")
    (nightly / "other").mkdir()
    made = []
    for _ in range(4):
        report = dump(people_server.url, "people", "--to", nightly, "--keep", 2).expect().json()
        made.append(pathlib.Path(report["path"]).name)
        time.sleep(1.05)
    left = {entry.name for entry in nightly.iterdir() if not entry.name.startswith(".")}
    assert left == {"20200101T000000Z", "other", *made[-2:]}
    assert [pathlib.Path(path).name for path in report["removed"]] == [made[1]]
    # An interrupted one is gone on with by the next run, under its own name.
    assert leave_unfinished(nightly, people_server.url, "people")["exit_code"] == 10
    (partial,) = nightly.glob("*.partial")
    report = dump(people_server.url, "people", "--to", nightly, "--keep", 2).expect().json()
    assert report["resumed"] and report["path"] == str(partial).removesuffix(".partial")
    assert not list(nightly.glob("*.partial"))


def leave_unfinished(nightly, url, *arguments):
    return dump(url, *arguments, "--to", nightly, "--keep", 2, "--rate", "50/s", "--run-time", "2s").expect(10).json()


def test_nightly_dumps_of_two_jobs_leave_each_other_alone(scratch, people_server):
    nightly = scratch / "nightly"
    first = dump(people_server.url, "people", "--to", nightly, "--keep", 1).expect().json()["path"]
    leave_unfinished(nightly, people_server.url, "people", "--consistent")
    (partial,) = nightly.glob("*.partial")
    second = dump(people_server.url, "people", "--to", nightly, "--keep", 1).expect().json()
    assert not second["resumed"] and second["removed"] == [first] and partial.exists()
    third = dump(people_server.url, "people", "--consistent", "--to", nightly, "--keep", 1).expect().json()
    assert third["resumed"] and not third["removed"] and pathlib.Path(second["path"]).exists()


@pytest.mark.parametrize("what", ["made again", "deleted", "altered"])
def test_nightly_dumps_go_on_after_one_that_cannot_be_finished(scratch, people_server, what):
    client, nightly = people_server.boto(), scratch / "nightly"
    create(client, "other")
    write(client, "other", people(10))
    leave_unfinished(nightly, people_server.url, "--all")
    (partial,) = nightly.glob("*.partial")
    if what == "altered":
        next(partial.rglob("*.json.gz")).unlink()
    else:
        client.delete_table(TableName="people")
    if what == "made again":
        create(client, "people")
    result = dump(people_server.url, "--all", "--to", nightly, "--keep", 2).expect()
    assert "cannot be gone on with" in result.err and not result.json()["resumed"], result.err
    assert not list(nightly.glob("*.partial"))


def test_unfinished_dump_of_another_command_is_refused(scratch, people_server):
    dump(people_server.url, "people", "--to", scratch / "dump", "--rate", "50/s", "--run-time", "2s").expect(10)
    refused = dump(people_server.url, "people", "--to", scratch / "dump", "--consistent").expect(2)
    assert "consistent: false → true" in refused.err, refused.err
    report = dump(people_server.url, "people", "--to", scratch / "dump").expect().json()
    assert report["resumed"]
    assert_holds(dumps.read_aws(scratch / "dump", "people"), people(ITEMS))
    assert [entry.name for entry in (scratch / "dump").iterdir()] == ["people"]


def test_dump_that_is_not_what_was_read_does_not_take_its_name(scratch, people_server):
    process = program.popen(
        "dump", "people", "--to", f"{scratch}/dump/", "--rate", "400/s", "--verify", "--endpoint-url", people_server.url, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    # Behind the first finished part's back one byte of it is altered.
    run_until(process, lambda: list((scratch / "dump.partial").rglob("*.json.gz")))
    part = next((scratch / "dump.partial").rglob("*.json.gz"))
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1 and "dump.bad" in err, out + err
    assert {entry.name for entry in scratch.glob("dump*")} == {"dump.bad"}
    dump(people_server.url, "people", "--to", f"{scratch}/dump//", "--verify").expect()
    assert_holds(dumps.read_aws(scratch / "dump", "people"), people(ITEMS))


@pytest.mark.parametrize("form", ["aws", "dynamodump"])
def test_tables_may_be_called_like_what_tells_a_format(scratch, serve, form):
    server = serve()
    client = server.boto()
    for table in ("tmp.partial", "manifest", "schema.json", "AWSDynamoDB", "x.dynamodata", "saltmill-manifest.json", "data"):
        create(client, table)
        write(client, table, people(20))
    report = dump(server.url, "--all", "--to", scratch / "dump", "--format", form, "--verify").expect().json()
    assert report["verified"] and [table["items"] for table in report["tables"]] == [20] * 7
    program.run("inspect", scratch / "dump").expect()
    dump(server.url, "tmp.partial", "--to", scratch / "one", "--format", form, "--verify").expect()


def test_files_are_their_owners_alone(scratch, people_server):
    dump(people_server.url, "people", "--to", scratch / "dump").expect()
    for entry in [scratch / "dump", *(scratch / "dump").rglob("*")]:
        assert entry.stat().st_mode & 0o777 == (0o700 if entry.is_dir() else 0o600), entry


def test_stream_is_a_tar_with_the_manifest_last(scratch, people_server):
    result = subprocess.run(
        [settings.SALTMILL, "dump", "people", "--to", "-", "--endpoint-url", people_server.url], stdin=subprocess.DEVNULL, capture_output=True,
        env=servers.environment(), timeout=60)
    assert result.returncode == 0 and b"20000 items" in result.stderr, result.stderr
    with tarfile.open(fileobj=io.BytesIO(result.stdout)) as archive:
        names = archive.getnames()
        assert names[-1] == "people/saltmill-manifest.json"
        archive.extractall(scratch / "dump", filter="data")
    assert_holds(dumps.read_aws(scratch / "dump", "people"), people(ITEMS))
    program.run("inspect", scratch / "dump").expect()


def test_stream_whose_reader_goes_away_fails(people_server):
    process = program.popen(
        "dump", "people", "--to", "-", "--rate", "100/s", "--endpoint-url", people_server.url, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.wait(60) == 1
    assert b"written" in process.stderr.read()
    process.stderr.close()


DISK_FULL = """\
set -e
mount -t tmpfs -o size=1m none "$1"
"$2" dump people --to "$1/dump" --endpoint-url "$3" --no-progress && exit 99 || code=$?
test $code -eq 1 && test ! -e "$1/dump" && test -e "$1/dump.partial"
mount -o remount,size=64m "$1"
"$2" dump people --to "$1/dump" --endpoint-url "$3" --no-progress --verify
"""


def test_full_disk_is_said_and_the_dump_goes_on_when_there_is_room(scratch, people_server):
    disk = scratch / "disk"
    disk.mkdir()
    enter = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    allowed = subprocess.run([*enter, "mount", "-t", "tmpfs", "none", str(disk)], capture_output=True).returncode == 0
    if not allowed and not os.environ.get("CI"):
        pytest.skip("this user may not mount a small disk")
    client = people_server.boto()
    chance = random.Random(settings.SEED)
    write(client, "people", [{"id": {"S": f"noise-{index}"}, "noise": {"B": chance.randbytes(3000)}} for index in range(1000)])
    done = subprocess.run(
        [*enter, "sh", "-c", DISK_FULL, "sh", str(disk), shutil.which(settings.SALTMILL), people_server.url], env=servers.environment(),
        capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done
    assert "No space left" in done.stdout + done.stderr and "21000 items" in done.stdout, done


# Bars


@pytest.mark.long
def test_killed_dump_is_exact(scratch, people_server, measured):
    """Killed again and again at random moments, and gone on with each time; a dump that comes to its end meanwhile is followed by another."""
    chance = random.Random(settings.SEED)
    expected = dump(people_server.url, "people", "--to", scratch / "whole").expect().json()["tables"][0]["digest"]
    kills, finished, kept = 0, 0, 0
    while kills < KILLS:
        path = scratch / f"dump-{finished}"
        process = program.popen(
            "dump", "people", "--to", path, "--rate", "40/s", "--endpoint-url", people_server.url, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE)
        try:
            code = process.wait(chance.uniform(0.02, 1.8))
            assert code == 0, f"after {kills} kills it ended by itself with {code}: {process.stderr.read()}"
            finished += 1
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
            kills += 1
            journal = pathlib.Path(f"{path}.partial") / ".saltmill-journal"
            # A kill may come before the first line, and behind the last step.
            finished += path.exists()
            if journal.exists():
                kept = max(kept, journal.read_text().count('"part":{'))
        process.stderr.close()
    last = scratch / f"dump-{finished}"
    if not last.exists():
        dump(people_server.url, "people", "--to", last, "--verify").expect()
    measured("kills of a dump, dumps finished meanwhile, most parts gone on with", f"{kills}, {finished}, {kept}")
    assert kept > 0
    for path in scratch.glob("dump-*"):
        items = dumps.manifest(path, "people")
        assert f"{items['items']}:{items['digest']}" == expected, path
        assert_holds(dumps.read_aws(path, "people"), people(ITEMS))


@pytest.mark.long
@pytest.mark.measuring
def test_limit_is_kept_within_a_percent(scratch, serve, measured):
    server = serve()
    client = server.boto()
    create(client, "blocks", range_name="at")
    # 2 KB each: a quarter of a unit.
    count = int(100 * (LIMIT_SECONDS + 10) * 4)
    write(client, "blocks", [
        {"id": {"S": f"b{index % 97}"}, "at": {"N": str(index)}, "text": {"S": "x" * 2000}} for index in range(count)])
    recorder = dumps.Recorder(server.url)
    with stub.stub(recorder) as url:
        report = dump(url, "blocks", "--to", scratch / "dump", "--rate", "100/s", "--run-time", f"{LIMIT_SECONDS}s").expect(10).json()
    scans = sorted(recorder.scans(), key=lambda entry: entry["time"])
    mean = sum(entry["units"] for entry in scans) / report["seconds"]
    measured(f"asked 100 read units/s over {LIMIT_SECONDS} s: mean, requests", f"{mean:.2f}/s, {len(scans)}")
    assert abs(mean / 100 - 1) <= 0.01, mean
    worst = max(sum(other["units"] for other in scans if 0 <= other["time"] - entry["time"] < 10) for entry in scans)
    assert worst <= 100 * 11, f"{worst} units within 10 s"
    assert report["read_units"] == pytest.approx(sum(entry["units"] for entry in scans), abs=20)


@pytest.mark.long
@pytest.mark.measuring
def test_cost_memory_and_speed(scratch, serve, measured):
    """Client CPU of a dump, and its memory, which does not grow with the table."""
    peaks = {}
    for count in (100_000, choose(200_000, 1_000_000)):
        server = serve()
        create(server.boto(), "people")
        everybody = people(count)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda start: write(server.boto(), "people", everybody[start : start + 5000]), range(0, count, 5000)))
        began = time.monotonic()
        result = dump(server.url, "people", "--to", scratch / f"dump-{count}", measure=True, timeout=600).expect()
        seconds = time.monotonic() - began
        assert result.json()["tables"][0]["items"] == count
        peaks[count] = result.usage["peak_kib"] / 1024
        measured(f"dump of {count:,} items: seconds, CPU µs an item, peak MiB", f"{seconds:.2f}, {result.cpu / count * 1e6:.2f}, {peaks[count]:.1f}")
        if count == 100_000:
            # dynamodump takes 30 s for as many, 25 of them before its first request.
            assert seconds <= 3, seconds
            if settings.FULL:
                host, _, port = server.url.removeprefix("http://").partition(":")
                began = time.monotonic()
                subprocess.run(
                    [servers.tool("dynamodump"), "-m", "backup", "-r", servers.REGION, "-s", "people", "--host", host, "--port", port,
                     "--dumpPath", scratch / "dynamodump"], check=True, capture_output=True, env=servers.environment())
                ratio = (time.monotonic() - began) / seconds
                measured("times as fast as dynamodump", ratio)
                assert ratio >= 10, ratio
        server.stop()
    assert result.cpu / count * 1e6 <= float(os.environ.get("DUMP_COST_LIMIT", "4"))
    assert max(peaks.values()) <= 64, peaks
