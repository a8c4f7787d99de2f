"""From a schema to a spec, and on when the schema changes."""

import sqlite3

import yaml

import program


def database(scratch, rows=5_000):
    path = scratch / "old.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE answers (answered_on TEXT NOT NULL, id INTEGER NOT NULL, user_id INT, mail TEXT, score REAL, "
                   "PRIMARY KEY (answered_on, id))")
        db.executemany("INSERT INTO answers VALUES (?, ?, ?, ?, ?)", (
            (f"2015-12-0{n * 3 // rows + 1}", n, n % 70, f"p{n}@example.org", n / 4) for n in range(rows)))
        db.execute("CREATE TABLE notes (text TEXT)")
    return path


def test_a_drafted_spec_loads_the_table(scratch, serve):
    server = serve()
    path = database(scratch)
    spec = scratch / "answers.yaml"
    spec.write_text(program.run("init", f"sqlite://{path}", "answers").expect(0).out)
    drafted = yaml.safe_load(spec.read_text())
    assert drafted["key"]["hash"]["attribute"] == "answered_on" and drafted["key"]["hash"]["salt"]["by"] == ["id"]
    assert drafted["attributes"]["mail"]["mask"] == "email" and "CHECK" in spec.read_text()
    report = program.load(spec, server.url, "--rate", "none").expect(0).json()
    assert report["rows"]["written"] == 5_000


def test_a_changed_table_stops_the_load_and_is_taken_over(scratch, serve):
    server = serve()
    path = database(scratch, 200)
    spec = scratch / "answers.yaml"
    spec.write_text(program.run("init", f"sqlite://{path}", "answers").expect(0).out)
    program.run("diff", spec).expect(0)
    with sqlite3.connect(path) as db:
        db.execute("ALTER TABLE answers ADD COLUMN nickname VARCHAR(40)")
        db.execute("ALTER TABLE answers DROP COLUMN score")
    changes = program.run("diff", spec).expect(4).out
    assert "+ nickname VARCHAR(40)" in changes and "- score" in changes
    assert [change["change"] for change in program.run("diff", spec, "--json").expect(4).json()["changes"]] == ["added", "removed"]
    refused = program.load(spec, server.url)
    assert refused.code == 2 and "+ nickname" in refused.err and "init --update" in refused.err
    assert server.boto().list_tables()["TableNames"] == []
    told = program.run("init", "--update", spec).expect(0).out
    assert "`score`" in told and "`nickname`" in told
    spec.write_text("\n".join(line for line in spec.read_text().splitlines() if "score" not in line))
    program.run("diff", spec).expect(0)
    assert program.load(spec, server.url, "--rate", "none").expect(0).json()["rows"]["written"] == 200


def test_folders_of_specs_and_what_cannot_be_drafted(scratch):
    path = database(scratch, 10)
    one = program.run("init", f"sqlite://{path}").expect(0)
    assert "job: answers" in one.out and "notes has neither a primary key" in one.err
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY)")
    several = program.run("init", f"sqlite://{path}")
    assert several.code == 2 and "--to" in several.err
    result = program.run("init", f"sqlite://{path}", "--to", scratch / "specs").expect(0)
    assert [line.rsplit("/", 1)[-1] for line in result.out.splitlines()] == ["answers.yaml", "users.yaml"] and "notes" in result.err
    again = program.run("init", f"sqlite://{path}", "--to", scratch / "specs")
    assert again.code == 1 and "already" in again.err
    for arguments in [["mysql://u:secret@h/d"], [f"sqlite://{path}", "nothing"], ["nowhere.csv"], []]:
        failed = program.run("init", *arguments)
        assert failed.code in (1, 2) and len(failed.err.strip()) > 20 and "secret" not in failed.err, failed.err


def test_a_csv_file_is_drafted_from_its_first_rows(scratch, serve):
    server = serve()
    (scratch / "flights.csv").write_text("day,flight,delay,code\n" + "".join(
        f"2013-01-0{n % 5 + 1},{n // 5},{'NA' if n == 7 else n * 1.5},00{n % 9}\n" for n in range(500)))
    spec = scratch / "flights.yaml"
    spec.write_text(program.run("init", "flights.csv", cwd=scratch).expect(0).out)
    assert program.load(spec, server.url, "--rate", "none").expect(0).json()["rows"]["written"] == 500
    items = server.boto().scan(TableName="flights")["Items"]
    assert all(set(item["delay"]) == {"N"} for item in items if "delay" in item) and sum("delay" not in item for item in items) == 1
