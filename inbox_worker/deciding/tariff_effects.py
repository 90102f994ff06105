"""Checks of what a tariff acts on: which months and lines it prices, and what stands in its way (4.3.2.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from inbox_worker.core.model import Finding, Period
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, rows_of, show
from inbox_worker.month.months import find_first_month

_PRICE = ("house", "category", "from_month", "tariff")  # of one service and base


@dataclass(frozen=True)
class _Told:
    """A tariff as a form or the register told it. `form`: number of the submission, '' = the register."""

    house: str | None
    category: str | None
    start: date
    tariff: Decimal
    applies: date
    form: str = ""
    turn: int = 0

    @property
    def rank(self) -> tuple[date, bool, bool, bool, int]:
        """Return its place among those that fit a line: the highest prices it (money.md)."""
        return self.start, bool(self.form), self.house is not None, self.category is not None, self.turn


@dataclass(frozen=True)
class _Line:
    """A kind of lines that the register told alike; `since`: the first month that they stand in."""

    house: str
    category: str | None
    since: date
    told: frozenset[_Told] = frozenset()

    def takes(self, told: _Told) -> bool:
        """Tell whether the tariff is for lines of this kind."""
        return told.house in (None, self.house) and told.category in (None, self.category)

    def find_price(self, forms: Iterable[_Told], month: date) -> _Told | None:
        """Find the tariff that prices them in the month."""
        fitting = [one for one in (*self.told, *forms) if one.applies <= month and self.takes(one)]
        return max(fitting, key=lambda one: one.rank, default=None)


@check
def months_recounted(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of a tariff that acts from a month before the month of account, and of one that stands behind another:
    which months are counted again, which keep their price, and since when another tariff stands (4.3.2.1). One that
    came late acts from its own month only."""
    found = list[Finding]()
    if not case.customer:
        return found
    here = list(rows_of(table.form.rows, "service", "base", *_PRICE, "threshold"))
    rows = [
        _Told(house, category, start, tariff, start, case.id, index)
        for index, (_, _, house, category, start, tariff, _) in enumerate(here)
        if start is not None and tariff is not None
    ]
    of_lines = dict[tuple[str, str], tuple[_Line, ...]]()
    for told in rows:
        service, base, *_, threshold = here[told.turn]
        if threshold is None:
            lines = of_lines.setdefault((service, base), _lines_of(case, service, base))
            beside = [one for one in rows if here[one.turn][:2] == (service, base) and here[one.turn][-1] is None]
            found += _tell_effects(table, case, told, lines, [*_earlier_of(case, service, base, beside), *beside])
    return found


@check
def category_of_lines(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of a tariff for a category of consumers that no line of the service, or of the house, has: it prices
    nothing (4.3.2.1)."""
    known = set(rows_of(case.tariffs_of_register(), "service", "house", "category")) if case.customer else set()
    known |= {(service, None, category) for service, _, category in known}
    found = []
    for index, (service, house, category) in enumerate(rows_of(table.form.rows, "service", "house", "category")):
        if case.customer and category and (service, house, category) not in known:
            found.append(table.make_finding("tariff.category_of_no_line", index, "category", house=house or "—"))
    return found


def _tell_effects(
    table: CheckedTable, case: Case, told: _Told, lines: Sequence[_Line], forms: Sequence[_Told]
) -> list[Finding]:
    own = [line for line in lines if line.takes(told)]
    closed, still_open = _past_months(case, told.start)
    acting = [one for one in (*closed, *still_open) if _prices(own, told, forms, one.first_day)]
    found = _tell_past(table, case, told.turn, [one for one in closed if one in acting], acting)
    now = max(told.start, case.month.first_day)
    behind = [price for line in own if line.since <= now and (price := line.find_price(forms, now))]
    if behind and told not in behind and all(price.form != case.id for price in behind):
        other = max(behind, key=lambda price: price.rank)
        name = "fact.told_by_form" if other.form else "fact.told_by_register"
        facts = table.texts.words(name, **({"submission": other.form} if other.form else {})).facts("source")
        facts |= {"since": Period.of(other.start).form_text, "known": show(other.tariff)}
        code = "tariff.acts_until" if acting and not case.deferred else "tariff.acts_on_nothing"
        found.append(table.make_finding(code, told.turn, "from_month", **facts))
    return found


def _tell_past(
    table: CheckedTable, case: Case, index: int, closed: Sequence[Period], acting: Sequence[Period]
) -> list[Finding]:
    """Tell what becomes of the months before the month of account that it acts on by its own date."""
    still_open = [one for one in acting if one not in closed]
    codes: Mapping[str, Sequence[Period]] = {"tariff.months_recounted": closed, "tariff.months_open": still_open}
    found = []
    for code, months in ({"tariff.months_unchanged": acting} if case.deferred else codes).items():
        if months:
            facts = {"since": min(months).form_text, "until": max(months).form_text, "month": case.month.form_text}
            found.append(table.make_finding(code, index, "from_month", **facts))
    return found


def _prices(lines: Iterable[_Line], told: _Told, forms: Iterable[_Told], month: date) -> bool:
    """Tell whether it prices any of the lines in the month."""
    return any(line.find_price(forms, month) == told for line in lines if line.since <= month)


def _past_months(case: Case, start: date) -> tuple[list[Period], list[Period]]:
    """Return the months of the ledger from this day to the month of account: closed ones, and those still open."""
    done = {one.month for one in case.office.journal.closes.all() if not one.reopened_at}
    month, months = max(Period.of(start), find_first_month(case.office, case.month)), list[Period]()
    while month < case.month:
        months.append(month)
        month = month.plus(1)
    return [one for one in months if one in done], [one for one in months if one not in done]


def _earlier_of(case: Case, service: str, base: str, here: Sequence[_Told]) -> list[_Told]:
    """Return the first steps that earlier forms told of the service and base, less those that this form replaces."""
    replaced = {(one.house, one.category, one.start) for one in here}
    known = case.facts("tariffs")
    names = ("service", "base", "threshold", *_PRICE, "applies_from", "submission", "sequence")
    rows = [row for row in rows_of(known, *names) if row[:3] == (service, base, None)]
    return [_Told(*row[3:]) for row in rows if (row[3], row[4], row[5]) not in replaced]


def _lines_of(case: Case, service: str, base: str) -> tuple[_Line, ...]:
    """Return the kinds of lines of the service and base that the register told, and those that houses brought since."""
    told = defaultdict[str, list[tuple[str, str | None, date, Decimal | None]]](list)
    for account, *row in rows_of(case.tariffs_by_account(service, base), "account", *_PRICE):
        told[account].append((row[0], row[1], row[2], row[3]))
    kinds = set[_Line]()
    for rows in told.values():
        house, category, *_ = max(rows, key=lambda row: row[2])
        kind = _Line(house, category, min(row[2] for row in rows))
        prices = (_Told(None, row[1], row[2], row[3], row[2]) for row in rows if row[3] is not None)
        kinds.add(replace(kind, told=frozenset(prices)))
    for account, house, *known in rows_of(case.lines, "account", "house", "service", "base"):
        if known == [service, base] and account not in told:
            kinds.add(_Line(house, None, date.min))
    return tuple(kinds)
