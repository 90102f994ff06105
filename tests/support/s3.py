"""A real S3 server of our own on loopback: moto's, which keeps objects in its memory."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from pyarrow.fs import FileSelector, FileType, S3FileSystem

from tests.support.ports import free_port

PATIENCE = 60.0
KEYS = {"AWS_ACCESS_KEY_ID": "house", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_EC2_METADATA_DISABLED": "true"}
_BUCKETS = count(1)
_OF_THE_LINE = ("transfer-encoding", "content-length", "expect", "connection")


class Bucket:
    """A fresh bucket of a server: what lies in it can be looked at and changed, as its owner could."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint, self.name = endpoint, f"ledger-{os.getpid()}-{next(_BUCKETS)}"
        os.environ.update(KEYS)
        self._files = S3FileSystem(
            endpoint_override=endpoint.rpartition("/")[2], scheme="http", region="kz-1", allow_bucket_creation=True
        )
        self._files.create_dir(self.name)

    @property
    def place(self) -> str:
        return f"s3://{self.name}/house"

    def objects(self) -> dict[str, bytes]:
        found = self._files.get_file_info(FileSelector(f"{self.name}/house", recursive=True, allow_not_found=True))
        paths = [one.path for one in found if one.type == FileType.File]
        return {path.removeprefix(f"{self.name}/house/"): self._files.open_input_file(path).read() for path in paths}

    def put(self, name: str, data: bytes) -> None:
        with self._files.open_output_stream(f"{self.name}/house/{name}") as target:
            target.write(data)

    def remove(self, name: str) -> None:
        self._files.delete_file(f"{self.name}/house/{name}")

    def settle(self, home: Path, endpoint: str = "") -> None:
        """Names it in a home's config.yaml as the place of facts and closes, reached by its own endpoint or another."""
        config, shown = home / "config.yaml", endpoint or self.endpoint
        told = f'  storage: "{self.place}"\n  s3: {{endpoint: "{shown}", region: kz-1, seconds: 2}}\n'
        text = re.sub(r"(?m)^  (storage|s3): .*\n", "", config.read_text("utf-8"))
        config.write_text(text.replace("ledger:\n", f"ledger:\n{told}", 1), "utf-8")


class S3:
    """A server in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        with (folder / "log").open("ab") as log:
            command = [sys.executable, "-m", "moto.server", "--port", str(self.port)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > until:
                raise AssertionError((folder / "log").read_text("utf-8", "replace"))
            time.sleep(0.05)

    def _listens(self) -> bool:
        with socket.socket() as asked:
            return asked.connect_ex(("127.0.0.1", self.port)) == 0

    def bucket(self) -> Bucket:
        return Bucket(f"http://127.0.0.1:{self.port}")

    def kill(self) -> None:
        """Kills the server where it stands; what it kept is gone."""
        self._process.kill()
        self._process.wait()


@contextmanager
def served() -> Iterator[S3]:
    with TemporaryDirectory(prefix="s3", ignore_cleanup_errors=True) as folder:
        server = S3(Path(folder))
        try:
            yield server
        finally:
            server.kill()


class Between:
    """A proxy before the server that misbehaves as told. `puts` counts objects that came, `unanswered` requests
    that met silence.

    `changes`: objects come back with a byte turned. `full`: it takes no object. `tears`: it goes away in the midst of
    an object. `silent`: it takes a request and says nothing. `ages`: objects are told to be old. `at_put`: what happens
    when an object comes.
    """

    def __init__(self, port: int) -> None:
        self.changes = self.full = self.tears = self.silent = self.ages = False
        self.at_put: Callable[[int], None] = lambda number: None
        self.puts = self.unanswered = 0
        self.stopped = Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, port))
        self.server.daemon_threads = True
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"


def _handler(told: Between, port: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            self.close_connection = True
            is_object = ".parquet" in self.path
            if told.silent:
                told.unanswered += 1
                told.stopped.wait()
                return
            if told.tears and self.command == "PUT" and is_object:
                self.rfile.read(20)
                return
            body = self._read_body()
            if self.command == "PUT" and is_object:
                told.puts += 1
                told.at_put(told.puts)
                if told.full:
                    self._answer(
                        507, {}, b"<Error><Code>InsufficientStorage</Code><Message>disk full</Message></Error>"
                    )
                    return
            server = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            kept = {name: value for name, value in self.headers.items() if name.casefold() not in _OF_THE_LINE}
            server.request(self.command, self.path, body, kept)
            got = server.getresponse()
            data = got.read()
            if told.changes and self.command == "GET" and is_object and "list-type" not in self.path:
                data = bytes([data[0] ^ 1]) + data[1:]
            if told.ages:
                data = re.sub(rb"<LastModified>[^<]*", b"<LastModified>2026-01-01T00:00:00.000Z", data)
            self._answer(got.status, dict(got.getheaders()), data)
            server.close()

        def _read_body(self) -> bytes:
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _answer(self, status: int, headers: dict[str, str], data: bytes) -> None:
            self.send_response_only(status)
            length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(data))
            for name, value in {**headers, "Content-Length": length, "Connection": "close"}.items():
                if name.casefold() != "transfer-encoding":
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _pass  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler
