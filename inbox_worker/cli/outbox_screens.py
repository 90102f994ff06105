"""What the outbox's commands print: what waits for review, how old it is, by when it must be there - overdue first."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from rich.markup import escape

from inbox_worker.cli.screens import console, show_counts, table_of
from inbox_worker.core.time import to_almaty
from inbox_worker.ledger.sent_documents import Documents, DocumentState, Version
from inbox_worker.month.office import Office
from inbox_worker.outbox.bill_letters import BillsReport
from inbox_worker.outbox.cover_letters import document_kind
from inbox_worker.outbox.problems import Problem, folded
from inbox_worker.outbox.review import due_on
from inbox_worker.settings.texts import Say, Texts

_WAITING = (DocumentState.PENDING, DocumentState.APPROVED)


def listed(office: Office, versions: Sequence[Version], now: datetime) -> list[dict[str, Any]]:
    """Documents as `outbox list --json` gives them: overdue first, then by their day, then by age."""
    rows = [_row(office, version, now) for version in versions]
    return sorted(rows, key=lambda row: (not row["overdue"], row["due"] or "9999", row["made_at"], row["path"]))


def _row(office: Office, version: Version, now: datetime) -> dict[str, Any]:
    due, rule = due_on(office, version), office.rules.delivery.kind(version.kind)
    made = datetime.fromisoformat(version.made_at) if version.made_at else now
    customer = office.journal.customers().get(version.bin)
    waits = version.state in _WAITING and rule.to != "nobody"
    return {
        "document": version.id,
        "month": version.month,
        "bin": version.bin,
        "customer": customer.name if customer else version.folder[13:],
        "kind": version.kind,
        "account": version.account,
        "path": version.place,
        "state": version.state.value,
        "revision": version.revision,
        "close_number": version.close_number,
        "amended": version.amended,
        "sha256": version.lying or version.sha256,
        "made_at": version.made_at,
        "age_days": max(0, (to_almaty(now) - to_almaty(made)).days),
        "due": due.isoformat() if due else None,
        "clause": rule.due.clause if rule.due else "",
        "overdue": bool(waits and due and to_almaty(now).date() > due),
        "deliveries": [
            {"way": p.way, "to": p.recipient, "state": p.state.value, "queued_at": p.queued_at, "sent_at": p.sent_at,
             "answer": p.answer, "message_id": p.message_id, "sha256": p.sha256, "path": p.path}
            for p in Documents(office.journal).proofs(version.id)
        ],
    }  # fmt: skip


def problems_json(problems: Collection[Problem], texts: Texts) -> list[dict[str, str]]:
    """Problems for programs."""
    return [problem.as_json(texts) for problem in dict.fromkeys(problems)]


def show_listed(rows: Sequence[Mapping[str, Any]], problems: Collection[Problem], say: Say) -> None:
    """Documents of a kind, Customer and month on one line."""
    table = table_of(say, "outbox", ("due", "month", "customer", "document", "state", "age"))
    for _, group in groupby(rows, key=lambda row: (row["due"], row["month"], row["bin"], row["kind"], row["state"])):
        table.add_row(*(escape(cell) for cell in _cells(list(group), say)))
    console().print(table)
    show_problems(problems, say)


def _cells(rows: Sequence[Mapping[str, Any]], say: Say) -> list[str]:
    first = rows[0]
    clause = f" ({first['clause']})" if first["clause"] else ""
    due = f"{datetime.fromisoformat(first['due']):%d.%m.%Y}{clause}" if first["due"] else "—"
    marks = [f"× {len(rows)}"] if len(rows) > 1 else []
    marks += [say("version.amended")] if any(row["amended"] for row in rows) else []
    marks += [say("version.revision", number=row["revision"]) for row in rows if row["revision"] > 1][:1]
    document = " ".join([say(document_kind(first["kind"])), *(f"[{mark}]" for mark in marks)])
    state = say(f"version.{first['state']}")
    oldest = max(row["age_days"] for row in rows)
    due = say("version.overdue", due=due) if first["overdue"] else due
    return [due, first["month"], f"{first['bin']} {first['customer']}", document, state, str(oldest)]


def show_problems(problems: Collection[Problem], say: Say) -> None:
    """What people must mend, on stderr; files that went wrong together in one line."""
    for problem in folded(problems):
        sys.stderr.write(f"inbox-worker: {problem.line(say)}\n")


def show_bills(report: BillsReport, told: Sequence[str], say: Say) -> None:
    """How far a month's bills are."""
    show = console().print
    show(say("bills.queued", month=report.month, queued=report.queued_now, left=report.left))
    if report.without_address:
        show(say("bills.without_address", count=report.without_address))
    if report.unapproved:
        show(say("bills.unapproved", count=report.unapproved))
    show_counts("bills.letters", report.counter, say, "state")
    show_problems(report.problems, say)
    for line in told:
        sys.stderr.write(f"inbox-worker: {line}\n")
