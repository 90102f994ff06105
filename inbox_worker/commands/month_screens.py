"""What `draft` and `close` print: totals beside the month before, and what differs, in plain words for a clerk."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from rich.markup import escape
from rich.table import Table

from inbox_worker.accounting.months import Closed, Draft
from inbox_worker.close.differences import KINDS, CorrectedLine, Differences, House
from inbox_worker.commands.screens import console, money
from inbox_worker.context import Office
from inbox_worker.ledger.book import WORDS

_PAYMENTS = {
    "received": ("Поступило от банков", "Банктерден түсті"),
    "posted": ("Разнесено по строкам", "Жолдарға бөлінді"),
    "suspense": ("Невыясненные", "Анықталмаған"),
    "fees": ("Вознаграждение", "Сыйақы"),
    "transfers": ("К перечислению", "Аударуға"),
}
_LINES = {"new": "Новые строки", "gone": "Ушедшие строки", "changed": "Строки с другим начислением"}
_WHY = {
    "own": "сильно изменилось против прошлого месяца",
    "others": "изменилось не так, как у других домов",
    "begun": "раньше не начислялось, а у других домов начислялось",
}


def close_json(closed: Closed, engine: str) -> dict[str, Any]:
    """`close --json`: month, state, engine, rows, and the totals under the columns' names; a dry run also tells what
    differs from the month before."""
    totals = _texts(closed.totals)
    told = _differences_json(closed.differences) if closed.differences else {}
    return {
        "month": str(closed.month),
        "state": closed.state,
        "engine": engine,
        "number": closed.number,
        "rows": closed.rows,
        **totals,
        "totals": totals,
        "before": _texts(closed.before),
        "payments": _texts(closed.payments),
        "warnings": list(closed.warnings),
        **told,
    }


def draft_json(draft: Draft) -> dict[str, Any]:
    """`draft --json`: totals of the month and what differs from the month before."""
    return {
        "month": str(draft.month),
        "state": "draft",
        "rows": draft.rows,
        "totals": _texts(draft.totals),
        "before": _texts(draft.before),
        **_differences_json(draft.differences),
    }


def _differences_json(found: Differences) -> dict[str, Any]:
    """Counts of all; of lines and houses the largest changes (rules/outliers.yaml, `listed`)."""
    return {
        "compared_with": str(found.month) if found.month else None,
        **{f"{kind}_lines": found.lines[kind].count for kind in KINDS},
        "differences": {kind: asdict(found.lines[kind]) for kind in KINDS},
        "corrected_by_others": [asdict(line) for line in found.corrected],
        "outliers": {"count": found.outliers_count, "houses": [asdict(house) for house in found.outliers]},
    }


def _texts(values: Mapping[str, Decimal]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def show_close(closed: Closed, dry_run: bool) -> None:
    """Control totals of a close, beside those of the month before."""
    title = f"{closed.month}: {'проба закрытия, ничего не записано' if dry_run else f'закрыт, № {closed.number}'}"
    _show_totals(f"{title}; строк {closed.rows}", {**closed.totals, **closed.payments}, closed.before)
    for warning in closed.warnings:
        sys.stderr.write(f"inbox-worker: {warning}\n")


def show_draft(draft: Draft) -> None:
    """A draft's totals beside the month before."""
    _show_totals(f"{draft.month}: предварительный расчёт; строк {draft.rows}", draft.totals, draft.before)


def _show_totals(title: str, values: Mapping[str, Decimal], before: Mapping[str, Decimal]) -> None:
    """The month's totals; the first month of the ledger stands alone."""
    console().print(title)
    beside = any(before.values())
    table = Table()
    table.add_column("итог")
    for name in ("прошлый месяц", "этот месяц", "разница") if beside else ("тенге",):
        table.add_column(name, justify="right")
    for name, value in values.items():
        earlier = before.get(name)
        compared = ("", "") if earlier is None else (money(earlier), money(value - earlier))
        table.add_row(_label(name), *((compared[0], money(value), compared[1]) if beside else (money(value),)))
    console().print(table)


def show_differences(found: Differences, office: Office) -> None:
    """Lines new, gone and charged otherwise, and houses to look at: the largest changes, and how many more."""
    names = {bin: customer.name for bin, customer in office.journal.customers().items()}
    _show_corrected(found.corrected, names, office)
    if found.month is None:
        console().print("Сравнивать не с чем: прошлого месяца в учёте нет.")
        return
    for kind in KINDS:
        some = found.lines[kind]
        title = f"{_LINES[kind]}: {some.count}; начислено было {money(some.before)}, стало {money(some.now)}"
        rows = [
            (line.account, names.get(line.customer, line.customer), office.rules.service(line.service).ru,
             _or_none(line.before), _or_none(line.now))
            for line in some.lines
        ]  # fmt: skip
        _show_table(title, ("счёт", "заказчик", "услуга"), rows, some.count)
    houses = [
        (house.house, names.get(house.customer, house.customer), office.rules.service(house.service).ru,
         _why(house), f"{money(house.rate_before)} за {house.unit}", f"{money(house.rate)} за {house.unit}")
        for house in found.outliers
    ]  # fmt: skip
    title = f"Дома, на которые стоит взглянуть: {found.outliers_count}"
    _show_table(title, ("дом", "заказчик", "услуга", "почему"), houses, found.outliers_count)


def _show_corrected(lines: Sequence[CorrectedLine], names: Mapping[str, str], office: Office) -> None:
    """Lines that a correction of another Customer changes: area and residents are the account's."""
    if not lines:
        return
    rows = [
        (line.account, names.get(line.customer, line.customer), office.rules.service(line.service).ru,
         f"{line.indicator}: {names.get(line.corrected_by, line.corrected_by)}, {line.submission}",
         _or_none(line.before), money(line.now))
        for line in lines[: office.rules.outliers.listed]
    ]  # fmt: skip
    title = f"Строки, которые меняет корректировка другого заказчика: {len(lines)}"
    _show_table(title, ("счёт", "заказчик", "услуга", "что и кто изменил"), rows, len(lines))


def _show_table(title: str, names: Sequence[str], rows: Sequence[Sequence[str]], count: int) -> None:
    """The first rows, with `было` and `стало` last; and how many more there are."""
    console().print(escape(title))
    if not rows:
        return
    table = Table()
    for name in names:
        table.add_column(name, overflow="fold")
    for name in ("было", "стало"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console().print(table)
    if count > len(rows):
        console().print(f"и ещё {count - len(rows)}")


def _or_none(amount: Decimal | None) -> str:
    return "—" if amount is None else money(amount)


def _why(house: House) -> str:
    """In words, with how far the house and the middle of the others moved."""
    if house.moved is None:
        return _WHY[house.kind]
    others = "" if house.others_moved is None else f"; у других {house.others_moved:+}"
    return f"{_WHY[house.kind]}: {house.moved:+} %{others} %".replace(".", ",")


def _label(name: str) -> str:
    """A total's name in Russian and Kazakh."""
    return " · ".join(_PAYMENTS.get(name) or WORDS[name])
