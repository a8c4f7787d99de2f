"""The demo: the main job on nothing but the program itself."""

import re
import time

import pytest

import program


@pytest.mark.long
@pytest.mark.measuring
def test_demo_shows_both_loads_side_by_side_within_a_minute(scratch, measured):
    began = time.monotonic()
    result = program.run("demo", cwd=scratch, timeout=120).expect(0)
    seconds = time.monotonic() - began
    measured("seconds of the demo", seconds)
    assert seconds < 60
    text = result.out.lower()
    assert re.search(r"hash key: the date +2015", text) and "the date, salted" in text and "in an index" in text, result.out
    assert "verified" in text, result.out
    assert not list(scratch.iterdir()), "it leaves nothing behind"
