"""Dumps on disk, read and checked here a second time: standard library only. And endpoints that answer for another one."""

import base64
import gzip
import hashlib
import json
import pathlib
import threading
import time

import program
import servers


def dump(url, *arguments, **options):
    """`saltmill dump`, its report asked for as JSON."""
    return program.run("dump", *arguments, "--endpoint-url", url, "--json", "--no-progress", **options)


def md5(content):
    return base64.b64encode(hashlib.md5(content).digest()).decode()


def read_aws(path, table):
    """Items of a table in a dump in the layout of DynamoDB's export to S3, everything that it says of itself checked."""
    (export,) = (pathlib.Path(path) / table / "AWSDynamoDB").iterdir()
    summary_text = (export / "manifest-summary.json").read_bytes()
    files_text = (export / "manifest-files.json").read_bytes()
    assert (export / "manifest-summary.md5").read_text().strip() == md5(summary_text)
    assert (export / "manifest-files.md5").read_text().strip() == md5(files_text)
    summary = json.loads(summary_text)
    assert summary["version"] == "2020-06-30" and summary["outputFormat"] == "DYNAMODB_JSON", summary
    assert summary["manifestFilesS3Key"].endswith(f"AWSDynamoDB/{export.name}/manifest-files.json"), summary
    items, listed = [], set()
    for entry in map(json.loads, files_text.splitlines()):
        file = export / "data" / entry["dataFileS3Key"].rpartition("/")[2]
        listed.add(file)
        compressed = file.read_bytes()
        assert entry["md5Checksum"] == md5(compressed), entry
        lines = gzip.decompress(compressed).splitlines()
        assert len(lines) == entry["itemCount"], entry
        for line in lines:
            (name, item), = json.loads(line).items()
            assert name == "Item"
            items.append(item)
    assert listed == set((export / "data").iterdir()), "files that the manifest does not name"
    assert summary["itemCount"] == len(items), summary
    return items


def read_dynamodump(path, table):
    """Items and schema of a table in dynamodump's layout."""
    folder = pathlib.Path(path) / table
    items = []
    for file in sorted((folder / "data").iterdir()):
        page = json.loads(file.read_bytes())
        assert list(page)[:3] == ["Items", "Count", "ScannedCount"] and page["Count"] == len(page["Items"]), file
        items += page["Items"]
    return items, json.loads((folder / "schema.json").read_bytes())["Table"]


def manifest(path, table):
    return json.loads((pathlib.Path(path) / table / "saltmill-manifest.json").read_bytes())


class Recorder:
    """Answers for another endpoint, request by request, and keeps what was asked and consumed; `change` may answer in its place.

    `change(operation, body)` returns a status and an answer, or None to have the request passed on.
    """

    def __init__(self, upstream, change=lambda operation, body: None):
        self.upstream, self.change = upstream, change
        self.entries, self.lock = [], threading.Lock()

    def __call__(self, operation, body):
        began = time.monotonic()
        status, answer = self.change(operation, body) or self.passed(operation, body)
        with self.lock:
            units = (answer.get("ConsumedCapacity") or {}).get("CapacityUnits", 0) if operation == "Scan" else 0
            self.entries.append({"time": began, "operation": operation, "status": status, "units": units, "body": body})
        return status, answer

    def passed(self, operation, body):
        status, _, answer = servers.post(self.upstream, operation, body, timeout=60)
        return status, answer

    def scans(self):
        return [entry for entry in self.entries if entry["operation"] == "Scan" and entry["status"] == 200]


def refusal(code, text):
    return 400, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": text}
