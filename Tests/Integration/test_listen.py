"""The live page of a running load: what it serves, to whom, how it looks, and that the load does not notice."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import socket
import time
import urllib.parse

import pytest

import browser
import control
import program
import settings
from settings import number

SECONDS = number("LISTEN_SECONDS", 10, 60)
VIEWERS = 20
HOSTILE = "</td><script>document.title='taken'</script><img src=x onerror=alert(1)>\"'&"


class Page:
    """What a load serves."""

    def __init__(self, load):
        until = time.monotonic() + 30
        found = None
        while not found:
            assert time.monotonic() < until and load.process.poll() is None, load.err.read_text()
            found = re.search(r"live page at (http://\S+)", load.err.read_text())
            time.sleep(0.02)
        self.url = found.group(1)
        self.port = urllib.parse.urlsplit(self.url).port

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def ask(self, path="/", method="GET", headers=None):
        """Status, headers and text of one answer."""
        with contextlib.closing(self.connect()) as connection:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()

    def until(self, text):
        """The page, once it has a text; the load is looked at twice a second."""
        until = time.monotonic() + 10
        while text not in (html := self.ask()[2]):
            assert time.monotonic() < until, html
            time.sleep(0.1)
        return html

    def watch(self, count=None):
        """The stream's messages: parts by their ids, or None at the end."""
        with contextlib.closing(self.connect()) as connection:
            connection.request("GET", "/events")
            answer = connection.getresponse()
            assert answer.status == 200 and answer.headers["Content-Type"] == "text/event-stream"
            name = None
            while line := answer.readline().decode():
                if line.startswith("event: "):
                    name = line[7:].strip()
                elif line.startswith("data: "):
                    yield None if name == "end" else json.loads(line[6:])
                    if name == "end" or count == 1:
                        return
                    count = count and count - 1


@contextlib.contextmanager
def listening(spec, url, *arguments):
    with control.Load(spec, url, "--listen", "0", *arguments) as load:
        yield load, Page(load)


def hostile(scratch, serve):
    """A load of which every fourth row has one hostile key, in a table of eight partitions: its own takes less of it than comes."""
    (scratch / "rows.csv").write_text("day,id,<b>name</b>\n" + "".join(
        '"{}",{},{}\n'.format(HOSTILE.replace('"', '""') if n % 4 == 0 else f"d{n}", n, "x" * 40) for n in range(60_000)))
    path = program.write_spec(scratch, {
        "version": 1, "job": "rows", "source": {"file": "rows.csv"},
        "target": {"table": "rows", "create": {"billing": "provisioned", "write": 4000, "read": 12000}},
        "key": {"hash": {"attribute": "<i>day</i>", "from": "day", "type": "S"}, "range": {"attribute": "id", "type": "N"}},
        "attributes": {"<b>name</b>": "S"}, "rate": {"ceiling": "none"},
    })
    return listening(path, serve(physics="2015", burst=0).url)


def test_page_status_metrics_and_health_are_served(scratch, serve):
    with listening(control.spec(scratch, 20_000, "300/s"), serve().url) as (load, page):
        load.loading()
        page.until("units/s")
        status, headers, html = page.ask()
        assert status == 200 and 'http-equiv="refresh"' in html
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
        weight = sum(len(page.ask(path)[2].encode()) for path in ("/", "/live.css", "/live.js"))
        assert weight <= 100_000, weight
        assert page.ask("/healthz")[::2] == (200, "ok\n")
        # Both are told from the last checkpoint.
        load.wait_until(lambda _: "rows" in program.run("status", load.spec, "--json").json())
        time.sleep(1)
        live, told = json.loads(page.ask("/status")[2]), program.run("status", load.spec, "--json").json()
        assert live.keys() == told.keys() and live["state"] == "running" and live["rows"]["total"] == 20_000
        status, headers, text = page.ask("/metrics")
        assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
        values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        assert float(values["saltmill_rows_written_total"]) > 0 and float(values["saltmill_rate_ceiling_units"]) == 300
        assert values['saltmill_phase{phase="loading"}'] == "1" and values['saltmill_waiting{cause="paused"}'] == "0"
        assert float(values['saltmill_units_consumed_total{resource="table"}']) == pytest.approx(
            float(values["saltmill_rows_written_total"]), abs=50)
        load.ctl("pause", "look", "here")
        page.until("Waiting (paused)")
        assert "look here" in page.ask()[2]
        assert 'saltmill_waiting{cause="paused"} 1' in page.ask("/metrics")[2]


def test_dashboard_and_alerts_name_only_metrics_that_are_served(scratch, serve):
    with listening(control.spec(scratch, 20_000, "300/s"), serve().url) as (load, page):
        load.loading()
        page.until("units/s")
        text = page.ask("/metrics")[2]
    served = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    for name in ("grafana-dashboard.json", "prometheus-alerts.yaml"):
        content = (settings.ROOT / "schemas" / name).read_text()
        if name.endswith(".json"):
            json.loads(content)
        used = set(re.findall(r"\bsaltmill_[a-z_]+", content))
        assert used and used <= served, (name, used - served)
        for metric, label in re.findall(r"\b(saltmill_[a-z_]+)\{(?:instance=~\\?\"[^\"]*\",)?([a-z]+)[!=]", content):
            assert label == "instance" or re.search(rf"^{metric}\{{[^}}]*\b{label}=", text, re.M), (metric, label)


def test_it_can_only_be_read_and_only_under_its_own_name(scratch, serve):
    with listening(control.spec(scratch, 20_000, "300/s"), serve().url) as (load, page):
        load.loading()
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            status, headers, _ = page.ask("/status", method)
            assert status == 405 and headers["Allow"] == "GET, HEAD", method
        for path in ("/", "/status", "/metrics", "/events", "/healthz"):
            assert page.ask(path, headers={"Host": f"evil.example:{page.port}"})[0] == 421, path
            assert page.ask(path, headers={"Host": f"localhost:{page.port}"}, method="HEAD")[::2] == (200, ""), path
        assert page.ask("/events", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"})[0] == 403
        assert page.ask("/../../etc/passwd")[0] == 404 and page.ask("/rows.saltmill")[0] == 404
        with socket.create_connection(("127.0.0.1", page.port)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert b" 421 " in connection.recv(4096)
        with socket.create_connection(("127.0.0.1", page.port)) as connection:
            connection.sendall(b"\x16\x03\x01 no http at all\r\n\r\n")
            assert b" 400 " in connection.recv(4096)
        assert page.ask("/healthz")[0] == 200


def test_a_port_in_use_is_told_before_anything_is_done(scratch, serve):
    url = serve().url
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        path = control.spec(scratch, 100, "none")
        result = program.run("load", path, "--endpoint-url", url, "--listen", taken.getsockname()[1])
    assert result.code == 1 and "port is in use" in result.err and result.err.count("\n") == 1, result.err
    assert not list(scratch.glob("*.saltmill"))
    assert program.run("load", path, "--endpoint-url", url, "--listen", "::1:80").code == 2


def test_the_stream_brings_what_changed_and_how_it_ended(scratch, serve):
    with listening(control.spec(scratch, 2000, "500/s"), serve().url) as (load, page):
        parts = list(page.watch())
        assert parts[0].keys() == {"state", "figures", "chart", "segments", "limits", "keys", "events", "seen"}
        assert parts[-1] is None and len(parts) >= 4
        seen = [part["seen"] for part in parts[:-1] if "seen" in part]
        assert len(set(seen)) >= 3, seen
        assert "every row is accounted for" in parts[-2]["events"]
        load.report()


def test_hostile_keys_columns_and_messages_come_out_as_text(scratch, serve):
    with hostile(scratch, serve) as (load, page):
        load.wait_until(lambda status: status["hot_keys"])
        load.ctl("pause", HOSTILE)
        page.until("Waiting (paused)")
        html = page.until("Hot keys")
        assert html.count("<script") == 1 and "<img" not in html and "<i>" not in html
        assert "&lt;i&gt;day&lt;/i&gt;" in html and "&lt;script&gt;document.title=&#39;taken&#39;&lt;/script&gt;" in html
        assert len(html.encode()) <= 100_000
        part = next(page.watch(1))
        assert "<img" not in "".join(part.values()) and "&lt;img" in part["events"]
        text = page.ask("/metrics")[2]
        assert "document.title" not in text and "<i>day" not in text


def test_more_viewers_than_there_is_room_for_are_sent_away(scratch, serve):
    with listening(control.spec(scratch, 20_000, "300/s"), serve().url) as (load, page), contextlib.ExitStack() as stack:
        load.loading()
        statuses = []
        for _ in range(40):
            connection = stack.enter_context(contextlib.closing(page.connect()))
            connection.request("GET", "/events")
            statuses.append(connection.getresponse().status)
        assert statuses == [200] * 32 + [503] * 8
        assert page.ask("/healthz")[0] == 200
        stack.close()
        # Those that have left make room.
        until = time.monotonic() + 10
        while True:
            with contextlib.suppress(AssertionError):
                next(page.watch(1))
                break
            assert time.monotonic() < until
            time.sleep(0.2)


def steady(scratch, serve, viewers):
    """Units a second, and processor seconds a second, of a load with so many viewers; some of them never read."""
    folder = scratch / str(viewers)
    folder.mkdir()
    with listening(control.spec(folder, 150_000, "500/s"), serve().url) as (load, page), contextlib.ExitStack() as stack:
        load.loading(500)
        connections = [stack.enter_context(contextlib.closing(page.connect())) for _ in range(viewers)]
        for connection in connections:
            connection.request("GET", "/events")
        answers = [connection.getresponse() for connection in connections[: viewers * 3 // 4]]
        time.sleep(1)

        def look():
            fields = pathlib.Path(f"/proc/{load.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            status = load.ask("status")["status"]
            return time.monotonic(), status["units"], (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        begin = look()
        until = time.monotonic() + SECONDS
        taken = 0
        while time.monotonic() < until:
            for answer in answers:
                taken += len(answer.readline())
            time.sleep(0.01 if viewers else 0.2)
        end = look()
        span = end[0] - begin[0]
        assert taken > 0 or not viewers
        return (end[1] - begin[1]) / span, (end[2] - begin[2]) / span


@pytest.mark.long
@pytest.mark.measuring
def test_viewers_leave_the_load_as_it_is(scratch, serve, measured):
    alone, quiet = steady(scratch, serve, 0)
    watched, busy = steady(scratch, serve, VIEWERS)
    measured(f"units/s of a load at 500/s, alone and with {VIEWERS} viewers, over {SECONDS} s", f"{alone:.2f}, {watched:.2f}")
    measured(f"processor for {VIEWERS} viewers, of one core", f"{busy - quiet:.2%}")
    # A request's rows come all at once, at either end of the span.
    assert abs(watched / alone - 1) <= 0.005 + 50 / (500 * SECONDS)
    assert busy - quiet <= 0.02


@pytest.mark.long
def test_it_looks_right_on_a_phone_and_on_a_desk_in_light_and_dark(scratch, serve):
    with hostile(scratch, serve) as (load, page), browser.Browser(scratch / "chromium") as chromium:
        load.wait_until(lambda status: status["hot_keys"])
        grounds, pictures = {}, {}
        for width in (390, 1440):
            for dark in (False, True):
                chromium.open(page.url, width, dark=dark)
                before = chromium.evaluate("document.getElementById('seen').textContent")
                changed = f"""new Promise(done => {{
                    const look = () => document.getElementById('seen').textContent !== {json.dumps(before)} ? done(true) : setTimeout(look, 50);
                    look(); setTimeout(() => done(false), 10000); }})"""
                assert chromium.evaluate(changed), "nothing new came"
                overflow = chromium.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
                assert overflow[0] <= overflow[1] == width, overflow
                assert chromium.evaluate("document.title") == "rows – saltmill"
                assert chromium.evaluate("document.querySelectorAll('img, i, b').length") == 0
                assert "<img src=x" in chromium.evaluate("document.body.innerText")
                grounds[width, dark] = chromium.evaluate("getComputedStyle(document.body).backgroundColor")
                name = f"live-{width}-{'dark' if dark else 'light'}.png"
                pictures[name] = chromium.screenshot(scratch / name)
        assert grounds[390, False] == grounds[1440, False] != grounds[390, True] == grounds[1440, True]
        assert len(set(pictures.values())) == 4 and min(map(len, pictures.values())) > 10_000
        assert chromium.complaints == []
        # Without scripts it is a plain status that is still up to date.
        chromium.open(page.url, 390, scripts=False)
        assert chromium.evaluate("document.querySelectorAll('dd').length") >= 8
        # What would run a script from elsewhere is blocked, and says so.
        chromium.open(page.url, 1440)
        assert chromium.complaints == []
        chromium.evaluate("void document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.taken = 1\"><style>p{color:red}</style>')")
        chromium.evaluate("new Promise(done => setTimeout(done, 500))")
        assert chromium.evaluate("window.taken === undefined") and any("Content Security Policy" in text for text in chromium.complaints)
