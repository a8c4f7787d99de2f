"""Rendering: the items that a load would write, as files that inspect and restore read, the same way each time."""

import gzip
import hashlib
import itertools
import json
import os
import random

import pytest

import compare
import program
import rows
import settings
from settings import choose
from test_verify import item, spec

ROWS = choose(30_000, 1_000_000)


def render(path, to, *arguments, **options):
    return program.run("render", path, "--to", to, "--json", "--no-progress", *arguments, **options)


def files(folder):
    """The data files in the order of their names."""
    return sorted((folder / "rows").glob("AWSDynamoDB/*/data/*.json.gz"))


def content(path):
    with gzip.open(path, "rt", encoding="utf-8") as text:
        return [json.loads(line) for line in text]


@pytest.mark.long
def test_what_is_rendered_is_what_is_loaded(scratch, serve, measured):
    path = program.write_spec(scratch, spec(rows.generate(ROWS)))
    report = render(path, scratch / "items", "--file-size", choose(1, 64), measure=True, timeout=1800).expect()
    measured(f"peak MiB of rendering {ROWS:,} rows", report.usage["peak_kib"] / 1024)
    assert report.usage["peak_kib"] / 1024 <= 96
    report = report.json()
    assert report["rows"] == {"read": ROWS, "written": ROWS, "rejected": 0, "superseded": 0} and report["items"] == ROWS
    sizes = [sum(len(json.dumps(line)) for line in content(file)) for file in files(scratch / "items")]
    assert len(sizes) == report["files"] > 3 and max(sizes) / min(sizes) < 1.05
    lines = list(itertools.chain.from_iterable(content(file) for file in files(scratch / "items")))
    assert all(list(line) == ["Item"] for line in lines)
    found = {line["Item"]["id"]["S"]: line["Item"] for line in lines}
    assert len(found) == len(lines) == ROWS
    for index in random.Random(settings.SEED).sample(range(ROWS), 1_000):
        made = item(index)
        assert compare.same(found[made["id"]["S"]], made)
    # Sorted input is spread: neighbours in the source are far apart.
    order = {line["Item"]["id"]["S"]: place for place, line in enumerate(lines)}
    gaps = [abs(order[f"row-{index:012d}"] - order[f"row-{index + 1:012d}"]) for index in range(0, ROWS - 1, 97)]
    assert 0.25 < sum(gaps) / len(gaps) / ROWS < 0.42

    assert program.run("inspect", scratch / "items", "--json").expect().json()
    server = serve()
    program.run("restore", scratch / "items", "--endpoint-url", server.url, "--no-progress", cwd=scratch, timeout=1800).expect()
    # Key, tags with the salt's recipe, and content are those that a load makes.
    assert program.run("verify", path, "--endpoint-url", server.url, "--json", timeout=1800).expect().json()["equal"] == ROWS
    tags = server.boto().list_tags_of_resource(ResourceArn=server.boto().describe_table(TableName="rows")["Table"]["TableArn"])["Tags"]
    assert any(tag["Key"] == "saltmill:salt" for tag in tags)
    creation = json.loads((scratch / "items" / "rows" / "table-creation-parameters.json").read_text())
    server.boto().create_table(**{**creation, "TableName": "another"})


def test_the_same_rows_are_rendered_the_same_way(scratch):
    source = scratch / "rows.csv"
    text = rows.generate(3_000).read_text().splitlines(keepends=True)
    digests = []
    for number in range(2):
        source.write_text(text[0] + "".join(text[1:] if number == 0 else reversed(text[1:])))
        path = program.write_spec(scratch, spec(source), f"{number}.yaml")
        render(path, scratch / str(number), "--file-size", "1").expect()
        digests.append([hashlib.sha256(b"".join(gzip.open(file).read() for file in files(scratch / str(number)))).hexdigest()])
    assert digests[0] == digests[1]


def test_bad_rows_and_bad_ends(scratch):
    source = scratch / "rows.csv"
    lines = rows.generate(1_000).read_text().splitlines()[:50]
    source.write_text("\n".join([*lines, lines[7].replace(",true", ",maybe").replace(",false", ",maybe").replace("row-", "bad-"), lines[9]]) + "\n")
    path = program.write_spec(scratch, spec(source))
    report = render(path, scratch / "items").expect(3).json()
    assert report["rows"] == {"read": 51, "written": 49, "rejected": 1, "superseded": 1}
    assert len(program.rejects(scratch / "items.rejects.jsonl")) == 1
    assert os.stat(scratch / "items.rejects.jsonl").st_mode & 0o077 == 0
    assert "already" in render(path, scratch / "items").expect(1).err
    # What a render left unfinished is made anew; what is anything else is left alone.
    (scratch / "new.partial").mkdir()
    (scratch / "new.partial" / ".saltmill-render").touch()
    render(path, scratch / "new").expect(3)
    (scratch / "other.partial").mkdir()
    assert "unfinished" in render(path, scratch / "other").expect(1).err
    assert "--file-size" in render(path, scratch / "x", "--file-size", "0").expect(2).err
