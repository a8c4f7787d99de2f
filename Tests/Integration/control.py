"""Speaking to a running load, and reading its journal."""

import contextlib
import json
import os
import pathlib
import socket
import time

import program
import servers


class Load:
    """A running `saltmill load`, steered over its socket; interrupted at the end if it still runs."""

    def __init__(self, spec, url, *arguments, folder=None, env=None, run_dir=None, **more):
        self.spec, self.folder = pathlib.Path(spec), folder or pathlib.Path(spec).parent
        self.job = json.loads(self.spec.read_text())["job"]
        self.env = env or servers.environment(XDG_RUNTIME_DIR=run_dir or self.folder)
        self.err = self.folder / f"load-{time.monotonic_ns()}.err"
        self.out = self.err.with_suffix(".out")
        with open(self.err, "wb") as err, open(self.out, "wb") as out:
            self.process = program.popen(
                "load", spec, "--endpoint-url", url, "--json", *arguments, env=self.env, stdout=out, stderr=err, **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    @property
    def job_folder(self):
        return self.folder / f"{self.job}.saltmill"

    def ctl(self, *command, code=0):
        """One command by the program; its answer as JSON, or what it complains of."""
        done = program.run("ctl", self.job_folder, *command, "--json", env=self.env)
        assert done.code == code, f"{command}: {done.code}\n{done.out}\n{done.err}"
        return json.loads(done.out) if done.out else done.err

    def ask(self, command):
        """One command straight over the socket."""
        return ask((self.job_folder / "control").read_text(), command)

    def wait_until(self, condition, seconds=30):
        """Waits until the progress, as `status` has it, fulfils a condition; returns it."""
        until = time.monotonic() + seconds
        status = None
        while time.monotonic() < until:
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.err.read_text()}"
            with contextlib.suppress(OSError, ValueError):
                status = self.ask("status")["status"]
                if "rows" in status and condition(status):
                    return status
            time.sleep(0.05)
        raise AssertionError(f"never came: {status}\n{self.err.read_text()}")

    def loading(self, rows=1):
        return self.wait_until(lambda status: status["rows"]["written"] >= rows)

    def report(self, code=0, timeout=120):
        """Waits for the end and returns the report."""
        assert self.process.wait(timeout) == code, self.err.read_text()
        return json.loads(self.out.read_text())

    def events(self, *names):
        return journal(self.job_folder, *names)


def ask(path, command):
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as connection:
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall(json.dumps({"command": command}).encode() + b"\n")
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return json.loads(answer)


def journal(job, *names):
    """The events of a job's journal, those of the given names only."""
    done = program.run("log", job, "--json", "--all").expect(0)
    events = [json.loads(line) for line in done.out.splitlines()]
    return [event for event in events if not names or event["event"] in names]


def spec(folder, rows, rate, job="rows", **more):
    """Writes a table's rows, a unit each, and the spec that loads them."""
    source = folder / f"{job}.csv"
    if not source.exists():
        source.write_text("id,name\n" + "".join(f"id-{index},name {index}\n" for index in range(rows)))
    limits = rate if isinstance(rate, dict) else {"ceiling": rate}
    return program.write_spec(folder, {
        "version": 1, "job": job, "source": {"file": source.name},
        "target": {"table": "rows", "create": {"billing": "on-demand"}, **more.pop("target", {})},
        "key": {"hash": {"attribute": "id", "type": "S"}}, "attributes": {"name": "S"}, "rate": limits, **more,
    }, name=f"{job}.yaml")


def check_table(client, count):
    """The table holds exactly the rows of ``spec``."""
    found = {}
    for page in client.get_paginator("scan").paginate(TableName="rows"):
        for item in page["Items"]:
            found[item["id"]["S"]] = item["name"]["S"]
    assert found == {f"id-{index}": f"name {index}" for index in range(count)}


def limit_file_size(pid, size):
    """What files of a process may grow to, in bytes; None for no limit: a disk that is full, and then has room again."""
    import resource

    hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY if size is None else size, hard))


def notices(folder):
    """A socket such as systemd has for services, bound in a folder: what was said to it so far is what the function returns."""
    path = os.path.join(folder, "notify")
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    receiver.bind(path)

    def read():
        said = []
        with contextlib.suppress(BlockingIOError):
            while True:
                said.append(receiver.recv(4096).decode())
        return said

    return path, read
