"""What a load costs its own machine."""

import os

import pytest

import program
import rows
import servers
from test_memory import TABLE, spec

#: Seconds of processor time, user and system, for a million rows of ten columns.
LIMIT = float(os.environ.get("COST_LIMIT", "5"))
ROWS = 1_000_000


@pytest.mark.long
@pytest.mark.measuring
def test_a_million_rows_cost_few_seconds_of_processor_time(scratch, running, measured):
    sink = running(servers.start_sink, TABLE)
    path = program.write_spec(scratch, spec(rows.generate(ROWS)))
    result = program.load(path, sink.url, measure=True, timeout=300).expect(0)
    assert program.check_account(result.json())["written"] == ROWS
    cost = result.cpu * 1_000_000 / ROWS
    measured("CPU seconds per million rows", cost)
    measured("  of them in the system", result.usage["system"] * 1_000_000 / ROWS)
    measured("rows a second", ROWS / result.json()["seconds"]["load"])
    assert cost <= LIMIT
