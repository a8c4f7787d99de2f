"""The flights, written for every kind of source: the same table as from CSV, byte for byte."""

import csv
import gzip
import json
import sqlite3
import subprocess

import pytest

import compare
import data
import flights
import program
from settings import FULL, SALTMILL
from servers import environment

CSV_OPTIONS = ', null: "NA"'


def rows(file):
    """Header and rows of a CSV file; numbers as the text they have there, null as None."""
    with open(file, newline="") as lines:
        reader = csv.reader(lines)
        header = next(reader)
        yield header
        for row in reader:
            yield [None if value == "NA" else value for value in row]


def is_number(text):
    return text.lstrip("-").isdigit()


def json_lines(file):
    """Every row as an object: numbers bare, nulls written or left out, in an order that changes."""
    header, *values = rows(file)
    for position, row in enumerate(values):
        members = [
            f"{json.dumps(name)}: {'null' if value is None else value if is_number(value) else json.dumps(value)}"
            for name, value in zip(header, row)
            if value is not None or position % 2
        ]
        if position % 3 == 0:
            members.reverse()
        yield "{" + ", ".join(members) + "}\n"


def dynamodb_json(file):
    header, *values = rows(file)
    for row in values:
        item = {
            name: {"NULL": True} if value is None else {"N" if is_number(value) else "S": value} for name, value in zip(header, row)
        }
        yield json.dumps({"Item": item}) + "\n"


def write(path, text, opened=open):
    with opened(path, "wt") as out:
        out.writelines(text)
    return path


def sqlite(file, path):
    header, *values = rows(file)
    with sqlite3.connect(path) as database:
        columns = ", ".join(f'"{name}" {"INTEGER" if values[0][at] and is_number(values[0][at]) else "TEXT"}' for at, name in enumerate(header))
        database.execute(f"CREATE TABLE flights ({columns})")
        database.executemany(f"INSERT INTO flights VALUES ({', '.join('?' for _ in header)})", values)
    database.close()
    return path


def sources(file, folder):
    """By name: what a spec says of the source, and what is piped into the command."""
    with open(file) as text:
        write(folder / "flights.csv.gz", text, gzip.open)
    members = b"".join(gzip.compress(part) for part in halves(file.read_bytes()))
    (folder / "members.csv.gz").write_bytes(members)
    write(folder / "flights.jsonl", json_lines(file))
    write(folder / "flights.ndjson.gz", json_lines(file), gzip.open)
    write(folder / "typed.json", dynamodb_json(file))
    sqlite(file, folder / "old.db")
    header = next(rows(file))
    columns = ", ".join("rowid AS hour" if name == "hour" else name for name in header)
    return {
        "jsonl": ("file: flights.jsonl", None),
        "dynamodb-json": ("file: typed.json, format: dynamodb-json", None),
        "csv.gz": (f"file: flights.csv.gz{CSV_OPTIONS}", None),
        "several members": (f"file: members.csv.gz{CSV_OPTIONS}", None),
        "jsonl.gz": ("file: flights.ndjson.gz", None),
        "sqlite": ("sqlite: old.db, table: flights", None),
        "sqlite query": (f'sqlite: old.db, query: "SELECT {columns} FROM flights", key: hour', None),
        "stdin": (f'file: "-"{CSV_OPTIONS}', file),
        "stdin jsonl.gz": ('file: "-", format: jsonl', folder / "flights.ndjson.gz"),
    }


def halves(content):
    middle = content.index(b"\n", len(content) // 2) + 7
    return content[:middle], content[middle:]


def spec(source, name):
    text = flights.spec("FILE", job=name, table=name)
    return text.replace('source: { file: "FILE", null: "NA" }', f"source: {{ {source} }}")


def load(path, url, stdin):
    command = [SALTMILL, "load", path, "--endpoint-url", url, "--json", "--no-progress"]
    with open(stdin or "/dev/null", "rb") as piped:
        done = subprocess.run(command, stdin=piped, env=environment(), capture_output=True, text=True, timeout=900)
    return program.Result(done.returncode, done.stdout, done.stderr).expect(0).json()


@pytest.mark.long
@pytest.mark.parametrize("beginning", ["file:", "sqlite:"])
def test_every_kind_of_source_gives_the_same_table(scratch, serve, measured, beginning):
    file = data.flights() if FULL else data.first_flights(6_000, scratch / "part.csv")
    server = serve()
    load(program.write_spec(scratch, spec(f'file: "{file}"{CSV_OPTIONS}', "from_csv")), server.url, None)
    expected = list(compare.scan(server.boto(), "from_csv"))
    assert len(expected) > 5_900

    chosen = [(kind, *source) for kind, source in sources(file, scratch).items() if source[0].startswith(beginning)]
    assert chosen
    for number, (kind, source, stdin) in enumerate(chosen):
        name = f"flights_{number}"
        report = load(program.write_spec(scratch, spec(source, name), f"{name}.yaml"), server.url, stdin)
        account = program.check_account(report)
        assert account["rejected"] == 0, (kind, account)
        found = compare.scan(server.boto(), name)
        assert text(found) == text(expected), kind
        measured(f"flights from {kind}, seconds of survey", report["seconds"]["survey"])


def text(items):
    return sorted(json.dumps(item, sort_keys=True) for item in items)


def test_standard_input_is_kept_for_the_next_run(scratch, serve):
    """What was piped in once is there for a plan, a load that is interrupted, and the load that goes on."""
    file = data.first_flights(3_000, scratch / "part.csv")
    server = serve()
    path = program.write_spec(scratch, flights.spec("-", rate="500/s"))
    with open(file, "rb") as piped:
        done = subprocess.run(
            [SALTMILL, "load", path, "--endpoint-url", server.url, "--json", "--no-progress", "--run-time", "2s"],
            stdin=piped, env=environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 10, done.stderr
    copy = scratch / "flights.saltmill" / "stdin"
    assert copy.read_bytes() == file.read_bytes() and copy.stat().st_mode & 0o777 == 0o600
    path.write_text(path.read_text().replace("500/s", "none"))
    done = program.load(path, server.url).expect(0)
    assert "standard input was read by an earlier run" in done.err, done.err
    assert program.check_account(done.json())["rejected"] == 0
    difference = compare.compare(compare.expected_flights(data.read(file), "departure"), server.boto(), "flights")
    assert not difference, str(difference)


def test_a_faulty_line_is_rejected_with_its_place(scratch, serve):
    (scratch / "people.jsonl").write_text(
        '{"id": 1, "tags": ["a", "b"], "doc": {"x": [1, null]}, "ok": true}\n'
        '{"id": 2, "extra": 1}\n\n{"id": 3, "id": 4}\n{"id": 5\n{"id": "6", "tags": "c|d"}\n{"id": 1e2, "ok": null}\n')
    path = program.write_spec(scratch, {
        "version": 1, "job": "people", "source": {"file": "people.jsonl"},
        "target": {"table": "people", "create": {"billing": "on-demand"}},
        "key": {"hash": {"attribute": "id", "type": "N"}},
        "attributes": {"tags": {"type": "SS", "separator": "|"}, "doc": "M", "ok": "BOOL"},
        "rate": {"ceiling": "none"},
    })
    server = serve()
    program.load(path, server.url).expect(3)
    found = [(reject["line"], reject["code"]) for reject in program.rejects(scratch / "people.rejects.jsonl")]
    assert found == [(2, "json.member"), (4, "json.duplicate"), (5, "json.syntax")]
    items = sorted(compare.scan(server.boto(), "people"), key=lambda item: int(item["id"]["N"]))
    assert items == [
        {"id": {"N": "1"}, "tags": {"SS": ["a", "b"]}, "doc": {"M": {"x": {"L": [{"N": "1"}, {"NULL": True}]}}}, "ok": {"BOOL": True}},
        {"id": {"N": "6"}, "tags": {"SS": ["c", "d"]}},
        {"id": {"N": "100"}},
    ]


def test_a_damaged_archive_writes_nothing(scratch, serve):
    whole = gzip.compress(data.first_flights(3_000, scratch / "part.csv").read_bytes())
    (scratch / "cut.csv.gz").write_bytes(whole[:-100])
    server = serve()
    done = program.load(program.write_spec(scratch, flights.spec("cut.csv.gz")), server.url).expect(1)
    assert f"cut off at byte {len(whole) - 100}" in done.err, done.err
