"""A scanner that speaks clamd's protocol on a real socket: finds the EICAR text, and misbehaves when it is told to."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """What the scanner was given, and how it answers. `where` is what config.yaml calls it."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.scanned: list[bytes] = []
        self.answer: bytes | None = None  # instead of its own; b"" = hangs up without a word
        self.limit = 50 * 1024 * 1024

    def judge(self, data: bytes) -> bytes:
        self.scanned.append(data)
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0"


def _handler(clamd: Clamd) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            assert self.rfile.read(10) == b"zINSTREAM\0"
            data = b""
            while size := struct.unpack(">I", self.rfile.read(4))[0]:
                data += self.rfile.read(size)
                if len(data) > clamd.limit:
                    self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                    return
            self.wfile.write(clamd.judge(data) if clamd.answer is None else clamd.answer)

    return Handler


@contextmanager
def clamd_at(place: Path | None = None) -> Iterator[Clamd]:
    """A running scanner: at a socket's path, else at a free port of this machine."""
    clamd = Clamd(str(place) if place else "")
    kind = socketserver.ThreadingUnixStreamServer if place else socketserver.ThreadingTCPServer
    address = str(place) if place else ("127.0.0.1", 0)
    with kind(address, _handler(clamd)) as server:  # type: ignore[arg-type]
        server.handle_error = lambda request, client: None  # type: ignore[method-assign] # who asked has gone
        clamd.where = clamd.where or f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield clamd
        finally:
            server.shutdown()
            thread.join()
