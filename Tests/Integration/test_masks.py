"""Masked copies for tests: deterministic across tables and kills, refused where they would do harm."""

import hashlib
import hmac

import program
from servers import environment

SECRET = "a secret for tests only"
PEOPLE = "id,mail,phone,note\n" + "".join(f"{n},p{n}@firm.example,+49 30 {n:06},met {n}\n" for n in range(500))
ORDERS = "number,buyer,total\n" + "".join(f"{n},p{n % 500}@firm.example,{n}.5\n" for n in range(900))


def people(purpose="test", **changes):
    return {
        "version": 1, "job": "people", "source": {"file": "people.csv"},
        "target": {"table": "people", "purpose": purpose, "create": {"billing": "on-demand"}},
        "key": {"hash": {"attribute": "mail", "type": "S", "personal": True, "mask": "hash"}},
        "attributes": {
            "id": "N", "phone": {"type": "S", "personal": True, "mask": "shuffle-digits"},
            "note": {"type": "S", "personal": True, "mask": "redact"},
        },
        "rate": {"ceiling": "none"}, **changes,
    }


ORDERS_SPEC = {
    "version": 1, "job": "orders", "source": {"file": "orders.csv"},
    "target": {"table": "orders", "purpose": "test", "create": {"billing": "on-demand"}},
    "key": {
        "hash": {"attribute": "buyer", "type": "S", "mask": "hash", "salt": {"shards": 5, "by": ["number"]}},
        "range": {"attribute": "number", "type": "N"},
    },
    "attributes": {"total": "N"}, "rate": {"ceiling": "none"},
}


def scan(server, table):
    return [item for page in server.boto().get_paginator("scan").paginate(TableName=table) for item in page["Items"]]


def env(secret=SECRET):
    return environment(SALTMILL_MASK_SECRET=secret)


def code(text):
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def test_joins_hold_and_nothing_personal_arrives(scratch, serve):
    server = serve()
    (scratch / "people.csv").write_text(PEOPLE)
    (scratch / "orders.csv").write_text(ORDERS)
    program.load(program.write_spec(scratch, people(), "p.yaml"), server.url, "--masked", env=env()).expect(0)
    program.load(program.write_spec(scratch, ORDERS_SPEC, "o.yaml"), server.url, "--masked", env=env()).expect(0)
    stored = scan(server, "people")
    assert {item["mail"]["S"] for item in stored} == {code(f"p{n}@firm.example") for n in range(500)}
    assert "firm.example" not in str(stored) and "met " not in str(stored)
    assert {item["note"]["S"] for item in stored} == {"REDACTED"}
    assert len({item["phone"]["S"] for item in stored}) == 500
    buyers = {item["buyer"]["S"].split(".")[0] for item in scan(server, "orders")}
    assert buyers == {item["mail"]["S"] for item in stored}


def test_what_would_do_harm_is_refused(scratch, serve):
    server = serve()
    (scratch / "people.csv").write_text(PEOPLE)
    path = program.write_spec(scratch, people())
    result = program.load(path, server.url)
    assert result.code == 2 and "--masked" in result.err and "`note`" in result.err
    result = program.load(path, server.url, "--masked", env=env(None))
    assert result.code == 2 and "SALTMILL_MASK_SECRET" in result.err
    result = program.load(program.write_spec(scratch, people("production")), server.url, "--masked", env=env())
    assert result.code == 2 and "purpose: test" in result.err
    assert server.boto().list_tables()["TableNames"] == []


def test_a_job_goes_on_with_its_own_secret_alone(scratch, serve):
    server = serve()
    (scratch / "people.csv").write_text(PEOPLE)
    path = program.write_spec(scratch, people(rate={"ceiling": "100/s"}))
    program.load(path, server.url, "--masked", "--run-time", "1s", env=env()).expect(10)
    other = program.load(path, server.url, "--masked", env=env("another secret of that length"))
    assert other.code != 0 and "masks.secret" in other.err, other.err
    program.load(path, server.url, "--masked", "--rate", "none", env=env()).expect(0)
    assert {item["mail"]["S"] for item in scan(server, "people")} == {code(f"p{n}@firm.example") for n in range(500)}
