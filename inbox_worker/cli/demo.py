"""`demo`: a sample town's post through the real pipeline, a close, every document, and a table of it all."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shlex import quote

from rich.markup import escape
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from inbox_worker.cli.homes import make_home
from inbox_worker.cli.month_screens import show_close
from inbox_worker.cli.screens import console, say_outcome, show_counts, show_lines
from inbox_worker.core.errors import JobError, UseError
from inbox_worker.core.files import read_small_file
from inbox_worker.core.model import Arrival, Submission
from inbox_worker.core.time import ALMATY
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.open_office import open_office, proved_rules
from inbox_worker.deciding.release import release
from inbox_worker.deciding.report import arrival_json
from inbox_worker.deciding.take_in import take_in
from inbox_worker.demo import Step, Story, build_town, prove_town
from inbox_worker.documents.ledger_books import render_books
from inbox_worker.ledger.acts import COMMAND, find_acts_named
from inbox_worker.ledger.belonging import own_journal
from inbox_worker.month.months import Closed, close_month
from inbox_worker.month.office import Office, lock_for_writing
from inbox_worker.outbox.manifest import read_entries
from inbox_worker.outbox.publish import render_documents
from inbox_worker.receiving.opening import LOAD
from inbox_worker.settings.home import load_home, shipped_path
from inbox_worker.settings.texts import Say
from inbox_worker.workbooks.cells import CellReader

_MARK = ".demo"


class DemoError(UseError):
    """The demo cannot be made there; the text says what to do."""


@dataclass(frozen=True)
class Shown:
    """One step of the demo and what came of it."""

    step: Step
    outcome: str
    why: str
    posted: int


def run_demo(folder: Path, customers: int, accounts: int, seed: int, *, again: bool = False) -> None:
    """Make the town in `folder`, an empty place or an earlier demo, `again`: also one that people worked in. Raises
    DemoError for any other folder."""
    started = time.monotonic()
    if os.environ.get("INBOX_WORKER_JOURNAL"):
        raise DemoError("INBOX_WORKER_JOURNAL names the journal of real letters; unset it to make the demo")
    _require_free(folder)
    if not again:
        _require_untouched(folder)
    try:
        prove_town(customers=customers, accounts=accounts, seed=seed, rules=proved_rules(shipped_path("rules")))
    except ValueError as error:
        raise DemoError(str(error)) from error
    if folder.exists() and any(folder.iterdir()):
        shutil.rmtree(folder)
    make_home(folder)
    (folder / _MARK).touch()
    home = load_home(folder)
    rules = proved_rules(home.rules)
    story = build_town(folder / "town", customers=customers, accounts=accounts, seed=seed, rules=rules)
    with lock_for_writing(home), open_office(home) as office, CellReader(office.rules.limits) as reader:
        shown = _play(office, Pipeline(office, reader), story)
        after = datetime(story.month.plus(1).year, story.month.plus(1).month, 5, 10, tzinfo=ALMATY)
        closed = close_month(office, story.month, after)
        documents = render_documents(office, story.month, (), "", after)
        books = render_books(office, story.month)
        (folder / _MARK).write_text(str(office.journal.database.head().commits), "ascii")
    _tell(folder, shown, closed, documents, books, time.monotonic() - started, office.say)


def _require_free(folder: Path) -> None:
    """Raise DemoError where the folder holds anything else: nothing is made or removed before."""
    if folder.exists() and not folder.is_dir():
        raise DemoError(f"{folder} is no folder; name a new one by --home")
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise DemoError(f"{folder} is not empty and no demo of ours; name a new folder by --home")


def _require_untouched(folder: Path) -> None:
    """Raise DemoError where people worked in an earlier demo: the mark has the last commit of the demo itself; one
    that was cut off, or of an earlier version, has none."""
    if not (folder / "ledger" / "journal.db").exists():
        return
    anew = "`demo --again` makes the town anew, and all of that goes; or name another folder by --home"
    try:
        with own_journal(load_home(folder)) as journal:
            commits, given = journal.database.head().commits, find_acts_named(journal.database, COMMAND)
    except (UseError, JobError, SQLAlchemyError) as error:
        raise DemoError(f"{folder} is a demo, and nobody can tell what was done in it ({error}); {anew}") from error
    made = read_small_file(folder / _MARK).decode("ascii", "replace").strip()
    if given or (made and made != str(commits)):
        since = f"{len(given)} commands of people" if given else "decisions"
        raise DemoError(f"{folder} is a demo in which somebody worked since: {since} are in its journal; {anew}")


def _play(office: Office, pipeline: Pipeline, story: Story) -> list[Shown]:
    """Load the registers, then take in the messages in the order they came."""
    first = story.steps[0].at - timedelta(days=1)
    for register in story.registers:
        arrival = take_in(pipeline, register, LOAD, first, "", first)
        if arrival.outcome is None or not arrival.outcome.posted:
            found = arrival_json(office.journal, arrival, office.home.archive)
            raise DemoError(f"the town's register {register.name} was not taken: {found}")
    seen: dict[str, Arrival] = {}
    return [_step(office, pipeline, step, seen) for step in story.steps]


def _step(office: Office, pipeline: Pipeline, step: Step, seen: dict[str, Arrival]) -> Shown:
    if step.path is None:
        held = seen[step.releases]
        released = release(pipeline.forms, held.id, f"бумага, {step.at:%d.%m.%Y}", step.at)
        return _report_step(office, step, pipeline.office.journal.arrivals.get(held.number), released)
    arrival = take_in(pipeline, step.path, step.mailbox, step.at, "", step.at)
    seen[step.path.name] = arrival
    return _report_step(office, step, arrival, [])


def _report_step(office: Office, step: Step, arrival: Arrival, released: Sequence[Submission]) -> Shown:
    report = arrival_json(office.journal, arrival, office.home.archive)
    findings = report["findings"] + [f for s in report["submissions"] for f in s["findings"]]
    found = [f for f in findings if f["severity"] == "error"] or [f for f in findings if f["severity"] == "warning"]
    why = f"{found[0]['cell']} {found[0]['message']} [{found[0]['clause']}]".strip() if found else ""
    outcome = released[0].outcome.value if released else report["outcome"]
    return Shown(step, outcome, why, sum(s["rows_posted"] for s in report["submissions"]))


def _tell(
    folder: Path,
    shown: Sequence[Shown],
    closed: Closed,
    documents: Sequence[Path],
    books: Sequence[Path],
    seconds: float,
    say: Say,
) -> None:
    table = Table(title=say("demo"), title_justify="left", expand=True)
    for name, width in (("received", 14), ("file", 36), ("outcome", 13), ("rows", 5)):
        table.add_column(say(f"column.{name}"), overflow="ellipsis", width=width, no_wrap=True)
    table.add_column(say("column.why"), overflow="ellipsis", ratio=1, no_wrap=True)
    for item in shown:
        name = item.step.path.name if item.step.path else say("demo.documents_to", name=item.step.releases)
        outcome = say_outcome(item.outcome, say)
        if item.outcome != item.step.expect:
            outcome = say("demo.expected", outcome=outcome, expected=say_outcome(item.step.expect, say))
        why = item.why or item.step.note_ru
        table.add_row(f"{item.step.at:%d.%m %H:%M:%S}", escape(name), outcome, str(item.posted), escape(why))
    console().print(table)
    show_counts("demo.outcomes", Counter(say_outcome(item.outcome, say) for item in shown), say)
    show_close(closed, False, say)
    pending = folder / "outbox" / "pending" / str(closed.month)
    lines = [say("demo.files", count=len(documents), folder=pending)]
    lines.append(say("demo.books", count=len(books), folder=folder / "ledger" / "books" / str(closed.month)))
    if documents:
        acts = [path for path in documents if path.suffix == ".docx"]
        lines.append(say("demo.look", path=quote(str((acts or documents)[0]))))
        statement = next((path for path in documents if path.name.startswith("turnover")), None)
        if statement:
            figures = read_entries(statement.parent)[statement.name]["figures"]
            letter = next(letter for letter, field in figures.items() if field == "charged")
            cell = f"{letter}{figures['first_row']}"
            program = "inbox-worker" if shutil.which("inbox-worker") else quote(sys.argv[0])
            command = f"{program} --home {quote(str(folder))} explain {quote(str(statement))} {cell}"
            lines.append(say("demo.figure", command=command))
    show_lines([*lines, say("demo.ready", seconds=f"{seconds:.1f}")])  # plain: what is to be pasted is never broken
