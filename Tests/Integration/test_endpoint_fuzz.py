"""Whatever is sent to `saltmill serve`, it answers, does not crash, does not hang and keeps its memory."""

import copy
import json
import random
import socket
import time

import pytest

import servers
from settings import SEED, number

HOST = "127.0.0.1"
OPERATIONS = [
    "PutItem", "GetItem", "DeleteItem", "UpdateItem", "BatchWriteItem", "BatchGetItem", "Query", "Scan", "TransactWriteItems",
    "TransactGetItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction", "CreateTable", "UpdateTable", "DescribeTable", "ListTables", "TagResource", "UpdateTimeToLive", "NoSuchThing",
]
KEY = {"id": {"S": "a"}}
SAMPLES = [
    ("PutItem", {"TableName": "rows", "Item": {**KEY, "n": {"N": "1.5e3"}, "b": {"B": "AAEC"}, "m": {"M": {"l": {"L": [{"NULL": True}]}}}},
                 "ConditionExpression": "attribute_not_exists(id) OR size(#m.l[0]) BETWEEN :a AND :b",
                 "ExpressionAttributeNames": {"#m": "m"}, "ExpressionAttributeValues": {":a": {"N": "1"}, ":b": {"N": "2"}}}),
    ("UpdateItem", {"TableName": "rows", "Key": KEY, "UpdateExpression": "SET x = if_not_exists(x, :a) + :a, m.l[3] = :b REMOVE y ADD s :s",
                    "ExpressionAttributeValues": {":a": {"N": "1"}, ":b": {"L": []}, ":s": {"SS": ["x", "y"]}}, "ReturnValues": "ALL_NEW"}),
    ("Query", {"TableName": "rows", "KeyConditionExpression": "id = :a", "FilterExpression": "NOT contains(m, :a) AND n IN (:a, :b)",
               "ExpressionAttributeValues": {":a": {"S": "a"}, ":b": {"N": "2"}}, "Limit": 3, "ExclusiveStartKey": KEY}),
    ("Scan", {"TableName": "rows", "Segment": 1, "TotalSegments": 7, "ProjectionExpression": "m.l[0], n", "Select": "SPECIFIC_ATTRIBUTES"}),
    ("BatchWriteItem", {"RequestItems": {"rows": [{"PutRequest": {"Item": KEY}}, {"DeleteRequest": {"Key": {"id": {"S": "b"}}}}]}}),
    ("BatchGetItem", {"RequestItems": {"rows": {"Keys": [KEY], "ConsistentRead": True}}, "ReturnConsumedCapacity": "INDEXES"}),
    ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "rows", "Item": KEY}}, {
        "ConditionCheck": {"TableName": "rows", "Key": {"id": {"S": "c"}}, "ConditionExpression": "attribute_not_exists(id)"}}]}),
    ("ExecuteStatement", {"Statement": "SELECT m.l[0], \"n\" FROM rows WHERE id IN ['a', ?] AND NOT (n BETWEEN 1 AND 2e1 OR size(id) = 1)",
                          "Parameters": [{"S": "b"}], "Limit": 2}),
    ("ExecuteStatement", {"Statement": "UPDATE rows SET m.l[1] = {'a': [-1, <<'x'>>]}, n = n + ? REMOVE b WHERE id = 'a' RETURNING ALL NEW *",
                          "Parameters": [{"N": "1"}]}),
    ("ExecuteTransaction", {"TransactStatements": [{"Statement": "INSERT INTO rows VALUE {'id': 'it''s', 'x': null}"},
                                                   {"Statement": "DELETE FROM rows WHERE id = ? -- away", "Parameters": [{"S": "b"}]}]}),
    ("BatchExecuteStatement", {"Statements": [{"Statement": "SELECT * FROM rows WHERE id = 'a' /* one */"}]}),
    ("CreateTable", {"TableName": "rows", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                     "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}),
    ("UpdateTimeToLive", {"TableName": "rows", "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "n"}}),
]
ODD = [None, True, -1, 0, 1e300, 10**40, "", "\x00", "é☃", "a" * 3000, [], {}, [[]], {"S": 1}, {"N": "NaN"}, {"N": "9" * 60}, {"B": "="},
       "((((", "SET", "a.b[", ":a", "#m", {"SS": []}, {"M": {"": {"S": ""}}}]


def places(value, path=()):
    """Where something can be put into a tree."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def mutated(chance, sample):
    """A sample with one to three of its values replaced or removed."""
    tree = json.loads(json.dumps(sample))
    for _ in range(chance.randint(1, 3)):
        path = chance.choice([path for path in places(tree) if path] or [None])
        if path is None:
            return tree
        parent = tree
        for key in path[:-1]:
            parent = parent[key]
        if chance.random() < 0.2:
            del parent[path[-1]]
        elif isinstance(parent[path[-1]], str) and chance.random() < 0.6:
            text = list(parent[path[-1]])
            for _ in range(chance.randint(1, 4)):
                text.insert(chance.randint(0, len(text)), chance.choice("()[].,:#+-=<> \x7f\"\\é0a" + chance.choice("ANDORINSET")))
            parent[path[-1]] = "".join(text)
        else:
            parent[path[-1]] = copy.deepcopy(chance.choice(ODD))
    return tree


def head(length, operation="PutItem", **more):
    lines = [
        "POST / HTTP/1.1", "Host: x", "Content-Type: application/x-amz-json-1.0", f"X-Amz-Target: DynamoDB_20120810.{operation}",
        f"Content-Length: {length}", *(f"{name.replace('_', '-')}: {value}" for name, value in more.items()), "", "",
    ]
    return "\r\n".join(lines).encode()


def request(chance):
    """A request that is wrong in some way."""
    operation, sample = chance.choice(SAMPLES)
    kind = chance.random()
    if kind < 0.6:
        body = json.dumps(mutated(chance, sample)).encode()
    elif kind < 0.9:
        body = bytearray(json.dumps(sample).encode())
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(body))
            body[at:at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        body = bytes(body)
    else:
        body = chance.randbytes(chance.choice([0, 1, 100, 5000]))
    if chance.random() < 0.1:
        operation = chance.choice(OPERATIONS)
    return operation, body


def answered(link, data):
    """Sends one request and reads the answer: its status, or nothing where the connection was closed."""
    link.sendall(data)
    received = b""
    while b"\r\n\r\n" not in received:
        part = link.recv(1 << 16)
        if not part:
            return None
        received += part
    top, _, rest = received.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in top.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(rest) < length:
        part = link.recv(1 << 16)
        assert part, "an answer was cut off"
        rest += part
    return int(top.split()[1])


def connect(server):
    link = socket.create_connection((HOST, int(server.url.rpartition(":")[2])), timeout=10)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def memory(server):
    """Resident memory in MiB."""
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def raw(chance):
    """Bytes that are hardly HTTP."""
    whole = bytearray(head(2) + b"{}")
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(whole))
        whole[at:at + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 4))
    return bytes(whole)


def assault(server, chance, until):
    """Sends wrong requests until then; gives how many, and how many times the server's own fault was admitted."""
    sent = faults = 0
    link = connect(server)
    while time.monotonic() < until:
        operation, body = request(chance)
        extra = {"Content_Encoding": chance.choice(["gzip", "identity", "x"])} if chance.random() < 0.05 else {}
        status = answered(link, head(len(body), operation, **extra) + body)
        sent += 1
        faults += status == 500 and not extra
        if status is None:
            link = connect(server)
        if sent % 50 == 0:
            with connect(server) as other:
                other.sendall(raw(chance))
                other.shutdown(socket.SHUT_WR)
                while other.recv(1 << 16):
                    pass
    return sent, faults


@pytest.mark.long
@pytest.mark.measuring
def test_wrong_requests_neither_crash_nor_hang_nor_grow_it(serve, measured):
    server = serve()
    client = server.boto()
    client.create_table(**SAMPLES[-2][1])
    seconds = number("FUZZ_SECONDS", 10, 600)
    chance = random.Random(SEED)
    warm, faults = assault(server, chance, time.monotonic() + seconds * 0.3)
    before = memory(server)
    sent, more = assault(server, chance, time.monotonic() + seconds * 0.7)
    after = memory(server)
    measured("wrong requests answered", warm + sent)
    measured("MiB of memory before and after", f"{before:.1f} {after:.1f}")
    assert faults + more == 0, "a wrong request is the client's fault, not the server's"
    assert server.process.poll() is None and servers.answers(server.url)
    assert after <= before * 1.2 + 8, "memory grew"


@pytest.mark.parametrize("name, body", [
    ("arrays", b"[" * 100_000), ("objects", b'{"a":' * 100_000), ("values", b'{"TableName":"rows","Item":{"id":' + b'{"L":[' * 50_000),
    ("maps", b'{"TableName":"rows","Item":{"id":{"S":"a"},"m":' + b'{"M":{"m":' * 60 + b'{"NULL":true}' + b"}}" * 60 + b"}}"),
    ("parentheses", b'{"TableName":"rows","Key":{"id":{"S":"a"}},"ConditionExpression":"' + b"(" * 4000 + b'"}'),
    ("negations", b'{"TableName":"rows","Item":{"id":{"S":"a"}},"ConditionExpression":"' + b"NOT " * 1000 + b'attribute_exists(id)"}'),
    ("path", b'{"TableName":"rows","Item":{"id":{"S":"a"}},"ConditionExpression":"attribute_exists(a' + b".a" * 1500 + b')"}'),
])
def test_deeply_nested_input_is_refused_at_once(serve, name, body):
    server = serve()
    server.boto().create_table(**SAMPLES[-2][1])
    link = connect(server)
    answered(link, head(2, "ListTables") + b"{}")
    times = []
    for _ in range(5):
        start = time.monotonic()
        assert answered(link, head(len(body)) + body) == 400
        times.append(time.monotonic() - start)
    assert min(times) <= 0.01, times
