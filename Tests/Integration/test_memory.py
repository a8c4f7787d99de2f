"""Memory does not depend on the size of the input, nor on how slowly a hot key drains."""

import json

import pytest

import program
import rows
import servers
from settings import FULL, choose, number

LIMIT_MIB = 64
TABLE = {
    "TableName": "rows", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}


def spec(file, **more):
    return {
        "version": 1, "job": "rows", "source": {"file": str(file)}, "target": {"table": "rows"}, "key": rows.KEY,
        "attributes": rows.ATTRIBUTES, "rate": {"ceiling": "none"}, **more,
    }


def peak(scratch, url, file, *arguments, code=0, **more):
    """Peak memory of a load, in MiB, and its report."""
    path = program.write_spec(scratch, spec(file, **more))
    result = program.load(path, url, *arguments, measure=True, timeout=1800).expect(code)
    return result.usage["peak_kib"] / 1024, result.json()


@pytest.mark.long
def test_peak_memory_does_not_grow_with_the_input(scratch, running, measured):
    peaks = {}
    for count in choose([100_000, 1_000_000], [1_000_000, 10_000_000]):
        folder = scratch / str(count)
        folder.mkdir()
        peaks[count], report = peak(folder, running(servers.start_sink, TABLE).url, rows.generate(count))
        assert program.check_account(report)["written"] == count
        measured(f"peak MiB of a load of {count:,} rows", peaks[count])
    assert max(peaks.values()) <= LIMIT_MIB, peaks
    if FULL:
        few, many = peaks.values()
        assert abs(many / few - 1) <= 0.05, peaks


@pytest.mark.long
def test_large_rows_take_no_more_memory(scratch, running, measured):
    source = scratch / "large.csv"
    with open(source, "w") as out:
        out.write("id,text\n")
        for index in range(choose(300, 1_000)):
            out.write(f"{index},{f'{index % 10}' * 400_000}\n")
    used, report = peak(
        scratch, running(servers.start_sink, TABLE).url, source, key={"hash": {"attribute": "id", "type": "S"}}, attributes={"text": "S"})
    program.check_account(report)
    measured("peak MiB of a load of rows of 400 KB", used)
    assert used <= LIMIT_MIB


@pytest.mark.long
def test_peak_memory_does_not_grow_with_a_hot_key_that_hardly_drains(scratch, running, measured):
    """Half of the rows belong to one hash key, of which one write in a thousand gets through."""
    seconds = number("HOT_SECONDS", 20, 120)
    count = choose(300_000, 2_000_000)
    source = scratch / "rows.csv"
    with open(source, "w") as out:
        out.write("place,id,text\n")
        for index in range(count):
            out.write(f"{'hot' if index % 2 else f'place-{index}'},{index},{'x' * 100}\n")
    table = {
        "TableName": "rows",
        "AttributeDefinitions": [{"AttributeName": "place", "AttributeType": "S"}, {"AttributeName": "id", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "place", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"}],
    }
    sink = running(servers.start_sink, table)
    log = scratch / "faults.jsonl"
    hot = {"attribute": "place", "value": {"S": "hot"}, "pass": 0.001}
    proxy = running(servers.start_proxy, sink.url, log, hot=hot)
    used, report = peak(
        scratch, proxy.url, source, "--run-time", f"{seconds}s", code=10,
        key={"hash": {"attribute": "place", "from": "place", "type": "S"}, "range": {"attribute": "id", "type": "N"}},
        attributes={"text": "S"},
    )
    account = report["rows"]
    measured("peak MiB with a hot key", used)
    measured("written, and pending on the hot key", f"{account['written']}, {account['pending']}")
    assert used <= LIMIT_MIB
    assert account["read"] == account["written"] + account["pending"], account
    assert account["written"] >= count // 2, "the other keys' rows are not held up by the hot one"
    assert report["hot_keys"] and report["hot_keys"][0].items() >= {"attribute": "place", "value": "hot", "index": None}.items()
    assert not [entry for entry in map(json.loads, log.read_text().splitlines()) if entry["fault"] != "none"]
