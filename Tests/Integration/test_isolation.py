"""A hot key slows only its own rows, of the table's key or of an index's, and the cure that the report names cures it."""

import json

import pytest

import program
from settings import choose

#: Write units a second of table and index, over eight partitions.
WRITE = 4000
ROWS = choose(60_000, 160_000)
#: Other rows may finish so much later; finding out what is hot takes about half a second, however long the load.
LATER = choose(1.07, 1.05)

CASES = {
    # Name: physics, share of the hot rows, and whether it is an index's key that they share.
    "2015": ("2015", 0.05, False),
    "adaptive": ("adaptive", 0.30, False),
    "index": ("2015", 0.30, True),
}


def write_rows(path, share, with_hot):
    """Rows with a key of their own, and hot rows spread all through them; gives how many others there are."""
    others = 0
    with open(path, "w", encoding="ascii") as out:
        out.write("id,day\n")
        for index in range(ROWS):
            # A multiplicative hash: the share holds in every stretch of the file.
            hot = index * 2_654_435_761 % 1_000_000 < share * 1_000_000
            others += not hot
            if not hot or with_hot:
                out.write(f"{index},{'2015-12-07' if hot else f'd{index}'}\n")
    return others


def load(scratch, serve, name, shards=None, with_hot=True):
    physics, share, is_index = CASES[name]
    folder = scratch / f"{with_hot}-{shards}"
    folder.mkdir()
    others = write_rows(folder / "rows.csv", share, with_hot)
    log = folder / "requests.jsonl"
    server = serve(physics=physics, burst=0, request_log=log)
    salt = {"salt": {"shards": shards, "by": ["id"]}} if shards else {}
    spec = {
        "version": 1, "job": "rows", "source": {"file": "rows.csv"},
        # Twelve thousand reads and four thousand writes: eight partitions.
        "target": {"table": "rows", "create": {"billing": "provisioned", "write": WRITE, "read": 3 * WRITE}},
        "rate": {"ceiling": "none"},
    }
    if is_index:
        into = {"salt": {**salt["salt"], "into": "day_shard"}} if shards else {}
        spec |= {
            "key": {"hash": {"attribute": "id", "type": "S"}}, "attributes": {"day": "S"},
            "indexes": [{"name": "by-day", "hash": {"attribute": "day", **into}, "write": WRITE, "read": 3 * WRITE}],
        }
    else:
        spec |= {"key": {"hash": {"attribute": "day", "type": "S", **salt}, "range": {"attribute": "id", "type": "S"}}}
    report = program.load(program.write_spec(folder, spec), server.url).expect(0).json()
    server.stop()
    return report, others, log


def others_end(log, name):
    """Seconds from the first write to the last of a row that is not hot."""
    _, share, _ = CASES[name]
    writes = program.writes(log)
    # The hash of a row's number tells whether it is hot, as when it was written.
    def is_other(key):
        number = int(key["id"]["S"] if "id" in key else next(iter(key.values()))["S"])
        return number * 2_654_435_761 % 1_000_000 >= share * 1_000_000

    return max(moment for moment, keys in writes if any(is_other(json.loads(k) if isinstance(k, str) else k) for k in keys)) - writes[0][0]


@pytest.mark.long
@pytest.mark.parametrize("name", choose(["index"], list(CASES)))
@pytest.mark.measuring
def test_others_do_not_wait_for_a_hot_key_and_the_advice_cures_it(scratch, serve, measured, name):
    _, share, is_index = CASES[name]
    alone, others, log = load(scratch, serve, name, with_hot=False)
    usual = others_end(log, name)
    hot, _, log = load(scratch, serve, name)
    later = others_end(log, name)
    measured(f"{name}: other rows finish after, without and with the hot rows", f"{usual:.2f} s, {later:.2f} s")
    assert later <= usual * LATER

    key = hot["hot_keys"][0]
    assert key["attribute"] == "day" and key["value"] == "2015-12-07", key
    assert key["index"] == ("by-day" if is_index else None), key
    measured(f"{name}: share of the rows on the key, and shards advised", f"{key['share']}, {key['advised_shards']}")
    assert abs(key["share"] / share - 1) < 0.2

    cured, _, _ = load(scratch, serve, name, shards=key["advised_shards"])
    rate = cured["rows"]["written"] / cured["seconds"]["load"]
    measured(f"{name}: units a second with that many shards", rate)
    assert rate >= 0.95 * WRITE
