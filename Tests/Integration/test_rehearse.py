"""Ten days of a load in minutes: what `plan` foretells is what a run against the served endpoint takes, on a clock that skips every wait."""

import datetime

import pytest

import program
import rows
import servers
from settings import choose

#: A Friday evening.
START = datetime.datetime(2026, 12, 4, 18, tzinfo=datetime.timezone.utc)
DAYS = 10


def spec(source, count):
    # Fast by night, slow by day, faster at weekends, nothing in the hour before midnight: about ten days for the rows given.
    share = count / (DAYS * 86400)
    return {
        "version": 1, "job": "rehearsal", "source": {"file": str(source)},
        "target": {"table": "rows", "create": {"billing": "on-demand"}},
        "key": rows.KEY, "attributes": rows.ATTRIBUTES,
        "rate": {
            "ceiling": f"{share:.3f}/s", "zone": "Europe/Berlin",
            "windows": [
                {"days": "all", "from": "23:00", "to": "00:00", "ceiling": "off"},
                {"days": "mon-fri", "from": "22:00", "to": "06:00", "ceiling": f"{2 * share:.3f}/s"},
                {"days": "mon-fri", "from": "08:00", "to": "20:00", "ceiling": f"{share / 2:.3f}/s"},
                {"days": "sat-sun", "from": "06:00", "to": "20:00", "ceiling": f"{1.5 * share:.3f}/s"},
            ],
        },
    }


@pytest.mark.long
def test_ten_days_take_what_the_plan_says(scratch, measured):
    count = choose(60_000, 20_000_000)
    path = program.write_spec(scratch, spec(rows.generate(count), count))
    start = START.strftime("%Y-%m-%dT%H:%M:%SZ")
    planned = program.run("plan", path, "--json", "--no-progress", "--start", start, timeout=1200).expect(0).json()
    run = program.run("rehearse", path, "--json", "--no-progress", "--start", start, timeout=3600, measure=True).expect(0)
    report = run.json()
    assert program.check_account(report)["written"] == count

    days = report["seconds"]["load"] / 86400
    measured("days of the rehearsed load", days)
    measured("minutes of processor time for them", run.cpu / 60)
    assert 6 < days < 14
    units = report["units"]["table"]
    measured("planned units per unit written", planned["units"]["table"] / units)
    measured("planned time per time taken", planned["schedule"]["seconds"] / report["seconds"]["load"])
    assert abs(planned["units"]["table"] / units - 1) < 0.02
    assert abs(planned["schedule"]["seconds"] / report["seconds"]["load"] - 1) < 0.02
    assert report["refused_items"] == 0


def test_a_rehearsal_leaves_nothing_behind_and_touches_nothing(scratch, serve):
    server = serve()
    path = program.write_spec(scratch, spec(rows.generate(2_000), 2_000))
    before = sorted(scratch.iterdir())
    # Endpoint settings of the caller's are not for the rehearsal.
    result = program.run("rehearse", path, env=servers.environment(AWS_ENDPOINT_URL=server.url)).expect(0)
    assert "2000" in result.out.replace(",", "") and "rehearsed" in result.out, result.out
    assert sorted(scratch.iterdir()) == before
    assert servers.client(server.url).list_tables()["TableNames"] == []


def test_what_a_load_would_end_with_the_rehearsal_ends_with_too(scratch):
    source = scratch / "rows.csv"
    source.write_text("id,n\na,1\nb,two\n")
    path = program.write_spec(scratch, {
        "version": 1, "job": "bad", "source": {"file": "rows.csv"}, "target": {"table": "bad"},
        "key": {"hash": {"attribute": "id", "type": "S"}}, "attributes": {"n": "N"}, "rate": {"ceiling": "none"},
    })
    result = program.run("rehearse", path).expect(3)
    assert "number" in result.out, result.out
    assert not (scratch / "bad.saltmill").exists() and not list(scratch.glob("*rejects*"))
