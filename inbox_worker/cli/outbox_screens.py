"""Screens of the outbox's commands: what waits for review, how old it is, by when it must be there - overdue first."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rich.markup import escape
from rich.table import Table

from inbox_worker.cli.screens import console, show_counts, show_lines
from inbox_worker.cli.support import in_staffs_words
from inbox_worker.outbox.cover_letters import document_kind
from inbox_worker.outbox.problems import Problem, merge_alike
from inbox_worker.settings.texts import Say

if TYPE_CHECKING:
    from inbox_worker.outbox.bill_letters import BillsReport

_WIDTHS = {"due": 21, "month": 7, "document": 21, "state": 13, "age": 8}  # with blanks between them 80 columns
_JUSTIFIED: Mapping[str, Literal["right"]] = {"age": "right"}
_ALIKE = ("due", "month", "kind", "state", "old_close")


def show_documents(rows: Sequence[Mapping[str, Any]], problems: Collection[Problem], say: Say) -> None:
    """Show documents Customer by Customer, the most overdue first; those of a kind and month are one line."""
    out = console()
    out.print(say("outbox"))
    if not rows:
        show_lines([say("documents.none_out")])
    whose: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        whose.setdefault(f"{row['bin']} {row['customer']}".strip(), []).append(row)
    for customer, own in whose.items():
        out.print(f"\n[bold]{escape(customer)}[/bold]", soft_wrap=True)
        table = Table(box=None, padding=(0, 1, 0, 1), pad_edge=True, expand=False)
        for name, width in _WIDTHS.items():
            table.add_column(say(f"column.{name}"), width=width, overflow="fold", justify=_JUSTIFIED.get(name, "left"))
        for _, group in groupby(own, key=_likeness):
            table.add_row(*(escape(cell) for cell in _cells(list(group), say)))
        out.print(table)
    show_problems(problems, say)


def show_written(paths: Sequence[Path], kinds: Mapping[Path, str], folder: Path, verbose: bool, say: Say) -> None:
    """Show how many documents of each kind were written and where they are; `verbose`: every path. A notice lies in the
    folder of the month that it is numbered in: `folder`, of the month that was asked for, is named for none."""
    if verbose:
        show_lines([str(path) for path in paths])
        return
    counted = Counter(kinds.get(path, "") for path in paths)
    for kind, count in sorted(counted.items(), key=lambda one: -one[1]):
        show_lines([say("documents.of_kind", kind=say(document_kind(kind)), count=count)])
    folders = Counter(str(path.parent.parent) for path in paths) or {str(folder): 0}
    show_lines([say("documents.written", count=count, folder=name) for name, count in sorted(folders.items())])


def _likeness(row: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what documents of one line have in common; acts of different states are lines of their own."""
    return (*(row[name] for name in _ALIKE), row["act"] and row["act"]["state"])


def _cells(rows: Sequence[Mapping[str, Any]], say: Say) -> list[str]:
    first = rows[0]
    clause = f" ({first['clause']})" if first["clause"] else ""
    due = f"{datetime.fromisoformat(first['due']):%d.%m.%Y}{clause}" if first["due"] else "—"
    marks = [f"×{len(rows)}"] if len(rows) > 1 else []
    marks += [say("version.old_close")] if any(row["old_close"] for row in rows) else []
    marks += [say("version.amended")] if any(row["amended"] for row in rows) else []
    marks += [say("version.revision", number=row["revision"]) for row in rows if row["revision"] > 1][:1]
    document = " ".join([say(document_kind(first["kind"])), *(f"[{mark}]" for mark in marks)])
    state = say(f"version.{first['state']}")
    if first["act"]:
        state += f"; {say('act_state.' + first['act']['state'].replace(' ', '_'))}"
    oldest = max(row["age_days"] for row in rows)
    due = say("version.overdue", due=due) if first["overdue"] else due
    return [due, first["month"], document, state, str(oldest)]


def show_problems(problems: Collection[Problem], say: Say) -> None:
    """Show what people must mend, on stderr; files that went wrong together in one line."""
    for problem in merge_alike(problems):
        sys.stderr.write(f"inbox-worker: {problem.line(say)}\n")


def show_bills(report: BillsReport, lines: Sequence[str], say: Say) -> None:
    """Show how far a month's bills are."""
    show = console().print
    if not (report.states or report.left or report.without_address or report.unapproved or report.problems):
        show(say("bills.none", month=report.month))
        return
    show(say("bills.queued", month=report.month, queued=report.queued_now, left=report.left))
    if report.without_address:
        show(say("bills.without_address", count=report.without_address))
    if report.unapproved:
        show(say("bills.unapproved", count=report.unapproved))
    by_state = Counter({say(f"letter_state.{state}"): count for state, count in report.states.items()})
    show_counts("bills.letters", by_state, say, "state")
    show_problems(report.problems, say)
    for line in lines:
        sys.stderr.write(f"inbox-worker: {in_staffs_words(line)}\n")
