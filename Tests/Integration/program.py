"""Running the program under test."""

import dataclasses
import json
import pathlib
import subprocess
import sys
import tempfile

from servers import environment
from settings import SALTMILL


@dataclasses.dataclass
class Result:
    code: int
    out: str
    err: str
    usage: dict = dataclasses.field(default_factory=dict)

    def json(self):
        return json.loads(self.out)

    @property
    def cpu(self):
        """Seconds of processor time, user and system."""
        return self.usage["user"] + self.usage["system"]

    def expect(self, code=0):
        """Fails, with everything the program said, unless it ended with `code`."""
        assert self.code == code, f"exit code {self.code}, not {code}\n--- stdout\n{self.out[-3000:]}\n--- stderr\n{self.err[-3000:]}"
        return self


def run(*arguments, cwd=None, env=None, timeout=300, measure=False, wrap=()):
    """Runs `saltmill ARGUMENTS`, inside the command `wrap` if one is given, and waits for its end."""
    command = [*wrap, SALTMILL, *[str(argument) for argument in arguments]]
    if not measure:
        done = subprocess.run(
            command, cwd=cwd, env=env or environment(), timeout=timeout, capture_output=True, text=True, errors="replace",
            stdin=subprocess.DEVNULL,
        )
        return Result(done.returncode, done.stdout, done.stderr)
    with tempfile.NamedTemporaryFile("r") as usage:
        launcher = [sys.executable, "-S", "-E", str(pathlib.Path(__file__).with_name("measure.py")), usage.name]
        done = subprocess.run(
            launcher + command, cwd=cwd, env=env or environment(), timeout=timeout, capture_output=True, text=True,
            errors="replace", stdin=subprocess.DEVNULL,
        )
        return Result(done.returncode, done.stdout, done.stderr, json.loads(usage.read()))


def popen(*arguments, cwd=None, env=None, **more):
    """Starts `saltmill ARGUMENTS` and returns the process."""
    return subprocess.Popen([SALTMILL, *[str(a) for a in arguments]], cwd=cwd, env=env or environment(), stdin=subprocess.DEVNULL, **more)


def write_spec(folder, spec, name="job.yaml"):
    """Writes a spec beside its source and returns its path. YAML takes JSON as it is; text is written as it stands."""
    path = pathlib.Path(folder) / name
    path.write_text(spec if isinstance(spec, str) else json.dumps(spec, indent=2))
    return path


def load(spec, url, *arguments, **options):
    """`saltmill load SPEC` against an endpoint, its report asked for as JSON."""
    return run("load", spec, "--endpoint-url", url, "--json", "--no-progress", *arguments, **options)


def check_account(report):
    """Promise 1: every row read has ended in exactly one of the places a row can end in."""
    rows = report["rows"]
    assert rows["pending"] == 0, rows
    assert rows["read"] == rows["written"] + rows["kept"] + rows["rejected"] + rows["filtered"] + rows["superseded"] + rows["pending"], rows
    return rows


def rejects(path):
    """The lines of a reject file."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def writes(path):
    """From a file of `serve --request-log`: time and keys of every batch of which something was taken, in order of time.

    The last line may be unfinished while the server runs.
    """
    with open(path, encoding="utf-8") as file:
        entries = [json.loads(line) for line in file if line.endswith("\n")]
    taken = [(entry["time"], entry["keys"]) for entry in entries if entry["operation"] == "BatchWriteItem" and entry.get("keys")]
    return sorted(taken, key=lambda write: write[0])
