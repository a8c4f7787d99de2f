"""An endpoint whose answers are written out: for what a real server cannot be brought to say."""

import contextlib
import datetime
import http.server
import json
import ssl
import threading

import cryptography.hazmat.primitives.asymmetric.ec as ec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization


@contextlib.contextmanager
def stub(answer, certificate=None, headers=None, pages=None, address=("127.0.0.1", 0)):
    """Serves `answer(operation, body)`, a status and a JSON object, and yields the URL; with a certificate's file, over TLS.

    `pages` gives for a path what a GET of it answers.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            known = self.path in (pages or {})
            self.reply(200 if known else 404, pages[self.path]() if known else {})

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
            status, content = answer(self.headers["X-Amz-Target"].rpartition(".")[2], body)
            self.reply(status, content)

        def reply(self, status, content):
            content = json.dumps(content).encode()
            self.send_response_only(status)
            for name, value in {"Date": self.date_time_string(), "Content-Type": "application/x-amz-json-1.0", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(address, Handler)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if certificate else 'http'}://{address[0]}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def error(kind, text, status=400, namespace="com.amazon.coral.service"):
    """An answer that refuses everything."""
    return lambda operation, body: (status, {"__type": f"{namespace}#{kind}", "message": text})


def self_signed(path):
    """Writes a certificate that nobody vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    )
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path
