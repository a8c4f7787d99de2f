"""The story of a job over several runs: one of them killed, one paused by the clock, all of it in one report."""

import json
import pathlib
import signal
import time

import jsonschema

import program

SCHEMA = json.loads((pathlib.Path(__file__).parents[2] / "schemas" / "job-report.schema.json").read_text())
ROWS = 3_000


def write(scratch):
    (scratch / "rows.csv").write_text("id,name\n" + "".join(f"{n},{'x' if n % 500 else 'y' * 500_000}\n" for n in range(ROWS)))
    return program.write_spec(scratch, {
        "version": 1, "job": "rows", "source": {"file": "rows.csv"}, "target": {"table": "rows", "create": {"billing": "on-demand"}},
        "key": {"hash": {"attribute": "id", "type": "N"}}, "attributes": {"name": "S"}, "rate": {"ceiling": "500/s"},
    })


def test_a_report_tells_of_every_run(scratch, serve):
    server = serve()
    path = write(scratch)
    assert program.run("report", path).code == 2
    process = program.popen("load", path, "--endpoint-url", server.url, "--no-progress")
    until = time.monotonic() + 20
    while time.monotonic() < until:
        time.sleep(0.2)
        if program.run("status", path, "--json").json().get("rows", {}).get("written", 0) > 100:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(1)
    program.load(path, server.url, "--rate", "none").expect(3)
    report = program.run("report", path, "--json").expect(0).json()
    jsonschema.validate(report, SCHEMA)
    assert report["runs"] == 2 and report["outcome"] == "rejected"
    assert report["rows"]["written"] + report["rows"]["rejected"] == ROWS == report["rows"]["read"]
    assert sum(report["rejects"].values()) == 6
    assert sum(day["written"] for day in report["days"].values()) == report["rows"]["written"]
    gone = [span for span in report["waits"] if span["cause"] == "not running"]
    assert len(gone) == 1 and gone[0]["seconds"] >= 0.9
    page = scratch / "report.html"
    program.run("report", path, "--output", page).expect(0)
    text = page.read_text()
    assert "<script" not in text and "not running" in text and "2 runs" in text and len(text) < 100_000
