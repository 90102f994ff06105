"""What every command needs: its home, months and moments out of text, and errors told in one line."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import duckdb
import pyarrow as pa
import typer
from sqlalchemy.exc import DBAPIError, OperationalError

from inbox_worker.accounting.months import MonthError
from inbox_worker.arrival.mailbox_login import MailboxError
from inbox_worker.arrival.virus_scan import ScannerError
from inbox_worker.calendar import ALMATY
from inbox_worker.close.oversized import TooLarge
from inbox_worker.config import load_home
from inbox_worker.context import Busy, Office, open_office, proved_rules, writing
from inbox_worker.form.confined import ReaderFailure
from inbox_worker.hashes import DamagedFile
from inbox_worker.intake.admission import AdmitError
from inbox_worker.intake.opening import ArchiveDamaged
from inbox_worker.intake.releases import FutureDocuments
from inbox_worker.intake.retrying import RetryError
from inbox_worker.intake.tries import Undone, reason_of
from inbox_worker.ledger.database import RESTORE_JOURNAL, JournalError
from inbox_worker.model import Period
from inbox_worker.pipeline import ReleaseError
from inbox_worker.rules import RulesError
from inbox_worker.settings import ConfigError

_SCRATCH = 128 << 10  # bytes: SQLite's shared memory and a page or two of its log


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Month = Annotated[str, typer.Argument(metavar="YYYY-MM", help="The accounting month.")]


class UseError(Exception):
    """The command was not used as it must be; the text tells how."""


class JobError(Exception):
    """A job failed for a reason that the text tells."""


USE_ERRORS = (UseError, AdmitError, ConfigError, RulesError, ReleaseError, RetryError, FutureDocuments)
JOB_ERRORS = (
    JobError,
    Undone,
    ArchiveDamaged,
    MailboxError,
    ScannerError,
    MonthError,
    TooLarge,
    JournalError,
    DamagedFile,
    Busy,
    ReaderFailure,
    duckdb.Error,
    pa.ArrowException,
)


def as_told(error: Exception, what: str) -> Exception:
    """The error itself when the command line has words for it, else Undone with its kind and `what` to do."""
    if isinstance(error, (*USE_ERRORS, *JOB_ERRORS, DBAPIError, OSError)):
        return error
    return Undone(f"{what}: {reason_of(error)}")


def collect_seldom() -> None:
    """Rows by the million are short-lived: to look through them for cycles costs a quarter of the time."""
    gc.set_threshold(50_000, 20, 100)


def fail(text: str, code: int) -> NoReturn:
    """One line on stderr, and the exit code: 2 for a mistake in use, 1 for a job that failed."""
    print(f"inbox-worker: {' '.join(text.split())}", file=sys.stderr)  # noqa: T201
    sys.exit(code)


def journal_said(error: DBAPIError) -> str:
    """What the journal's database could not do. Of a full disk SQLite often says no more than 'disk I/O error'."""
    said = f"the journal: {error.orig}"
    if not isinstance(error, OperationalError):
        return f"{said}; {RESTORE_JOURNAL} (docs/operations.md)"
    try:
        full = shutil.disk_usage(home_path()).free < _SCRATCH
    except OSError:
        return said
    return f"{said}; no space left on the disk of {home_path().absolute()}: make room, then try again" if full else said


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    from inbox_worker.commands.screens import as_json

    typer.echo(as_json(document))


def home_from(arguments: Sequence[str]) -> list[str]:
    """`--home DIR` may stand before or behind the command; it is remembered in the environment."""
    left: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--home":
            value = next(waiting, "")
            if not value:
                raise UseError("--home needs a folder")
            os.environ["INBOX_WORKER_HOME"] = value
        elif argument.startswith("--home="):
            os.environ["INBOX_WORKER_HOME"] = argument.removeprefix("--home=")
        else:
            left.append(argument)
    return left


def home_path() -> Path:
    """The folder where config.yaml stands."""
    return Path(os.environ.get("INBOX_WORKER_HOME") or ".")


@contextmanager
def opened(write: bool = True, tidy: bool = True) -> Iterator[Office]:
    """The home's office; for writing, alone in the home. Mistakes in rules are told before anything is waited for.
    `tidy`: what a kill left is moved aside."""
    home = load_home(home_path())
    proved_rules(home.rules)
    if not write:
        with open_office(home) as office:
            yield office
        return
    with writing(home), open_office(home, alone=True, tidy=tidy) as office:
        yield office


@contextmanager
def rendering() -> Iterator[None]:
    """A template that staff broke, or a sheet too long for Excel, fails the job in words."""
    from inbox_worker.documents.docx import TemplateProblem
    from inbox_worker.documents.pdf import PdfFailed
    from inbox_worker.outbox.manifest import ManifestProblem
    from inbox_worker.sheets import SheetTooLong

    try:
        yield
    except (TemplateProblem, SheetTooLong, PdfFailed, ManifestProblem) as error:
        raise JobError(str(error)) from error
    except BrokenProcessPool as error:
        raise JobError("a process that renders documents was ended from outside; run the command again") from error


def now() -> datetime:
    """This moment in Almaty, to the second."""
    return datetime.now(ALMATY).replace(microsecond=0)


def month_of_text(text: str) -> Period:
    """A month as typed, `2026-09`. Raises UseError."""
    try:
        return Period.parse(text)
    except ValueError as error:
        raise UseError(str(error)) from error


def month_not_too_far(office: Office, text: str) -> Period:
    """A month as typed, that is closed, open, or the one after the first open. Raises UseError."""
    month = month_of_text(text)
    first, last = office.months.possible(now())
    if month > last:
        raise UseError(f"{month} is too far ahead: name {first}, the first open month, or {last}, which follows it")
    return month


def day_of_text(text: str) -> date | None:
    """A day as typed, `2026-09-10`; '' is none. Raises UseError."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UseError(f"{text!r} is not a day; write it like 2026-09-10") from error


def moment_of_text(text: str) -> datetime:
    """A moment as typed, ISO 8601; without a zone it is Almaty's. Raises UseError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UseError(f"{text!r} is not a time; write it like 2026-08-25T23:59:59+05:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ALMATY)
