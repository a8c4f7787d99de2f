"""A load that is killed with SIGKILL again and again, at random moments, and resumed each time."""

import collections
import dataclasses
import json
import random
import signal
import subprocess
import time

import pytest

import compare
import data
import flights
import program
import settings
from settings import choose, number

KILLS = number("KILLS", 15, 50)
SECONDS = number("KILL_SECONDS", 15, 60)
ROWS = choose(60_000, data.FLIGHTS_ROWS)

#: Cells that make a row bad, and the code under which it has to be rejected.
BAD = [("dep_time", "soon", "number.syntax"), ("distance", "1E+126", "number.range"), ("air_time", "1" * 39, "number.digits")]


def prepare(folder, count, chance):
    """Writes flights of which about every 500th has a bad cell; returns the file, the good rows, and the bad ones' codes by line."""
    path = folder / "flights.csv"
    good, bad = [], {}
    with open(path, "w", newline="") as out:
        for index, row in zip(range(count), data.read(data.flights())):
            if index == 0:
                out.write(",".join(row) + "\n")
            if chance.random() < 0.002:
                column, value, bad[index + 2] = chance.choice(BAD)
                row = {**row, column: value}
            else:
                good.append(row)
            out.write(",".join(row.values()) + "\n")
    return path, good, bad


@dataclasses.dataclass
class Run:
    """What is known of one run: when it began, how it ended, and how many rows its last checkpoint says are written."""

    began: float
    code: int
    saved: int = 0


def one_run(spec, url, seconds, log):
    """Runs the load, for at most so many seconds; None lets it finish."""
    began = time.time()
    process = program.popen("load", spec, "--endpoint-url", url, "--json", "--no-progress", stdout=log, stderr=log)
    try:
        code = process.wait(seconds if seconds is not None else 600)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        code = process.wait()
    return Run(began, code)


def saved(spec):
    """Rows written according to the checkpoint; none before there is one."""
    status = program.run("status", spec, "--json")
    return status.json().get("rows", {"written": 0})["written"] if status.code == 0 else 0


@pytest.mark.long
def test_killed_load_is_exact(scratch, serve, measured):
    chance = random.Random(settings.SEED)
    file, good, bad = prepare(scratch, ROWS, chance)
    log = scratch / "requests.jsonl"
    server = serve(request_log=log)
    # Two units for an item: the table's, and its index's.
    rate = 2 * ROWS // SECONDS
    spec = program.write_spec(scratch, flights.spec(file.name, rate=f"{rate}/s"))

    runs = []
    with open(scratch / "load.log", "a+") as out:
        while len(runs) < KILLS:
            run = one_run(spec, server.url, chance.uniform(0.02, 1.7 * SECONDS / KILLS), out)
            assert run.code == -signal.SIGKILL, f"run {len(runs) + 1} ended by itself with {run.code}: {tail(out)}"
            run.saved = saved(spec)
            runs.append(run)
        out.truncate(0)
        final = one_run(spec, server.url, None, out)
        assert final.code == 3, tail(out)
    report = json.loads((scratch / "flights.saltmill" / "report.json").read_text())

    account = program.check_account(report)
    assert (account["read"], account["written"], account["rejected"]) == (ROWS, len(good), len(bad)), account
    difference = compare.compare(compare.expected_flights(good, "departure"), server.boto(), "flights")
    assert not difference, str(difference)

    lines = program.rejects(scratch / "rejects.jsonl")
    assert collections.Counter((line["line"], line["code"]) for line in lines) == collections.Counter(bad.items())

    measured("kills", len(runs))
    server.stop()
    check_repeats(program.writes(log), runs, final, len(good), measured)


def tail(out):
    out.seek(0)
    return out.read()[-2000:]


def check_repeats(batches, runs, final, written, measured):
    """No resume writes a row again that the checkpoint it began from has counted as written.

    Of the rows that the server has taken when a run is killed, those that the checkpoint does not count may be written again, no others.
    """
    writes = [(moment, key["day"]["S"], key["departure"]["S"]) for moment, keys in batches for key in keys]
    begins = [run.began for run in runs[1:]] + [final.began, float("inf")]
    taken, position, unsettled, repeats = set(), 0, 0, []
    for run, until in zip([*runs, final], begins):
        repeated = 0
        while position < len(writes) and writes[position][0] < until:
            repeated += writes[position][1:] in taken
            taken.add(writes[position][1:])
            position += 1
        assert repeated <= unsettled, f"a resume wrote {repeated} rows again, but only {unsettled} were not settled"
        repeats.append(repeated)
        unsettled = len(taken) - run.saved
        assert unsettled >= 0, "the checkpoint counts rows that the server has not taken"
    assert len(taken) == written
    measured("rows written again after a kill: all, worst", f"{sum(repeats)} of {written}, {max(repeats)}")
