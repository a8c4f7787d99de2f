"""Windows of the day: closed hours are kept, and a job goes on when they are over."""

import datetime
import json
import subprocess
import time

import pytest

import program


def clock(hours):
    """The time of day so many hours from now, by UTC."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)).strftime("%H:%M")


def spec(windows):
    return {
        "version": 1, "job": "rows", "source": {"file": "rows.csv"},
        "target": {"table": "rows", "create": {"billing": "on-demand"}},
        "key": {"hash": {"attribute": "id", "type": "S"}}, "attributes": {"name": "S"},
        "rate": {"ceiling": "none", "zone": "UTC", "windows": windows},
    }


def write(scratch, windows):
    (scratch / "rows.csv").write_text("id,name\n" + "".join(f"id-{index},name {index}\n" for index in range(1000)))
    return program.write_spec(scratch, spec(windows))


def test_closed_hours_are_kept_and_the_job_goes_on_when_they_are_over(scratch, serve):
    server = serve()
    closed = [{"days": "all", "from": clock(-1), "to": clock(1), "ceiling": "off"}]
    path = write(scratch, closed)
    report = program.load(path, server.url, "--exit-at-window").expect(10).json()
    assert report["outcome"] == "window" and "closed by the schedule until" in report["message"], report
    assert report["rows"]["written"] == 0
    # A rate given for the run does not open what the spec closes.
    assert program.load(path, server.url, "--exit-at-window", "--rate", "100/s").expect(10).json()["rows"]["written"] == 0

    open_again = [{"days": "all", "from": clock(2), "to": clock(3), "ceiling": "off"}]
    report = program.load(write(scratch, open_again), server.url, "--exit-at-window").expect(0).json()
    assert program.check_account(report)["written"] == 1000


def test_a_job_waits_for_its_window_and_says_so(scratch, serve):
    server = serve()
    path = write(scratch, [{"days": "all", "from": clock(-1), "to": clock(1), "ceiling": "off"}])
    process = program.popen("load", path, "--endpoint-url", server.url, "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    status = {}
    while time.monotonic() < deadline and not status.get("waiting"):
        status = json.loads(program.run("status", path, "--json").out)
        time.sleep(0.1)
    assert "closed by the schedule until" in status["waiting"], status
    assert "WAITING: closed by the schedule until" in process.stderr.readline()
    process.terminate()
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert json.loads(out)["rows"]["written"] == 0


@pytest.mark.measuring
def test_the_ceiling_of_the_window_is_the_one_in_force(scratch, serve):
    server = serve()
    path = write(scratch, [{"days": "all", "from": clock(-1), "to": clock(1), "ceiling": "200/s"}])
    report = program.load(path, server.url).expect(0).json()
    assert report["ceiling"]["limit"] == "200/s"
    assert 4.8 < report["seconds"]["load"] < 6.5, report["seconds"]
