"""A load that is killed with SIGKILL again and again, at random moments, and resumed each time."""

import collections
import dataclasses
import json
import os
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
    """What is known of one run: when it began and was killed, and when the state it left was last written."""

    began: float
    ended: float = 0.0
    saved: float = 0.0
    code: int = 0


def last_saved(state):
    """When the checkpoint's files were last written; 0 before there are any."""
    times = [os.stat(state / name).st_mtime for name in ("state.db", "state.db-wal") if (state / name).exists()]
    return max(times, default=0.0)


def one_run(spec, url, seconds, log):
    """Runs the load, for at most so many seconds; None lets it finish."""
    run = Run(began=time.time())
    process = program.popen("load", spec, "--endpoint-url", url, "--json", "--no-progress", stdout=log, stderr=log)
    try:
        run.code = process.wait(seconds if seconds is not None else 600)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        run.code = process.wait()
    run.ended = time.time()
    return run


@pytest.mark.long
def test_killed_load_is_exact(scratch, serve, measured):
    chance = random.Random(settings.SEED)
    file, good, bad = prepare(scratch, ROWS, chance)
    log = scratch / "requests.jsonl"
    server = serve(request_log=log)
    # Two units for an item: the table's, and its index's.
    rate = 2 * ROWS // SECONDS
    spec = program.write_spec(scratch, flights.spec(file.name, rate=f"{rate}/s"))
    state = scratch / "flights.saltmill"

    runs = []
    with open(scratch / "load.log", "w+") as out:
        while len(runs) < KILLS:
            run = one_run(spec, server.url, chance.uniform(0.02, 1.7 * SECONDS / KILLS), out)
            assert run.code == -signal.SIGKILL, f"run {len(runs) + 1} ended by itself with {run.code}: {tail(out)}"
            run.saved = last_saved(state)
            runs.append(run)
        out.truncate(0)
        final = one_run(spec, server.url, None, out)
        assert final.code == 3, tail(out)
    report = json.loads((state / "report.json").read_text())

    account = program.check_account(report)
    assert (account["read"], account["written"], account["rejected"]) == (ROWS, len(good), len(bad)), account
    difference = compare.compare(compare.expected_flights(good, "departure"), server.boto(), "flights")
    assert not difference, str(difference)

    lines = program.rejects(scratch / "rejects.jsonl")
    assert collections.Counter((line["line"], line["code"]) for line in lines) == collections.Counter(bad.items())

    measured("kills", len(runs))
    server.stop()
    check_repeats(list(program.request_log(log)), runs, final, len(good), measured)


def tail(out):
    out.seek(0)
    return out.read()[-2000:]


def check_repeats(entries, runs, final, written, measured):
    """Each resume writes again at most what was unsettled: what its predecessor wrote after its last checkpoint, or had under way."""
    writes = [(entry["time"], tuple(sorted((name, str(value)) for name, value in key.items())))
              for entry in entries if entry["operation"] == "BatchWriteItem" for key in entry["keys"]]
    writes.sort(key=lambda write: write[0])
    position, seen, repeats, worst = 0, set(), 0, 0
    unsettled_before = 0
    for run in [*runs, final]:
        repeated, unsettled = 0, 0
        until = run.ended if run is not final else float("inf")
        while position < len(writes) and writes[position][0] <= until:
            moment, key = writes[position]
            repeated += key in seen
            seen.add(key)
            # File times are taken from the kernel's clock, which is a tick behind.
            unsettled += moment >= run.saved - 0.25
            position += 1
        assert repeated <= unsettled_before, f"a resume repeated {repeated} writes; {unsettled_before} were unsettled"
        repeats, worst = repeats + repeated, max(worst, repeated)
        # A run killed before it saved anything leaves what was unsettled as it was.
        unsettled_before = unsettled + (repeated if run.saved < run.began else 0) + (unsettled_before if run.saved < run.began else 0)
    assert len(seen) == written
    measured("writes repeated by all resumes, and by the worst one", f"{repeats} of {written}, {worst}")
