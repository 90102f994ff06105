"""Runs inbox-worker's commands and kills them at a chosen step, without a hook in the program itself.

    python killer.py STEP RECORD inbox-worker ARGUMENT...

A step is an event on the way to the disk: a file opened for writing, renamed, removed, a folder made, an fsync, a
Parquet file begun and ended, an SQL statement that writes, a commit begun and ended, a process started. STEP 0 kills
nothing. RECORD receives the names of the steps passed, one a line. As a library, `Killer` keeps one warm process
that forks for every run, so a run costs no start of the interpreter.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import re
import resource
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self, TypedDict, Unpack

_NAMED = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree")
_OF_SERVERS = ("PGPASSFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED")
_RANDOM = re.compile(r"^\.mark\..+")  # a new mark is written under a name that no other process takes
_LATE = (  # libraries that functions import
    "alembic.command", "babel.numbers", "docxtpl", "duckdb", "holidays", "num2words",
    "psycopg", "rich.console", "lxml.etree", "openpyxl", "pandas", "pikepdf", "pyarrow.dataset",
    "pyarrow.parquet", "rich.progress", "sqlite3", "typst", "xlsxwriter",
)  # fmt: skip
_NEW_MOUNTS, _NEW_USERS = 0x00020000, 0x10000000  # CLONE_NEWNS, CLONE_NEWUSER
_READ_ONLY, _REMOUNT, _BIND, _PRIVATE = 1, 32, 4096, 0x4000 | 0x40000  # MS_RDONLY ... MS_REC | MS_PRIVATE
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(frozen=True)
class Ran:
    """How a command ended: its exit code (-9 = killed), what it printed, the steps it passed."""

    code: int
    out: str
    err: str
    steps: tuple[str, ...]

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Counter:
    """Counts steps and ends the process at one of them; a file about to be made durable is torn first."""

    def __init__(self, last: int, record: Path) -> None:
        self._last = last
        self._record = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        self._passed = 0

    def step(self, name: str, tear: Callable[[], None] | None = None) -> None:
        self._passed += 1
        os.write(self._record, f"{name}\n".encode())
        if self._passed == self._last:
            if tear:
                tear()
            os.kill(os.getpid(), signal.SIGKILL)


def _matters(name: str, path: str, home: str) -> bool:
    """In the home, and not a folder to be made that is there already."""
    return Path(path).absolute().is_relative_to(home) and not (name == "os.mkdir" and Path(path).is_dir())


def _tear_handle(handle: int) -> None:
    """What a power cut leaves of bytes that were not synced: a part."""
    with contextlib.suppress(OSError):  # a folder, or open for reading only
        os.ftruncate(handle, os.fstat(handle).st_size // 2)


def _tear_path(path: Any) -> None:
    os.truncate(path, Path(path).stat().st_size // 2)


def install(counter: Counter, home: str) -> None:
    """Makes every step of this process known to the counter. There is no way back."""
    import pyarrow.parquet as pq
    from sqlalchemy import Engine, event

    def audit(name: str, arguments: tuple[Any, ...]) -> None:
        if name == "open":
            path, _, flags = arguments
            if isinstance(path, (str, bytes)) and flags & _WRITING and _matters(name, os.fsdecode(path), home):
                counter.step(f"open {_RANDOM.sub('.mark', Path(os.fsdecode(path)).name)}")
        elif name in _NAMED and _matters(name, os.fsdecode(arguments[0]), home):
            counter.step(f"{name} {_RANDOM.sub('.mark', Path(os.fsdecode(arguments[0])).name)}")
        elif name == "subprocess.Popen":
            counter.step("process")

    sync, write_table = os.fsync, pq.write_table

    def fsync(handle: int) -> None:
        counter.step("fsync", lambda: _tear_handle(handle))
        sync(handle)

    def write(table: Any, where: Any, *rest: Any, **options: Any) -> None:
        counter.step(f"parquet {Path(where).name}")
        write_table(table, where, *rest, **options)
        counter.step(f"parquet written {Path(where).name}", lambda: _tear_path(where))

    os.fsync, pq.write_table = fsync, write
    event.listen(Engine, "before_cursor_execute", lambda c, k, statement, *_: _statement(counter, statement))
    event.listen(Engine, "commit", lambda connection: counter.step("before commit"))
    _after_commit(counter)
    sys.addaudithook(audit)


def _statement(counter: Counter, statement: str) -> None:
    words = statement.split()
    if words[0].upper() in ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER"):
        named = ["CREATE", "INDEX"] if "INDEX" in words[1:3] else words[:3]  # a table's are made in no order
        counter.step(f"sql {' '.join(named)}")


def _after_commit(counter: Counter) -> None:
    """SQLAlchemy tells of a commit before it is done; the end of `do_commit` is the moment after."""
    from sqlalchemy.engine.default import DefaultDialect

    commit = DefaultDialect.do_commit

    def do_commit(self: DefaultDialect, connection: Any) -> None:
        commit(self, connection)
        counter.step("after commit")

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


def run_here(last: int, record: Path, arguments: Sequence[str]) -> NoReturn:
    """The command in this process, to be killed at the step `last`."""
    from inbox_worker.cli.main import run_command
    from tests.support.errors_in_code import errors_in_code

    named = [after for before, after in pairwise(arguments) if before == "--home"]
    home = Path(named[0] if named else ".").absolute()
    beside = arguments[0] in ("backup", "restore")  # they write beside the home, too
    install(Counter(last, record), str(home.parent if beside else home))
    sys.argv = ["inbox-worker", *arguments]
    code = 0
    try:
        with errors_in_code(arguments):
            run_command()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _passwords() -> dict[str, str]:
    """Where passwords and keys of the tests' servers are; they may have been started after the process that forks."""
    return {name: os.environ[name] for name in _OF_SERVERS if name in os.environ}


def _confine(limit: int) -> None:
    """No file of this process may grow over `limit` bytes: what a full disk looks like from inside."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def _without_rights() -> None:
    """Gives up what root may do beyond the rights of files: the tests may run as root, whom none bar."""
    header, nothing = struct.pack("Ii", 0x20080522, 0), bytes(24)
    if ctypes.CDLL(None, use_errno=True).capset(header, nothing):
        raise OSError(ctypes.get_errno(), "capset")


def _seal(folder: str) -> None:
    """Make the disk of a folder read-only for this process alone."""
    libc = ctypes.CDLL(None, use_errno=True)

    def done(code: int, what: str) -> None:
        if code:
            raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")

    done(libc.unshare(_NEW_MOUNTS | (0 if os.geteuid() == 0 else _NEW_USERS)), "unshare")
    place = folder.encode()
    done(libc.mount(b"none", b"/", None, _PRIVATE, None), "mounts of our own")
    done(libc.mount(place, place, None, _BIND, None), "bind")
    done(libc.mount(b"none", place, None, _BIND | _REMOUNT | _READ_ONLY, None), "read-only")


def _import_all() -> None:
    """Imports whatever a command may and reads the shipped rules, so that no run has to; opens nothing."""
    import inbox_worker

    for module in pkgutil.walk_packages(inbox_worker.__path__, "inbox_worker."):
        if not module.name.endswith(".__main__") and ".migrations" not in module.name:
            importlib.import_module(module.name)
    for library in _LATE:
        importlib.import_module(library)
    from inbox_worker.deciding.open_office import proved_rules
    from inbox_worker.settings.calendar import is_working_day

    rules = proved_rules(Path(__file__).parents[2] / "rules")
    is_working_day(date(2026, 9, 1), rules)  # the library loads the days off of every country
    gc.collect()
    gc.freeze()  # children share its memory


def _serve() -> None:
    """Forks for every job of a line."""
    _import_all()
    from tests.support.warm import start_apart

    for line in sys.stdin:
        job = json.loads(line)
        if "apart" in job:
            start_apart(job)
            continue
        child = os.fork()
        if child == 0:
            for number, name in ((1, "out"), (2, "err")):
                os.dup2(os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
            if job["limit"]:
                _confine(job["limit"])
            if job["seconds"]:
                signal.alarm(job["seconds"])
            if job["sealed"]:
                _seal(job["sealed"])
            if not job["rights"]:
                _without_rights()
            os.environ.update(job["environment"])
            os.umask(job["umask"])
            os.chdir(job["folder"])
            try:
                run_here(job["last"], Path(job["record"]), job["arguments"])
            finally:
                sys.excepthook(*sys.exc_info())
                sys.stderr.flush()
                os._exit(70)
        status = os.waitpid(child, 0)[1]
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201
    os._exit(0)


@cache
def warm() -> subprocess.Popen[str]:
    """The process that forks for all tests of this one; it ends with it."""
    server = subprocess.Popen(
        [sys.executable, __file__, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(server.communicate)
    return server


def own_umask() -> int:
    """This process's, which a command started by it would have."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


class Conditions(TypedDict, total=False):
    """Under which a command runs.

    `last`: it is killed at its step of that number (from 1); 0 = it is not, and its steps are told; None = neither.
    `limit`: no file may grow over so many bytes, a disk that is full. `seconds`: after so many it is ended.
    `rights`: False = not even root reads what the rights of a file forbid. `sealed`: the disk of this folder is
    read-only, a fault (exit code 70) where the machine lets nobody mount. `folder`: where it runs.
    """

    last: int | None
    limit: int
    seconds: int
    rights: bool
    sealed: Path
    folder: Path
    environment: Mapping[str, str] | None


class Killer:
    """Runs commands, whole or up to a step, by a warm process that all share."""

    def __init__(self, folder: Path) -> None:
        self._files = {name: folder / name for name in ("out", "err", "record")}
        self._server = warm()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the warm process to the next."""

    def run(self, *arguments: str | Path, **under: Unpack[Conditions]) -> Ran:
        """Run a command to its end, or as far as the conditions let it."""
        assert self._server.stdin
        assert self._server.stdout
        files = {name: str(path) for name, path in self._files.items()}
        job = {
            **files,
            "last": under.get("last") or 0,
            "limit": under.get("limit", 0),
            "umask": own_umask(),
            "seconds": under.get("seconds", 0),
            "rights": under.get("rights", True),
            "sealed": str(under.get("sealed", "")),
            "folder": str(under.get("folder", "/")),
            "environment": {**_passwords(), **(under.get("environment") or {})},
            "arguments": [str(argument) for argument in arguments],
        }
        self._server.stdin.write(json.dumps(job) + "\n")
        self._server.stdin.flush()
        code = int(self._server.stdout.readline())
        out, err, record = (self._files[name].read_text("utf-8") for name in ("out", "err", "record"))
        return Ran(code, out, err, tuple(record.splitlines()))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    if sys.argv[1] == "serve":
        _serve()
    else:
        run_here(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[4:])
