"""`load --retry-rejects`: rejected rows are loaded again, by a corrected spec or corrected themselves, from every kind of source."""

import json
import random
import signal
import sqlite3
import subprocess

import pytest

import compare
import program
import settings
from settings import choose

#: Of ten rows every third has a text where a number is wanted, and one has no key.
ROWS = [(f"id-{index}", "soon" if index % 3 == 0 else str(index), f'a "quoted", text\n{index}') for index in range(10)]
BAD = [row for row in ROWS if row[1] == "soon"]


def write_csv(folder):
    def quoted(text):
        return '"' + text.replace('"', '""') + '"'

    (folder / "rows.csv").write_text("id,count,text\n" + "".join(f"{row[0]},{row[1]},{quoted(row[2])}\n" for row in ROWS))
    return {"file": "rows.csv"}


def write_lines(folder):
    (folder / "rows.jsonl").write_text("".join(json.dumps(dict(zip(("id", "count", "text"), row))) + "\n" for row in ROWS))
    return {"file": "rows.jsonl"}


def write_typed(folder):
    items = ({"id": {"S": row[0]}, "count": {"S": row[1]}, "text": {"S": row[2]}} for row in ROWS)
    (folder / "rows.json").write_text("".join(json.dumps({"Item": item}) + "\n" for item in items))
    return {"file": "rows.json", "format": "dynamodb-json"}


def write_sqlite(folder):
    with sqlite3.connect(folder / "rows.db") as database:
        database.execute("CREATE TABLE rows (id TEXT, count TEXT, text TEXT)")
        database.executemany("INSERT INTO rows VALUES (?, ?, ?)", ROWS)
    database.close()
    return {"sqlite": "rows.db", "table": "rows"}


SOURCES = {"CSV": write_csv, "JSON Lines": write_lines, "DynamoDB JSON": write_typed, "SQLite": write_sqlite}


def spec(folder, source, kind="N", **more):
    return program.write_spec(folder, {
        "version": 1, "job": "rows", "source": source, "target": {"table": "rows", "create": {"billing": "on-demand"}},
        "key": {"hash": {"attribute": "id", "type": "S"}}, "attributes": {"count": kind, "text": "S"}, "rate": {"ceiling": "none"},
        **more,
    })


def retry(job, server, file, code=0, *arguments):
    return program.load(job, server.url, "--retry-rejects", file, *arguments).expect(code).json()


def items(server, kind="N"):
    return {item["id"]["S"]: item["count"] for item in compare.scan(server.boto(), "rows", segments=1)}


@pytest.mark.parametrize("kind", SOURCES)
def test_corrected_spec_loads_what_was_rejected(scratch, serve, kind):
    server = serve()
    source = SOURCES[kind](scratch)
    first = program.load(spec(scratch, source), server.url).expect(3).json()
    assert first["rows"]["rejected"] == len(BAD) == first["rejects"]["reasons"]["number.syntax"]
    before = program.run("status", scratch / "job.yaml", "--json").json()
    assert before["rejects"]["reasons"] == {"number.syntax": len(BAD)}
    assert f"{len(BAD)} × number.syntax" in program.run("status", scratch / "job.yaml").out

    # The source is not needed for it any more.
    for name in (source.get("file"), source.get("sqlite")):
        if name:
            (scratch / name).rename(scratch / f"gone-{name}")
    job = spec(scratch, source, kind="S")
    rejects = scratch / "rows.rejects.jsonl"
    report = retry(job, server, rejects)
    account = program.check_account(report)
    assert (account["read"], account["written"]) == (len(BAD), len(BAD)) and report["job"].startswith("rows-retry-")
    found = list(compare.scan(server.boto(), "rows", segments=1))
    assert {item["id"]["S"]: item["text"]["S"] for item in found} == {row[0]: row[2] for row in ROWS}
    assert {item["id"]["S"] for item in found if item["count"] == {"S": "soon"}} == {row[0] for row in BAD}

    status = program.run("status", job, "--retry-rejects", rejects, "--json").json()
    assert status["state"] == "finished" and status["rows"] == {"total": len(BAD), **account}
    # Nothing of the job itself has changed.
    after = program.run("status", spec(scratch, source), "--json").json()
    assert {**after, "checkpoint_age": 0} == {**before, "checkpoint_age": 0}


@pytest.mark.parametrize("kind", SOURCES)
def test_corrected_rows_are_loaded_and_others_rejected_again(scratch, serve, kind):
    server = serve()
    job = spec(scratch, SOURCES[kind](scratch))
    program.load(job, server.url).expect(3)
    lines = program.rejects(scratch / "rows.rejects.jsonl")
    lines[0]["record"] = lines[0]["record"].replace("soon", "17")
    edited = scratch / "edited.jsonl"
    edited.write_text("".join(json.dumps(line) + "\n" for line in lines))
    report = retry(job, server, edited, 3)
    assert (report["rows"]["written"], report["rows"]["rejected"]) == (1, len(BAD) - 1)
    assert items(server)[BAD[0][0]] == {"N": "17"}
    again = scratch / f"{report['job']}.rejects.jsonl"
    assert report["rejects"] == {"file": str(again), "reasons": {"number.syntax": len(BAD) - 1}}
    assert [line["record"] for line in program.rejects(again)] == [line["record"] for line in lines[1:]]
    assert [(line["file"], line["line"]) for line in program.rejects(again)] == [(str(edited), at) for at in (2, 3, 4)]

    # Those once more, with the rest of the spec's mistakes corrected; and the job that has been done stays done.
    assert retry(job, server, edited, 3)["rows"] == report["rows"]
    last = retry(spec(scratch, SOURCES[kind](scratch) if kind != "SQLite" else {"sqlite": "rows.db", "table": "rows"}, "S"), server, again)
    assert last["rows"]["written"] == len(BAD) - 1 and len(items(server)) == len(ROWS)


def test_cut_row_is_refused_with_a_clear_sentence(scratch, serve):
    server = serve()
    (scratch / "rows.csv").write_text("id,count,text\na,1,x\nb,2," + "t" * (4 << 20) + "\n")
    job = spec(scratch, {"file": "rows.csv"})
    program.load(job, server.url).expect(3)
    (line,) = program.rejects(scratch / "rows.rejects.jsonl")
    assert line["code"] == "csv.length" and line["truncated"] is True
    report = retry(job, server, scratch / "rows.rejects.jsonl", 3)
    assert report["rejects"]["reasons"] == {"retry.truncated": 1}
    (again,) = program.rejects(report["rejects"]["file"])
    assert again["truncated"] is True and again["record"] == line["record"] and "beginning" in again["reason"]
    assert set(items(server)) == {"a"}

    again["record"] = "b,2,shorter"
    del again["truncated"]
    (scratch / "shorter.jsonl").write_text(json.dumps(again) + "\n")
    retry(job, server, scratch / "shorter.jsonl")
    assert set(items(server)) == {"a", "b"}


@pytest.mark.parametrize(("line", "words"), [
    ("{", "not JSON"), ("{}", "neither"), ('{"record_base64":"#"}', "Base64"), ('{"record":"a,1,x","columns":[1]}', "columns"),
    ('{"record":"a,1,x"}', "does not name the columns"),
])
def test_damaged_line_stops_before_anything_is_written(scratch, serve, line, words):
    server = serve()
    (scratch / "rows.csv").write_text("id,count,text\na,1,x\n")
    job = spec(scratch, {"file": "rows.csv"})
    program.load(job, server.url).expect(0)
    good = '{"record":"b,2,y","columns":["id","count","text"]}\n'
    (scratch / "bad.jsonl").write_text(line + "\n" if "name" in words else good + line + "\n")
    result = program.load(job, server.url, "--retry-rejects", scratch / "bad.jsonl").expect(1)
    assert words in result.err and f"bad.jsonl:{1 if 'name' in words else 2}:" in result.err, result.err
    assert set(items(server)) == {"a"}


def test_lines_may_name_the_columns_in_another_order(scratch, serve):
    server = serve()
    (scratch / "rows.csv").write_text("id,count,text\na,1,x\n")
    job = spec(scratch, {"file": "rows.csv"})
    program.load(job, server.url).expect(0)
    lines = [
        {"record": "b,2,y", "columns": ["id", "count", "text"]}, {"record": "y,c,3", "columns": ["text", "id", "count"]},
        {"record": "d,4", "columns": ["id", "count"]}, {"record": "", "columns": ["id", "count", "text"]},
        {"record": "e,5,y\nf,6,y", "columns": ["id", "count", "text"]},
    ]
    (scratch / "lines.jsonl").write_text("\n\n".join(json.dumps(line) for line in lines))
    report = retry(job, server, scratch / "lines.jsonl", 3)
    assert report["rejects"]["reasons"] == {"retry.columns": 1, "retry.record": 2}
    assert items(server) == {"a": {"N": "1"}, "b": {"N": "2"}, "c": {"N": "3"}}


def test_missing_and_empty_files(scratch, serve):
    server = serve()
    (scratch / "rows.csv").write_text("id,count,text\na,1,x\n")
    job = spec(scratch, {"file": "rows.csv"})
    program.load(job, server.url).expect(0)
    (scratch / "empty.jsonl").write_text("\n")
    assert "holds no rows" in program.load(job, server.url, "--retry-rejects", scratch / "empty.jsonl").expect(1).err
    assert "none.jsonl" in program.load(job, server.url, "--retry-rejects", scratch / "none.jsonl").expect(1).err


def test_killed_retry_is_exact(scratch, serve):
    chance = random.Random(settings.SEED)
    server = serve()
    count = choose(2_500, 20_000)
    (scratch / "rows.csv").write_text(
        "id,count,text\n" + "".join(f"id-{index},{'soon' if index % 50 else 'never'},text {index}\n" for index in range(count)))
    job = spec(scratch, {"file": "rows.csv"})
    program.load(job, server.url).expect(3)
    rejects = scratch / "rows.rejects.jsonl"
    text = rejects.read_text()
    assert text.count("\n") == count
    rejects.write_text(text.replace(",soon,", ",7,"))
    kills = 0
    while kills < choose(5, 25):
        process = program.popen(
            "load", job, "--endpoint-url", server.url, "--no-progress", "--rate", f"{count // 5}/s", "--retry-rejects", rejects,
            stdout=subprocess.DEVNULL)
        try:
            code = process.wait(chance.uniform(0.1, 1.2))
            assert code == 3, code
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
    assert kills >= 3
    report = retry(job, server, rejects, 3)
    never = count // 50
    account = program.check_account(report)
    assert (account["read"], account["written"], account["rejected"]) == (count, count - never, never), account
    lines = program.rejects(report["rejects"]["file"])
    assert sorted(line["record"].split(",")[0] for line in lines) == sorted(f"id-{index}" for index in range(0, count, 50))
    assert set(items(server)) == {f"id-{index}" for index in range(count) if index % 50}
