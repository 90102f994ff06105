"""Commands as processes of their own, forked from one that has imported everything: a start costs a tenth.

process = Started(["run", "--home", str(home)])   # a session of its own, its words on pipes, as of any process
process.stdout.readline()
process.wait(10)                                  # its exit code; -9 = killed
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

from tests.faults.killer import own_umask, warm
from tests.support.errors_in_code import errors_in_code

PIPES = ("told", "out", "err")
COMMANDS = "inbox_worker.cli.main:run_command"


class Started:
    """A command that runs, or another `call`, a function of a module. It has what is used of subprocess.Popen: pid,
    stdout, stderr, poll, wait, send_signal, kill."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str] | None = None, call: str = COMMANDS
    ) -> None:
        self.returncode: int | None = None
        server = warm()
        with tempfile.TemporaryDirectory() as folder:
            places = {name: str(Path(folder, name)) for name in PIPES}
            for place in places.values():
                os.mkfifo(place)
            job = {
                "apart": places,
                "arguments": [*arguments],
                "environment": {**os.environ, **(environment or {})},
                "call": call,
            }
            assert server.stdin
            server.stdin.write(json.dumps({**job, "umask": own_umask(), "folder": str(Path.cwd())}) + "\n")
            server.stdin.flush()
            pipes = [Path(places[name]).open(encoding="utf-8") for name in PIPES]  # noqa: SIM115
            self._told, self.stdout, self.stderr = pipes
        self.pid = int(self._told.readline())

    def poll(self) -> int | None:
        """Return the exit code if it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, negative = the signal. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("inbox-worker", timeout or 0)
            self.returncode = int(self._told.readline())
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def run_warm(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    process = Started(arguments, environment)
    with ThreadPoolExecutor(1) as pool:
        errors = pool.submit(process.stderr.read)
        out = process.stdout.read()
    return subprocess.CompletedProcess(arguments, process.wait(60), out, errors.result())


def start_apart(job: Mapping[str, Any]) -> None:
    """Fork a command and, between it and us, what tells its pid and how it ended; nobody here has to wait for that."""
    if between := os.fork():
        os.waitpid(between, 0)
        return
    if os.fork():
        os._exit(0)
    command = os.fork()
    if command == 0:
        _run(job)
    for number in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), number)
    told = os.open(job["apart"]["told"], os.O_WRONLY)
    os.write(told, f"{command}\n".encode())
    status = os.waitpid(command, 0)[1]
    with contextlib.suppress(BrokenPipeError):  # nobody waits for it
        os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _run(job: Mapping[str, Any]) -> NoReturn:
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(job["apart"][name], os.O_WRONLY), number)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)  # as pipes have them, not as ours were
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    os.environ.clear()
    os.environ.update(job["environment"])
    os.umask(job["umask"])
    os.chdir(job["folder"])
    module, _, function = job["call"].partition(":")
    sys.argv = ["inbox-worker", *job["arguments"]]
    code = 70
    try:
        with errors_in_code(job["arguments"]):
            getattr(importlib.import_module(module), function)()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    finally:
        if code == 70:
            sys.excepthook(*sys.exc_info())
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
