"""The embedded endpoint, answering as other servers do where they differ from DynamoDB.

What they answer is taken from their documents: ScyllaDB's pages "ScyllaDB Alternator for DynamoDB users" and "Alternator-specific APIs", and
"DynamoDB local usage notes" in the Amazon DynamoDB Developer Guide.
"""

import copy

import dumps

TAGGING = ("TagResource", "UntagResource", "ListTagsOfResource")
BACKUPS = ("DescribeContinuousBackups", "UpdateContinuousBackups")


class Alternator(dumps.Recorder):
    """ScyllaDB's Alternator; an old one has no tags, no TableId and no continuous backups, and does not tell the item of a failed condition."""

    BATCH = 100

    def __init__(self, upstream, is_old=False):
        super().__init__(upstream, self.answer)
        self.is_old = is_old

    def answer(self, operation, body):
        if body.get("ReturnConsumedCapacity") == "INDEXES":
            return dumps.refusal("ValidationException", "INDEXES consumed capacity is not supported")
        unknown = ("TransactWriteItems", "TransactGetItems", "DescribeLimits", "UpdateContinuousBackups")
        if operation in unknown or self.is_old and operation in TAGGING + BACKUPS:
            return dumps.refusal("UnknownOperationException", f"Unsupported operation {operation}")
        if operation == "CreateTable" and self.is_old and body.pop("Tags", None):
            pass  # what an old one does not know in a request it passes over
        if operation == "BatchWriteItem":
            return self.batch(body)
        if operation in TAGGING:
            name = body["ResourceArn"].rpartition("/")[2]
            body = {**body, "ResourceArn": self.passed("DescribeTable", {"TableName": name})[1]["Table"]["TableArn"]}
        status, answer = self.passed(operation, body)
        if operation in ("Query", "Scan"):
            answer.pop("ConsumedCapacity", None)
        for member in ("Table", "TableDescription"):
            if member in answer:
                self.describe(answer[member])
        if self.is_old and status == 400:
            answer.pop("Item", None)
        return status, answer

    def batch(self, body):
        """Up to a hundred writes, done without anything being handed back."""
        ((table, requests),) = body["RequestItems"].items()
        if len(requests) > self.BATCH:
            return dumps.refusal("ValidationException", f"Invalid length of BatchWriteItem command, got {len(requests)} items, maximum is 100")
        for start in range(0, len(requests), 25):
            status, answer = self.passed("BatchWriteItem", {"RequestItems": {table: requests[start:start + 25]}})
            if status != 200:
                return status, answer
            assert not answer["UnprocessedItems"]
        answer = {"UnprocessedItems": {}}
        if body.get("ReturnConsumedCapacity") == "TOTAL":
            answer["ConsumedCapacity"] = [{"TableName": table, "CapacityUnits": float(len(requests))}]
        return 200, answer

    def describe(self, table):
        name = table["TableName"]
        table["TableArn"] = f"arn:scylla:alternator:alternator_{name}:scylla:table/{name}"
        table["BillingModeSummary"] = {"BillingMode": "PAY_PER_REQUEST", "LastUpdateToPayPerRequestDateTime": 0}
        table["ProvisionedThroughput"] = {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
        for member in ("ItemCount", "TableSizeBytes", "DeletionProtectionEnabled", *(["TableId"] if self.is_old else [])):
            table.pop(member, None)
        for index in table.get("GlobalSecondaryIndexes", []):
            for member in ("IndexStatus", "ProvisionedThroughput", "ItemCount", "IndexSizeBytes"):
                index.pop(member, None)
            # Every attribute is in every index.
            index["Projection"] = {"ProjectionType": "ALL"}


class DynamoDBLocal(dumps.Recorder):
    """DynamoDB local: no tags, no backups, nothing throttled; an old one tells no consumption, and its segments are the whole table each."""

    def __init__(self, upstream, is_old=False):
        super().__init__(upstream, self.answer)
        self.is_old = is_old

    def answer(self, operation, body):
        if operation in TAGGING:
            return dumps.refusal("UnknownOperationException", "Tagging is not currently supported in DynamoDB Local.")
        if operation in BACKUPS:
            return dumps.refusal("UnknownOperationException", "")
        body = copy.deepcopy(body)
        body.pop("Tags", None)
        if self.is_old:
            body.pop("Segment", None)
            body.pop("TotalSegments", None)
        status, answer = self.passed(operation, body)
        if answer.get("__type", "").endswith("ResourceNotFoundException"):
            answer["message"] = "Cannot do operations on a non-existent table"
        for member in ("Table", "TableDescription"):
            if member in answer:
                self.describe(answer[member])
        if self.is_old and "ConsumedCapacity" in answer:
            answer["ConsumedCapacity"] = None
        return status, answer

    def describe(self, table):
        table["TableArn"] = f"arn:aws:dynamodb:ddblocal:000000000000:table/{table['TableName']}"
        table["ProvisionedThroughput"].update(LastIncreaseDateTime=0.0, LastDecreaseDateTime=0.0)
        if self.is_old:
            table.pop("TableId", None)
            table.pop("BillingModeSummary", None)
        for index in table.get("GlobalSecondaryIndexes", []):
            index["IndexArn"] = f"{table['TableArn']}/index/{index['IndexName']}"
