#!/usr/bin/env python3
"""The item digest a second time, from its definition (ItemDigest.swift): checks schemas/item-digest-vectors.json, or writes it with --write."""
import base64
import decimal
import hashlib
import json
import pathlib
import struct
import sys

VECTORS = pathlib.Path(__file__).resolve().parents[3] / "schemas" / "item-digest-vectors.json"
decimal.getcontext().prec = 60


def u32(count): return struct.pack(">I", count)
def text(data): return u32(len(data)) + data


def number(digits):
    plain = format(decimal.Decimal(digits).normalize(), "f")
    return b"0" if decimal.Decimal(digits) == 0 else plain.encode()


SCALARS = {"S": lambda v: v.encode(), "N": number, "B": base64.b64decode}


def canonical(value):
    (kind, content), = value.items()
    if kind in SCALARS: return kind.encode() + text(SCALARS[kind](content))
    if kind == "BOOL": return b"T" if content else b"F"
    if kind == "NULL": return b"Z"
    if kind == "L": return b"L" + u32(len(content)) + b"".join(map(canonical, content))
    if kind == "M": return item(content)
    elements = sorted({SCALARS[kind[0]](element) for element in content})
    return kind[0].lower().encode() + u32(len(elements)) + b"".join(map(text, elements))


def item(members):
    pairs = sorted((name.encode(), canonical(value)) for name, value in members.items())
    return b"M" + u32(len(pairs)) + b"".join(text(name) + value for name, value in pairs)


def digest(items):
    total = sum(int.from_bytes(hashlib.sha256(item(i)).digest(), "big") for i in items) % 2**256
    return f"{len(items)}:{total:064x}"


CASES = {
    "no items": [],
    "an item without attributes": ["{}"],
    "every type": ['{"pk":{"S":"a"},"n":{"N":"-12.50"},"b":{"B":"AAEC/w=="},"t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true},'
                   '"ss":{"SS":["b","a",""]},"ns":{"NS":["2","10","1e1","1.0"]},"bs":{"BS":["Ag==","AQ==",""]},"l":{"L":[{"S":"x"},{"L":[]},{"N":"1"}]},'
                   '"m":{"M":{"z":{"N":"0"},"a":{"M":{}},"m":{"L":[{"M":{"b":{"S":"1"},"a":{"S":"2"}}}]}}}}'],
    "numbers": ['{"a":{"N":"%s"}}' % n for n in ("1000", "1e3", "+1000.0", "0.5", ".5", "00.50", "-0", "0", "0.000", "1E-130", "9.9999999999999999999999999999999999999E+125",
                "12345678901234567890123456789012345678", "-0.00000000000000000000000000000000000000000000001", "120", "100.10", "-7", "10e-1")],
    "unicode": ['{"é":{"S":"\\u00e9\\ud83d\\ude00\\u0000\\"\\\\\\/"},"z":{"S":"\U0010ffff\u0800\u07ff"},"\\u0061b":{"S":"\u007f"},"ab\u0000":{"S":""}}'.replace("\u0000", "\\u0000")],
    "names that begin each other": ['{"attribute1":{"N":"1"},"attribute":{"N":"2"},"attribute10":{"N":"3"},"a":{"N":"4"},"":{"N":"5"},"attributf":{"N":"6"}}'],
    "order does not matter": ['{"b":{"S":"2"},"a":{"S":"1"}}', '{ "a" : { "S" : "1" } , "b" : { "S" : "2" } }', '{"c":{"SS":["x","y"]}}', '{"c":{"SS":["y","x"]}}'],
    "many attributes": [json.dumps({f"k{i * 7919 % 61}": {"M": {f"m{i * j % 101}": {"NS": [str(j), str(i)]} for j in range(3)}} for i in range(61)}, separators=(",", ":"))],
}


def main():
    vectors = [{"name": name, "items": items, "digest": digest([json.loads(i) for i in items])} for name, items in CASES.items()]
    content = json.dumps(vectors, indent=1, ensure_ascii=True) + "\n"
    if "--write" in sys.argv: VECTORS.write_text(content)
    if VECTORS.read_text() != content: sys.exit("the vectors differ from what this script computes")
    print(f"{len(vectors)} vectors agree")


main()
