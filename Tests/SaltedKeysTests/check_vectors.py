"""Checks schemas/salt-vectors.json with Python's standard library alone; exits with status 1 on any difference."""
import base64, decimal, hashlib, json, pathlib, sys
decimal.getcontext().prec = 38
plain = lambda text: format(decimal.Decimal(text).normalize(), "f") if decimal.Decimal(text) else "0"
read = {"S": str.encode, "N": lambda text: plain(text).encode(), "B": base64.b64decode}
file = pathlib.Path(__file__).parents[2] / "schemas" / "salt-vectors.json"
vectors, wrong = json.loads(file.read_text(encoding="utf-8"))["vectors"], 0
for v in vectors:
    values = [read[kind](text) for part in v["identity"] for kind, text in part.items()]
    hashed = b"".join(b"%d:%s" % (len(value), value) for value in values)
    shard = int.from_bytes(hashlib.sha256(hashed).digest()[:4], "big") % v["shards"]
    found = {"bytes": hashed.hex(), "shard": shard, "physical": v["logical"] + v["separator"] + str(shard)}
    for name in [name for name in found if found[name] != v[name]]:
        wrong += print(f"{v['about']}: {name} is {v[name]!r}, should be {found[name]!r}") is None
sys.exit(f"{wrong} differences" if wrong or len(vectors) < 40 else 0)
