"""What a plan says comes about: units and duration of a real load are within 2 % of it."""

import datetime
import json
import pathlib
import time

import pytest

import program
import servers
from settings import number

ROWS = number("PLAN_ROWS", 12_000, 40_000)


def write_flights(path, count):
    """Rows like the flights': sorted by day, some of them with a key that an earlier row has, some cancelled."""
    with open(path, "w") as out:
        out.write("day,carrier,flight,delay,note\n")
        for index in range(count):
            day = datetime.date(2013, 1, 1) + datetime.timedelta(days=index * 60 // count)
            flight = index if index % 100 else max(index - 1, 0)
            note = "n" * (index * 7919 % 1500)
            out.write(f"{day},{'AA DL UA B6 WN'.split()[index % 5]},{flight},{'' if index % 40 == 0 else index % 90 - 10},{note}\n")


def spec(rate, job="flights"):
    return {
        "version": 1, "job": job, "source": {"file": "flights.csv"}, "target": {"table": job, "create": {"billing": "on-demand"}},
        "key": {
            "hash": {"attribute": "day", "type": "S", "salt": {"shards": 20, "by": ["flight"]}},
            "range": {"attribute": "flight", "type": "N"},
        },
        "indexes": [{
            "name": "by_carrier", "hash": {"attribute": "carrier", "salt": {"shards": 10, "by": ["flight"], "into": "carrier_shard"}},
            "projection": "keys",
        }],
        "attributes": {"carrier": "S", "delay": "N", "note": "S"}, "rate": rate,
    }


def plan(path, *arguments, **options):
    return program.run("plan", path, "--json", "--no-progress", *arguments, **options)


@pytest.mark.long
@pytest.mark.measuring
def test_a_plan_comes_about(scratch, serve, measured):
    write_flights(scratch / "flights.csv", ROWS)
    server = serve(physics="none")
    # The window changes while the load runs: the next whole minute but one is where the faster one begins.
    now = datetime.datetime.now(datetime.timezone.utc)
    change = (now + datetime.timedelta(seconds=70)).replace(second=0, microsecond=0)
    end = change + datetime.timedelta(hours=2)
    windows = [{"days": "all", "from": f"{change:%H:%M}", "to": f"{end:%H:%M}", "ceiling": "800/s"}]
    path = program.write_spec(scratch, spec({"ceiling": "400/s", "zone": "UTC", "windows": windows}))
    wait = (change - datetime.datetime.now(datetime.timezone.utc)).total_seconds() - 12
    time.sleep(max(wait, 0))
    planned = plan(path, "--endpoint-url", server.url).expect(0).json()
    report = program.load(path, server.url).expect(0).json()
    rows = program.check_account(report)

    assert len(planned["schedule"]["legs"]) == 2, planned["schedule"]
    assert planned["rows"]["read"] == rows["read"] and planned["rows"]["superseded"] == rows["superseded"] > 0
    assert planned["rows"]["to_write"] == rows["written"]
    units = planned["units"]["table"] / report["units"]["table"] - 1
    by_carrier = planned["units"]["indexes"]["by_carrier"] / report["units"]["indexes"]["by_carrier"] - 1
    seconds = planned["schedule"]["seconds"] / report["seconds"]["load"] - 1
    measured("plan against load: units of table, of index, seconds", f"{units:+.3%}, {by_carrier:+.3%}, {seconds:+.2%}")
    assert abs(units) <= 0.02 and abs(by_carrier) <= 0.02, (planned["units"], report["units"])
    assert abs(seconds) <= 0.02, (planned["schedule"], report["seconds"])


def test_a_plan_needs_no_endpoint_and_writes_to_none(scratch, serve):
    write_flights(scratch / "flights.csv", 500)
    path = program.write_spec(scratch, spec({"ceiling": "100/s"}))
    nowhere = f"http://127.0.0.1:{servers.free_port()}"
    planned = plan(path, "--endpoint-url", nowhere).expect(0).json()
    assert planned["target"]["origin"] == "created" and "127.0.0.1" in planned["notes"][0], planned["notes"]
    log = scratch / "requests.jsonl"
    server = serve(request_log=log)
    assert plan(path, "--endpoint-url", server.url).expect(0).json()["notes"] == []
    assert server.boto().list_tables()["TableNames"] == []
    operations = {json.loads(line)["operation"] for line in log.read_text().splitlines()}
    assert operations <= {"DescribeTable", "ListTables"}, operations


def test_the_text_says_how_long_first_and_what_goes_wrong_next(scratch):
    write_flights(scratch / "flights.csv", 2_000)
    made = spec({"ceiling": "1000/s"})
    del made["key"]["hash"]["salt"]
    path = program.write_spec(scratch, made)
    prices = pathlib.Path(__file__).parents[2] / "schemas" / "examples" / "prices.json"
    page = scratch / "plan.html"
    arguments = ["--start", "2026-12-01T22:00:00Z", "--prices", prices, "--simulate", "--report", page, "--no-progress"]
    result = program.run("plan", path, *arguments).expect(0)
    lines = result.out.splitlines()
    assert lines[0].startswith("flights: ") and "done 2026-12-01 22:00:0" in lines[0] and "write units" in lines[0]
    assert lines[1].startswith("  limit     ceiling 1000/s") and lines[2].startswith("  cost      ")
    assert any("sorted-input" in line for line in lines)
    assert any(line.startswith("Rehearsal (adaptive partitions)") for line in lines)
    # The same question has the same answer.
    assert program.run("plan", path, *arguments).out == result.out
    html = page.read_text()
    assert "<svg" in html and "<script" not in html and "default-src 'none'" in html
    svg = scratch / "plan.svg"
    program.run("plan", path, "--simulate", "--report", svg, "--no-progress").expect(0)
    assert svg.read_text().startswith("<svg xmlns=")
