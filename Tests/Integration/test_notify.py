"""Messages about a job: they arrive, say job and host, keep secrets, and never hold a load up."""

import http.server
import json
import os
import threading
import time

import pytest

import program

ROWS = 2_000


class Receiver:
    """A webhook of ours: keeps what it gets, and answers as it is told."""

    def __init__(self, status=200, headers=(), hang=0.0):
        self.bodies = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.bodies.append((self.path, json.loads(body)))
                time.sleep(hang)
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/services/T0/secret"

    def stop(self):
        self.server.shutdown()


@pytest.fixture
def receiver():
    started = []

    def start(**options):
        started.append(Receiver(**options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def write(scratch, notify, rate="none"):
    (scratch / "rows.csv").write_text("id,name\n" + "".join(f"{n},name {n}\n" for n in range(ROWS)))
    return program.write_spec(scratch, {
        "version": 1, "job": "rows", "source": {"file": "rows.csv"}, "target": {"table": "rows", "create": {"billing": "on-demand"}},
        "key": {"hash": {"attribute": "id", "type": "N"}}, "attributes": {"name": "S"}, "rate": {"ceiling": rate}, "notify": notify,
    })


def test_begin_and_end_arrive_with_the_account(scratch, serve, receiver):
    slack, webhook = receiver(), receiver()
    path = write(scratch, {"slack": slack.url, "webhook": webhook.url})
    result = program.load(path, serve().url).expect(0)
    texts = [body["text"] for _, body in slack.bodies]
    assert any("rows on " in text and "begins" in text for text in texts), texts
    assert "every row is accounted for" in texts[-1]
    kinds = [body["kind"] for _, body in webhook.bodies]
    assert kinds[-1] == "state" and all(body["job"] == "rows" and body["version"] == 1 for _, body in webhook.bodies)
    journal = (scratch / "rows.saltmill" / "journal.jsonl").read_text() if (scratch / "rows.saltmill" / "journal.jsonl").exists() else ""
    assert "secret" not in result.out + result.err + journal


def test_a_refusing_webhook_is_named_once_without_its_url(scratch, serve, receiver):
    slack = receiver(status=404)
    path = write(scratch, {"slack": slack.url})
    result = program.run("load", path, "--endpoint-url", serve().url).expect(0)
    assert result.err.count("status 404") == 1 and "secret" not in result.err, result.err


def test_redirects_are_not_followed(scratch, serve, receiver):
    other = receiver()
    first = receiver(status=307, headers=[("Location", other.url)])
    result = program.run("load", write(scratch, {"slack": first.url}), "--notify-test")
    assert result.code == 1 and "307" in result.out and not other.bodies


def test_a_hanging_webhook_holds_nothing_up(scratch, serve, receiver):
    server, hanging = serve(), receiver(hang=60)
    began = time.monotonic()
    report = program.load(write(scratch, {"slack": hanging.url}, "500/s"), server.url).expect(0).json()
    assert report["rows"]["written"] == ROWS
    # Four seconds of load, five for the last message to arrive.
    assert time.monotonic() - began < 15
    assert abs(report["units"]["table"] / report["seconds"]["load"] - 500) < 25


def test_a_command_gets_the_message_and_no_secrets(scratch, serve):
    hook = scratch / "hook.py"
    hook.write_text(
        "#!/usr/bin/env python3\nimport json, os, sys\n"
        "with open(sys.argv[1], 'a') as out:\n"
        "    out.write(json.dumps([sys.argv[2:], json.load(sys.stdin), dict(os.environ)]) + '\\n')\n")
    hook.chmod(0o755)
    seen = scratch / "seen.jsonl"
    path = write(scratch, {"command": [str(hook), str(seen), "a b; rm -rf /", "$(x)"]})
    program.load(path, serve().url).expect(0)
    calls = [json.loads(line) for line in seen.read_text().splitlines()]
    arguments, message, environment = calls[-1]
    assert arguments == ["a b; rm -rf /", "$(x)"]
    assert message["job"] == "rows" and environment["SALTMILL_TEXT"] == message["text"]
    assert not [name for name in environment if name.startswith("AWS_")]
    assert environment["PATH"].endswith(os.environ["PATH"])


def test_the_test_message_says_who_got_it(scratch, receiver):
    slack = receiver()
    path = write(scratch, {"slack": slack.url, "command": ["/nonexistent/program"]})
    result = program.run("load", path, "--notify-test")
    assert result.code == 1
    assert "notify.slack (127.0.0.1" in result.out and "arrived" in result.out and "notify.command" in result.out
    assert len(slack.bodies) == 1 and "test" in slack.bodies[0][1]["text"]
    assert not (scratch / "rows.saltmill").exists()


@pytest.mark.parametrize("notify, message", [
    ({"slack": "ftp://x"}, "notify.slack"), ({"command": ["page"]}, "whole path"), ({"slack": "${UNSET_HOOK}"}, "UNSET_HOOK"),
    ({"digest": "often"}, "span of time"),
])
def test_bad_settings_are_named(scratch, notify, message):
    result = program.run("load", write(scratch, notify))
    assert result.code == 2 and message in result.err, result.err
