"""Rows that cannot become items: each goes whole and with its reason to the reject file, and the load goes on."""

import base64
import re
import stat

import pytest

import compare
import program

HEADER = b"place,part,number,flag,document,text,bytes,words\n"
GOOD = [f"place-{index},part,{index},true,\"{{\"\"a\"\":1}}\",text,AAEC,a|b\n".encode() for index in range(4)]

SPEC = {
    "version": 1, "job": "rows", "source": {"file": "rows.csv"}, "target": {"table": "rows", "create": {"billing": "on-demand"}},
    "key": {"hash": {"attribute": "place", "type": "S"}, "range": {"attribute": "part", "type": "S"}},
    "attributes": {
        "number": "N", "flag": "BOOL", "document": "M", "text": {"type": "S", "null": "reject"}, "bytes": "B",
        "words": {"type": "SS", "separator": "|"},
    },
    "rate": {"ceiling": "none"}, "rejects": {"file": "rejects.jsonl"},
}


def row(place=b"bad", part=b"part", number=b"1", flag=b"true", document=b"", text=b"text", bytes=b"", words=b""):
    return b",".join([place, part, number, flag, document, text, bytes, words]) + b"\n"


DEEP = b'"{""a"":' + b"[" * 33 + b"]" * 33 + b'}"'

#: What is wrong: the record, the code of its reject line, the attribute, a part of the sentence.
CASES = {
    "text behind a closing quote": (row(text=b'"te"xt'), "csv.quote", None, "quote"),
    "a quote inside a cell": (row(text=b'te"xt'), "csv.quote", None, "quote"),
    "too few cells": (b"bad,part,1\n", "csv.columns", None, "3 cells"),
    "too many cells": (row()[:-1] + b",more\n", "csv.columns", None, "9 cells"),
    "bad UTF-8": (row(text=b"caf\xe9"), "utf8", "text", "UTF-8"),
    "bad UTF-8 in a key": (row(place=b"\xff"), "utf8", "place", "UTF-8"),
    "no number": (row(number=b"soon"), "number.syntax", "number", "soon"),
    "number too large": (row(number=b"1E+126"), "number.range", "number", r"1E\+126"),
    "number too small": (row(number=b"1E-131"), "number.range", "number", "1E-131"),
    "39 digits": (row(number=b"1" * 39), "number.digits", "number", "38"),
    "no boolean": (row(flag=b"maybe"), "bool", "flag", "maybe"),
    "no JSON": (row(document=b'"{""a"":"'), "json", "document", "JSON"),
    "JSON of another kind": (row(document=b"[1]"), "json", "document", "object"),
    "nested too deep": (row(document=DEEP), "nesting", "document", "32"),
    "no Base64": (row(bytes=b"A!"), "base64", "bytes", "Base64"),
    "a member twice in a set": (row(words=b"a|a"), "set.duplicate", "words", "twice"),
    "null where it is refused": (row(text=b""), "null", "text", "null"),
    "null key": (row(place=b""), "key.missing", "place", "null"),
    "empty key": (row(place=b'""'), "key.empty", "place", "empty"),
    "empty range key": (row(part=b'""'), "key.empty", "part", "empty"),
    "hash key too long": (row(place=b"p" * 2049), "key.size", "place", "2,?048"),
    "range key too long": (row(part=b"p" * 1025), "key.size", "part", "1,?024"),
    "item too large": (row(text=b"t" * 410_000), "item.size", None, "409,?600"),
}


def load(scratch, server, content):
    (scratch / "rows.csv").write_bytes(content)
    return program.load(program.write_spec(scratch, SPEC), server.url)


def check(scratch, server, result, bad, position, written):
    """One reject, at its place and whole; the other rows are in the table."""
    report = result.expect(3).json()
    account = program.check_account(report)
    assert (account["written"], account["rejected"]) == (written, 1), account
    assert report["outcome"] == "rejected"
    path = scratch / "rejects.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (line,) = program.rejects(path)
    assert report["rejects"]["reasons"] == {line["code"]: 1}
    assert line["line"] == 2 + position and line["offset"] == len(HEADER) + sum(map(len, GOOD[:position]))
    assert line["file"].endswith("rows.csv")
    record = line["record"].encode() if "record" in line else base64.b64decode(line["record_base64"])
    assert record.rstrip(b"\n") == bad.rstrip(b"\n")
    found = {item["place"]["S"] for item in compare.scan(server.boto(), "rows", segments=1)}
    assert found == {f"place-{index}" for index in range(written)}
    return line


@pytest.mark.parametrize("case", CASES)
def test_bad_row_is_rejected_whole_and_with_its_reason(scratch, serve, case):
    bad, code, attribute, words = CASES[case]
    server = serve()
    result = load(scratch, server, HEADER + b"".join(GOOD[:2]) + bad + b"".join(GOOD[2:]))
    line = check(scratch, server, result, bad, 2, 4)
    assert line["code"] == code, line
    assert line.get("attribute") == attribute, line
    assert re.search(words, line["reason"]), line


def test_quote_that_is_never_closed_costs_its_own_line_only(scratch, serve):
    bad = b'bad,part,1,true,,"never closed\n'
    server = serve()
    rest = row(place=b"place-2") + row(place=b"place-3")
    line = check(scratch, server, load(scratch, server, HEADER + b"".join(GOOD[:2]) + bad + rest), bad, 2, 4)
    assert line["code"] == "csv.quote" and "never closed" in line["reason"]


def test_lines_are_counted_through_quoted_line_ends(scratch, serve):
    good = b'place-0,part,1,true,,"two\nlines",,\r\n'
    bad = row(number=b"x")
    server = serve()
    (scratch / "rows.csv").write_bytes(b"\xef\xbb\xbf" + HEADER.replace(b"\n", b"\r\n") + good + bad)
    program.load(program.write_spec(scratch, SPEC), server.url).expect(3)
    (line,) = program.rejects(scratch / "rejects.jsonl")
    assert (line["line"], line["offset"]) == (4, 3 + len(HEADER) + 1 + len(good))
    (item,) = compare.scan(server.boto(), "rows", segments=1)
    assert item["text"] == {"S": "two\nlines"}


def test_load_stops_when_too_many_rows_are_rejected(scratch, serve):
    (scratch / "rows.csv").write_bytes(HEADER + b"".join(row(place=b"%d" % place, number=b"x") for place in range(50)) + b"".join(GOOD))
    spec = {**SPEC, "rejects": {"file": "rejects.jsonl", "stop_after": 10}}
    result = program.load(program.write_spec(scratch, spec), serve().url).expect(1)
    report = result.json()
    assert report["outcome"] == "failed" and "stop_after" in report["message"] and "11 rows" in report["message"]
    assert report["rows"]["rejected"] == len(program.rejects(scratch / "rejects.jsonl")) == 11
