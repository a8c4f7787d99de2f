"""Live databases, MariaDB and PostgreSQL: every type exactly, through kills and restarts, slowly, with consideration for the source; verified, too."""

import base64
import contextlib
import gzip
import json
import random
import signal
import struct
import subprocess
import time

import pytest

import compare
import data
import databases
import flights
import program
import rows
import settings
from servers import environment, start_proxy, start_sink
from settings import FULL, choose
from test_verify import lines

ENVIRONMENT = environment(PASSWORD=databases.PASSWORD)

FLIGHTS = """CREATE TABLE flights (year INT NOT NULL, month INT NOT NULL, day INT NOT NULL, dep_time INT, sched_dep_time INT NOT NULL,
    dep_delay INT, arr_time INT, sched_arr_time INT, arr_delay INT, carrier VARCHAR(4) NOT NULL, flight INT NOT NULL,
    tailnum VARCHAR(10), origin CHAR(3), dest CHAR(3), air_time INT, distance INT, hour INT, minute INT, time_hour VARCHAR(30),
    PRIMARY KEY (year, month, day, carrier, flight, sched_dep_time))"""


@pytest.fixture(scope="module", params=list(databases.KINDS))
def database(request):
    server = databases.KINDS[request.param]()
    yield server
    server.remove()


def flights_spec(database, job, rate="none"):
    text = flights.spec("FILE", job=job, table=job, rate=rate)
    return text.replace('source: { file: "FILE", null: "NA" }', f'source: {{ url: "{database.url}", table: flights }}')


def spec(database, job, source, key, attributes, **more):
    return {
        "version": 1, "job": job, "source": {"url": database.url, **source},
        "target": {"table": job, "create": {"billing": "on-demand"}}, "key": key, "attributes": attributes, "rate": {"ceiling": "none"}, **more,
    }


def load(path, url, *arguments, **options):
    return program.load(path, url, *arguments, env=ENVIRONMENT, **options)


def fill_flights(database, scratch, count):
    """Makes the table of flights anew, with so many of them, and gives their rows."""
    file = data.flights() if count >= data.FLIGHTS_ROWS else data.first_flights(count, scratch / "part.csv")
    database.execute("DROP TABLE IF EXISTS flights", FLIGHTS)
    database.load_csv("flights", file)
    return list(data.read(file))


@pytest.mark.long
def test_killed_and_restarted_loads_are_exact(database, scratch, serve, measured):
    """The primary key has six columns, one of them text, so what is unsettled is found again by the log of keys."""
    chance = random.Random(settings.SEED)
    source = fill_flights(database, scratch, choose(12_000, data.FLIGHTS_ROWS))
    server = serve()
    seconds, kills, restarts = choose(10, 90), choose(3, 20), choose(1, 5)
    path = program.write_spec(scratch, flights_spec(database, "flights", rate=f"{2 * len(source) // seconds}/s"))
    events = [signal.SIGKILL] * kills + ["restart"] * restarts
    chance.shuffle(events)
    process = None
    with open(scratch / "load.log", "w") as log:
        for event in events:
            if process is None:
                process = program.popen(
                    "load", path, "--endpoint-url", server.url, "--json", "--no-progress", env=ENVIRONMENT, stdout=log, stderr=log)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1.0 + chance.uniform(0.1, 0.8 * seconds / len(events)))
            assert process.poll() is None, (scratch / "load.log").read_text()
            if event == "restart":
                database.restart(pause=chance.uniform(0, 2))
            else:
                process.send_signal(event)
                process.wait()
                process = None
        if process:
            assert process.wait(300) == 0, (scratch / "load.log").read_text()
        else:
            load(path, server.url, timeout=300).expect(0)
    report = json.loads((scratch / "flights.saltmill" / "report.json").read_text())
    account = program.check_account(report)
    assert (account["written"], account["rejected"], account["filtered"]) == (len(source), 0, 0), account
    assert report["changes_not_covered_after"]
    difference = compare.compare(compare.expected_flights(source, "departure"), server.boto(), "flights")
    assert not difference, str(difference)
    measured(f"{database.kind}: kills, restarts", f"{kills}, {restarts}")


# MARK: types


def shortest_single(text):
    """The shortest decimal that is the same number of single precision."""
    number = struct.unpack("f", struct.pack("f", float(text)))[0]
    return next(text for text in (f"{number:.{digits}g}" for digits in range(1, 10)) if struct.unpack("f", struct.pack("f", float(text)))[0] == number)


def binary(value):
    return {"B": value}


#: Column: its type, its values as literals, and what becomes of them; None where the attribute is absent.
MARIADB_TYPES = {
    "tiny": ("TINYINT", ["-128", "127"], "N", ["-128", "127"]),
    "flag": ("BOOLEAN", ["true", "false"], "BOOL", [True, False]),
    "big": ("BIGINT", ["-9223372036854775808", "9223372036854775807"], "N", None),
    "unsigned_big": ("BIGINT UNSIGNED", ["18446744073709551615", "0"], "N", None),
    "filled": ("INT(8) ZEROFILL", ["42", "0"], "N", ["42", "0"]),
    "exact": ("DECIMAL(38,10)", ["-1234567890123456789012345678.0123456789", "0.0000000001"], "N", None),
    "single": ("FLOAT", ["0.1", "16777217"], "N", [shortest_single("0.1"), shortest_single("16777217")]),
    "double_one": ("DOUBLE", ["0.1", "1.7976931348623157e100"], "N", None),
    "bits": ("BIT(64)", ["b'1'", "18446744073709551615"], "N", ["1", "18446744073709551615"]),
    "chosen": ("ENUM('a','b,c')", ["'b,c'", "'a'"], "S", ["b,c", "a"]),
    "several": ("SET('x','y','z')", ["'x,z'", "'y'"], "SS", [["x", "z"], ["y"]]),
    "year_one": ("YEAR", ["2155", "1901"], "N", None),
    "date_one": ("DATE", ["'9999-12-31'", "'1000-01-01'"], "S", ["9999-12-31", "1000-01-01"]),
    "time_one": ("TIME(6)", ["'-838:59:59'", "'00:00:00.000001'"], "S", ["-838:59:59.000000", "00:00:00.000001"]),
    "local_one": ("DATETIME(3)", ["'2013-12-31 23:59:59.999'", "'1000-01-01 00:00:00'"], "S", ["2013-12-31T23:59:59.999+09:00", "1000-01-01T00:00:00.000+09:00"]),
    "instant": ("TIMESTAMP NULL", ["'2013-12-31 23:59:59'", "'1970-01-02 00:00:00'"], "S", ["2013-12-31T23:59:59Z", "1970-01-02T00:00:00Z"]),
    "json_map": ("JSON", ["'{\"a\": [1, 1.50, null], \"ü\": \"\\\\u00e9\"}'", "'{}'"], "M", [{"a": {"L": [{"N": "1"}, {"N": "1.5"}, {"NULL": True}]}, "ü": {"S": "é"}}, {}]),
    "latin": ("VARCHAR(40) CHARACTER SET latin1", ["'Grüße \"quoted\", and\\nmore'", "'\\\\ back'"], "S", ['Grüße "quoted", and\nmore', "\\ back"]),
    "text_one": ("LONGTEXT", ["'𝄞 \t'", "'\\b\\\\'"], "S", ["𝄞 \t", "\b\\"]),
    "bytes": ("VARBINARY(300)", ["X'00ff225c0a'", "X'41'"], "B", [b"\x00\xff\"\\\n", b"A"]),
    "blob_one": ("LONGBLOB", ["REPEAT(X'fe', 1000)", "X'00'"], "B", [b"\xfe" * 1000, b"\0"]),
    "uuid_one": ("UUID", ["'123e4567-e89b-12d3-a456-426614174000'", "'00000000-0000-0000-0000-000000000001'"], "S", ["123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000001"]),
    "place": ("POINT", ["POINT(1, 2)", "POINT(0, 0)"], "B", [struct.pack("<IBIdd", 0, 1, 1, 1, 2), struct.pack("<IBIdd", 0, 1, 1, 0, 0)]),
}

POSTGRESQL_TYPES = {
    "small": ("smallint", ["-32768", "32767"], "N", ["-32768", "32767"]),
    "flag": ("boolean", ["true", "false"], "BOOL", [True, False]),
    "big": ("bigint", ["-9223372036854775808", "9223372036854775807"], "N", None),
    "exact": ("numeric", ["-1234567890123456789012345678.0123456789", "0.0000000001"], "N", None),
    "single": ("real", ["0.1", "16777217"], "N", [shortest_single("0.1"), shortest_single("16777217")]),
    "double_one": ("double precision", ["0.1", "1.7976931348623157e100"], "N", None),
    "bits": ("bit varying(70)", ["B'101'", "B'0'"], "S", ["101", "0"]),
    "date_one": ("date", ["'9999-12-31'", "'infinity'"], "S", ["9999-12-31", "infinity"]),
    "time_one": ("time", ["'23:59:59.999999'", "'00:00'"], "S", ["23:59:59.999999", "00:00:00"]),
    "local_one": ("timestamp", ["'2013-12-31 23:59:59.999'", "'-infinity'"], "S", ["2013-12-31T23:59:59.999+09:00", "-infinity"]),
    "instant": ("timestamptz", ["'2013-12-31 23:59:59+09'", "'1970-01-02 00:00:00.5Z'"], "S", ["2013-12-31T14:59:59Z", "1970-01-02T00:00:00.5Z"]),
    "span": ("interval", ["'1 year 2 days 03:04:05'", "'-1 hour'"], "S", ["P1Y2DT3H4M5S", "PT-1H"]),
    "json_map": ("jsonb", ["'{\"a\": [1, 1.50, null], \"ü\": \"\\u00e9\"}'", "'{}'"], "M", [{"a": {"L": [{"N": "1"}, {"N": "1.5"}, {"NULL": True}]}, "ü": {"S": "é"}}, {}]),
    "text_one": ("text", ["E'𝄞 \\t\"quoted\", \\\\ and\\nmore'", "E'\\b\\\\'"], "S", ['𝄞 \t"quoted", \\ and\nmore', "\b\\"]),
    "padded": ("char(5)", ["'ab'", "'abcde'"], "S", ["ab   ", "abcde"]),
    "bytes": ("bytea", ["'\\x00ff225c0a'", "'\\x41'"], "B", [b"\x00\xff\"\\\n", b"A"]),
    "uuid_one": ("uuid", ["'123e4567-e89b-12d3-a456-426614174000'", "'00000000-0000-0000-0000-000000000001'"], "S", ["123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000001"]),
    "numbers": ("integer[]", ["'{1,NULL,3}'", "'{}'"], "L", [[{"N": "1"}, {"NULL": True}, {"N": "3"}], []]),
    "words": ("text[]", ["'{a,\"b,c\"}'", "'{x}'"], "SS", [["a", "b,c"], ["x"]]),
    "grid": ("numeric[]", ["'{{1.50,2},{3,4}}'", "'{{0,0}}'"], "L", [[{"L": [{"N": "1.5"}, {"N": "2"}]}, {"L": [{"N": "3"}, {"N": "4"}]}], [{"L": [{"N": "0"}, {"N": "0"}]}]]),
    "chosen": ("mood", ["'happy'", "'sad'"], "S", ["happy", "sad"]),
    "span_of_numbers": ("int4range", ["'[1,5)'", "'empty'"], "S", ["[1,5)", "empty"]),
    "address": ("inet", ["'192.168.0.1/24'", "'::1'"], "S", ["192.168.0.1/24", "::1"]),
}


def test_every_type_is_exact(database, scratch, serve):
    """Rows 1 and 2 hold edge values, row 3 nulls, row 4 empty texts; their keys are the ends of the numbers."""
    types = MARIADB_TYPES if database.kind == "mysql" else POSTGRESQL_TYPES
    quote = "`" if database.kind == "mysql" else '"'
    keys = ["-9223372036854775808", "9223372036854775807", "0"]
    columns = ", ".join(f"{quote}{name}{quote} {kind}{' NULL' if kind != 'TIMESTAMP NULL' and database.kind == 'mysql' else ''}" for name, (kind, *_) in types.items())
    before = ["DROP TABLE IF EXISTS types"]
    if database.kind == "postgresql":
        before += ["DROP TYPE IF EXISTS mood", "CREATE TYPE mood AS ENUM ('happy', 'sad')"]
    else:
        before += ["SET time_zone = '+00:00'"]
    inserts = [f"INSERT INTO types VALUES ({keys[at]}, {', '.join(values[at] for _, values, _, _ in types.values())})" for at in (0, 1)]
    inserts.append(f"INSERT INTO types VALUES ({keys[2]}, {', '.join('NULL' for _ in types)})")
    database.execute(*before, f"CREATE TABLE types (id BIGINT PRIMARY KEY, {columns})", *inserts)

    attributes = {
        name: {"type": kind, **({"separator": ","} if kind == "SS" else {}), **({"true": ["1", "true"], "false": ["0", "false"]} if kind == "BOOL" else {}),
               **({"encoding": "base64"} if kind == "B" else {})}
        for name, (_, _, kind, _) in types.items()
    }
    path = program.write_spec(scratch, spec(database, "types", {"table": "types", "zone": "+09:00"}, {"hash": {"attribute": "id", "type": "N"}}, attributes))
    server = serve()
    report = load(path, server.url).expect(0).json()
    assert program.check_account(report)["written"] == 3
    expected = {}
    for at, key in enumerate(keys):
        item = {"id": {"N": key}}
        if at < 2:
            for name, (_, literals, kind, values) in types.items():
                value = values[at] if values else literals[at]
                item[name] = {kind: value}
        expected[compare.primary_key(item, ("id",))] = item
    difference = compare.compare(expected, server.boto(), "types")
    assert not difference, str(difference)


# MARK: keys


def test_text_keys_are_read_in_the_databases_own_order(database, scratch, serve):
    """Keys of several scripts and cases, whose order no client knows; each is loaded once, and from an index."""
    chance = random.Random(settings.SEED)
    alphabet = "abcXYZäöüßéÅñ字😀 -_'\"\\%0129"
    keys = {}
    while len(keys) < 5_000:
        text = "".join(chance.choice(alphabet) for _ in range(chance.randint(1, 12))).strip()
        keys.setdefault(text.casefold().encode(), text)
    kind = "VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" if database.kind == "mysql" else 'VARCHAR(60) COLLATE "en-x-icu"'
    database.execute("DROP TABLE IF EXISTS words", f"CREATE TABLE words (name {kind} NOT NULL, part INT NOT NULL, PRIMARY KEY (name, part))")
    source = [(text, part) for text in keys.values() for part in range(2) if text]
    with contextlib.closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO words VALUES (%s, %s)", source)
        connection.commit()
        cursor.execute("ANALYZE TABLE words" if database.kind == "mysql" else "ANALYZE words")
        connection.commit()
    path = program.write_spec(scratch, spec(
        database, "words", {"table": "words"}, {"hash": {"attribute": "name", "type": "S"}, "range": {"attribute": "part", "type": "N"}}, {}))
    server = serve()
    reads = handler_reads(database)
    assert program.check_account(load(path, server.url).expect(0).json())["written"] == len(source)
    if reads is not None:
        assert handler_reads(database) - reads < 1.5 * len(source) + 2_000, "rows are found by the index, and read once"
    found = {(item["name"]["S"], int(item["part"]["N"])) for item in compare.scan(server.boto(), "words")}
    assert found == set(source)


def handler_reads(database):
    """How many rows the server has read, where it counts them."""
    if database.kind != "mysql":
        return None
    return sum(int(value) for name, value in database.rows("SHOW GLOBAL STATUS LIKE 'Handler_read%'") if name in ("Handler_read_next", "Handler_read_rnd_next"))


def status(path):
    return program.run("status", path, "--json", env=ENVIRONMENT).json()


def test_rows_that_are_gone_count_as_filtered(database, scratch, serve, running):
    server = serve()
    database.execute("DROP TABLE IF EXISTS gone", "CREATE TABLE gone (id BIGINT PRIMARY KEY, word VARCHAR(20))")
    with contextlib.closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO gone VALUES (%s, %s)", [(number, f"word {number}") for number in range(-2_000, 2_000)])
        connection.commit()
    path = program.write_spec(scratch, spec(
        database, "gone", {"table": "gone", "ranges": 3}, {"hash": {"attribute": "id", "type": "N"}}, {"word": "S"}, rate={"ceiling": "300/s"}))
    # Answers take so long that a checkpoint lists rows that wait for theirs.
    proxy = running(start_proxy, server.url, scratch / "proxy.jsonl", slow=1, slow_seconds=2)
    process = program.popen("load", path, "--endpoint-url", proxy.url, "--json", "--no-progress", env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while time.monotonic() < until and not status(path).get("rows", {"pending": 0})["pending"]:
        time.sleep(0.2)
    process.kill()
    process.wait()
    before = status(path)["rows"]
    assert before["pending"] > 0, before
    database.execute("DELETE FROM gone")
    account = program.check_account(load(path, proxy.url, timeout=60).expect(0).json())
    assert account["filtered"] == before["pending"] and account["written"] == before["written"], (before, account)


def test_a_query_is_read_by_its_key(database, scratch, serve):
    database.execute(
        "DROP TABLE IF EXISTS answers", "DROP TABLE IF EXISTS people", "CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(20))",
        "CREATE TABLE answers (id INT PRIMARY KEY, person INT, day DATE NOT NULL)", "INSERT INTO people VALUES (1, 'Ann'), (2, 'Bob')",
        "INSERT INTO answers VALUES (7, 1, '2013-01-01'), (8, 2, '2013-01-01'), (9, 1, '2013-01-02')")
    query = "SELECT a.id, a.day, p.name FROM answers a JOIN people p ON p.id = a.person -- a comment"
    key = {"hash": {"attribute": "day", "type": "S"}, "range": {"attribute": "id", "type": "N"}}
    server = serve()
    path = program.write_spec(scratch, spec(database, "joined", {"query": query, "key": ["day", "id"]}, key, {"name": "S"}))
    load(path, server.url).expect(0)
    found = sorted((item["day"]["S"], item["id"]["N"], item["name"]["S"]) for item in compare.scan(server.boto(), "joined"))
    assert found == [("2013-01-01", "7", "Ann"), ("2013-01-01", "8", "Bob"), ("2013-01-02", "9", "Ann")]
    # The day alone stands in several rows, and the target's key would not tell them apart either.
    twice = spec(database, "twice", {"query": query, "key": "day"}, key, {"name": "S"})
    done = load(program.write_spec(scratch, twice, "twice.yaml"), server.url).expect(1)
    assert "day does not tell the query's rows apart: 2013-01-01" in done.err, done.err
    collide = spec(database, "collide", {"table": "answers"}, {"hash": {"attribute": "day", "type": "S"}}, {"person": "N"}, drop=["id"])
    done = load(program.write_spec(scratch, collide, "collide.yaml"), server.url).expect(2)
    assert "take `id` into the key" in done.err and "duplicates: unchecked" in done.err, done.err


# MARK: verify, render


def answers(database):
    return {number: word for number, word in database.rows("SELECT id, word FROM marks")}


@pytest.mark.parametrize("columns", ["id", "word, id"])
def test_what_differs_from_a_database_is_found_and_repaired(database, scratch, serve, columns):
    """By a number, and by a key that the log of keys holds; through a kill and a restart of the database while its rows are read."""
    count = 3_000
    database.execute(
        "DROP TABLE IF EXISTS marks",
        f"CREATE TABLE marks (id BIGINT NOT NULL UNIQUE, word VARCHAR(20) NOT NULL, PRIMARY KEY ({columns}))")
    with contextlib.closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO marks VALUES (%s, %s)", [(number, f"word {number}") for number in range(count)])
        connection.commit()
    server = serve()
    client = server.boto()
    path = program.write_spec(scratch, spec(
        database, "marks", {"table": "marks", "ranges": 3}, {"hash": {"attribute": "id", "type": "N"}}, {"word": "S"}))
    load(path, server.url).expect(0)
    expected = {}
    for number in range(0, 60):
        match number % 3:
            case 0:
                client.delete_item(TableName="marks", Key={"id": {"N": str(number)}})
                expected[number] = "missing"
            case 1:
                client.put_item(TableName="marks", Item={"id": {"N": str(number)}, "word": {"S": "another"}})
                expected[number] = "different"
            case 2:
                client.put_item(TableName="marks", Item={"id": {"N": str(count + number)}, "word": {"S": "extra"}})
                expected[count + number] = "extra"
    # The source went on after the load.
    database.execute("DELETE FROM marks WHERE id BETWEEN 100 AND 104", "INSERT INTO marks VALUES (9000, 'new')")
    expected.update({number: "extra" for number in range(100, 105)})
    expected[9000] = "missing"

    def verify(*arguments):
        return ("verify", path, "--endpoint-url", server.url, "--json", "--no-progress", *arguments)

    state = scratch / "marks.saltmill" / "verify" / "state.json"
    slow = verify("--source-rate", "1000", "--output", scratch / "found.jsonl")
    process = program.popen(*slow, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while time.monotonic() < until and not (state.exists() and json.loads(state.read_text())["read"]):
        time.sleep(0.05)
    process.kill()
    process.wait()
    assert 0 < json.loads(state.read_text())["read"] < count
    # A row that was read is gone when it is looked at again: it is no longer missing.
    database.execute("DELETE FROM marks WHERE id = 0")
    del expected[0]
    process = program.popen(*slow, env=ENVIRONMENT, stdout=subprocess.PIPE)
    time.sleep(0.5)
    database.restart(pause=0.5)
    report = json.loads(process.communicate(timeout=60)[0])
    assert process.returncode == 4 and report["runs"] == 2, report
    found = lines(scratch / "found.jsonl")
    assert {int(line["key"]["id"]["N"]): line["kind"] for line in found} == expected and len(found) == len(expected)
    program.run(*verify("--repair", "--delete-extra"), env=ENVIRONMENT).expect(0)
    final = program.run(*verify(), env=ENVIRONMENT).expect(0).json()
    source = answers(database)
    assert final["equal"] == final["rows"]["read"] == final["items"]["read"] == len(source)
    assert {int(item["id"]["N"]): item["word"]["S"] for item in compare.scan(client, "marks")} == source

    # A spec with other columns on record than the table has is refused by both.
    stale = json.loads(path.read_text())
    stale["source"]["columns"] = {"id": "bigint", "gone": "int"}
    stale = program.write_spec(scratch, stale, "stale.yaml")
    for command in (["verify", stale, "--endpoint-url", server.url], ["render", stale, "--to", scratch / "stale"]):
        assert "- gone" in program.run(*command, env=ENVIRONMENT).expect(2).err

    made = program.run("render", path, "--to", scratch / "items", "--json", "--no-progress", env=ENVIRONMENT).expect(0).json()
    assert made["items"] == made["rows"]["written"] == len(source)
    program.run("inspect", scratch / "items").expect(0)
    items = [
        json.loads(line)["Item"] for file in (scratch / "items").glob("marks/AWSDynamoDB/*/data/*.json.gz")
        for line in gzip.decompress(file.read_bytes()).splitlines()]
    assert {int(item["id"]["N"]): item["word"]["S"] for item in items} == source and len(items) == len(source)


# MARK: plans


def plan(path, *arguments):
    """A plan that no endpoint is asked for."""
    return program.run("plan", path, "--no-progress", "--endpoint-url", "http://127.0.0.1:1", *arguments, env=ENVIRONMENT)


def test_a_plan_of_a_sample_is_near_the_truth(database, scratch, measured):
    count = 200_000
    series = f"seq_1_to_{count}" if database.kind == "mysql" else f"generate_series(1, {count}) AS s(seq)"
    note = lambda number: 1 + number * 7919 % 1500
    database.execute(
        "DROP TABLE IF EXISTS parts", "DROP TABLE IF EXISTS wholes", "CREATE TABLE wholes (id INT PRIMARY KEY)", "INSERT INTO wholes VALUES (1)",
        "CREATE TABLE parts (id INT PRIMARY KEY, kind VARCHAR(20) NOT NULL, note VARCHAR(1500), whole INT NOT NULL,"
        " CONSTRAINT of_whole FOREIGN KEY (whole) REFERENCES wholes (id) ON DELETE CASCADE)",
        f"INSERT INTO parts SELECT seq, CASE WHEN seq % 2 = 0 THEN 'hot' ELSE CONCAT('k', seq) END, REPEAT('n', 1 + seq * 7919 % 1500), 1 FROM {series}",
        "ANALYZE TABLE parts" if database.kind == "mysql" else "ANALYZE parts")
    if database.kind == "mysql":
        # It shows foreign keys to nobody who may only SELECT.
        database.execute("GRANT REFERENCES ON pairs.* TO reader@'127.0.0.1'")
    described = spec(
        database, "parts", {"table": "parts"}, {"hash": {"attribute": "id", "type": "S"}}, {"kind": "S", "note": "S"}, drop=["whole"],
        indexes=[{"name": "by_kind", "hash": {"attribute": "kind"}, "projection": "keys"}], rate={"ceiling": "1000/s"})
    path = program.write_spec(scratch, described)
    kinds = ["hot" if number % 2 == 0 else f"k{number}" for number in range(1, count + 1)]
    sizes = [len("id") + len(str(number)) + len("kind") + len(kind) + len("note") + note(number) for number, kind in enumerate(kinds, 1)]
    units = sum((size + 1023) // 1024 for size in sizes)

    counted = plan(path, "--json", "--count").expect(0).json()
    assert counted["sample"] == {"rows": count // 100, "count": "exact", "spread": True}
    assert counted["rows"]["read"] == counted["rows"]["to_write"] == count
    error = counted["units"]["table"] / units - 1
    by_bytes = counted["resources"][0]["bytes"] / sum(sizes) - 1
    measured(f"{database.kind}: plan of 1 % against the truth, units and bytes", f"{error:+.2%}, {by_bytes:+.2%}")
    assert abs(error) <= 0.02 and abs(by_bytes) <= 0.02, (counted["units"], units)
    assert counted["units"]["indexes"]["by_kind"] == count
    hottest = counted["resources"][1]["hot_keys"]
    assert [key["value"] for key in hottest] == ["hot"] and abs(hottest[0]["rows"] / count - 0.5) < 0.02, hottest
    assert counted["resources"][0]["hot_keys"] == []
    traps = {trap["kind"]: trap["what"] for trap in counted["traps"]}
    assert {"live-source", "silent-changes"} <= set(traps) and "of_whole" in traps["silent-changes"], traps
    # The ceiling is one of units, the index's included.
    assert abs(counted["schedule"]["seconds"] / ((units + count) / 1000) - 1) <= 0.05, counted["schedule"]

    guessed = plan(path, "--json").expect(0).json()
    assert guessed["sample"]["count"] == "estimate" and abs(guessed["rows"]["read"] / count - 1) < 0.5, guessed["rows"]
    text = plan(path).expect(0).out
    assert "the database's estimate" in text and "scaled up from" in text, text
    assert plan(path, "--json", "--sample", "500").expect(0).json()["sample"]["rows"] == 500
    assert "live database" in plan(path, "--simulate").expect(2).err


def test_a_plan_finds_keys_that_collide(database, scratch):
    kind = "VARCHAR(20) COLLATE utf8mb4_nopad_bin" if database.kind == "mysql" else "VARCHAR(20)"
    database.execute(
        "DROP TABLE IF EXISTS names", f"CREATE TABLE names (name {kind} PRIMARY KEY, day DATE NOT NULL)",
        "INSERT INTO names VALUES ('Ann', '2013-01-01'), ('ann', '2013-01-01'), ('Bob', '2013-01-02'), ('Bob ', '2013-01-02')")
    by_name = spec(database, "names", {"table": "names"}, {"hash": {"attribute": "name", "type": "S"}}, {"day": "S"})
    planned = plan(program.write_spec(scratch, by_name), "--json").expect(0).json()
    # So few rows are counted and read as a whole, asked or not.
    assert (planned["rows"]["read"], planned["sample"]) == (4, {"rows": 4, "count": "exact", "spread": False})
    assert [trap["what"] for trap in planned["traps"] if trap["kind"] == "key-collision"][0].startswith("2 rows"), planned["traps"]
    by_day = spec(database, "days", {"table": "names"}, {"hash": {"attribute": "day", "type": "S"}}, {}, drop=["name"])
    traps = plan(program.write_spec(scratch, by_day, "days.yaml"), "--json").expect(0).json()["traps"]
    found = {trap["kind"]: trap for trap in traps}
    assert "a load refuses" in found["key-collision"]["what"] and "`name`" in found["key-collision"]["cure"], traps
    assert found["same-key"]["what"].startswith("2 of the sample's 4 rows"), traps


# MARK: faults


def test_faults_are_told_before_anything_is_written(database, scratch, serve):
    server = serve()
    database.execute("DROP TABLE IF EXISTS plain", "CREATE TABLE plain (id INT, word VARCHAR(20))", "INSERT INTO plain VALUES (1, 'x')")
    key = {"hash": {"attribute": "id", "type": "N"}}
    cases = [
        ({"table": "plain"}, {}, 1, "plain has no primary key"),
        ({"table": "nothing"}, {}, 1, "nothing"),
        ({"table": "plain", "url": database.url.replace("${PASSWORD}", "letmein")}, {}, 2, "has a password in it"),
        ({"table": "plain"}, {"PASSWORD": "wr0ng-secret"}, 1, "reader"),
        ({"table": "plain", "url": database.url.replace(str(database.port), "1")}, {}, 5, "127.0.0.1"),
    ]
    for number, (source, variables, code, words) in enumerate(cases):
        path = program.write_spec(scratch, spec(database, f"fault{number}", source, key, {"word": "S"}), f"fault{number}.yaml")
        done = program.load(path, server.url, env={**ENVIRONMENT, **variables}).expect(code)
        assert words in done.err, (number, done.err)
        for secret in ("letmein", "wr0ng-secret", databases.PASSWORD):
            assert secret not in done.err + done.out
    assert server.boto().list_tables()["TableNames"] == []


# MARK: slow


@pytest.mark.long
@pytest.mark.measuring
@pytest.mark.parametrize("kind", list(databases.KINDS))
def test_a_trickle_outlives_the_servers_patience(scratch, serve, measured, kind):
    """50 rows a second while the server closes connections that are idle, or whose reader is slow, for 2 seconds (5 at full length)."""
    timeout, seconds = choose(2, 5), choose(9, 120)
    server = databases.KINDS[kind](timeouts=timeout)
    try:
        log = scratch / "requests.jsonl"
        target = serve(request_log=log)
        fill_flights(server, scratch, 12_000)
        path = program.write_spec(scratch, flights_spec(server, "slow", rate="50 items/s"))
        load(path, target.url, "--run-time", f"{seconds}s", timeout=seconds + 60).expect(10)
        moments = [moment for moment, _ in program.writes(log)]
        gaps = [later - earlier for earlier, later in zip(moments, moments[1:])]
        measured(f"{kind}: longest gap at 50 rows/s, seconds", max(gaps))
        assert len(moments) > 10 and max(gaps) <= 1, max(gaps)
        account = json.loads((scratch / "slow.saltmill" / "report.json").read_text())["rows"]
        assert 0.8 * 50 * seconds <= account["written"] <= 50 * seconds + 60, account
    finally:
        server.remove()


def test_a_busy_source_is_left_alone(database, scratch, serve):
    database.execute("DROP TABLE IF EXISTS busy", "CREATE TABLE busy (load_now INT)", "INSERT INTO busy VALUES (9)")
    source = fill_flights(database, scratch, 3_000)
    server = serve()
    text = flights_spec(database, "polite").replace("table: flights }", 'table: flights, courtesy: { query: "SELECT load_now FROM busy", above: 5 } }')
    path = program.write_spec(scratch, text)
    process = program.popen("load", path, "--endpoint-url", server.url, "--json", "--no-progress", env=ENVIRONMENT, stdout=subprocess.PIPE)
    try:
        waiting = ""
        until = time.monotonic() + 20
        while "courtesy" not in waiting and time.monotonic() < until:
            time.sleep(0.2)
            waiting = program.run("status", path, "--json", env=ENVIRONMENT).out
        assert "source courtesy: courtesy query 9 > 5" in waiting, waiting
        assert list(compare.scan(server.boto(), "polite")) == []
        database.execute("UPDATE busy SET load_now = 5")
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0 and program.check_account(json.loads(out))["written"] == len(source)
    finally:
        process.kill()
        process.wait()


# MARK: scale


@pytest.mark.skipif(not FULL, reason="5,000,000 rows")
@pytest.mark.long
@pytest.mark.measuring
def test_five_million_rows_take_little(database, scratch, running, measured):
    file = rows.generate(5_000_000)
    database.execute(
        "DROP TABLE IF EXISTS bulk",
        "CREATE TABLE bulk (id VARCHAR(20) PRIMARY KEY, name VARCHAR(60), email VARCHAR(60), city VARCHAR(20), created VARCHAR(30), "
        "note VARCHAR(60), amount NUMERIC(10,2), quantity INT, score NUMERIC(6,1), active VARCHAR(5))")
    database.load_csv("bulk", file)
    table = {
        "TableName": "bulk", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    }
    sink = running(start_sink, table)
    path = program.write_spec(scratch, spec(database, "bulk", {"table": "bulk"}, rows.KEY, rows.ATTRIBUTES))
    done = load(path, sink.url, timeout=1_800, measure=True).expect(0)
    assert program.check_account(done.json())["written"] == 5_000_000
    measured(f"{database.kind}: CPU per row, µs", done.cpu / 5)
    measured(f"{database.kind}: peak memory, MiB", done.usage["peak_kib"] / 1024)
    assert done.cpu / 5 <= 4 and done.usage["peak_kib"] * 1024 <= 64e6
