"""Prints `draft` and `close`: totals beside the month before, and what differs, in plain words for a clerk."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from inbox_worker.cli.screens import console, money, show_wrapped
from inbox_worker.cli.support import in_staffs_words, now
from inbox_worker.contract.changed_prices import describe_changed_prices
from inbox_worker.contract.prices import ListedPrice, find_early_charges
from inbox_worker.core.errors import JobError
from inbox_worker.core.model import Period
from inbox_worker.month.close_changes import CloseChanges, compare_closes, compare_with_now
from inbox_worker.month.differences import KINDS, CorrectedLine, Differences, HouseChange
from inbox_worker.month.months import Closed, Draft
from inbox_worker.month.office import Office
from inbox_worker.settings.texts import Say

_LISTED_CHANGES = 10


def close_json(closed: Closed, engine: str) -> dict[str, Any]:
    """Return `close --json`: month, state, engine, rows, and the totals under the columns' names; a dry run also
    tells what differs from the month before."""
    totals = _texts(closed.totals)
    found = _differences_json(closed.differences) if closed.differences else {}
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
        **found,
    }


def draft_json(draft: Draft) -> dict[str, Any]:
    """Return `draft --json`: totals of the month and what differs from the month before."""
    return {
        "month": str(draft.month),
        "state": "draft",
        "rows": draft.rows,
        "totals": _texts(draft.totals),
        "before": _texts(draft.before),
        **_differences_json(draft.differences),
        "ended_contracts": [lines.as_json() for lines in draft.stopping],
        "untariffed": [
            {"customer": customer, "service": service, "lines": lines}
            for (customer, service), lines in draft.untariffed.items()
        ],
        "late_penalties": [notice.as_json() for notice in draft.late_penalties],
    }


def _differences_json(found: Differences) -> dict[str, Any]:
    """Return counts of all; of lines and houses the largest changes (rules/outliers.yaml, `listed`)."""
    return {
        "compared_with": str(found.month) if found.month else None,
        **{f"{kind}_lines": found.lines[kind].count for kind in KINDS},
        "differences": {kind: asdict(found.lines[kind]) for kind in KINDS},
        "corrected_by_others": [asdict(line) for line in found.corrected],
        "returned": [lines.as_json() for lines in found.returned],
        "idle_advances": [advance.as_json() for advance in found.idle],
        "outliers": {"count": found.outliers_count, "houses": [asdict(house) for house in found.outliers]},
    }


def _texts(values: Mapping[str, Decimal]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def show_close(closed: Closed, dry_run: bool, say: Say) -> None:
    """Print the control totals of a close, beside those of the month before."""
    facts = {"month": closed.month, "number": closed.number, "rows": closed.rows}
    title = say("close.tried" if dry_run else "close.closed", **facts)
    _show_totals(title, {**closed.totals, **closed.payments}, closed.before, say)
    for warning in closed.warnings:
        sys.stderr.write(f"inbox-worker: {in_staffs_words(warning)}\n")


def warn_of_prices(office: Office, month: Period, on: date) -> list[str]:
    """Return a warning for each price that days of the month are charged by before it may count (10.5), and for each
    that was changed in place after payments of this month or the one before were loaded."""
    early: dict[str, list[ListedPrice]] = {}
    for one in find_early_charges(office, month, on):
        early.setdefault(one.source, []).append(one)
    return [
        office.say(
            "close.price_early", source=source, customers=", ".join(one.customer for one in found),
            since=max((one.counts_from for one in found if one.counts_from), default=None) or "—",
        )
        for source, found in sorted(early.items())
    ] + describe_changed_prices(office, month.plus(-1))  # fmt: skip


def show_draft(draft: Draft, office: Office) -> None:
    """Print a draft's totals beside the month before, which lines stop with a contract, and which no tariff prices."""
    say, rules = office.say, office.rules
    _show_totals(say("draft", month=draft.month, rows=draft.rows), draft.totals, draft.before, say)
    for lines in draft.stopping:
        console().print(say("draft.stopping", **lines.as_json()))
    for (customer, service), count in draft.untariffed.items():
        facts = {"customer": customer, "service": say.of(rules.service(service)), "lines": count}
        console().print(say("draft.untariffed", **facts))
    for notice in draft.late_penalties:
        named = say.of(rules.service(notice.service))
        console().print(say("draft.late_penalty", **{**notice.as_json(), "service": named}))


def _show_totals(title: str, values: Mapping[str, Decimal], before: Mapping[str, Decimal], say: Say) -> None:
    """Print the month's totals; the first month of the ledger has none before."""
    console().print(title)
    beside = any(before.values())
    table = Table()
    table.add_column(say("column.total"))
    for name in ("before", "now", "difference") if beside else ("tenge",):
        table.add_column(say(f"column.{name}"), justify="right")
    for name, value in values.items():
        earlier = before.get(name)
        compared = ("", "") if earlier is None else (money(earlier), money(value - earlier))
        table.add_row(say(f"total.{name}"), *((compared[0], money(value), compared[1]) if beside else (money(value),)))
    console().print(table)


def show_differences(found: Differences, office: Office) -> None:
    """Print lines that are new, gone or charged otherwise, and houses to look at: the largest changes, and how many
    more."""
    names, say = _name_customers(office), office.say
    _show_corrected(found.corrected, names, office)
    _show_left(found, names, office)
    if found.month is None:
        console().print(say("differences.nothing"))
        return
    for kind in KINDS:
        some = found.lines[kind]
        facts = {"count": some.count, "before": money(some.before), "now": money(some.now)}
        title = say(f"differences.{kind}", **facts)
        rows = [
            (line.account, names.get(line.customer, line.customer), say.of(office.rules.service(line.service)),
             _or_none(line.before), _or_none(line.now))
            for line in some.lines
        ]  # fmt: skip
        _show_table(title, ("account", "customer", "service"), rows, some.count, say)
    houses = [
        (house.house, names.get(house.customer, house.customer), say.of(office.rules.service(house.service)),
         _why(house, say), *(say("differences.rate", rate=money(rate), unit=house.unit)
                             for rate in (house.rate_before, house.rate)))
        for house in found.outliers
    ]  # fmt: skip
    title = say("differences.houses", count=found.outliers_count)
    _show_table(title, ("house", "customer", "service", "why"), houses, found.outliers_count, say)


def _show_left(found: Differences, names: Mapping[str, str], office: Office) -> None:
    """Print which Customers are charged for again, and what was paid too much on lines that are charged no more."""
    for lines in found.returned:
        facts = {**lines.as_json(), "charged": money(lines.charged)}
        show_wrapped(office.say("draft.returned", **_in_words(facts, names, office)))
    for advance in found.idle:
        facts = {**advance.as_json(), "amount": money(advance.amount)}
        show_wrapped(office.say("draft.idle_advance", **_in_words(facts, names, office)))


def _in_words(facts: Mapping[str, Any], names: Mapping[str, str], office: Office) -> dict[str, Any]:
    customer, service = facts["customer"], office.say.of(office.rules.service(facts["service"]))
    return {**facts, "customer": names.get(customer, customer), "service": service}


def _name_customers(office: Office) -> Mapping[str, str]:
    return {bin: customer.name for bin, customer in office.journal.customers.at(now()).items()}


def _show_corrected(lines: Sequence[CorrectedLine], names: Mapping[str, str], office: Office) -> None:
    """Print lines that a correction of another Customer changes: area and residents are the account's."""
    if not lines:
        return
    say = office.say
    rows = [
        (line.account, names.get(line.customer, line.customer), say.of(office.rules.service(line.service)),
         f"{line.indicator}: {names.get(line.corrected_by, line.corrected_by)}, {line.submission}",
         _or_none(line.before), money(line.now))
        for line in lines[: office.rules.outliers.listed]
    ]  # fmt: skip
    title = say("differences.corrected", count=len(lines))
    _show_table(title, ("account", "customer", "service", "change"), rows, len(lines), say)


def _show_table(title: str, names: Sequence[str], rows: Sequence[Sequence[str]], count: int, say: Say) -> None:
    """Print the first rows, with `was` and `became` last; and how many more there are."""
    console().print(escape(title))
    if not rows:
        return
    table = Table()
    for name in names:
        table.add_column(say(f"column.{name}"), overflow="fold")
    for name in ("was", "became"):
        table.add_column(say(f"column.{name}"), justify="right")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console().print(table)
    if count > len(rows):
        console().print(say("more", count=count - len(rows)))


def _or_none(amount: Decimal | None) -> str:
    return "—" if amount is None else money(amount)


def _why(house: HouseChange, say: Say) -> str:
    """Return why in words, with how far the house and the median of the others moved."""
    why = say(f"differences.{house.kind}")
    if house.moved is None:
        return why
    if house.others_moved is None:
        return say("differences.moved", why=why, moved=_with_sign(house.moved))
    facts = {"why": why, "moved": _with_sign(house.moved), "others": _with_sign(house.others_moved)}
    return say("differences.moved_beside", **facts)


def _with_sign(percent: Decimal) -> str:
    return f"{percent:+}".replace(".", ",")


def changes_of_close(office: Office, month: Period) -> CloseChanges | None:
    """Return what a close that was just made anew changed; a damaged earlier close is told, for the new one stands."""
    try:
        return compare_closes(office, month)
    except JobError as error:
        sys.stderr.write(f"inbox-worker: {in_staffs_words(str(error))}\n")
        return None


def changes_json(found: CloseChanges) -> dict[str, Any]:
    """Return what a second close changed, for programs: every line that differs."""
    return {
        "month": str(found.month),
        "before": found.before,
        "now": found.now,
        "lines_changed": found.lines.num_rows,
        "sums": {name: {"before": str(before), "now": str(now)} for name, (before, now) in found.sums.items()},
        "lines": found.lines.to_pylist(),
    }


def write_changes(found: CloseChanges, path: Path) -> None:
    """Write every line that differs as CSV, for a spreadsheet."""
    from pyarrow.csv import write_csv

    write_csv(found.lines, path)


def show_changes(found: CloseChanges, office: Office) -> None:
    """Print sums that differ and the lines with the largest changes, and how many more."""
    names, say = _name_customers(office), office.say
    facts = {"month": found.month, "before": found.before, "now": found.now, "count": found.lines.num_rows}
    console().print(say("changes.title" if found.now else "changes.title_now", **facts))
    if not found.lines.num_rows:
        return
    sums = [(say(f"total.{name}"), money(before), money(now)) for name, (before, now) in found.sums.items()]
    _show_table(say("changes.sums"), ("total",), sums, len(sums), say)
    rows = [
        (row["account"], names.get(row["customer"], row["customer"]), say.of(office.rules.service(row["service"])),
         _or_none(row["closing_before"]), _or_none(row["closing_now"]))
        for row in found.lines.slice(0, _LISTED_CHANGES).to_pylist()
    ]  # fmt: skip
    _show_table(say("changes.lines"), ("account", "customer", "service"), rows, found.lines.num_rows, say)
    console().print(say("changes.hint", month=found.month))


def show_changes_by_now(office: Office, month: Period) -> None:
    """Print what closing a month that was just reopened would change by now; what keeps it from being computed is told
    beside, for the month is open all the same."""
    try:
        found = compare_with_now(office, month)
    except JobError as error:
        sys.stderr.write(f"inbox-worker: {in_staffs_words(str(error))}\n")
        return
    show_changes(found, office)
