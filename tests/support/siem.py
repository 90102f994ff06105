"""A monitoring centre that takes syslog on a real socket, and a server of time stamps that is OpenSSL's own."""

from __future__ import annotations

import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Siem:
    """What came, frame by frame, read by the length before each (RFC 6587)."""

    port: int = 0
    frames: list[bytes] = field(default_factory=list)

    def take(self, data: bytes) -> None:
        while data:
            length, _, rest = data.partition(b" ")
            self.frames.append(rest[: int(length)])
            assert len(self.frames[-1]) == int(length)
            data = rest[int(length) :]


@contextmanager
def siem_at(port: int = 0, certificate: Path | None = None) -> Iterator[Siem]:
    """A running centre, at a free port or the one asked; with TLS where it has a certificate."""
    siem = Siem()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data = b""
            while piece := self.request.recv(65536):
                data += piece
            siem.take(data)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address, daemon_threads, block_on_close = True, False, True

        def get_request(self) -> tuple[object, object]:
            link, address = super().get_request()
            if certificate:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
                link = context.wrap_socket(link, server_side=True)  # type: ignore[assignment]
            return link, address

    with Server(("127.0.0.1", port), Handler) as server:
        siem.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield siem
        finally:
            server.shutdown()
            thread.join()


_CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
"""


@contextmanager
def tsa_in(folder: Path) -> Iterator[str]:
    """The address of a running server of time stamps; its certificate is `tsa.pem` in the folder."""
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=tsa"]
    purpose = ["-addext", "extendedKeyUsage=critical,timeStamping"]
    out = ["-keyout", str(folder / "tsa.key"), "-out", str(folder / "tsa.pem")]
    subprocess.run([*command, *purpose, *out], check=True, capture_output=True)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = folder / "query.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            made = ["openssl", "ts", "-reply", "-queryfile", str(query), "-config", str(folder / "tsa.cnf")]
            answer = subprocess.run(made, check=True, capture_output=True).stdout
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
