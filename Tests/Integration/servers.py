"""Servers that the tests start: on free ports of 127.0.0.1, each stopped by its own process id."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zlib

import boto3
import botocore.config

from settings import SALTMILL

REGION = "us-east-1"
ACCESS_KEY = "saltmilltest"
SECRET_KEY = "not0a0secret"

AUTHORIZATION = (
    f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20260101/{REGION}/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
)


def environment(**extra):
    """The caller's environment without anything of AWS's or of proxies, plus fake credentials and `extra` (None removes)."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and not k.lower().endswith("_proxy")}
    env.update(
        AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_DEFAULT_REGION=REGION, AWS_REGION=REGION,
        AWS_CONFIG_FILE="/nonexistent/config", AWS_SHARED_CREDENTIALS_FILE="/nonexistent/credentials",
        AWS_EC2_METADATA_DISABLED="true", AWS_PAGER="",
    )
    for name, value in extra.items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = str(value)
    return env


def free_port():
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tool(name):
    """A program that was installed beside this interpreter, or else one on the path."""
    beside = pathlib.Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    assert found, f"{name} is not installed; run Tests/run, which installs it"
    return found


def client(url, **config):
    """A boto3 client for an endpoint of ours: fake credentials, nothing read from the user's files."""
    return boto3.client(
        "dynamodb", endpoint_url=url, region_name=REGION, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY,
        config=botocore.config.Config(**{"max_pool_connections": 32, "read_timeout": 120, **config}),
    )


class Server:
    """A running server: its URL, its process and where its output goes."""

    def __init__(self, url, process, log):
        self.url, self.process, self.log = url, process, log

    def boto(self, **config):
        return client(self.url, **config)

    def stop(self):
        """Ends the process and returns its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def output(self):
        return pathlib.Path(self.log).read_text(errors="replace")


def start(command, log, url=None, ready_line=None, ready=None, env=None, deadline=60):
    """Starts a server and waits until it is ready.

    Ready is when a line of its output matches `ready_line`, whose first group is then its URL, or when `ready(url)` is true.
    """
    with open(log, "wb") as sink:
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT,
            env=env or environment(),
        )
    server = Server(url, process, log)
    until = time.monotonic() + deadline
    try:
        while time.monotonic() < until:
            if ready_line:
                found = re.search(ready_line, server.output())
                if found:
                    server.url = found.group(1)
                    return server
            elif ready(url):
                return server
            if process.poll() is not None:
                break
            time.sleep(0.02)
        state = f"ended with {process.returncode}" if process.poll() is not None else f"was not ready after {deadline} s"
        raise RuntimeError(f"{command[0]} {state}:\n{server.output()[-3000:]}")
    except BaseException:
        server.stop()
        raise


def post(url, operation, body, timeout=10):
    """One request as the wire has it, the signature aside: status, headers, answer."""
    request = urllib.request.Request(
        url, data=json.dumps(body).encode(),
        headers={
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Authorization": AUTHORIZATION,
        },
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as answer:
            return answer.status, answer.headers, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        return error.code, error.headers, json.loads(error.read() or b"{}")


def answers(url):
    """Whether a DynamoDB endpoint answers there."""
    with contextlib.suppress(OSError, ValueError):
        return post(url, "ListTables", {})[0] == 200
    return False


def listens(url):
    """Whether somebody takes connections there."""
    with contextlib.suppress(OSError), socket.create_connection(url.rsplit("/", 1)[1].split(":"), timeout=1):
        return True
    return False


def start_saltmill(folder, physics="none", request_log=None, data=None, port=0, burst=None):
    """`saltmill serve` on any free port."""
    command = [SALTMILL, "serve", "--host", "127.0.0.1", "--port", port, "--physics", physics]
    if request_log:
        command += ["--request-log", request_log]
    if data:
        command += ["--data", data]
    if burst is not None:
        command += ["--burst", burst]
    return start(
        command, pathlib.Path(folder) / f"serve-{free_port()}.log",
        ready_line=r"saltmill: serving DynamoDB on (http://127\.0\.0\.1:\d+)", deadline=30,
    )


def start_ministack(folder):
    port = free_port()
    env = environment(
        BIND_HOST="127.0.0.1", GATEWAY_PORT=port, SERVICES="dynamodb,dynamodbstreams", DOCKER_HOST="unix:///nonexistent",
        LOG_LEVEL="WARNING",
    )
    return start(
        [tool("ministack")], pathlib.Path(folder) / f"ministack-{port}.log", url=f"http://127.0.0.1:{port}", ready=answers, env=env
    )


def start_moto(folder):
    port = free_port()
    return start(
        [tool("moto_server"), "-H", "127.0.0.1", "-p", port], pathlib.Path(folder) / f"moto-{port}.log",
        url=f"http://127.0.0.1:{port}", ready=answers,
    )


def start_proxy(folder, upstream, log, **faults):
    """The fault proxy in front of `upstream`; what it may be told is in faultproxy.py."""
    plan = pathlib.Path(folder) / f"plan-{free_port()}.json"
    plan.write_text(json.dumps(faults))
    command = [sys.executable, pathlib.Path(__file__).with_name("faultproxy.py"), "--upstream", upstream, "--plan", plan, "--log", log]
    return start(command, plan.with_suffix(".log"), ready_line=r"proxying on (http://127\.0\.0\.1:\d+)")


SINK = """\
daemon off;
master_process off;
pid nginx.pid;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    client_max_body_size 0;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    map_hash_bucket_size 128;
    default_type application/x-amz-json-1.0;
    map $http_x_amz_target $answer {{
        default '{{}}';
{bodies}
    }}
    map $http_x_amz_target $checksum {{
        default {empty};
{sums}
    }}
    server {{
        listen 127.0.0.1:{port}{tls};
        location / {{
            add_header x-amz-crc32 $checksum;
            return 200 $answer;
        }}
    }}
}}
"""


def certificate(folder):
    """A certificate that 127.0.0.1 has made for itself, and its key."""
    paths = pathlib.Path(folder) / "certificate.pem", pathlib.Path(folder) / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1]],
        check=True, capture_output=True,
    )
    return paths


def start_sink(folder, table, tls=False):
    """nginx as a store without bottom: every batch is taken at once and forgotten.

    `table` is what DescribeTable says besides what any table says: name, attribute definitions, key schema. Answers carry their
    checksum, as the real service's do. With `tls` it speaks TLS 1.3 only, and `certificate` is what AWS_CA_BUNDLE must name.
    """
    description = {
        "TableStatus": "ACTIVE", "CreationDateTime": 1_700_000_000.0, "TableId": "7f2f3c1e-5d0a-4b8e-9a56-0c9a6a3d1b52",
        "ItemCount": 0, "TableSizeBytes": 0, "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        "ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0, "NumberOfDecreasesToday": 0},
        "TableArn": f"arn:aws:dynamodb:{REGION}:000000000000:table/{table['TableName']}", **table,
    }
    answers_by_operation = {
        "BatchWriteItem": {"UnprocessedItems": {}},
        "DescribeTable": {"Table": description},
        "ListTables": {"TableNames": [description["TableName"]]},
        "Scan": {"Items": [], "Count": 0, "ScannedCount": 0},
        "ListTagsOfResource": {"Tags": []},
    }
    bodies = {operation: json.dumps(answer, separators=(",", ":")) for operation, answer in answers_by_operation.items()}
    port = free_port()
    prefix = pathlib.Path(folder) / f"sink-{port}"
    prefix.mkdir()
    bodies_map = "\n".join(f"        DynamoDB_20120810.{operation} '{body}';" for operation, body in bodies.items())
    sums_map = "\n".join(f"        DynamoDB_20120810.{operation} {zlib.crc32(body.encode())};" for operation, body in bodies.items())
    paths = certificate(prefix) if tls else None
    words = f" ssl; ssl_protocols TLSv1.3; ssl_certificate {paths[0]}; ssl_certificate_key {paths[1]}" if tls else ""
    (prefix / "nginx.conf").write_text(SINK.format(port=port, tls=words, bodies=bodies_map, sums=sums_map, empty=zlib.crc32(b"{}")))
    sink = start(
        [tool("nginx"), "-p", prefix, "-e", prefix / "error.log", "-c", prefix / "nginx.conf"],
        prefix / "output.log", url=f"http{'s' if tls else ''}://127.0.0.1:{port}", ready=listens if tls else answers,
    )
    sink.certificate = paths and paths[0]
    return sink
