"""Screens of the outbox's commands: what waits for review, how old it is, by when it must be there - overdue first."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from rich.markup import escape

from inbox_worker.cli.screens import console, show_counts, table_of
from inbox_worker.outbox.bill_letters import BillsReport
from inbox_worker.outbox.cover_letters import document_kind
from inbox_worker.outbox.problems import Problem, merge_alike
from inbox_worker.settings.texts import Say


def show_documents(rows: Sequence[Mapping[str, Any]], problems: Collection[Problem], say: Say) -> None:
    """Show documents, those of a kind, Customer and month on one line."""
    table = table_of(say, "outbox", ("due", "month", "customer", "document", "state", "age"))
    alike = ("due", "month", "bin", "kind", "state", "old_close")
    for _, group in groupby(rows, key=lambda row: tuple(row[name] for name in alike)):
        table.add_row(*(escape(cell) for cell in _cells(list(group), say)))
    console().print(table)
    show_problems(problems, say)


def _cells(rows: Sequence[Mapping[str, Any]], say: Say) -> list[str]:
    first = rows[0]
    clause = f" ({first['clause']})" if first["clause"] else ""
    due = f"{datetime.fromisoformat(first['due']):%d.%m.%Y}{clause}" if first["due"] else "—"
    marks = [f"× {len(rows)}"] if len(rows) > 1 else []
    marks += [say("version.old_close")] if any(row["old_close"] for row in rows) else []
    marks += [say("version.amended")] if any(row["amended"] for row in rows) else []
    marks += [say("version.revision", number=row["revision"]) for row in rows if row["revision"] > 1][:1]
    document = " ".join([say(document_kind(first["kind"])), *(f"[{mark}]" for mark in marks)])
    state = say(f"version.{first['state']}")
    if first["act"]:
        state += f"; {say('act_state.' + first['act']['state'].replace(' ', '_'))}"
    oldest = max(row["age_days"] for row in rows)
    due = say("version.overdue", due=due) if first["overdue"] else due
    return [due, first["month"], f"{first['bin']} {first['customer']}".strip(), document, state, str(oldest)]


def show_problems(problems: Collection[Problem], say: Say) -> None:
    """Show what people must mend, on stderr; files that went wrong together in one line."""
    for problem in merge_alike(problems):
        sys.stderr.write(f"inbox-worker: {problem.line(say)}\n")


def show_bills(report: BillsReport, lines: Sequence[str], say: Say) -> None:
    """Show how far a month's bills are."""
    show = console().print
    show(say("bills.queued", month=report.month, queued=report.queued_now, left=report.left))
    if report.without_address:
        show(say("bills.without_address", count=report.without_address))
    if report.unapproved:
        show(say("bills.unapproved", count=report.unapproved))
    show_counts("bills.letters", report.counter, say, "state")
    show_problems(report.problems, say)
    for line in lines:
        sys.stderr.write(f"inbox-worker: {line}\n")
