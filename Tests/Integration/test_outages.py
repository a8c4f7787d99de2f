"""One load through everything that happens to a load in a week: it ends exact, and its journal has each event with its length."""

import os
import signal
import time

import control
import servers
import settings
from settings import choose

ROWS = 6_000
#: How long each trouble lasts, in seconds.
LENGTH = choose(4, 30)


def cause(load, name):
    return load.wait_until(lambda status: status["waiting_cause"] == name)


def over(load):
    load.wait_until(lambda status: not status["waiting"], seconds=60)


def test_every_trouble_is_survived_and_journalled_with_its_length(scratch, running):
    data = scratch / "tables.db"
    server = running(servers.start_saltmill, data=data)
    port = int(server.url.rsplit(":", 1)[1])
    spec = control.spec(
        scratch, ROWS, "150/s", target={"table": "rows", "create": {"billing": "provisioned", "write": 1000, "read": 100}})
    with control.Load(spec, server.url) as load:
        load.loading()

        # The endpoint is killed and comes back: connections break, then nobody answers.
        server.process.kill()
        server.process.wait()
        cause(load, "network")
        time.sleep(LENGTH)
        server = running(servers.start_saltmill, data=data, port=port)
        over(load)

        # The disk is full: nothing can be written to any file, and then it can again.
        control.limit_file_size(load.process.pid, 0)
        waiting = cause(load, "disk")
        written = waiting["rows"]["written"]
        time.sleep(LENGTH)
        assert load.wait_until(lambda status: True)["rows"]["written"] <= written + 150, "nothing goes on that no checkpoint could count"
        control.limit_file_size(load.process.pid, None)
        over(load)

        # Somebody changes what the table is provisioned with.
        server.boto().update_table(
            TableName="rows", ProvisionedThroughput={"WriteCapacityUnits": 400, "ReadCapacityUnits": 100})

        # The process is held, as by a machine that sleeps.
        load.process.send_signal(signal.SIGSTOP)
        time.sleep(12)
        load.process.send_signal(signal.SIGCONT)

        # Somebody pauses the load.
        load.ctl("pause", "maintenance")
        time.sleep(LENGTH)
        load.ctl("resume")
        load.ctl("rate=none")
        report = load.report(timeout=240)
        assert report["rows"]["written"] == ROWS and report["rows"]["pending"] == 0
    control.check_table(server.boto(), ROWS)

    waited = {event["cause"]: event["seconds"] for event in load.events("waited")}
    assert waited["network"] >= LENGTH and waited["disk"] >= LENGTH - 1, waited
    assert max(waited.values()) < 60, waited
    assert 11 <= load.events("suspended")[0]["seconds"] <= 20
    assert load.events("unpaused")[0]["seconds"] >= LENGTH - 1
    told = [event["event"] for event in load.events()]
    assert told.count("lost") == 0 and told[-1] == "finished", told
    assert os.path.getsize(load.job_folder / "journal.jsonl") < 1 << 20


def test_credentials_that_expire_are_waited_for_and_renewed(scratch, running):
    data, port = scratch / "tables.db", servers.free_port()

    def serve(key, secret):
        return running(lambda folder: servers.start(
            [settings.SALTMILL, "serve", "--host", "127.0.0.1", "--port", port, "--physics", "none", "--data", data, "--auth"],
            folder / f"serve-{key}.log", ready_line=r"saltmill: serving DynamoDB on (http://127\.0\.0\.1:\d+)",
            env=servers.environment(AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret)))

    def renew(key, secret):
        (scratch / "new").write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
        (scratch / "new").rename(scratch / "credentials")

    renew("first", "secret1")
    env = servers.environment(
        AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_SHARED_CREDENTIALS_FILE=scratch / "credentials", XDG_RUNTIME_DIR=scratch)
    server = serve("first", "secret1")
    with control.Load(control.spec(scratch, 2000, "200/s"), server.url, env=env) as load:
        load.loading()
        server.stop()
        serve("second", "secret2")
        cause(load, "credentials")
        time.sleep(LENGTH)
        renew("second", "secret2")
        over(load)
        load.ctl("rate=none")
        assert load.report()["rows"]["written"] == 2000
    waited = {event["cause"]: event["seconds"] for event in load.events("waited")}
    assert LENGTH <= waited["credentials"] < 60, waited
