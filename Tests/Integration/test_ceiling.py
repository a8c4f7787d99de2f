"""The ceiling is the ceiling: what an endpoint without limits sees of a load that was asked to keep one."""

import pytest

import program
import rows
from settings import number

SECONDS = number("CEILING_SECONDS", 15, 60)


def spec(count, rate, **more):
    return {
        "version": 1, "job": "ceiling", "source": {"file": str(rows.generate(count))},
        "target": {"table": "rows", "create": {"billing": "on-demand"}}, "key": rows.KEY, "attributes": rows.ATTRIBUTES,
        "rate": {"ceiling": rate}, **more,
    }


def check(times, limit, span):
    """`times`: pairs of time and units, in order. The first request opens the span that is measured and does not count in it."""
    start, end = times[0][0], times[-1][0]
    assert end - start >= 0.9 * span, f"only {end - start:.1f} s of {span} s"
    mean = sum(units for _, units in times[1:]) / (end - start)
    worst, low, window = 0, 0, 0
    for moment, units in times:
        window += units
        while times[low][0] <= moment - 10:
            window -= times[low][1]
            low += 1
        worst = max(worst, window)
    assert worst <= limit * 11, f"{worst} units within 10 s at {limit}/s"
    return mean, worst


@pytest.mark.long
@pytest.mark.parametrize("limit", [50, 200, 2000])
@pytest.mark.measuring
def test_mean_is_the_limit_and_no_window_is_above_it(scratch, serve, measured, limit):
    log = scratch / "requests.jsonl"
    server = serve(request_log=log)
    # Every row is one item of less than 1 KB: one unit.
    path = program.write_spec(scratch, spec(150_000, f"{limit}/s"))
    report = program.load(path, server.url, "--run-time", f"{SECONDS}s").expect(10).json()
    assert report["outcome"] == "run-time" and report["ceiling"]["limit"].startswith(str(limit))
    server.stop()
    times = [(moment, len(keys)) for moment, keys in program.writes(log)]
    mean, worst = check(times, limit, SECONDS)
    measured(f"asked {limit}/s over {SECONDS} s: mean, worst 10 s", f"{mean:.2f}/s, {worst} units")
    assert abs(mean / limit - 1) <= 0.01, mean
    assert sum(units for _, units in times) == report["rows"]["written"]


@pytest.mark.long
@pytest.mark.measuring
def test_share_holds_for_the_table_and_for_each_index(scratch, serve, measured):
    """A provisioned table with two indexes and a share of 80 %: the table uses it, and no index goes over its own share.

    Every item is in the first index; those with an odd quantity are also in the second, which has half the capacity.
    """
    write, share = 1000, 0.8
    log = scratch / "requests.jsonl"
    source = scratch / "rows.csv"
    odd = set()
    with open(source, "w") as out:
        out.write("id,group,lot\n")
        for index in range(write * (SECONDS + 5)):
            # Slightly fewer than half, so that the second index's share is nearly used but does not decide.
            name, lot = f"item-{index:07d}", f"lot-{index % 5003}" if index * 7919 % 1000 < 490 else ""
            if lot:
                odd.add(name)
            out.write(f"{name},group-{index * 31 % 9973},{lot}\n")
    server = serve(request_log=log, physics="none")
    path = program.write_spec(scratch, {
        "version": 1, "job": "share", "source": {"file": str(source)},
        "target": {"table": "rows", "create": {"billing": "provisioned", "write": write, "read": 200}},
        "key": {"hash": {"attribute": "id", "from": "id", "type": "S"}},
        "indexes": [
            {"name": "by_group", "hash": {"attribute": "group"}, "projection": "all", "write": write, "read": 100},
            {"name": "by_lot", "hash": {"attribute": "lot"}, "projection": "keys", "write": write // 2, "read": 100},
        ],
        "attributes": {"group": "S", "lot": "S"}, "rate": {"ceiling": f"{share:.0%}"},
    })
    report = program.load(path, server.url, "--run-time", f"{SECONDS}s").expect(10).json()
    server.stop()

    entries = [(moment, [key["id"]["S"] for key in keys]) for moment, keys in program.writes(log)]
    table, _ = check([(moment, len(names)) for moment, names in entries], share * write, SECONDS)
    by_lot, _ = check([(moment, sum(name in odd for name in names)) for moment, names in entries], share * write / 2, SECONDS)
    measured("share of 80 %: used of table and by_group, of by_lot", f"{table / write:.2%}, {by_lot / (write / 2):.2%}")
    assert table >= 0.78 * write, table
    assert table <= share * write * 1.01, "the table and by_group, which have the same capacity and the same load"
    assert by_lot <= share * write / 2 * 1.01, by_lot
    written = report["rows"]["written"]
    assert report["units"]["table"] == pytest.approx(written)
    assert report["units"]["indexes"]["by_group"] == pytest.approx(written)
    assert report["units"]["indexes"]["by_lot"] == pytest.approx(sum(name in odd for _, names in entries for name in names))
