"""The command line: help, exit codes, status, a job held by another, an interrupted load."""

import json
import re
import signal
import stat
import subprocess
import time

import jsonschema
import pytest

import program
import rows
import settings
from servers import environment

COMMANDS = ["load", "status", "query", "serve", "demo"]


def spec(count=1000, **more):
    return {
        "version": 1, "job": "rows", "source": {"file": str(rows.generate(count))},
        "target": {"table": "rows", "create": {"billing": "on-demand"}}, "key": rows.KEY, "attributes": rows.ATTRIBUTES,
        "rate": {"ceiling": "none"}, **more,
    }


def test_help_lists_every_command():
    result = program.run("--help").expect(0)
    for command in COMMANDS:
        assert re.search(rf"^\s+{command}\b", result.out, re.MULTILINE), command
        usage = program.run(command, "--help").expect(0).out
        assert f"saltmill {command}" in usage


def test_version_is_told():
    assert re.fullmatch(r"\S*\d+\.\d+\.\d+\S*", program.run("--version").expect(0).out.strip())


@pytest.mark.parametrize("arguments", [
    ["load"], ["load", "job.yaml", "--no-such-flag"], ["no-such-command"], ["serve", "--physics", "2040"],
    ["load", "job.yaml", "--rate", "fast"], ["load", "missing.yaml"], ["status", "missing.yaml"],
])
def test_wrong_usage_is_exit_code_2_with_a_sentence(scratch, arguments):
    if "job.yaml" in arguments:
        program.write_spec(scratch, spec())
    result = program.run(*arguments, cwd=scratch).expect(2)
    assert result.err.strip() and not result.out.strip()


def test_load_reports_as_text_and_as_json(scratch, serve):
    server = serve()
    path = program.write_spec(scratch, spec())
    result = program.run("load", path, "--endpoint-url", server.url, "--no-progress").expect(0)
    assert re.search(r"\b1,?000\b", result.out) and "written" in result.out

    again = program.write_spec(scratch, spec(job="again", target={"table": "rows", "existing": "overwrite"}), "again.yaml")
    report_file = scratch / "copy.json"
    report = program.load(again, server.url, "--report", report_file).expect(0).json()
    assert json.loads(report_file.read_text()) == report == json.loads((scratch / "again.saltmill" / "report.json").read_text())
    assert (report["version"], report["job"], report["table"], report["endpoint"].rstrip("/")) == (1, "again", "rows", server.url)
    assert report["requests"]["sent"] >= 40 and report["units"]["table"] == pytest.approx(1000)


def test_report_agrees_with_its_schema(scratch, serve):
    schema = json.loads((settings.ROOT / "schemas" / "run-report.schema.json").read_text())
    report = program.load(program.write_spec(scratch, spec()), serve().url).expect(0).json()
    jsonschema.validate(report, schema, cls=jsonschema.Draft202012Validator)


def test_finished_load_is_not_done_twice(scratch, serve):
    log = scratch / "requests.jsonl"
    server = serve(request_log=log)
    path = program.write_spec(scratch, spec())
    program.load(path, server.url).expect(0)
    before = len(program.writes(log))
    report = program.load(path, server.url).expect(0).json()
    assert program.check_account(report)["written"] == 1000
    assert len(program.writes(log)) == before > 0


def test_endpoint_is_found_in_the_environment(scratch, serve):
    server = serve()
    path = program.write_spec(scratch, spec())
    for name in ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"):
        result = program.run("load", path, "--json", "--no-progress", env=environment(**{name: server.url})).expect(0)
        assert result.json()["endpoint"].rstrip("/") == server.url


def test_state_is_private_to_its_owner(scratch, serve):
    program.load(program.write_spec(scratch, spec()), serve().url).expect(0)
    folder = scratch / "rows.saltmill"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} >= {"state.db", "report.json"}
    for path in folder.rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def start_paced(scratch, server, rate="500/s"):
    """A load that will take a while, past its first writes."""
    log = scratch / "requests.jsonl"
    path = program.write_spec(scratch, spec(20_000, rate={"ceiling": rate}))
    process = program.popen(
        "load", path, "--endpoint-url", server.url, "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 20
    while not program.writes(log):
        assert process.poll() is None and time.monotonic() < until, process.communicate()
        time.sleep(0.05)
    return path, process


def test_interrupt_writes_a_checkpoint_and_resume_finishes(scratch, serve):
    server = serve(request_log=scratch / "requests.jsonl")
    path, process = start_paced(scratch, server)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    report = json.loads(out)
    assert report["outcome"] == "interrupted" and 0 < report["rows"]["written"] < 20_000

    status = program.run("status", path, "--json").expect(0).json()
    assert status["rows"]["written"] == report["rows"]["written"]
    assert "written" in program.run("status", path).expect(0).out

    report = program.load(path, server.url, "--rate", "none").expect(0).json()
    assert program.check_account(report)["written"] == 20_000 and report["runs"] == 2
    written = sum(len(keys) for _, keys in program.writes(scratch / "requests.jsonl"))
    assert written == 20_000, "an interrupted load has settled what it sent, so nothing is repeated"


def test_job_held_by_another_instance_is_exit_code_11(scratch, serve):
    server = serve(request_log=scratch / "requests.jsonl")
    path, process = start_paced(scratch, server)
    try:
        result = program.run("load", path, "--endpoint-url", server.url, "--no-progress").expect(11)
        assert str(process.pid) in result.err or "another" in result.err
        status, until = {}, time.monotonic() + 5
        while not status.get("rows", {}).get("written") and time.monotonic() < until:
            status = program.run("status", path, "--json").expect(0).json()
        assert status["state"] == "running" and status["rows"]["written"] > 0, "status can be asked while the load runs"
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 130


def test_progress_goes_to_stderr_and_the_report_to_stdout(scratch, serve):
    server = serve(request_log=scratch / "requests.jsonl")
    path = program.write_spec(scratch, spec())
    result = program.run("load", path, "--endpoint-url", server.url, "--json").expect(0)
    assert json.loads(result.out)["outcome"] == "done"


def test_serve_ends_cleanly(serve):
    server = serve()
    assert server.stop() == 0


def test_serve_keeps_its_tables_in_a_file(scratch, serve):
    kept = scratch / "tables.db"
    first = serve(data=kept)
    program.load(program.write_spec(scratch, spec()), first.url).expect(0)
    first.stop()
    second = serve(data=kept)
    assert second.boto().scan(TableName="rows", Select="COUNT")["Count"] == 1000


def test_query_of_an_unsalted_table_and_of_a_key_that_is_not_there(scratch, serve):
    server = serve()
    program.load(program.write_spec(scratch, spec()), server.url).expect(0)
    found = program.run("query", "rows", "row-000000000007", "--json", "--endpoint-url", server.url).expect(0)
    assert [json.loads(line)["id"]["S"] for line in found.out.splitlines()] == ["row-000000000007"]
    assert program.run("query", "rows", "nobody", "--json", "--endpoint-url", server.url).expect(0).out == ""
    assert "nothing" in program.run("query", "nothing", "x", "--endpoint-url", server.url).expect(1).err
