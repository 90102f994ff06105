"""What commands print: tables for people, JSON for programs. Senders' text is shown as text, never as markup."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table


def console() -> Console:
    """Standard output; wide enough for tables when it is a file."""
    return Console(width=None if sys.stdout.isatty() else 160, highlight=False)


def as_json(document: Any) -> str:
    """One JSON document; money as exact text."""
    return json.dumps(document, ensure_ascii=False, indent=2, default=str)


def show_lines(lines: Sequence[str]) -> None:
    """Plain lines, one each."""
    for line in lines:
        sys.stdout.write(line + "\n")


def show_arrivals(reports: Sequence[Mapping[str, Any]], dry_run: bool = False) -> None:
    """What came in, what was decided (or would be) and why."""
    title = "Проба: ничего не проведено" if dry_run else "Принято и решено"
    table = Table(title=title, title_justify="left")
    for name in ("№", "файл", "форма", "решение", "месяц", "строк", "замечания"):
        table.add_column(name, overflow="fold")
    for report in reports:
        own = _reasons(report["findings"])
        shown = report["submissions"] or [None]
        for submission in shown:
            table.add_row(*(escape(cell) for cell in _row(report, submission, own)))
    console().print(table)


def _row(report: Mapping[str, Any], submission: Mapping[str, Any] | None, own: str) -> list[str]:
    if submission is None:
        decided = f"{report['outcome']} {report['task']}".strip()
        return [report["arrival"] or "—", report["source"], "", decided, "", "", own]
    rows = f"{submission['rows_posted']}/{submission['rows_read']}"
    why = "; ".join(filter(None, [own, _reasons(submission["findings"])]))
    name = submission["attachment"]
    task = f" {submission['task']}" if submission["task"] and submission["outcome"] == "held" else ""
    return [
        submission["submission"] or "—", name, submission["form"] or "", submission["outcome"] + task,
        submission["month"] or "", rows, why,
    ]  # fmt: skip


def _reasons(findings: Sequence[Mapping[str, str]], most: int = 2) -> str:
    """The weightiest findings in words, and how many more."""
    told = [f for f in findings if f["severity"] != "info"] or list(findings)
    words = [f"{f['cell'] + ': ' if f['cell'] else ''}{f['message']}" for f in told[:most]]
    more = f" (+{len(told) - most})" if len(told) > most else ""
    return "; ".join(words) + more


_STATES = {"open": "открыта · ашық", "overdue": "просрочена · мерзімі өтті", "done": "выполнена · орындалды"}


def show_tasks(found: Sequence[tuple[Mapping[str, str], str]]) -> None:
    """Print what needs a person: each task and what came."""
    table = Table(title="Что ждёт человека · Адам қарауын күтеді", title_justify="left")
    for name in ("№", "вид", "заказчик", "срок", "пункт", "состояние", "номер", "что пришло", "заметка"):
        table.add_column(name, overflow="fold")
    for task, what in found:
        told = [task[name] for name in ("task", "kind", "customer", "due", "clause")]
        cells = (*told, _STATES[task["state"]], task["source"], what, task["note"])
        table.add_row(*(escape(cell) for cell in cells))
    console().print(table)


def show_pairs(pairs: Mapping[str, str]) -> None:
    """Print labels and values, one pair a line."""
    table = Table(show_header=False, box=None)
    for label, value in pairs.items():
        table.add_row(escape(label), escape(value))
    console().print(table)


_FATES = {
    "failed": "вернулось · қайтып келді",
    "delayed": "задерживается · кешігіп жатыр",
    "unconfirmed": "сообщают, не подтверждено · хабарланған, расталмаған",
}


def show_deliveries(found: Sequence[Mapping[str, Any]]) -> None:
    """Letters that leave, and the server's last words about each."""
    table = Table(title="Письма от нас", title_justify="left")
    for name in ("№", "вид", "на что", "кому", "состояние", "попыток", "когда снова", "что сказал сервер"):
        table.add_column(name, overflow="fold")
    for one in found:
        told = (one["id"], one["kind"], one["arrival"] or one["document"], one["recipient"], one["state"], one["tries"])
        words = [
            one["last_answer"],
            *filter(None, (one["remedy_ru"], one["remedy_kk"])),
            *(f"{_FATES[back['fate']]}: {back['said']}" for back in one["returns"]),
        ]
        table.add_row(*(escape(str(cell)) for cell in (*told, one["next_at"], "\n".join(words))))
    console().print(table)


def money(value: Decimal) -> str:
    """`1 234 567,89`."""
    return f"{value:,.2f}".replace(",", " ").replace(".", ",")


def show_counts(title: str, counts: Counter[str]) -> None:
    """How many of each."""
    table = Table(title=title, title_justify="left")
    table.add_column("решение")
    table.add_column("сколько", justify="right")
    for name, number in counts.most_common():
        table.add_row(escape(name), str(number))
    console().print(table)
