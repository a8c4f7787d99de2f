"""`serve --data`, killed under write load again and again: every write that was acknowledged is there."""

import random
import threading

import botocore.exceptions
import pytest

import servers
from settings import SEED, choose

TABLE = {
    "TableName": "rows", "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "group", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "GlobalSecondaryIndexes": [{
        "IndexName": "by_group", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "group", "KeyType": "HASH"}],
    }],
}
WRITERS = 3
#: Each writer has keys of its own, so that it knows in which order they were written.
KEYS = 300


class Writer(threading.Thread):
    """Writes random values, and counts, until the server is gone; knows what was acknowledged and what was only sent."""

    def __init__(self, server, number, known):
        super().__init__(daemon=True)
        self.client = server.boto(retries={"total_max_attempts": 1}, read_timeout=10)
        self.number, self.known, self.sent = number, known, {}
        self.random = random.Random(SEED * 1000 + number + len(known))
        self.batches = 0

    def item(self, name, value):
        return {"id": {"S": name}, "value": {"N": str(value)}, "group": {"S": f"g{value % 3}"}}

    def run(self):
        while True:
            values = {f"{self.number}-{self.random.randrange(KEYS)}": self.random.randrange(10**9) for _ in range(20)}
            counter = f"{self.number}-counter"
            expected = self.known.get(counter, 0) + 1
            self.sent = {**values, counter: expected}
            try:
                if self.batches % 2:
                    self.client.transact_write_items(TransactItems=[
                        *({"Put": {"TableName": "rows", "Item": self.item(name, value)}} for name, value in values.items()),
                        {"Update": {
                            "TableName": "rows", "Key": {"id": {"S": counter}}, "UpdateExpression": "ADD #v :one",
                            "ExpressionAttributeNames": {"#v": "value"}, "ExpressionAttributeValues": {":one": {"N": "1"}},
                        }},
                    ])
                    self.known.update(self.sent)
                else:
                    self.sent = values
                    self.client.batch_write_item(RequestItems={
                        "rows": [{"PutRequest": {"Item": self.item(name, value)}} for name, value in values.items()]})
                    self.known.update(values)
            except (botocore.exceptions.ConnectionError, botocore.exceptions.HTTPClientError):
                return
            self.batches += 1


def everything(client, **options):
    pages = client.get_paginator("scan").paginate(TableName="rows", **options)
    return {item["id"]["S"]: int(item["value"]["N"]) for page in pages for item in page["Items"]}


@pytest.mark.long
def test_every_acknowledged_write_survives_kills(serve, scratch, measured):
    chance = random.Random(SEED)
    rounds, batches = choose(10, 100), 0
    server = serve(data=scratch / "rows.db")
    server.boto().create_table(**TABLE)
    known = [{} for _ in range(WRITERS)]
    for _ in range(rounds):
        writers = [Writer(server, number, known[number]) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        threading.Event().wait(chance.uniform(0.1, 0.6))
        server.process.kill()
        server.process.wait()
        for writer in writers:
            writer.join(30)
            assert not writer.is_alive(), "a writer did not end with its server"
        batches += sum(writer.batches for writer in writers)

        server = serve(data=scratch / "rows.db")
        client = server.boto()
        found = everything(client, ConsistentRead=True)
        for writer in writers:
            # What was sent when the server died may have been written as a whole or not at all.
            whole = {**writer.known, **writer.sent}
            mine = {name: value for name, value in found.items() if name.startswith(f"{writer.number}-")}
            assert mine in (writer.known, whole), "neither with nor without the last request"
            known[writer.number] = mine
        assert everything(client, IndexName="by_group") == {name: value for name, value in found.items() if "counter" not in name}
        assert client.describe_table(TableName="rows")["Table"]["ItemCount"] == len(found)
    measured(f"requests acknowledged between {rounds} kills", batches)
    assert batches > rounds
