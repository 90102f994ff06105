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

from inbox_worker.ledger.book import WORDS
from inbox_worker.months import Closed, Draft

_PAYMENTS = {
    "received": ("Поступило от банков", "Банктерден түсті"),
    "posted": ("Разнесено по строкам", "Жолдарға бөлінді"),
    "suspense": ("Невыясненные", "Анықталмаған"),
    "fees": ("Вознаграждение", "Сыйақы"),
    "transfers": ("К перечислению", "Аударуға"),
}


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
        return [report["arrival"] or "—", report["source"], "", report["outcome"], "", "", own]
    rows = f"{submission['rows_posted']}/{submission['rows_read']}"
    why = "; ".join(filter(None, [own, _reasons(submission["findings"])]))
    name = submission["attachment"]
    return [
        submission["submission"] or "—", name, submission["form"] or "", submission["outcome"],
        submission["month"] or "", rows, why,
    ]  # fmt: skip


def _reasons(findings: Sequence[Mapping[str, str]], most: int = 2) -> str:
    """The weightiest findings in words, and how many more."""
    told = [f for f in findings if f["severity"] != "info"] or list(findings)
    words = [f"{f['cell'] + ': ' if f['cell'] else ''}{f['message']}" for f in told[:most]]
    more = f" (+{len(told) - most})" if len(told) > most else ""
    return "; ".join(words) + more


_FATES = {"failed": "вернулось · қайтып келді", "delayed": "задерживается · кешігіп жатыр"}


def show_deliveries(found: Sequence[Mapping[str, Any]]) -> None:
    """Letters that leave, and the server's last words about each."""
    table = Table(title="Письма от нас", title_justify="left")
    for name in ("№", "вид", "на что", "кому", "состояние", "попыток", "когда снова", "что сказал сервер"):
        table.add_column(name, overflow="fold")
    for one in found:
        told = (one["id"], one["kind"], one["arrival"] or one["document"], one["recipient"], one["state"], one["tries"])
        words = [one["last_answer"], *(f"{_FATES[back['fate']]}: {back['said']}" for back in one["returns"])]
        table.add_row(*(escape(str(cell)) for cell in (*told, one["next_at"], "\n".join(words))))
    console().print(table)


def close_json(closed: Closed, engine: str) -> dict[str, Any]:
    """`close --json`: month, state, engine, rows, and the totals under the columns' names."""
    totals = {name: str(value) for name, value in closed.totals.items()}
    return {
        "month": str(closed.month),
        "state": closed.state,
        "engine": engine,
        "number": closed.number,
        "rows": closed.rows,
        **totals,
        "totals": totals,
        "payments": {name: str(value) for name, value in closed.payments.items()},
        "warnings": list(closed.warnings),
    }


def draft_json(draft: Draft) -> dict[str, Any]:
    """`draft --json`: totals of the month and what differs from the month before."""
    return {
        "month": str(draft.month),
        "state": "draft",
        "rows": draft.rows,
        "totals": {name: str(value) for name, value in draft.totals.items()},
        "before": {name: str(value) for name, value in draft.before.items()},
        "new_lines": draft.new_lines,
        "gone_lines": draft.gone_lines,
        "changed_lines": draft.changed_lines,
    }


def show_close(closed: Closed, dry_run: bool) -> None:
    """Control totals of a close."""
    title = f"{closed.month}: {'проба закрытия, ничего не записано' if dry_run else f'закрыт, № {closed.number}'}"
    _show_totals(f"{title}; строк {closed.rows}", {**closed.totals, **closed.payments})
    for warning in closed.warnings:
        sys.stderr.write(f"inbox-worker: {warning}\n")


def show_draft(draft: Draft) -> None:
    """A draft's totals beside the month before."""
    console().print(f"{draft.month}: предварительный расчёт; строк {draft.rows}")
    table = Table()
    for name in ("", "прошлый месяц", "этот месяц"):
        table.add_column(name, justify="left" if not name else "right")
    for name, value in draft.totals.items():
        table.add_row(_label(name), money(draft.before.get(name, Decimal(0))), money(value))
    table.add_row("новых строк", "", str(draft.new_lines))
    table.add_row("ушедших строк", "", str(draft.gone_lines))
    table.add_row("с другим начислением", "", str(draft.changed_lines))
    console().print(table)


def _show_totals(title: str, values: Mapping[str, Decimal]) -> None:
    console().print(title)
    table = Table()
    table.add_column("итог")
    table.add_column("тенге", justify="right")
    for name, value in values.items():
        table.add_row(_label(name), money(value))
    console().print(table)


def _label(name: str) -> str:
    """A total's name in Russian and Kazakh."""
    return " · ".join(_PAYMENTS.get(name) or WORDS[name])


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
