"""A reverse proxy for DynamoDB endpoints that misbehaves as told, from a seed: standard library only.

    faultproxy.py --upstream http://127.0.0.1:8000 --plan plan.json [--port 0] [--log faults.jsonl]

The plan is a JSON object; every field may be left out:

    seed            number that every choice comes from (1)
    operations      the operations that get faults (["BatchWriteItem"]); an outage concerns all of them
    throttled       probability that a request is refused with ProvisionedThroughputExceededException, status 400
    failed          probability of status 500; half of those requests are applied first
    reset           probability that the connection is reset before the request is passed on
    lost            probability that the request is applied and its answer never arrives, or only half of it
    wrong_crc       probability that the request is applied and its answer carries a wrong x-amz-crc32
    unprocessed     probability, for each item of a batch that gets through, that it is not passed on but handed back
    slow            probability that an answer is held back, for up to
    slow_seconds    this long (0.5)
    outage_after    number of faultable requests after which everything is refused, for
    outage_seconds  this long; refused by throttling, status 503, resets and whole batches handed back, mixed
    stubborn        key of one item, as {"id": {"S": "x"}}, that is handed back the first
    stubborn_times  so many times
    hot             {"attribute": A, "value": {"S": V}, "pass": P}: items with that value get through with probability P only

What was done goes to the log, one JSON object for each request.
"""

import argparse
import asyncio
import json
import random
import socket
import struct
import sys
import time
import urllib.parse
import zlib

ANSWER = "HTTP/1.1 {status} {reason}\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: FAULTPROXY\r\n"
REASONS = {200: "OK", 400: "Bad Request", 500: "Internal Server Error", 503: "Service Unavailable"}


class Gone(Exception):
    """The other side closed its connection."""


class Message:
    """A request or an answer: first line, headers as they came, body."""

    def __init__(self, first, headers, body):
        self.first, self.headers, self.body = first, headers, body

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), None)

    def with_body(self, body):
        """The same message with another body, and with its length and checksum made right again."""
        headers = [(k, v) for k, v in self.headers if k.lower() not in ("content-length", "x-amz-crc32", "transfer-encoding", "expect")]
        headers.append(("Content-Length", str(len(body))))
        if self.header("x-amz-crc32") is not None:
            headers.append(("x-amz-crc32", str(zlib.crc32(body))))
        return Message(self.first, headers, body)

    def encoded(self):
        head = self.first + "\r\n" + "".join(f"{key}: {value}\r\n" for key, value in self.headers) + "\r\n"
        return head.encode("latin-1") + self.body

    @property
    def closes(self):
        return (self.header("connection") or "").lower() == "close" or self.first.startswith("HTTP/1.0")


async def read_message(reader, writer=None):
    """The next message; `writer` is given for requests, to which an interim answer may have to be sent."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise Gone from error
    first, *lines = head[:-4].split("\r\n")
    headers = [(key, value.strip()) for key, _, value in (line.partition(":") for line in lines)]
    message = Message(first, headers, b"")
    if writer and (message.header("expect") or "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        if (message.header("transfer-encoding") or "").lower() == "chunked":
            message = message.with_body(await read_chunks(reader))
        elif message.header("content-length") is not None:
            message.body = await reader.readexactly(int(message.header("content-length")))
        elif first.startswith("HTTP/"):
            message = message.with_body(await reader.read(-1))
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise Gone from error
    return message


async def read_chunks(reader):
    body = b""
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        chunk = await reader.readexactly(size + 2)
        body += chunk[:-2]
        if size == 0:
            return body


class Upstream:
    """A connection to the server behind, opened when needed and again when the server has closed it."""

    def __init__(self, host, port):
        self.host, self.port, self.streams = host, port, None

    async def exchange(self, request):
        fresh = self.streams is None
        try:
            return await self.once(request)
        except (Gone, ConnectionError):
            self.close()
            if fresh:
                raise
            return await self.once(request)

    async def once(self, request):
        if self.streams is None:
            self.streams = await asyncio.open_connection(self.host, self.port, limit=1 << 26)
        reader, writer = self.streams
        writer.write(request.encoded())
        await writer.drain()
        answer = await read_message(reader)
        if answer.closes:
            self.close()
        return answer

    def close(self):
        if self.streams:
            self.streams[1].close()
            self.streams = None


def fault(status, kind, text):
    body = json.dumps({"__type": kind, "message": text}).encode()
    head = ANSWER.format(status=status, reason=REASONS[status])
    return f"{head}x-amz-crc32: {zlib.crc32(body)}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def throttling():
    return fault(
        400, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        "The level of configured provisioned throughput for the table was exceeded."
        " Consider increasing your provisioning level with the UpdateTable API.",
    )


def internal_error():
    return fault(500, "com.amazonaws.dynamodb.v20120810#InternalServerError", "The request processing has failed.")


def unavailable():
    return fault(503, "com.amazonaws.dynamodb.v20120810#ServiceUnavailable", "The service is temporarily unavailable.")


class Proxy:
    def __init__(self, upstream, plan, log):
        parts = urllib.parse.urlsplit(upstream)
        self.host, self.port = parts.hostname, parts.port
        self.plan, self.log = plan, log
        self.random = random.Random(plan.get("seed", 1))
        self.operations = set(plan.get("operations", ["BatchWriteItem"]))
        self.number = 0
        self.outage_until = None
        self.stubborn_left = plan.get("stubborn_times", 0)

    def happens(self, name):
        return self.random.random() < self.plan.get(name, 0)

    async def serve(self, reader, writer):
        upstream = Upstream(self.host, self.port)
        try:
            while True:
                request = await read_message(reader, writer)
                answer, did = await self.answer(request, upstream)
                self.record(request, did)
                if self.happens("slow"):
                    await asyncio.sleep(self.random.random() * self.plan.get("slow_seconds", 0.5))
                if did["fault"] == "reset":
                    reset(writer)
                    return
                writer.write(answer)
                await writer.drain()
                if did["fault"] == "lost" or request.closes:
                    return
        except (Gone, ConnectionError):
            pass
        finally:
            upstream.close()
            writer.close()

    def record(self, request, did):
        if self.log:
            entry = {"time": time.time(), "number": self.number, "operation": operation(request), **did}
            self.log.write(json.dumps(entry) + "\n")
            self.log.flush()

    def in_outage(self):
        if self.outage_until is None and self.plan.get("outage_seconds") and self.number > self.plan.get("outage_after", 0):
            self.outage_until = time.monotonic() + self.plan["outage_seconds"]
        return self.outage_until is not None and time.monotonic() < self.outage_until

    async def answer(self, request, upstream):
        """The bytes to send, and for the log what was done. One draw decides among the faults of a whole request."""
        if operation(request) in self.operations:
            self.number += 1
        if self.in_outage():
            return await self.refuse(request, upstream)
        if operation(request) not in self.operations:
            return (await upstream.exchange(request)).encoded(), {"fault": "none"}
        draw = self.random.random()
        for name in ("throttled", "failed", "reset", "lost", "wrong_crc"):
            draw -= self.plan.get(name, 0)
            if draw < 0:
                return await getattr(self, name)(request, upstream)
        return await self.passed(request, upstream)

    async def refuse(self, request, upstream):
        kinds = ["throttled", "unavailable", "reset"] + (["handed back"] if operation(request) == "BatchWriteItem" else [])
        kind = self.random.choice(kinds)
        if kind == "reset":
            return b"", {"fault": "reset", "outage": True}
        if kind == "handed back":
            answer, did = await self.passed(request, upstream, everything_back=True)
        else:
            answer, did = (throttling() if kind == "throttled" else unavailable()), {"fault": kind}
        return answer, {**did, "outage": True}

    async def throttled(self, request, upstream):
        return throttling(), {"fault": "throttled"}

    async def failed(self, request, upstream):
        applied = self.random.random() < 0.5
        if applied:
            await self.passed(request, upstream)
        return internal_error(), {"fault": "failed", "applied": applied}

    async def reset(self, request, upstream):
        return b"", {"fault": "reset"}

    async def lost(self, request, upstream):
        answer, did = await self.passed(request, upstream)
        kept = len(answer) // 2 if self.random.random() < 0.5 else 0
        return answer[:kept], {**did, "fault": "lost", "sent": kept}

    async def wrong_crc(self, request, upstream):
        answer, did = await self.passed(request, upstream)
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"x-amz-crc32:")]
        lines.append(b"x-amz-crc32: %d" % (zlib.crc32(body) ^ 1))
        return b"\r\n".join(lines) + b"\r\n\r\n" + body, {**did, "fault": "wrong_crc"}

    async def passed(self, request, upstream, everything_back=False):
        """Passes the request on, without the items that are chosen to come back unprocessed."""
        if operation(request) != "BatchWriteItem":
            return (await upstream.exchange(request)).encoded(), {"fault": "none"}
        body = json.loads(request.body)
        kept, back = {}, {}
        for table, writes in body["RequestItems"].items():
            for write in writes:
                held = everything_back or self.holds_back(write)
                (back if held else kept).setdefault(table, []).append(write)
        did = {"fault": "none", "items": count(kept) + count(back), "handed_back": count(back)}
        if not back:
            return (await upstream.exchange(request)).encoded(), did
        for writes in back.values():
            self.random.shuffle(writes)
        if not kept:
            answer = {"UnprocessedItems": back}
            if body.get("ReturnConsumedCapacity", "NONE") != "NONE":
                answer["ConsumedCapacity"] = [{"TableName": table, "CapacityUnits": 0.0} for table in back]
            return success(json.dumps(answer).encode()), did
        answer = await upstream.exchange(request.with_body(json.dumps({**body, "RequestItems": kept}).encode()))
        if not answer.first.split()[1] == "200":
            return answer.encoded(), {**did, "handed_back": 0}
        content = json.loads(answer.body)
        unprocessed = content.setdefault("UnprocessedItems", {})
        for table, writes in back.items():
            unprocessed.setdefault(table, []).extend(writes)
        return answer.with_body(json.dumps(content).encode()).encoded(), did

    def holds_back(self, write):
        content = write["PutRequest"]["Item"] if "PutRequest" in write else write["DeleteRequest"]["Key"]
        stubborn = self.plan.get("stubborn")
        if stubborn and self.stubborn_left and all(content.get(name) == value for name, value in stubborn.items()):
            self.stubborn_left -= 1
            return True
        hot = self.plan.get("hot")
        if hot and content.get(hot["attribute"]) == hot["value"] and self.random.random() >= hot["pass"]:
            return True
        return self.happens("unprocessed")


def operation(request):
    return (request.header("x-amz-target") or "").rpartition(".")[2]


def count(requests):
    return sum(len(writes) for writes in requests.values())


def success(body):
    head = ANSWER.format(status=200, reason=REASONS[200])
    return f"{head}x-amz-crc32: {zlib.crc32(body)}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def reset(writer):
    """Closes with a reset rather than an orderly end."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def main():
    parser = argparse.ArgumentParser(description="A DynamoDB endpoint's bad day.")
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--plan", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log")
    arguments = parser.parse_args()
    with open(arguments.plan) as file:
        plan = json.load(file)
    proxy = Proxy(arguments.upstream, plan, open(arguments.log, "a") if arguments.log else None)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", arguments.port, limit=1 << 26)
    print(f"proxying on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(130)
