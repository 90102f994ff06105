"""A real Spark Connect server of our own on loopback: Sail, which needs no Java (`pip install pysail`, 169 MB)."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.ports import free_port

PATIENCE = 60.0


def why_not() -> str:
    """What is missing for a real server; '' when it can run."""
    missing = [name for name, module in (("pysail", "pysail"), ("pyspark-client", "pyspark")) if not find_spec(module)]
    return f"{' and '.join(missing)} not installed (pip install {' '.join(missing)})" if missing else ""


class Sail:
    """A server in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self.start()

    @property
    def remote(self) -> str:
        return f"sc://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts the server, on the same port each time, and waits until it listens."""
        command = [sys.executable, "-m", "pysail", "spark", "server", "--port", str(self.port), "-C", str(self._folder)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > until:
                raise AssertionError((self._folder / "log").read_text("utf-8", "replace"))
            time.sleep(0.05)

    def _listens(self) -> bool:
        with socket.socket() as asked:
            return asked.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """Kills the server where it stands."""
        self._process.kill()
        self._process.wait()


@contextmanager
def served() -> Iterator[Sail]:
    with TemporaryDirectory(prefix="sail", ignore_cleanup_errors=True) as folder:
        server = Sail(Path(folder))
        try:
            yield server
        finally:
            server.kill()
