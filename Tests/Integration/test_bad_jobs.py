"""What stops a load before its first write: one sentence that names the place and the fix, and an exit code that tells the truth."""

import os
import re
import shutil
import subprocess
import time

import pytest

import compare
import program
import servers
import stub
from settings import SALTMILL

ROWS = "id,name,amount\n" + "".join(f"id-{index},name {index},{index}\n" for index in range(1000))


@pytest.fixture
def source(scratch):
    path = scratch / "rows.csv"
    path.write_text(ROWS)
    return path


def spec(**more):
    return {
        "version": 1, "job": "rows", "source": {"file": "rows.csv"}, "target": {"table": "rows", "create": {"billing": "on-demand"}},
        "key": {"hash": {"attribute": "id", "type": "S"}}, "attributes": {"name": "S", "amount": "N"}, "rate": {"ceiling": "none"}, **more,
    }


def refused(result, codes, *words):
    """The exit code, and a sentence with these words in it."""
    codes = codes if isinstance(codes, tuple) else (codes,)
    assert result.code in codes, f"exit code {result.code}\n{result.out}\n{result.err}"
    for word in words:
        assert re.search(word, result.err, re.IGNORECASE), f"no {word!r} in: {result.err}"
    assert "Fatal error" not in result.err and "Swift" not in result.err
    return result


#: Mistakes of the spec alone: what differs from the good one, and parts of the message.
SPECS = {
    "unknown column": ({"attributes": {"name": "S", "amount": {"from": "amuont", "type": "N"}}}, ["amuont", "amount"]),
    "column neither used nor dropped": ({"attributes": {"name": "S"}}, ["amount", "drop"]),
    "dropped column that is not there": ({"drop": ["colour"]}, ["colour"]),
    "number as salted hash key": (
        {
            "key": {"hash": {"attribute": "id", "from": "amount", "type": "N", "salt": {"shards": 4, "by": ["id"]}}}, "drop": ["id"],
            "attributes": {"name": "S"},
        },
        ["salt", r"\bN\b|number", r"\bS\b"],
    ),
    "salt by what is not in the key": (
        {"key": {"hash": {"attribute": "id", "type": "S", "salt": {"shards": 4, "by": ["name"]}}}}, ["name", "key"]
    ),
    "unknown field": ({"rat": {"ceiling": "none"}}, ["rat", "rate"]),
    "unset variable": ({"source": {"file": "${NO_SUCH_VARIABLE}/rows.csv"}}, ["NO_SUCH_VARIABLE", "set"]),
    "unknown type": ({"attributes": {"name": "STRING", "amount": "N"}}, ["STRING", r"\bS\b"]),
    "share of an on-demand table": ({"rate": {"ceiling": "80%"}}, ["on-demand|provisioned"]),
    "too many shards": ({"key": {"hash": {"attribute": "id", "type": "S", "salt": {"shards": 0, "by": ["id"]}}}}, ["shards"]),
    "unknown version": ({"version": 2}, ["version"]),
}


@pytest.mark.parametrize("case", SPECS)
def test_mistake_in_the_spec_is_named_with_its_place(scratch, source, case):
    change, words = SPECS[case]
    path = program.write_spec(scratch, spec(**change))
    result = refused(program.load(path, "http://127.0.0.1:9"), 2, r"job\.yaml:\d+", *words)
    assert not (scratch / "rows.saltmill" / "state.db").exists(), result


def test_spec_that_is_no_yaml(scratch):
    path = program.write_spec(scratch, "version: 1\njob: [rows\n")
    refused(program.load(path, "http://127.0.0.1:9"), 2, r"job\.yaml:\d+")


@pytest.mark.parametrize("content, words", [
    (None, ["rows.csv"]), ("", ["rows.csv", "empty|header"]), ("id,id,name\n", ["id", "two|twice"]),
])
def test_source_that_cannot_be_read(scratch, content, words):
    if content is not None:
        (scratch / "rows.csv").write_text(content)
    refused(program.load(program.write_spec(scratch, spec()), "http://127.0.0.1:9"), (1, 2), *words)


def test_table_that_is_missing(scratch, source, serve):
    path = program.write_spec(scratch, spec(target={"table": "nowhere"}))
    refused(program.load(path, serve().url), (1, 2), "nowhere", "create")


def test_table_with_another_key(scratch, source, serve):
    server = serve()
    server.boto().create_table(
        TableName="rows", AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
    )
    refused(program.load(program.write_spec(scratch, spec()), server.url), (1, 2), "rows", "key", r"\bid\b", r"\bname\b")


def test_table_that_is_not_empty(scratch, source, serve):
    server = serve()
    path = program.write_spec(scratch, spec())
    program.load(path, server.url).expect(0)
    other = program.write_spec(scratch, spec(job="other"), "other.yaml")
    refused(program.load(other, server.url), (1, 2), "rows", "existing.*overwrite")
    program.write_spec(scratch, spec(job="other", target={"table": "rows", "existing": "overwrite"}), "other.yaml")
    program.load(other, server.url).expect(0)


def test_table_tagged_with_another_recipe(scratch, source, serve):
    server = serve()

    def salted(job, shards):
        return program.write_spec(scratch, spec(
            job=job, target={"table": "rows", "existing": "overwrite", "create": {"billing": "on-demand"}},
            attributes={"amount": "N"}, key={
                "hash": {"attribute": "name", "type": "S", "salt": {"shards": shards, "by": ["id"]}},
                "range": {"attribute": "id", "type": "S"},
            },
        ), f"{job}.yaml")

    program.load(salted("first", 20), server.url).expect(0)
    refused(program.load(salted("second", 10), server.url), (1, 2), r"\b20\b", r"\b10\b", "rows")
    program.load(salted("third", 20), server.url).expect(0)
    unsalted = spec(
        job="unsalted", target={"table": "rows", "existing": "overwrite"}, attributes={"amount": "N"},
        key={"hash": {"attribute": "name", "type": "S"}, "range": {"attribute": "id", "type": "S"}},
    )
    refused(program.load(program.write_spec(scratch, unsalted, "unsalted.yaml"), server.url), (1, 2), "salt", "rows")


def begin(scratch, server, **more):
    """A job that has begun and is not finished."""
    path = program.write_spec(scratch, spec(rate={"ceiling": "100/s"}, **more))
    program.load(path, server.url, "--run-time", "2s").expect(10)
    return path


def test_spec_that_changed_since_the_checkpoint(scratch, source, serve):
    server = serve()
    begin(scratch, server)
    path = program.write_spec(scratch, spec(attributes={"title": {"from": "name", "type": "S"}, "amount": "N"}))
    refused(program.load(path, server.url), (1, 2), "title", "name", "checkpoint|began|changed")
    program.load(program.write_spec(scratch, spec(rejects={"file": "elsewhere.jsonl"})), server.url, "--rate", "none").expect(0)


def test_source_that_changed_since_the_checkpoint(scratch, source, serve):
    server = serve()
    path = begin(scratch, server)
    source.write_text(ROWS.replace("id-7,", "id-x,"))
    refused(program.load(path, server.url), (1, 2), r"rows\.csv", "changed|checkpoint")


def test_table_that_was_recreated_since_the_checkpoint(scratch, source, serve):
    server = serve()
    path = begin(scratch, server)
    client = server.boto()
    description = client.describe_table(TableName="rows")["Table"]
    client.delete_table(TableName="rows")
    client.get_waiter("table_not_exists").wait(TableName="rows", WaiterConfig={"Delay": 1, "MaxAttempts": 10})
    client.create_table(
        TableName="rows", AttributeDefinitions=description["AttributeDefinitions"], KeySchema=description["KeySchema"],
        BillingMode="PAY_PER_REQUEST",
    )
    refused(program.load(path, server.url), (1, 2), "rows", "recreated|another table|created")


def test_checkpoint_of_another_endpoint(scratch, source, serve):
    path = begin(scratch, serve())
    refused(program.load(path, serve().url), (1, 2), "rows", "endpoint|gone")


def test_nobody_listens(scratch, source):
    url = f"http://127.0.0.1:{servers.free_port()}"
    began = time.monotonic()
    refused(program.load(program.write_spec(scratch, spec()), url, timeout=120), (1, 5), re.escape(url[7:]), "connect|refused|reach")
    assert time.monotonic() - began < 60


def test_endpoint_whose_certificate_nobody_vouches_for(scratch, source):
    with stub.stub(stub.error("NeverReached", ""), certificate=stub.self_signed(scratch / "own.pem")) as url:
        refused(program.load(program.write_spec(scratch, spec()), url, timeout=120), (1, 5), "certificate|TLS")


@pytest.mark.parametrize("kind, text, words", [
    ("UnrecognizedClientException", "The security token included in the request is invalid.", ["credential|access key"]),
    ("InvalidSignatureException", "The request signature we calculated does not match the signature you provided.",
     ["credential|secret|key"]),
    ("AccessDeniedException", "User: arn:aws:iam::1:user/x is not authorized to perform: dynamodb:DescribeTable",
     ["dynamodb:DescribeTable|permission|not authorized"]),
    ("ExpiredTokenException", "The security token included in the request is expired", ["expired"]),
])
def test_credentials_that_are_refused(scratch, source, kind, text, words):
    with stub.stub(stub.error(kind, text)) as url:
        refused(program.load(program.write_spec(scratch, spec()), url, timeout=120), 1, *words)


def test_clock_that_is_wrong(scratch, source):
    text = "Signature not yet current: 20300101T010000Z is still later than 20300101T001500Z (20300101T000000Z + 15 min.)"
    with stub.stub(stub.error("InvalidSignatureException", text), headers={"Date": "Tue, 01 Jan 2030 00:00:00 GMT"}) as url:
        refused(program.load(program.write_spec(scratch, spec()), url, timeout=120), 1, "clock")


def test_no_credentials_at_all(scratch, source):
    env = servers.environment(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    result = program.load(program.write_spec(scratch, spec()), "http://127.0.0.1:9", env=env)
    refused(result, (1, 2), "credentials", "AWS_ACCESS_KEY_ID|profile")


def test_table_that_is_being_deleted(scratch, source):
    description = {
        "TableName": "rows", "TableStatus": "DELETING", "TableId": "x", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "TableArn": "arn:aws:dynamodb:us-east-1:0:table/rows",
        "ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0},
    }
    with stub.stub(lambda operation, body: (200, {"Table": description})) as url:
        refused(program.load(program.write_spec(scratch, spec()), url, timeout=20), (1, 5), "rows", "DELETING")


# Inside a mount namespace of its own: a small disk at $1, which a filler can fill.
ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size=4m none "$1"
cp -r "$2"/. "$1"
cd "$1"
"""

FULL_FROM_THE_START = ON_A_SMALL_DISK + """
head -c 100m /dev/zero >filler 2>/dev/null || true
exec "$3" load job.yaml --endpoint-url "$4" --json --no-progress
"""

FULL_FOR_A_WHILE = ON_A_SMALL_DISK + """
"$3" load job.yaml --endpoint-url "$4" --json >out.json & load=$!
sleep 1.5
head -c 100m /dev/zero >filler 2>/dev/null || true
sleep 4
kill -0 $load
rm filler
code=0; wait $load || code=$?
wc -l <rejects.jsonl
exit $code
"""


def on_a_small_disk(scratch, script, url):
    """Runs a script in a mount namespace, which takes root or user namespaces."""
    disk, files = scratch / "disk", scratch / "files"
    disk.mkdir()
    enter = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    allowed = subprocess.run([*enter, "mount", "-t", "tmpfs", "none", str(disk)], capture_output=True).returncode == 0
    if not allowed and not os.environ.get("CI"):
        pytest.skip("this user may not mount a small disk")
    done = subprocess.run(
        [*enter, "sh", "-c", script, "sh", str(disk), str(files), shutil.which(SALTMILL), url], env=servers.environment(),
        capture_output=True, text=True, timeout=120,
    )
    return program.Result(done.returncode, done.stdout, done.stderr)


def bad_and_good(scratch, count):
    """A job of so many rows, every tenth of which is bad."""
    files = scratch / "files"
    files.mkdir()
    with open(files / "rows.csv", "w") as out:
        out.write("id,name,amount\n")
        out.writelines(f"id-{index},name {index},{'bad' if index % 10 == 0 else index}\n" for index in range(count))
    program.write_spec(files, spec(rejects={"file": "rejects.jsonl"}, rate={"ceiling": "500/s"}))


def test_disk_that_is_full_from_the_start(scratch, serve):
    bad_and_good(scratch, 100)
    refused(on_a_small_disk(scratch, FULL_FROM_THE_START, serve().url), (1, 5), "no space|disk is full|disk full")


@pytest.mark.long
def test_disk_that_is_full_for_a_while_is_waited_for(scratch, serve):
    bad_and_good(scratch, 5_000)
    server = serve()
    result = on_a_small_disk(scratch, FULL_FOR_A_WHILE, server.url).expect(3)
    assert re.search("no space|disk is full|disk full", result.err, re.IGNORECASE), result.err
    assert result.out.split() == ["500"], result.out
    found = {item["id"]["S"] for item in compare.scan(server.boto(), "rows")}
    assert found == {f"id-{index}" for index in range(5_000) if index % 10}
