"""The log: lines for people on a terminal, JSON lines elsewhere. No text of a sender can forge a line.

Lines for people show file names and cells' values; JSON lines carry only what we made ourselves (numbers,
mailboxes, outcomes, finding codes, kinds of errors), so that no person's name and no secret lands in a log.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from inbox_worker.core.errors import JournalError
from inbox_worker.core.hashes import DamagedFile
from inbox_worker.core.time import ALMATY
from inbox_worker.settings.mistakes import Mistaken

Style = Literal["plain", "json"]
Fact = str | int | float | None
_BROKEN, _UNWRITTEN = "rules need mending", "the log cannot be written"
_OF_CUSTOMERS = re.compile(r"/\d{12}\b")  # the folder of one is called by its name
_MISTAKES = 10  # of rules, listed in the log; `check` lists all


class _LogStream:
    """Write a log's lines to a stream. A line that it does not take (a full disk, a reader that went away) is counted
    and lost: no letter waits for the log."""

    def __init__(self, stream: TextIO) -> None:
        self.why, self.lost = "", 0  # why the last line was not taken, and how many were not
        self._stream = stream

    def msg(self, line: str) -> None:
        """Write one line at once."""
        try:
            self._stream.write(f"{line}\n")
            self._stream.flush()
            self.why = ""
        except (OSError, ValueError) as error:
            self.why, self.lost = getattr(error, "strerror", None) or str(error), self.lost + 1

    info = warning = critical = msg


class ServiceLog:
    """Decisions on stdout, problems on stderr, a standing problem only once. Any thread may speak. `translate`: says
    our English words in the language of whoever reads plain lines; a log is read by programs, and stays English."""

    def __init__(self, style: Style = "plain", translate: Callable[[str], str] = str) -> None:
        self._style, self._translate = style, translate
        self._said: dict[str, str] = {}
        self._now: dict[str, str] = {}
        self._lock = threading.Lock()
        self._lines = [_LogStream(stream) for stream in (sys.stdout, sys.stderr)]
        self._news, self._problems = (
            _logger(lines, stream, style) for lines, stream in zip(self._lines, (sys.stdout, sys.stderr), strict=True)
        )

    def say(self, text: str, event: str = "", **facts: Fact) -> None:
        """Write one line to stdout: `text` for people; in a log `event` (or the text) with its facts."""
        with self._lock:
            self._news.info(event or text, words=self._translate(text), **facts)

    def tell_decision(self, text: str, **facts: Fact) -> None:
        """Write a decision as it is: its words are the sender's and the rules', not ours."""
        with self._lock:
            self._news.info("decided", words=text, **facts)

    def problem(self, text: str, event: str = "", **facts: Fact) -> None:
        """Write one line to stderr in the same way, unless it was written in this round or the one before."""
        with self._lock:
            if text not in self._said and text not in self._now:
                self._problems.warning(event or text, words=f"inbox-worker: {self._translate(text)}", **facts)
            self._now[text] = one_line(" ".join([event or text, *(f"{k}={v}" for k, v in facts.items() if v)]))

    def broken_rules(self, error: Mistaken) -> None:
        """Report mistakes in rules, a line each with file, key and what would be right: the operator's own words."""
        if not error.mistakes:
            self.problem(f"{_BROKEN}: {error}", _BROKEN, right=str(error))
        for mistake in error.mistakes[:_MISTAKES]:
            facts = {"file": mistake.file, "line": mistake.line or None, "key": mistake.key, "right": mistake.text}
            self.problem(f"{_BROKEN}: {mistake}", _BROKEN, **facts)
        more = len(error.mistakes) - _MISTAKES
        if more > 0:
            self.problem(f"{_BROKEN}: {more} more; `inbox-worker check` lists them all", _BROKEN, more=more)

    def mended_rules(self) -> None:
        """Forget the problems of rules, which have no mistakes any more: they are reported anew if they come back."""
        with self._lock:
            for problems in (self._said, self._now):
                for text in [text for text in problems if text.startswith(_BROKEN)]:
                    del problems[text]
        self.say("rules are mended; deciding goes on", "rules mended")

    def list_problems(self) -> tuple[str, ...]:
        """Return the problems of this round and the one before, worded as in a log."""
        unwritten = [f"{_UNWRITTEN} reason={one.why} count={one.lost}" for one in self._lines if one.why]
        with self._lock:
            return tuple(sorted([*{**self._said, **self._now}.values(), *unwritten]))

    def next_round(self) -> None:
        """End a round: a problem that it did not have is reported again when it comes back."""
        with self._lock:
            self._said, self._now = self._now, {}

    @contextmanager
    def speaks_for_libraries(self) -> Iterator[None]:
        """Log warnings and errors that libraries would print by themselves, raw.

        In a log a bug of ours, which ends the program, is one line too; that holds beyond the block.
        """
        root, handler = logging.getLogger(), _Libraries(self)
        root.addHandler(handler)
        logging.captureWarnings(True)
        if self._style == "json":
            sys.excepthook = self._last_words
        try:
            yield
        finally:
            logging.captureWarnings(False)
            root.removeHandler(handler)

    def _last_words(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Log a bug that ends the program: one line with its place; its text may be a cell's, and is left out."""
        places = " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(traceback.extract_tb(trace)))
        with self._lock:
            self._problems.critical("ended by an error of the program", error=kind.__name__, places=places)


def one_line(text: str) -> str:
    """Return somebody's text on one line: line breaks, control, bidirectional and unpaired characters are escaped.

    >>> one_line('a.xlsx\\n2026-08-25 IW-000001 accepted')
    'a.xlsx\\\\n2026-08-25 IW-000001 accepted'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def json_line(document: Any) -> str:
    """Return one JSON document on one line; what does not print is escaped as JSON escapes it.

    >>> json_line({"name": "Жұлдыз\\u202e\\n"})
    '{"name": "Жұлдыз\\\\u202e\\\\n"}'
    """
    text = json.dumps(document, ensure_ascii=False, default=str)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


_OF_A_DISK = (10, 13)  # SQLite's I/O error and full: their words name nothing but the disk
_OF_A_SERVER = ("53", "57", "58")  # PostgreSQL's classes: no room or memory, shut down, its disk


def fault_facts(error: BaseException) -> dict[str, Fact]:
    """Return what a log may know of an error: its kind, the system's own words, and the folder, for its text may hold
    the name of a sender's file. The journal's own errors are logged whole: their names are ours."""
    facts: dict[str, Fact] = {"error": type(error).__name__, "reason": None}
    if isinstance(error, (JournalError, DamagedFile)):
        return {**facts, "reason": str(error)}
    if isinstance(error, OSError):
        facts["reason"] = error.strerror
        if isinstance(error.filename, str):
            place = Path(error.filename)
            folder = place if os.path.isdir(place) else place.parent  # noqa: PTH112 - a closed one is an error to Path
            facts["folder"] = _OF_CUSTOMERS.split(str(folder))[0]
    of_journal = getattr(error, "orig", None)
    of_server = str(getattr(of_journal, "sqlstate", None))[:2] in _OF_A_SERVER
    if of_server or getattr(of_journal, "sqlite_errorcode", 0) & 0xFF in _OF_A_DISK:
        facts["reason"] = str(of_journal)
    return facts


def _logger(lines: _LogStream, stream: TextIO, style: Style) -> FilteringBoundLogger:
    """Return a logger of lines on a stream; letters that its encoding does not have are escaped as the style does."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    processors: list[Processor] = [_render_words]
    if style == "json":
        processors = [structlog.processors.add_log_level, _stamp, _render_json if _has_all(stream) else _render_ascii]
    logger: FilteringBoundLogger = structlog.wrap_logger(lines, processors)
    return logger


def _has_all(stream: TextIO) -> bool:
    return (stream.encoding or "utf-8").lower().startswith("utf")


def _stamp(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    facts = {key: value for key, value in event.items() if key != "words" and value is not None}
    return {"at": datetime.now(ALMATY).isoformat(timespec="milliseconds"), **facts}


def _render_json(_: WrappedLogger, __: str, event: EventDict) -> str:
    return json_line(event)


def _render_ascii(_: WrappedLogger, __: str, event: EventDict) -> str:
    return json.dumps(event, default=str)


def _render_words(_: WrappedLogger, __: str, event: EventDict) -> str:
    return one_line(event["words"])


class _Libraries(logging.Handler):
    """Warnings and errors of libraries; their texts may carry paths, so a log gets their place only."""

    def __init__(self, service_log: ServiceLog) -> None:
        super().__init__(logging.WARNING)
        self._service_log = service_log

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("watchdog") and "thread is inactive" in record.getMessage():
            return  # watchdog calls every orderly stop an error
        if record.name.startswith("inbox_worker."):  # our own words, of our own files
            self._service_log.problem(record.getMessage(), record.getMessage())
            return
        place = f"{record.module}:{record.lineno}"
        text = f"{record.name}: {record.getMessage()}"
        self._service_log.problem(text, "a library's warning", library=record.name, place=place)
