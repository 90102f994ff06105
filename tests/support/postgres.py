"""A real PostgreSQL of our own on loopback: one server for a test session, a fresh database for each test.

The server sorts by Russian rules, as a centre's own may: what depends on the order of texts must not hang on that.
"""

from __future__ import annotations

import atexit
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Self

import psycopg

from tests.support.ports import free_port

PATIENCE = 30.0
PASSWORD = "s3cret/құпия"  # noqa: S105
_NUMBERS = count(1)
_USER = "app"


def why_not() -> str:
    """What is missing for a real server; '' when it can run."""
    return "" if _program("initdb") else "PostgreSQL is not installed (package postgresql)"


@cache
def _passwords() -> Path:
    """This process's `.pgpass`, a line for each server; it outlives any of them."""
    handle, path = tempfile.mkstemp(prefix="iw-pgpass")
    os.close(handle)
    atexit.register(Path(path).unlink, missing_ok=True)
    return Path(path)


def _program(name: str) -> str | None:
    """Debian keeps the server's programs beside PATH, a folder for each version."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, reversed(places))]))


class Postgres:
    """A server in a folder of its own. It commits as durably as a real one, but for a power cut."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        secret = folder / "secret"
        secret.write_text(PASSWORD, "utf-8")
        kind = ["-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=ru-KZ"]
        run = ["-D", str(folder / "data"), "-U", _USER, "-A", "scram-sha-256", f"--pwfile={secret}", *kind, "--no-sync"]
        if os.geteuid() == 0:
            shutil.chown(secret, "nobody")
        made = subprocess.run([str(_program("initdb")), *run], capture_output=True, check=False, **self._nobody())
        assert made.returncode == 0, made.stderr.decode()

    def _nobody(self) -> dict[str, object]:
        """The server does not run as root."""
        root = os.geteuid() == 0
        return {"cwd": self.folder, **({"user": "nobody", "group": "nogroup", "extra_groups": []} if root else {})}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Starts it; its password is in the `.pgpass` of this process and its children."""
        passwords = _passwords()
        with passwords.open("a", encoding="utf-8") as lines:
            lines.write(f"127.0.0.1:{self.port}:*:{_USER}:{PASSWORD}\n")
        os.environ["PGPASSFILE"] = str(passwords)
        run = ["-D", str(self.folder / "data"), "-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.folder)]
        quick = ["-c", "fsync=off", "-c", "shared_buffers=32MB", "-c", "max_connections=60"]
        log = (self.folder / "log").open("ab")
        with log:
            command = [str(_program("postgres")), *run, *quick]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **self._nobody())
        until = time.monotonic() + PATIENCE
        while not self._answers():
            assert self._process.poll() is None and time.monotonic() < until, (self.folder / "log").read_text("utf-8")
            select.select([], [], [], 0.02)  # a look every 20 ms until it listens

    def stop(self) -> None:
        """An orderly end, whoever is connected."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE)

    def crash(self) -> None:
        """All its processes die at once, as by a power cut."""
        assert self._process
        parent = self._process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        for process in (parent, *map(int, children)):
            os.kill(process, signal.SIGKILL)
        self._process.wait(PATIENCE)
        until = time.monotonic() + PATIENCE
        while any(Path(f"/proc/{child}").exists() for child in children):
            assert time.monotonic() < until, "a process of PostgreSQL outlives its killing"
            select.select([], [], [], 0.02)

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's own programs, as this server's user."""
        reach = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": _USER, "PGPASSWORD": PASSWORD}
        command = [str(_program(program)), *arguments]
        ran = subprocess.run(command, env={**os.environ, **reach}, capture_output=True, check=False)
        assert ran.returncode == 0, ran.stderr.decode()

    def url(self, database: str, password: str = PASSWORD) -> str:
        return f"postgresql+psycopg://{_USER}:{password}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def asked(self, database: str = "postgres") -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        """A connection beside the program's."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=_USER, password=PASSWORD, dbname=database, autocommit=True
        ) as connection:
            yield connection

    def fresh(self, like: str = "") -> str:
        """The URL of a new database, empty or a copy of another."""
        name = f"d{next(_NUMBERS)}"
        with self.asked() as connection:
            connection.execute(f"create database {name}{f' template {like}' if like else ''}".encode())
        return self.url(name)

    def cut(self, database: str) -> int:
        """Ends every connection to a database, as an administrator or a broken line does. Gives how many."""
        query = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = %s and pid <> "
        query += "pg_backend_pid()"
        with self.asked() as connection:
            row = connection.execute(query, (database,)).fetchone()
        assert row
        return int(str(row[0]))

    def _answers(self) -> bool:
        try:
            with self.asked():
                return True
        except psycopg.OperationalError:
            return False


@contextmanager
def served() -> Iterator[Postgres]:
    """A server in a folder under /tmp: its own user must reach it, and a socket's path may not be long."""
    with (
        tempfile.TemporaryDirectory(prefix="iw", dir="/tmp", ignore_cleanup_errors=True) as folder,  # noqa: S108
        Postgres(Path(folder)) as server,
    ):
        yield server
