"""Commands in this process, where not a process is what is proved: nothing is forked, and what was imported, compiled
and read of the shipped files serves the next."""

from __future__ import annotations

import gc
import io
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NoReturn, Unpack

from inbox_worker.cli.main import run_command
from inbox_worker.core import hashes
from inbox_worker.deciding import open_office
from inbox_worker.ledger import directory, footers, kept_tables
from inbox_worker.outbox import review, standing
from tests.faults.killer import Conditions, Killer, Ran
from tests.support.errors_in_code import errors_in_code
from tests.support.lent import lent


class Runner(Killer):
    """Runs commands here, and apart what needs a process: to be killed, to have its steps counted, a full disk, no
    rights."""

    def run(self, *arguments: str | Path, **under: Unpack[Conditions]) -> Ran:
        """Run a command as Killer does; its steps are told only where `last` is given."""
        here = under.get("rights", True) and not under.get("limit") and not under.get("sealed")
        if here and under.get("last") is None:
            given = [str(argument) for argument in arguments]
            return _run_here(given, under.get("folder", Path("/")), under.get("environment") or {})
        return super().run(*arguments, **under)


class _NotCounted(tuple[str, ...]):
    """Steps of a command that was run here: a test that goes through none of them would prove nothing."""

    def __iter__(self) -> NoReturn:
        raise AssertionError("nobody counted the steps: give last=0")

    def __len__(self) -> NoReturn:
        return iter(self)


def _run_here(arguments: list[str], folder: Path, environment: Mapping[str, str]) -> Ran:
    """A fault of ours is raised here, where a process would print it."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    code = 0
    _forget_homes()
    with _as_it_was(), lent(), redirect_stdout(out), redirect_stderr(err):
        os.environ.update(environment)
        os.chdir(folder)
        sys.argv = ["inbox-worker", *arguments]
        try:
            with errors_in_code(arguments):
                run_command()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    return Ran(code, _text_of(out), _text_of(err), _NotCounted())


def _text_of(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()


def _forget_homes() -> None:
    """Forget what a process learnt of files and homes: a command of its own would look at them anew."""
    for known in (open_office._SWEPT, directory._SEEN, directory._CODES, kept_tables.KEPT, hashes._STORAGES):
        known.clear()
    hashes._HASHES, review._HASHES = hashes.Hashes(), hashes.Hashes()
    review._STILLNESS, review._WHOLE = standing.Stillness(), standing.OpenableFiles()
    footers.read_footer.cache_clear()


@contextmanager
def _as_it_was() -> Iterator[None]:
    """Restore what a command changes of its process; what libraries log goes to stderr, as where no test listens."""
    environment, folder, words, seldom = dict(os.environ), Path.cwd(), sys.argv, gc.get_threshold()
    root = logging.getLogger()
    listening, root.handlers = root.handlers, []
    mask = os.umask(0o077)
    os.umask(mask)
    try:
        yield
    finally:
        os.umask(mask)
        root.handlers = listening
        gc.set_threshold(*seldom)
        sys.argv = words
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
