"""A headless Chromium, spoken to in the Chrome DevTools Protocol over two pipes."""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import time


def executable():
    found = next(filter(None, map(shutil.which, ["chromium", "google-chrome", "chromium-browser"])), None)
    assert found, "Chromium is not installed; run Tests/run, which installs it"
    return found


class Browser:
    """One page, whose complaints are collected: errors on its console, exceptions, and what its policy blocked."""

    def __init__(self, folder):
        (our_read, its_write), (its_read, our_write) = os.pipe(), os.pipe()
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", f"--user-data-dir={folder}",
            "--remote-debugging-pipe", "about:blank",
        ]
        # The protocol has descriptors 3 and 4.
        shell = f'exec "$0" "$@" 3<&{its_read} 4>&{its_write}'
        with open(f"{folder}.log", "wb") as log:
            self.process = subprocess.Popen(
                ["/bin/bash", "-c", shell, executable(), *arguments], pass_fds=(its_read, its_write), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)
        os.close(its_read)
        os.close(its_write)
        self.read, self.write = our_read, our_write
        self.buffer, self.number, self.session = b"", 0, None
        self.complaints, self.events = [], []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError, AssertionError):
            self.session = None
            self.send("Browser.close")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.read)
        os.close(self.write)

    def send(self, method, **parameters):
        """One command; returns its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + 60
        while time.monotonic() < until:
            answer = self.receive(until)
            if answer and answer.get("id") == self.number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
        raise AssertionError(f"{method} was not answered")

    def receive(self, until):
        """The next message; nil when none comes in time."""
        while b"\0" not in self.buffer:
            if not select.select([self.read], [], [], max(until - time.monotonic(), 0))[0]:
                return None
            part = os.read(self.read, 1 << 20)
            assert part, "Chromium has ended"
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(line)
        self.note(message)
        return message

    def note(self, message):
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(parameters["exceptionDetails"]["text"])
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning"):
            self.complaints.append(str(parameters["args"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.complaints.append(parameters["entry"]["text"])
        elif method:
            self.events.append(method)

    def open(self, url, width, height=900, dark=False, scripts=True):
        """Opens a page at a width, in a colour scheme, and waits until it is there."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.send("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.events.clear()
        self.send("Page.navigate", url=url)
        until = time.monotonic() + 30
        while "Page.loadEventFired" not in self.events:
            assert self.receive(until), f"{url} was not loaded"

    def evaluate(self, expression):
        """The value of a JavaScript expression; promises are waited for."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def screenshot(self, path):
        data = base64.b64decode(self.send("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"])
        path.write_bytes(data)
        return data
