"""Checks of what a tariff acts on: which months and lines it prices, and what stands in its way (4.3.2.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pyarrow.compute as pc

from inbox_worker.core.model import Finding, Period
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, rows_of, show
from inbox_worker.month.months import find_first_month

_COLUMNS = ("house", "category", "from_month", "tariff")  # of one service and base
_OF_HOUSE = ("service", "base", "house")


@dataclass(frozen=True)
class _Price:
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
    """A kind of lines that the register told alike, with the tariffs that fit them; `since`: the first month that they
    stand in."""

    house: str
    category: str | None
    since: date
    prices: frozenset[_Price] = frozenset()

    def takes(self, price: _Price) -> bool:
        """Tell whether the tariff is for lines of this kind."""
        return price.house in (None, self.house) and price.category in (None, self.category)

    def find_price(self, month: date) -> _Price | None:
        """Find the tariff that prices them in the month."""
        known = [one for one in self.prices if one.applies <= month] if self.since <= month else []
        return max(known, key=lambda one: one.rank, default=None)


@check
def months_recounted(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of a tariff that acts from a month before the month of account, and of one that stands behind another:
    which months are counted again, which keep their price, and since when another tariff stands (4.3.2.1). One that
    came late acts from its own month only."""
    here = defaultdict[tuple[str, str], list[_Price]](list)
    columns = ("service", "base", "threshold", *_COLUMNS)
    for index, (service, base, threshold, house, category, start, tariff) in enumerate(
        rows_of(table.form.rows, *columns)
    ):
        if threshold is None and None not in (service, base, start, tariff):
            here[service, base].append(_Price(house, category, start, tariff, start, case.id, index))
    months, found = _months_before(case), list[Finding]()
    for (service, base), those in here.items():
        lines = _lines_of(case, service, base, [*_earlier_of(case, service, base, those), *those])
        for own in those:
            found += _tell_effects(table, case, own, [line for line in lines if own in line.prices], months)
    return found


@check
def category_of_lines(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of a tariff that prices nothing: for a house that has no line of the service and base, though others of the
    Customer have, or for a category of consumers that no line of the service, or of the house, has (4.3.2.1)."""
    register, found = case.tariffs_of_register(), list[Finding]()
    known = set(rows_of(register, "service", "house", "category"))
    known |= {(service, None, category) for service, _, category in known}
    lines = set(rows_of(register, *_OF_HOUSE)) | set(rows_of(case.lines, *_OF_HOUSE))
    priced, houses = {line[:2] for line in lines}, {house for *_, house in lines}
    for index, (service, base, house, category) in enumerate(rows_of(table.form.rows, *_OF_HOUSE, "category")):
        if house in houses and (service, base) in priced and (service, base, house) not in lines:
            bases = table.name_bases(base).facts("base")
            found.append(table.service_finding("tariff.house_of_no_line", index, house=house, **bases))
        elif category and (service, house, category) not in known:
            found.append(table.make_finding("tariff.category_of_no_line", index, "category", house=house or "—"))
    return found


def _tell_effects(
    table: CheckedTable, case: Case, own: _Price, lines: Sequence[_Line], months: Mapping[Period, bool]
) -> list[Finding]:
    """Tell of one tariff; `lines`: those that it is for."""
    since = [month for month in months if month.first_day >= own.start]
    acting = [month for month in since if any(line.find_price(month.first_day) == own for line in lines)]
    found = _tell_past(table, case, own.turn, [month for month in acting if months[month]], acting)
    now = max(own.start, case.month.first_day)
    behind = [price for line in lines if (price := line.find_price(now))]
    if behind and own not in behind and all(price.form != case.id for price in behind):
        other = max(behind, key=lambda price: price.rank)
        name = "fact.told_by_form" if other.form else "fact.told_by_register"
        facts = table.texts.words(name, **({"submission": other.form} if other.form else {})).facts("source")
        facts |= {"since": Period.of(other.start).form_text, "known": show(other.tariff)}
        code = "tariff.acts_until" if acting and not case.deferred else "tariff.acts_on_nothing"
        found.append(table.make_finding(code, own.turn, "from_month", **facts))
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


def _months_before(case: Case) -> dict[Period, bool]:
    """Return the months of the ledger before the month of account, and whether each is closed."""
    done = {one.month for one in case.office.journal.closes.all() if not one.reopened_at}
    month, months = find_first_month(case.office, case.month), dict[Period, bool]()
    while month < case.month:
        months[month] = month in done
        month = month.plus(1)
    return months


def _earlier_of(case: Case, service: str, base: str, here: Sequence[_Price]) -> list[_Price]:
    """Return the first steps that earlier forms told of the service and base, less those that this form replaces."""
    replaced = {(one.house, one.category, one.start) for one in here}
    known = case.facts("tariffs")
    names = ("service", "base", "threshold", *_COLUMNS, "applies_from", "submission", "sequence")
    rows = [row for row in rows_of(known, *names) if row[:3] == (service, base, None)]
    return [_Price(*row[3:]) for row in rows if (row[3], row[4], row[5]) not in replaced]


def _lines_of(case: Case, service: str, base: str, forms: Sequence[_Price]) -> list[_Line]:
    """Return the kinds of lines of the service and base that the register told, and those that houses brought since,
    each with the tariffs of the register and of forms that fit it."""
    known, lines = case.tariffs_by_account(service, base), case.lines
    rows_by_account = defaultdict[str, list[tuple[str, str | None, date, Decimal | None]]](list)
    for account, house, category, start, tariff in rows_of(known, "account", *_COLUMNS):
        rows_by_account[account].append((house, category, start, tariff))
    kinds = set[_Line]()
    for rows in set(map(tuple, rows_by_account.values())):
        house, category, *_ = max(rows, key=lambda row: row[2])
        prices = (_Price(None, row[1], row[2], row[3], row[2]) for row in rows if row[3] is not None)
        kinds.add(_Line(house, category, min(row[2] for row in rows), frozenset(prices)))
    same = pc.and_(pc.equal(lines["service"], service), pc.equal(lines["base"], base))
    since = pc.invert(pc.is_in(lines["account"], value_set=pc.unique(known["account"]).cast(lines["account"].type)))
    kinds |= {_Line(house, None, date.min) for (house,) in rows_of(lines.filter(pc.and_(same, since)), "house")}
    return [replace(kind, prices=kind.prices | {one for one in forms if kind.takes(one)}) for kind in kinds]
