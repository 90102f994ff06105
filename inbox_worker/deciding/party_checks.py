"""Checks of what a Customer tells about itself: requisites, head, acts, dates of notices (4.3.3, 4.3.4, 4.3.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from inbox_worker.core.model import Finding
from inbox_worker.core.text import skeleton
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, show
from inbox_worker.settings.calendar import add_working_days

_DATE = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d{2}-\d{2}|\b(19|20)\d{2}\b")


@check
def old_requisite_matches(table: CheckedTable, case: Case, fields: Mapping[str, str]) -> list[Finding]:
    """`Было`, when given, is what the register or a later confirmed notice told last (4.3.3)."""
    if case.customer is None:
        return []
    frame, found = table.frame, []
    rows = table.where(frame["was"].notna() & frame["indicator"].isin(list(fields)))
    noticed = _noticed(case) if rows else {}
    for index in rows:
        indicator = str(table.value(index, "indicator"))
        held = getattr(case.customer, fields[indicator])
        known = noticed.get(indicator) or ("; ".join(held) if isinstance(held, tuple) else str(held))
        if skeleton(str(table.value(index, "was"))) != skeleton(known):
            found.append(table.finding("requisite.old_differs", index, "was", known=known or "—"))
    return found


def _noticed(case: Case) -> dict[str, str]:
    """What confirmed notices told since the register was loaded last, the latest of each requisite."""
    facts, since = case.facts("requisites"), case.register_sequence()
    later = facts[facts["sequence"] > since].sort_values(["sequence", "row"])
    return {str(row.indicator): str(row.becomes) for row in later.itertuples(index=False)}


@check
def date_within(
    table: CheckedTable,
    case: Case,
    column: str,
    days_back: int,
    days_ahead: int,
    usual_back: int | None = None,
    usual_ahead: int | None = None,
) -> list[Finding]:
    """A date lies within so many days of the day the form came: outside, it is a slip of the pen.

    Inside that, but outside the usual days, it is warned of.
    """
    first, last = _days_around(case, days_back, days_ahead)
    dates = table.frame[column]
    absurd = (dates < first) | (dates > last)
    facts = {"first": show(first), "last": show(last), "clause": table.rule.clause}
    found = table.each("date.absurd", absurd, column, **facts)
    first, last = _days_around(
        case,
        days_back if usual_back is None else usual_back,
        days_ahead if usual_ahead is None else usual_ahead,
    )
    facts |= {"first": show(first), "last": show(last)}
    return found + table.each("date.unlikely", ((dates < first) | (dates > last)) & ~absurd, column, **facts)


def _days_around(case: Case, back: int, ahead: int) -> tuple[date, date]:
    return case.received_on - timedelta(days=back), case.received_on + timedelta(days=ahead)


@check
def notice_in_time(
    table: CheckedTable, case: Case, column: str, working_days: int = 0, calendar_days: int = 0
) -> list[Finding]:
    """Warns when a notice came later than so many working or calendar days from the date in a column.

    Requisites and heads: 3 working days (4.3.3, 4.3.4); a house that leaves: 2 calendar days (4.3.11).
    """
    found = []
    for index in table.where(table.frame[column].notna()):
        start: date = table.value(index, column)
        due = add_working_days(start, working_days, case.rules) + timedelta(days=calendar_days)
        if case.received_on > due:
            late = (case.received_on - due).days
            facts = {"due": show(due), "late": str(late), "allowed": str(working_days or calendar_days)}
            facts |= {"received": show(case.received_on), "clause": table.rule.clause}
            kind = table.texts.words("fact.working_days" if working_days else "fact.calendar_days")
            facts |= {"kind": kind.ru, "kind_kk": kind.kk}
            found.append(table.finding("notice.late", index, column, **facts))
    return found


@check
def has_date(table: CheckedTable, case: Case, column: str) -> list[Finding]:
    """Warns when a document is named without its date (4.3.4)."""
    texts = table.frame[column]
    rows = table.where(texts.notna())
    return [
        table.finding("paper.no_date", index, column)
        for index in rows
        if not _DATE.search(str(table.value(index, column)))
    ]


@check
def refusal_has_reason(table: CheckedTable, case: Case, refusal: str) -> list[Finding]:
    """An act is refused with a reason, or it counts as not answered (4.3.7)."""
    bare = (table.frame["answer"] == refusal) & table.frame["reason"].isna()
    return table.each("act.no_reason", bare, "reason")


@check
def act_known(table: CheckedTable, case: Case) -> list[Finding]:
    """Warns of an act's number that was never given to this Customer (4.1.11)."""
    number = table.frame["act"].str.replace(r"\s*ред\.?\s*\d+$", "", regex=True)  # a revision has its act's number
    return table.each("act.unknown", number.notna() & ~number.isin(list(case.act_numbers())), "act")


@check
def percent_not_share(table: CheckedTable, case: Case, column: str, least: str) -> list[Finding]:
    """Warns of a per cent below `least`: 0,1 is more likely a tenth written as a share (4.1.6)."""
    percent = table.frame[column]
    return table.each("percent.small", (percent > 0) & (percent < Decimal(least)), column)
