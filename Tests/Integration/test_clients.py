"""The clients people have, unchanged, against `saltmill serve`: boto3, the AWS command line, dynamodump, PynamoDB."""

import decimal
import json
import subprocess

import boto3
import botocore.exceptions
import pytest
from boto3.dynamodb import conditions

import servers

SCHEMA = {
    "TableName": "songs",
    "AttributeDefinitions": [{"AttributeName": "artist", "AttributeType": "S"}, {"AttributeName": "year", "AttributeType": "N"},
                             {"AttributeName": "label", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "artist", "KeyType": "HASH"}, {"AttributeName": "year", "KeyType": "RANGE"}],
    "GlobalSecondaryIndexes": [{
        "IndexName": "by_label", "Projection": {"ProjectionType": "ALL"},
        "KeySchema": [{"AttributeName": "label", "KeyType": "HASH"}, {"AttributeName": "year", "KeyType": "RANGE"}],
    }],
    "BillingMode": "PAY_PER_REQUEST",
}

EVERY_TYPE = {
    "artist": {"S": "Ünïcödé ☃ \U0001f600 \"quoted\" \\ \u0000"}, "year": {"N": "-12.5"},
    "n": {"N": "12345678901234567890123456789012345678"}, "b": {"B": b"\x00\xff\x80"}, "yes": {"BOOL": True}, "no": {"NULL": True},
    "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2.5"]}, "bs": {"BS": [b"\x01", b"\x02"]},
    "l": {"L": [{"S": ""}, {"N": "0"}, {"L": []}, {"M": {}}]}, "m": {"M": {"x": {"B": b"deep"}, "y": {"M": {"z": {"BOOL": False}}}}},
}


@pytest.fixture
def songs(serve):
    """A server with an empty table, and a client for it."""
    server = serve()
    client = server.boto()
    client.create_table(**SCHEMA)
    client.get_waiter("table_exists").wait(TableName="songs", WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    return server, client


def fill(client, artists=40, years=25):
    resource = boto3.resource(
        "dynamodb", endpoint_url=client.meta.endpoint_url, region_name=servers.REGION, aws_access_key_id=servers.ACCESS_KEY,
        aws_secret_access_key=servers.SECRET_KEY,
    )
    table = resource.Table("songs")
    with table.batch_writer() as batch:
        for artist in range(artists):
            for year in range(years):
                batch.put_item(
                    Item={"artist": f"artist {artist:02d}", "year": 1990 + year, "label": f"label {year % 5}", "text": "la" * 200}
                )
    return table


def test_boto3_manages_tables(serve):
    client = serve().boto()
    assert client.list_tables()["TableNames"] == []
    created = client.create_table(**SCHEMA, Tags=[{"Key": "owner", "Value": "test"}])["TableDescription"]
    assert created["TableStatus"] in ("CREATING", "ACTIVE") and created["TableArn"].endswith(":table/songs")
    client.get_waiter("table_exists").wait(TableName="songs", WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.create_table(**SCHEMA)

    table = client.describe_table(TableName="songs")["Table"]
    assert table["KeySchema"] == SCHEMA["KeySchema"] and table["GlobalSecondaryIndexes"][0]["IndexName"] == "by_label"
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST" and table["TableId"]

    arn = table["TableArn"]
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "saltmill:day", "Value": "v1 shards=20"}])
    client.untag_resource(ResourceArn=arn, TagKeys=["owner"])
    assert client.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "saltmill:day", "Value": "v1 shards=20"}]

    client.update_table(
        TableName="songs", BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 7},
        GlobalSecondaryIndexUpdates=[
            {"Update": {"IndexName": "by_label", "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}}}
        ],
    )
    client.get_waiter("table_exists").wait(TableName="songs", WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    table = client.describe_table(TableName="songs")["Table"]
    assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 7
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 4

    for number in range(4):
        client.create_table(**{**SCHEMA, "TableName": f"more-{number}"})
    pages = client.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 2})
    assert [page["TableNames"] for page in pages] == [["more-0", "more-1"], ["more-2", "more-3"], ["songs"]]
    client.delete_table(TableName="songs")
    client.get_waiter("table_not_exists").wait(TableName="songs", WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_table(TableName="songs")


def test_boto3_round_trips_every_type(songs):
    _, client = songs
    key = {name: EVERY_TYPE[name] for name in ("artist", "year")}
    client.put_item(TableName="songs", Item=EVERY_TYPE)
    found = client.get_item(TableName="songs", Key=key, ConsistentRead=True)["Item"]
    assert {**found, "ss": sorted(found["ss"]["SS"]), "ns": sorted(found["ns"]["NS"]), "bs": sorted(found["bs"]["BS"])} == {
        **EVERY_TYPE, "ss": ["a", "b"], "ns": ["1", "2.5"], "bs": [b"\x01", b"\x02"]
    }
    old = client.delete_item(TableName="songs", Key=key, ReturnValues="ALL_OLD")["Attributes"]
    assert old["n"] == EVERY_TYPE["n"]
    assert "Item" not in client.get_item(TableName="songs", Key=key)


def test_boto3_pages_through_queries_and_scans(songs):
    _, client = songs
    table = fill(client)
    one = table.query(KeyConditionExpression=conditions.Key("artist").eq("artist 07"))
    assert [item["year"] for item in one["Items"]] == [decimal.Decimal(1990 + year) for year in range(25)]
    some = table.query(
        KeyConditionExpression=conditions.Key("artist").eq("artist 07") & conditions.Key("year").between(2000, 2004), ScanIndexForward=False
    )
    assert [int(item["year"]) for item in some["Items"]] == [2004, 2003, 2002, 2001, 2000]
    pages = list(client.get_paginator("query").paginate(
        TableName="songs", IndexName="by_label", KeyConditionExpression="label = :l",
        ExpressionAttributeValues={":l": {"S": "label 3"}}, PaginationConfig={"PageSize": 30},
    ))
    assert [page["Count"] for page in pages if page["Count"]] == [30] * 6 + [20]

    def scanned(**options):
        pages = client.get_paginator("scan").paginate(TableName="songs", **options)
        return [(item["artist"]["S"], item["year"]["N"]) for page in pages for item in page["Items"]]

    everything = scanned(PaginationConfig={"PageSize": 70})
    assert len(set(everything)) == len(everything) == 1000
    segments = [scanned(Segment=number, TotalSegments=4) for number in range(4)]
    assert all(segments) and len(set(sum(segments, []))) == sum(map(len, segments)) == 1000
    assert client.scan(TableName="songs", Select="COUNT")["Count"] == 1000


def test_boto3_is_told_what_a_request_consumed(songs):
    _, client = songs
    item = {"artist": {"S": "a"}, "year": {"N": "1"}, "label": {"S": "l"}, "text": {"S": "x" * 1500}}
    answer = client.batch_write_item(RequestItems={"songs": [{"PutRequest": {"Item": item}}]}, ReturnConsumedCapacity="INDEXES")
    (consumed,) = answer["ConsumedCapacity"]
    assert consumed["TableName"] == "songs" and consumed["Table"]["CapacityUnits"] == 2.0
    assert consumed["GlobalSecondaryIndexes"]["by_label"]["CapacityUnits"] == 2.0 and consumed["CapacityUnits"] == 4.0


@pytest.mark.parametrize("requests, words", [
    ([{"PutRequest": {"Item": {"artist": {"S": "a"}, "year": {"N": str(n)}}}} for n in range(26)], "25"),
    ([{"PutRequest": {"Item": {"artist": {"S": "a"}, "year": {"N": "1"}}}},
      {"DeleteRequest": {"Key": {"artist": {"S": "a"}, "year": {"N": "1.0"}}}}], "duplicates"),
    ([{"PutRequest": {"Item": {"artist": {"S": "a"}}}}], "key"),
    ([{"PutRequest": {"Item": {"artist": {"S": "a"}, "year": {"S": "1"}}}}], "match"),
    ([{"PutRequest": {"Item": {"artist": {"S": "a"}, "year": {"N": "1"}, "text": {"S": "x" * 410_000}}}}], "size"),
])
def test_boto3_is_refused_as_by_the_service(songs, requests, words):
    _, client = songs
    with pytest.raises(botocore.exceptions.ClientError, match=words) as caught:
        client.batch_write_item(RequestItems={"songs": requests})
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_provisioned_table_refuses_what_exceeds_its_share(serve):
    client = serve(physics="2015", burst=1).boto(retries={"total_max_attempts": 1})
    client.create_table(
        TableName="narrow", AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    )
    client.get_waiter("table_exists").wait(TableName="narrow", WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    unprocessed, throttled = 0, 0
    for start in range(0, 250, 25):
        requests = [{"PutRequest": {"Item": {"id": {"S": f"{start + n}"}}}} for n in range(25)]
        try:
            answer = client.batch_write_item(RequestItems={"narrow": requests})
            unprocessed += len(answer["UnprocessedItems"].get("narrow", []))
        except client.exceptions.ProvisionedThroughputExceededException:
            throttled += 1
    assert unprocessed > 0 and throttled > 0, "a part of a batch comes back; when nothing of it was taken, the request is refused"


def aws(server, *arguments):
    """The AWS command line's answer."""
    done = subprocess.run(
        [servers.tool("aws"), "--endpoint-url", server.url, "--output", "json", "dynamodb", *arguments], env=servers.environment(),
        capture_output=True, text=True, timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.mark.long
def test_aws_command_line_session(serve, scratch):
    server = serve()
    created = aws(
        server, "create-table", "--table-name", "songs", "--billing-mode", "PAY_PER_REQUEST",
        "--attribute-definitions", "AttributeName=artist,AttributeType=S", "AttributeName=year,AttributeType=N",
        "--key-schema", "AttributeName=artist,KeyType=HASH", "AttributeName=year,KeyType=RANGE", "--tags", "Key=a,Value=b",
    )
    aws(server, "wait", "table-exists", "--table-name", "songs")
    arn = created["TableDescription"]["TableArn"]
    assert aws(server, "list-tables")["TableNames"] == ["songs"]
    assert aws(server, "list-tags-of-resource", "--resource-arn", arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    batch = scratch / "batch.json"
    batch.write_text(json.dumps({"songs": [
        {"PutRequest": {"Item": {"artist": {"S": "x"}, "year": {"N": str(year)}, "title": {"S": "☃"}}}} for year in range(20)
    ]}))
    assert aws(server, "batch-write-item", "--request-items", f"file://{batch}")["UnprocessedItems"] == {}
    aws(server, "put-item", "--table-name", "songs", "--item", '{"artist":{"S":"y"},"year":{"N":"3"}}')
    found = aws(server, "get-item", "--table-name", "songs", "--key", '{"artist":{"S":"x"},"year":{"N":"7"}}')
    assert found["Item"]["title"] == {"S": "☃"}
    found = aws(
        server, "query", "--table-name", "songs", "--key-condition-expression", "artist = :a AND #y > :n", "--page-size", "4",
        "--expression-attribute-names", '{"#y":"year"}', "--expression-attribute-values", '{":a":{"S":"x"},":n":{"N":"9"}}',
    )
    assert [item["year"]["N"] for item in found["Items"]] == [str(year) for year in range(10, 20)]
    assert len(aws(server, "scan", "--table-name", "songs", "--page-size", "6")["Items"]) == 21
    aws(server, "delete-item", "--table-name", "songs", "--key", '{"artist":{"S":"y"},"year":{"N":"3"}}')
    assert aws(server, "scan", "--table-name", "songs", "--select", "COUNT", "--total-segments", "2", "--segment", "0")["Count"] <= 20
    updated = aws(
        server, "update-table", "--table-name", "songs", "--billing-mode", "PROVISIONED", "--provisioned-throughput",
        "ReadCapacityUnits=5,WriteCapacityUnits=6",
    )
    assert updated["TableDescription"]["TableName"] == "songs"
    aws(server, "delete-table", "--table-name", "songs")
    aws(server, "wait", "table-not-exists", "--table-name", "songs")


@pytest.mark.long
def test_dynamodump_backs_up_and_restores(songs, scratch):
    server, client = songs
    fill(client, artists=20)
    port = server.url.rpartition(":")[2]
    common = [servers.tool("dynamodump"), "--region", "local", "--host", "127.0.0.1", "--port", port, "--accessKey", servers.ACCESS_KEY,
              "--secretKey", servers.SECRET_KEY, "--dumpPath", str(scratch / "dump")]

    def dynamodump(*arguments):
        done = subprocess.run([*common, *arguments], env=servers.environment(), capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stdout + done.stderr

    def content():
        items = [item for page in client.get_paginator("scan").paginate(TableName="songs") for item in page["Items"]]
        return sorted(json.dumps(item, sort_keys=True) for item in items)

    before = content()
    dynamodump("--mode", "backup", "--srcTable", "songs")
    client.delete_table(TableName="songs")
    client.get_waiter("table_not_exists").wait(TableName="songs", WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    dynamodump("--mode", "restore", "--srcTable", "songs", "--noConfirm")
    assert len(before) == 500 and content() == before


def resource(server):
    return boto3.resource(
        "dynamodb", endpoint_url=server.url, region_name=servers.REGION, aws_access_key_id=servers.ACCESS_KEY,
        aws_secret_access_key=servers.SECRET_KEY,
    )


def test_boto3_conditions_updates_and_filters(songs):
    server, client = songs
    table = resource(server).Table("songs")
    key = {"artist": "a", "year": 1}
    is_new = conditions.Attr("artist").not_exists()
    table.put_item(Item={**key, "label": "l", "plays": 0, "tags": {"x"}, "list": [1]}, ConditionExpression=is_new)
    with pytest.raises(client.exceptions.ConditionalCheckFailedException) as caught:
        table.put_item(Item=key, ConditionExpression=is_new, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert caught.value.response["Item"]["label"] == {"S": "l"}
    for _ in range(5):
        new = table.update_item(
            Key=key, UpdateExpression="ADD plays :one, tags :y SET #l = list_append(#l, :more)", ReturnValues="UPDATED_NEW",
            ExpressionAttributeNames={"#l": "list"}, ExpressionAttributeValues={":one": 1, ":y": {"y"}, ":more": [2]},
            ConditionExpression=conditions.Attr("plays").lt(5),
        )["Attributes"]
    assert new == {"plays": 5, "tags": {"x", "y"}, "list": [1, 2, 2, 2, 2, 2]}
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        table.update_item(Key=key, UpdateExpression="REMOVE plays", ConditionExpression=conditions.Attr("plays").lt(5))
    fill(client, artists=4, years=20)
    found = table.scan(
        FilterExpression=conditions.Attr("text").begins_with("la") & ~conditions.Attr("label").eq("label 3"), ProjectionExpression="artist")
    assert found["Count"] == 64 and found["ScannedCount"] == 81 and set(found["Items"][0]) == {"artist"}
    found = table.query(
        KeyConditionExpression=conditions.Key("artist").eq("artist 02"),
        FilterExpression=conditions.Attr("label").is_in(["label 1", "label 2"]))
    assert [int(item["year"]) for item in found["Items"]] == [1990 + year for year in range(20) if year % 5 in (1, 2)]
    table.delete_item(Key=key, ConditionExpression=conditions.Attr("list").size().eq(6))
    assert "Item" not in table.get_item(Key=key)


def test_boto3_transactions(songs):
    _, client = songs

    def key(artist):
        return {"artist": {"S": artist}, "year": {"N": "1"}}

    def move(amount):
        def add(artist, sign, **more):
            return {"Update": {
                "TableName": "songs", "Key": key(artist), "UpdateExpression": f"SET plays = plays {sign} :n",
                "ExpressionAttributeValues": {":n": {"N": str(amount)}}, **more,
            }}
        client.transact_write_items(TransactItems=[add("a", "-", ConditionExpression="plays >= :n"), add("b", "+")])

    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": "songs", "Item": {**key(artist), "plays": {"N": "10"}}}} for artist in "ab"
    ])
    move(4)
    with pytest.raises(client.exceptions.TransactionCanceledException) as caught:
        move(7)
    assert [reason["Code"] for reason in caught.value.response["CancellationReasons"]] == ["ConditionalCheckFailed", "None"]
    got = client.transact_get_items(TransactItems=[{"Get": {"TableName": "songs", "Key": key(artist)}} for artist in "ab"])
    assert [answer["Item"]["plays"]["N"] for answer in got["Responses"]] == ["6", "14"]


def test_boto3_statements(songs):
    _, client = songs

    def run(statement, *parameters, **more):
        if parameters:
            more["Parameters"] = [{"N": str(value)} if isinstance(value, int) else {"S": value} for value in parameters]
        return client.execute_statement(Statement=statement, **more)

    for year in range(1990, 1999):
        run("INSERT INTO songs VALUE {'artist': ?, 'year': ?, 'label': 'l', 'plays': 0, 'm': {'tags': <<'a'>>}}", "a", year)
    with pytest.raises(client.exceptions.DuplicateItemException, match="Duplicate primary key exists in table"):
        run("INSERT INTO songs VALUE {'artist': 'a', 'year': 1990}")

    found, token = [], {}
    while True:
        page = run("SELECT year FROM songs.by_label WHERE label = ? AND year > ? ORDER BY year DESC", "l", 1991, Limit=3, **token)
        found += [int(item["year"]["N"]) for item in page["Items"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert found == list(range(1998, 1991, -1))

    changed = run("UPDATE songs SET plays = plays + 2 SET m.tags = set_add(m.tags, <<'b'>>) REMOVE label WHERE artist = 'a' AND year = ? "
                  "RETURNING ALL NEW *", 1990, ReturnConsumedCapacity="TOTAL")
    assert changed["Items"] == [{
        "artist": {"S": "a"}, "year": {"N": "1990"}, "plays": {"N": "2"}, "m": {"M": {"tags": {"SS": ["a", "b"]}}},
    }]
    assert changed["ConsumedCapacity"]["CapacityUnits"] == 2.0
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        run("DELETE FROM songs WHERE artist = 'a' AND year = 1990 AND plays > 2")
    assert run("DELETE FROM songs WHERE artist = 'a' AND year = 1990 AND plays = 2")["Items"] == []
    with pytest.raises(botocore.exceptions.ClientError, match="can't be processed: Expected data manipulation"):
        run("SLECT * FROM songs")

    answers = client.batch_execute_statement(Statements=[
        {"Statement": "SELECT plays FROM songs WHERE artist = 'a' AND year = 1991"}, {"Statement": "SELECT * FROM songs WHERE plays = 0"},
    ])["Responses"]
    assert answers[0] == {"Item": {"plays": {"N": "0"}}, "TableName": "songs"} and answers[1]["Error"]["Code"] == "ValidationError"

    writes = [{"Statement": f"UPDATE songs SET plays = 7 WHERE artist = 'a' AND year = {year}"} for year in (1991, 1992)]
    assert client.execute_transaction(TransactStatements=writes)["Responses"] == []
    with pytest.raises(client.exceptions.TransactionCanceledException) as refused:
        client.execute_transaction(TransactStatements=[*writes, {"Statement": "INSERT INTO songs VALUE {'artist': 'a', 'year': 1993}"}])
    assert [reason["Code"] for reason in refused.value.response["CancellationReasons"]] == ["None", "None", "DuplicateItem"]
    read = client.execute_transaction(TransactStatements=[{"Statement": "SELECT plays FROM songs WHERE artist = 'a' AND year = 1992"}])
    assert read["Responses"] == [{"Item": {"plays": {"N": "7"}}}]


def test_boto3_settings(songs):
    _, client = songs
    client.update_time_to_live(TableName="songs", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    assert client.describe_time_to_live(TableName="songs")["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED", "AttributeName": "until"}
    client.update_continuous_backups(
        TableName="songs", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    backups = client.describe_continuous_backups(TableName="songs")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    fill(client, artists=2)
    client.update_table(
        TableName="songs", AttributeDefinitions=[{"AttributeName": "text", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": {
            "IndexName": "by_text", "KeySchema": [{"AttributeName": "text", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }}],
    )
    assert client.query(
        TableName="songs", IndexName="by_text", Select="COUNT", KeyConditions={
            "text": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "la" * 200}]}},
    )["Count"] == 50
    client.update_table(TableName="songs", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by_text"}}])
    assert len(client.describe_table(TableName="songs")["Table"]["GlobalSecondaryIndexes"]) == 1


def test_pynamodb_session(serve):
    from pynamodb import attributes, connection, exceptions, indexes, models, transactions

    server = serve()

    class ByGenre(indexes.GlobalSecondaryIndex):
        class Meta:
            index_name = "by_genre"
            projection = indexes.AllProjection()

        genre = attributes.UnicodeAttribute(hash_key=True)

    class Song(models.Model):
        class Meta:
            table_name = "songs"
            host = server.url
            region = servers.REGION
            aws_access_key_id = servers.ACCESS_KEY
            aws_secret_access_key = servers.SECRET_KEY
            billing_mode = "PAY_PER_REQUEST"

        artist = attributes.UnicodeAttribute(hash_key=True)
        number = attributes.NumberAttribute(range_key=True)
        genre = attributes.UnicodeAttribute()
        plays = attributes.NumberAttribute(default=0)
        marks = attributes.ListAttribute(default=list)
        until = attributes.TTLAttribute(null=True)
        version = attributes.VersionAttribute()
        by_genre = ByGenre()

    Song.create_table(wait=True)
    assert Song.exists()
    with Song.batch_write() as batch:
        for number in range(60):
            batch.save(Song("a" if number % 2 else "b", number, genre=f"g{number % 3}"))
    assert Song.count("a") == 30 and len(list(Song.scan(Song.genre == "g1"))) == 20
    assert [song.number for song in Song.query("a", Song.number.between(10, 20), Song.genre != "g0")] == [11, 13, 17, 19]
    assert len(list(Song.by_genre.query("g2", page_size=7))) == 20
    song = Song.get("a", 11)
    song.update(actions=[Song.plays.add(3), Song.marks.set(Song.marks.append(["x"]))])
    stale = Song.get("a", 11)
    assert song.plays == 3 and stale.marks == ["x"] and stale.version == 1
    song.update(actions=[Song.plays.set(Song.plays - 1)])
    with pytest.raises(exceptions.UpdateError):
        stale.update(actions=[Song.plays.add(1)])
    with pytest.raises(exceptions.DeleteError):
        song.delete(condition=Song.plays > 5)
    link = connection.Connection(region=servers.REGION, host=server.url)
    link.session.set_credentials(servers.ACCESS_KEY, servers.SECRET_KEY)
    with transactions.TransactWrite(connection=link) as write:
        write.save(Song("c", 1, genre="new"))
        write.update(song, actions=[Song.plays.add(10)], condition=Song.plays == 2)
    assert Song.get("c", 1).genre == "new" and Song.get("a", 11).plays == 12
    Song.delete_table()
    assert not Song.exists()
