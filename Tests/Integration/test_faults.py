"""Nothing is lost through an endpoint that fails in every way it can: the mix of the promise, an outage, an item refused over and over."""

import collections
import json

import pytest

import compare
import data
import program
import rows
import servers
import settings
from settings import choose, number

ROWS = number("FAULT_ROWS", 5_000, 50_000)
OUTAGE_SECONDS = number("OUTAGE_SECONDS", 5, 60)
REFUSALS = number("REFUSALS", 12, 50)

MIX = {"unprocessed": 0.2, "throttled": 0.2, "failed": 0.2, "reset": 0.05, "lost": 0.05, "wrong_crc": 0.02, "slow": 0.02}


def load_through(scratch, running, upstream, measured, **faults):
    """Loads generated rows through the proxy; the table holds exactly them, the account is right. Returns report and proxy's log."""
    log = scratch / "faults.jsonl"
    source = rows.generate(ROWS)
    proxy = running(servers.start_proxy, upstream.url, log, seed=settings.SEED, **faults)
    spec = program.write_spec(scratch, {
        "version": 1, "job": "faults", "source": {"file": str(source)},
        "target": {"table": "rows", "create": {"billing": "on-demand"}}, "key": rows.KEY, "attributes": rows.ATTRIBUTES,
        "rate": {"ceiling": "none"},
    })
    report = program.load(spec, proxy.url, timeout=choose(240, 1800)).expect(0).json()
    account = program.check_account(report)
    assert (account["read"], account["written"]) == (ROWS, ROWS), account
    difference = compare.compare(compare.expected_generated(data.read(source)), upstream.boto(), "rows")
    assert not difference, str(difference)
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    return report, entries


@pytest.fixture(params=["serve", "ministack"])
def upstream(request):
    server = request.getfixturevalue(request.param)
    return server() if request.param == "serve" else server


@pytest.mark.long
def test_mixed_faults_and_an_outage_lose_nothing(scratch, running, upstream, measured):
    report, entries = load_through(
        scratch, running, upstream, measured, **MIX, outage_after=ROWS // 100, outage_seconds=OUTAGE_SECONDS
    )
    done = collections.Counter("outage" if entry.get("outage") else entry["fault"] for entry in entries)
    measured("faults gone through", dict(done))
    assert {"throttled", "failed", "reset", "lost", "outage", "none"} <= done.keys(), done
    assert sum(entry.get("handed_back", 0) for entry in entries) > 0.1 * ROWS
    assert report["requests"]["throttled"] > 0 and report["requests"]["failed"] > 0 and report["refused_items"] > 0, report
    outage = [entry for entry in entries if entry.get("outage")]
    rate = len(outage) / OUTAGE_SECONDS
    measured("requests a second during the outage", rate)
    assert rate < 500, "an outage is waited for, not hammered at"


@pytest.mark.long
def test_item_refused_over_and_over_arrives_and_holds_up_nothing(scratch, running, upstream, measured):
    stubborn = {"id": {"S": rows.row(ROWS // 3).split(",")[0]}}
    report, entries = load_through(scratch, running, upstream, measured, stubborn=stubborn, stubborn_times=REFUSALS)
    refusals = sum(entry.get("handed_back", 0) for entry in entries)
    assert refusals == REFUSALS == report["refused_items"], refusals
    measured(f"seconds until an item was taken that was refused {REFUSALS} times", report["seconds"]["load"])
    # While the item waits, all others go through: the last request with another row comes before the last refusal.
    writes = [entry for entry in entries if entry["operation"] == "BatchWriteItem"]
    last_refusal = max(index for index, entry in enumerate(writes) if entry["handed_back"])
    assert all(entry["items"] == 1 for entry in writes[last_refusal:]), writes[last_refusal:]
