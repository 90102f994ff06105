"""Common parts of commands: the home, months and moments out of text, errors in one line."""

from __future__ import annotations

import atexit
import gc
import os
import shlex
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from inbox_worker.core.errors import JobError, UseError, foreseen_errors, reason_of
from inbox_worker.core.model import LANGUAGES, Period
from inbox_worker.core.users import name_command

if TYPE_CHECKING:
    from inbox_worker.month.office import Office
    from inbox_worker.settings.home import Home
    from inbox_worker.settings.texts import Say

COPY_MEANWHILE = "; meanwhile `backup TO` copies the home"
_LONGEST_COMMAND = 500  # characters of an act
_SCRATCH = 128 << 10  # bytes: SQLite's shared memory and a page or two of its log


_GIVEN: list[str] = []  # the words of the command that this process runs


AsOf = Annotated[
    str,
    typer.Option("--as-of", metavar="MOMENT", help="What was known then, and what changed since; 2026-09-10T18:00."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Month = Annotated[str, typer.Argument(metavar="YYYY-MM", help="The accounting month.")]


def as_job_error(error: Exception, what: str) -> Exception:
    """Return the error itself when the command line has words for it, else JobError with its kind and `what` to do."""

    if isinstance(error, foreseen_errors()):
        return error
    return JobError(f"{what}: {reason_of(error)}")


def collect_seldom() -> None:
    """Collect garbage seldom: to search rows by the million for cycles costs a quarter of the time."""
    gc.set_threshold(50_000, 20, 100)


def fail(text: str, code: int) -> NoReturn:
    """Print one line on stderr and exit with the code: 2 for a mistake in use, 1 for a job that failed."""
    print(f"inbox-worker: {in_staffs_words(' '.join(text.split()))}", file=sys.stderr)  # noqa: T201
    sys.exit(code)


def in_staffs_words(text: str) -> str:
    """Return an English text of the code in the language that the command speaks."""
    from inbox_worker.core.translated import spoken_language, translator

    return translator(spoken_language(home_path()))(text)


def leave(code: str | int | None) -> NoReturn:
    """End the process. Where nothing is left to wait for it is not taken apart first: to search all that was loaded for
    cycles, and to free it, is a sixth of a short command."""
    if not isinstance(code, str) and threading.active_count() == 1:
        atexit._run_exitfuncs()
        with suppress(AttributeError, OSError, ValueError):  # closed, or nobody reads: told in the usual way
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code or 0)
    sys.exit(code)


def library_said(error: Exception) -> str:
    """Return what a library's error says; of a full disk SQLite often says no more than 'disk I/O error', of a closed
    one 'readonly database'."""
    from sqlalchemy.exc import DBAPIError, OperationalError

    from inbox_worker.ledger.postgres import remedy_of_server
    from inbox_worker.ledger.sqlite import RESTORE_JOURNAL, why_closed

    of_journal = getattr(error, "orig", None)
    if of_journal is None:
        return str(error)
    words = f"the journal: {of_journal}"
    if isinstance(error, DBAPIError) and (remedy := remedy_of_server(error)):
        return f"{words}; {remedy}"
    if not isinstance(error, OperationalError):
        return f"{words}; {RESTORE_JOURNAL} (docs/operations.md)"
    try:
        url = this_home().journal_url
        if url.startswith("sqlite:///") and (why := why_closed(Path(url.removeprefix("sqlite:///")))):
            return why
        full = _is_full(of_journal) or shutil.disk_usage(home_path()).free < _SCRATCH
    except (OSError, UseError):
        return words
    room = f"; no space left on the disk of {home_path().absolute()}: make room, then try again"
    return f"{words}{room}" if full else words


def _is_full(of_journal: Exception) -> bool:
    """Tell whether SQLite says so itself: what it undid then has made room again since."""
    import sqlite3

    return getattr(of_journal, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    from inbox_worker.cli.screens import as_json

    typer.echo(as_json(document))


_EVERYWHERE = {"--home": ("INBOX_WORKER_HOME", "a folder"), "--lang": ("INBOX_WORKER_LANG", "ru, kk or en")}


def keep_command(arguments: Sequence[str]) -> list[str]:
    """Keep the words of a command for its act (4.1.17) and its locks, and return them."""
    _GIVEN[:] = arguments
    name_command(arguments)
    return [*arguments]


def options_from(arguments: Sequence[str]) -> list[str]:
    """Return the arguments less `--home DIR` and `--lang LANGUAGE`, which may come before or after the command; the
    environment keeps them. Raises UseError for an empty argument."""
    left: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        option, _, value = argument.partition("=")
        if option not in _EVERYWHERE:
            left.append(argument)
            continue
        variable, what = _EVERYWHERE[option]
        os.environ[variable] = value or (next(waiting, "") if argument == option else "")
        if not os.environ[variable]:
            raise UseError(f"{option} needs {what}")
    if (language := os.environ.get("INBOX_WORKER_LANG", "")) not in ("", *LANGUAGES):
        raise UseError(f"there is no language {language!r}; it is one of {', '.join(LANGUAGES)}")
    _require_words(left)
    return left


def _require_words(arguments: Sequence[str]) -> None:
    """Raise UseError for an argument, or an option's value, that is empty: a script's variable that is not set would
    name the current folder, or every document."""
    for before, argument in zip(["inbox-worker", *arguments], arguments, strict=False):
        if argument.startswith("--") and argument.endswith("=") and argument.count("=") == 1:
            before, argument = argument, ""
        if not argument:
            raise UseError(f"nothing is written after {before}: name what is meant, or leave it out")


def home_texts() -> Say:
    """Return the texts of screens where no office is opened, in the language of the home if there is one."""
    from inbox_worker.core.translated import spoken_language
    from inbox_worker.settings.texts import Say, shipped_texts

    return Say(shipped_texts().spoken, spoken_language(home_path()))


def home_path() -> Path:
    """Return the folder of config.yaml."""
    return Path(os.environ.get("INBOX_WORKER_HOME") or ".")


def this_home() -> Home:
    """Return the home with its config.yaml. Raises ConfigError with all mistakes."""
    from inbox_worker.settings.home import load_home

    return load_home(home_path())


def load_no_checks() -> None:
    """Leave pandas out, for a command that only looks: checks of forms alone use it."""
    from inbox_worker.core.without_pandas import leave_pandas_out

    leave_pandas_out()


@contextmanager
def open_home(write: bool = True, decide: bool = True, tidy: bool = True) -> Iterator[Office]:
    """Open the home's office; for writing, alone in the home. Mistakes in rules are errors before any wait.

    `decide`: False for a command that decides no form; the checks that forms name are not loaded then. `tidy`: what a
    kill left is moved aside.
    """
    from inbox_worker.deciding.open_office import open_office, proved_rules
    from inbox_worker.month.office import lock_for_writing
    from inbox_worker.settings.rules import load_rules

    home = this_home()
    if not write:
        with open_office(home, proved=decide) as office:
            yield office
        return
    (proved_rules if decide else load_rules)(home.rules)
    with lock_for_writing(home), open_office(home, alone=True, proved=decide, tidy=tidy) as office:
        if tidy:
            office.record_changes(now())
            _record_command(office)
        yield office


def record_written(office: Office, record: Callable[[], None]) -> None:
    """Record as an act what a command that only reads has written; where another command is at work, say that nothing
    proves it yet."""
    from inbox_worker.month.office import Busy

    try:
        record()
    except Busy:
        typer.echo(office.say("written.unproved"), err=True)


def _record_command(office: Office) -> None:
    """Record which command somebody gave, with its arguments as they were written, before it does anything: an act of
    that person, whatever becomes of it (4.1.17)."""
    from inbox_worker.ledger.acts import COMMAND
    from inbox_worker.ledger.belonging import record_alone

    if _GIVEN:
        command, *arguments = _GIVEN
        record_alone(office.journal, COMMAND, command, now(), details=shlex.join(arguments)[:_LONGEST_COMMAND])


def now() -> datetime:
    """Return this moment in Almaty, to the second."""
    from inbox_worker.core.time import ALMATY

    return datetime.now(ALMATY).replace(microsecond=0)


def month_of_text(text: str) -> Period:
    """Return a month as typed, `2026-09`. Raises UseError."""
    try:
        return Period.parse(text)
    except ValueError as error:
        raise UseError(str(error)) from error


def month_of_ledger(office: Office, text: str) -> Period:
    """Return a month as typed, not before the first that was closed here. Raises UseError."""
    from inbox_worker.month.months import list_closed_months

    month, closed = month_of_text(text), list_closed_months(office)
    if closed and month < closed[0]:
        raise UseError(f"{month} is before {closed[0]}, the first month of this ledger: it has no figures of that time")
    return month


def month_not_too_far(office: Office, text: str) -> Period:
    """Return a month as typed, that is closed, open, or the one after the first open. Raises UseError."""
    from inbox_worker.month.months import find_possible_months

    month = month_of_ledger(office, text)
    first, last = find_possible_months(office, now())
    if month > last:
        raise UseError(f"{month} is too far ahead: name {first}, the first open month, or {last}, which follows it")
    return month


def day_of_text(text: str) -> date | None:
    """Return a day as typed, `2026-09-10`, or as screens show it, `10.09.2026`; '' is none. Raises UseError."""
    try:
        parts = [part.zfill(2) for part in reversed(text.split("."))]
        return date.fromisoformat("-".join(parts)) if text else None
    except ValueError as error:
        raise UseError(f"{text!r} is not a day; write it like 2026-09-10") from error


def past_moment(text: str) -> datetime:
    """Return the moment of `--as-of` as typed. Raises UseError for none, and for one that is to come."""
    moment = moment_of_text(text)
    if moment > now():
        raise UseError(f"--as-of {text}: that moment is still to come, and nothing is known of it; name a past one")
    return moment


def moment_of_text(text: str) -> datetime:
    """Return a moment as typed, ISO 8601; without a zone it is Almaty's. Raises UseError."""
    from inbox_worker.core.time import ALMATY

    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UseError(f"{text!r} is not a time; write it like 2026-08-25T23:59:59+05:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ALMATY)
