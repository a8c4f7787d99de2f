"""The tools of these tests, tested: the comparison finds every kind of difference, and the proxy really does what it is told."""

import collections
import concurrent.futures
import json
import random

import botocore.exceptions
import pytest

import compare
import data
import rows
import servers
import settings

SMALL = 2_000


def create(client, table, hash_name, range_name=None):
    names = [hash_name] + ([range_name] if range_name else [])
    client.create_table(
        TableName=table, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"))],
    )


def send(url, table, items, attempts=10_000):
    """Writes items with boto3, sending again what comes back or fails, at most so often for each batch; returns how many were given up."""
    client = servers.client(url, retries={"total_max_attempts": 1}, read_timeout=10)
    given_up = 0
    for start in range(0, len(items), 25):
        requests = {table: [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]}
        for _ in range(attempts):
            try:
                requests = client.batch_write_item(RequestItems=requests, ReturnConsumedCapacity="INDEXES")["UnprocessedItems"]
            except (botocore.exceptions.ClientError, botocore.exceptions.HTTPClientError, botocore.exceptions.BotoCoreError):
                continue
            if not requests:
                break
        given_up += sum(map(len, requests.values()))
    return given_up


@pytest.fixture
def flights():
    found = list(row for row, _ in zip(data.read(data.flights()), range(SMALL)))
    return compare.expected_flights(found, "departure")


def test_comparison_finds_each_difference(ministack, flights):
    client = ministack.boto()
    create(client, "flights", "day", "departure")
    items = list(flights.values())
    assert send(ministack.url, "flights", items) == 0
    assert not compare.compare(flights, client, "flights")

    chosen = random.Random(settings.SEED).sample(items, 8)
    key = [{name: item[name] for name in ("day", "departure")} for item in chosen]
    for gone in key[:3]:
        client.delete_item(TableName="flights", Key=gone)
    client.put_item(TableName="flights", Item={**chosen[3], "day": {"S": "2013-01-01.99"}})
    client.put_item(TableName="flights", Item={**chosen[4], "distance": {"N": "1.5"}})
    client.put_item(TableName="flights", Item={**chosen[5], "distance": {"S": chosen[5]["distance"]["N"]}})
    client.put_item(TableName="flights", Item={name: value for name, value in chosen[6].items() if name != "route"})
    client.put_item(TableName="flights", Item={**chosen[7], "more": {"BOOL": True}})
    found = compare.compare(flights, client, "flights")
    assert (len(found.missing), len(found.extra), len(found.different)) == (3, 1, 4), str(found)


def test_numbers_are_compared_by_value_and_sets_without_order():
    assert compare.same({"a": {"N": "100.00"}, "b": {"SS": ["x", "y"]}}, {"a": {"N": "1E2"}, "b": {"SS": ["y", "x"]}})
    assert not compare.same({"a": {"N": "100.00"}}, {"a": {"N": "100.01"}})
    assert not compare.same({"a": {"L": [{"S": "x"}, {"S": "y"}]}}, {"a": {"L": [{"S": "y"}, {"S": "x"}]}})


def test_generated_rows_have_the_stated_size():
    path = rows.generate(SMALL)
    assert path.stat().st_size == len(rows.HEADER) + SMALL * rows.BYTES_PER_ROW
    assert len(compare.expected_generated(data.read(path))) == SMALL


FAULTS = {
    "throttled": 0.15, "failed": 0.15, "reset": 0.05, "lost": 0.05, "wrong_crc": 0.05, "unprocessed": 0.2, "slow": 0.02,
    "slow_seconds": 0.05, "outage_after": 60, "outage_seconds": 1.0,
}


def test_patient_client_loses_nothing_through_the_proxy(ministack, running, flights, scratch):
    create(ministack.boto(), "flights", "day", "departure")
    items = list(flights.values())
    poison = {name: items[700][name] for name in ("day", "departure")}
    log = scratch / "faults.jsonl"
    proxy = running(servers.start_proxy, ministack.url, log, seed=settings.SEED, stubborn=poison, stubborn_times=50, **FAULTS)
    parts = [items[start::4] for start in range(4)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda part: send(proxy.url, "flights", part), parts)) == 0
    assert not compare.compare(flights, ministack.boto(), "flights")

    entries = [json.loads(line) for line in log.read_text().splitlines()]
    done = collections.Counter(entry["fault"] for entry in entries if not entry.get("outage"))
    total = sum(done.values())
    for name in ("throttled", "failed", "reset", "lost", "wrong_crc"):
        assert done[name] == pytest.approx(FAULTS[name] * total, abs=4 * (total * FAULTS[name]) ** 0.5), (name, done)
    outage = [entry for entry in entries if entry.get("outage")]
    assert {"throttled", "unavailable", "reset", "none"} == {entry["fault"] for entry in outage}
    assert outage[-1]["time"] - outage[0]["time"] == pytest.approx(1.0, abs=0.3)
    through = [entry for entry in entries if entry.get("items") and not entry.get("outage")]
    share = sum(entry["handed_back"] for entry in through) / sum(entry["items"] for entry in through)
    assert share == pytest.approx(0.2, abs=0.03)


def test_impatient_client_loses_items_through_the_proxy(ministack, running, flights, scratch):
    create(ministack.boto(), "flights", "day", "departure")
    proxy = running(servers.start_proxy, ministack.url, scratch / "faults.jsonl", seed=settings.SEED, **FAULTS)
    given_up = send(proxy.url, "flights", list(flights.values()), attempts=2)
    found = compare.compare(flights, ministack.boto(), "flights")
    assert given_up > 0 and 0 < len(found.missing) <= given_up and not found.extra and not found.different, str(found)
