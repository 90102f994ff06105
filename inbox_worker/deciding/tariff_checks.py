"""Checks of tariffs by steps of consumption (4.3.2.1)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

import pyarrow.compute as pc

from inbox_worker.core.model import Finding
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.opposite_checks import find_sentences_about
from inbox_worker.deciding.table import CheckedTable, check, rows_of, show
from inbox_worker.forms.days_in_words import months_begun
from inbox_worker.forms.values import day as read_day
from inbox_worker.forms.values import read_scaled
from inbox_worker.settings.likeness import code_skeleton

_TARIFF = ("service", "house", "base", "category", "from_month")  # rows that share these are steps of one tariff
_Tariff = tuple[object, ...]
_LONGEST, _EXACT = 200, 4  # characters of a letter that are shown; places of a price
_TOKEN = re.compile(r"[^\s,;:()«»\"]+")
_MOST_HOUSES = 40  # named


@check
def steps_of_tariff(table: CheckedTable, case: Case, base: str) -> list[Finding]:
    """Check that a step (`Сверх`) is of consumption by meters and stands over a first step, which is in this form or is
    known.

    Thresholds that do not rise down the sheet are told: the order of rows does not matter, but one may be mistyped. So
    are steps of earlier forms that stand beside these.
    """
    thresholds: list[Decimal | None] = [table.value(index, "threshold") for index in range(len(table))]
    tariffs: list[_Tariff] = [tuple(table.value(index, name) for name in _TARIFF) for index in range(len(table))]
    found, highest = _tell_standing(table, case, tariffs, thresholds), dict[_Tariff, Decimal]()
    if not any(threshold is not None for threshold in thresholds):
        return found
    firsts = {tariff for tariff, threshold in zip(tariffs, thresholds, strict=True) if threshold is None}
    firsts |= _first_steps(case)
    for index, (tariff, threshold) in enumerate(zip(tariffs, thresholds, strict=True)):
        if threshold is None:
            continue
        if table.value(index, "base") not in (base, None):
            found.append(
                table.make_finding(
                    "tariff.steps_not_metered",
                    index,
                    "threshold",
                    **table.name_bases(table.value(index, "base")).facts("base"),
                )  # fmt: skip
            )
        elif tariff not in firsts and case.customer:
            found.append(table.make_finding("tariff.no_first_step", index, "threshold"))
        if threshold < highest.get(tariff, threshold):
            found.append(table.make_finding("tariff.steps_unordered", index, "threshold", above=show(highest[tariff])))
        highest[tariff] = max(threshold, highest.get(tariff, threshold))
    return found


@check
def begins_as_said(table: CheckedTable, case: Case, *, column: str, before: str, behind: str) -> list[Finding]:
    """Return a finding for each row that begins earlier than a text of it says, `before` a day or `behind` it: the
    price would be charged for days that it was not meant for (4.3.2.1)."""
    found, said = [], _day_after(before, behind)
    for name in (one.name for one in table.rule.columns if one.type == "text"):
        for index, text in enumerate(table.column(name).to_pylist()):
            starts = table.value(index, column)
            days = said.findall(text) if text and starts and text.count(".") > 1 else ()
            later = [day for one in days if (day := read_day("".join(one))) and day > starts]
            if later:
                facts = {"said": show(max(later)), "known": show(starts)}
                found.append(table.make_finding("tariff.begins_later", index, name, **facts))
    in_letter = _find_later_in_letter(table, case, said, column)
    return [*found, *(in_letter or _find_other_month(table, case, column, before, behind))]


def _find_later_in_letter(table: CheckedTable, case: Case, said: re.Pattern[str], column: str) -> list[Finding]:
    """Return a finding where the letter says of its tariffs a day later than any of them begins."""
    starts = [day for day in table.column(column).to_pylist() if day]
    for text in find_sentences_about(case) if starts else ():
        days = [day for one in said.findall(text) if (day := read_day("".join(one)))]
        if days and min(days) > max(starts):
            facts = {"said": show(min(days)), "known": show(max(starts))}
            return [Finding("tariff.begins_later", value=text[:_LONGEST], facts=facts)]
    return []


def _find_other_month(table: CheckedTable, case: Case, column: str, before: str, behind: str) -> list[Finding]:
    """Return a finding where a sentence of the letter says from which months its tariffs count, and none of them is a
    row's."""
    starts = {day for day in table.column(column).to_pylist() if day}
    known = {(year, day.month) for day in starts for year in (0, day.year)}
    for text in find_sentences_about(case) if starts else ():
        said = months_begun(text, before, behind)
        if said and known.isdisjoint(said):
            facts = {"known": show(max(starts))}
            return [Finding("tariff.begins_otherwise", value=text[:_LONGEST], facts=facts)]
    return []


@check
def price_as_said(table: CheckedTable, case: Case, *, column: str, units: list[str]) -> list[Finding]:
    """Return a finding where a sentence of the letter about its tariffs names prices (a number before one of the
    `units`), and none of them is the price of a row: one of the two is a slip (4.3.2.1)."""
    prices = {price for price in table.column(column).to_pylist() if price is not None}
    for text in find_sentences_about(case) if prices else ():
        said = [read_scaled(number.strip(), _EXACT) for number in _before(tuple(units)).findall(text)]
        named = {Decimal(one).scaleb(-_EXACT) for one in said if isinstance(one, int)}
        if named and named.isdisjoint(prices):
            known = "; ".join(map(show, sorted(prices)[:_MOST_HOUSES]))
            return [Finding("tariff.said_otherwise", value=text[:_LONGEST], facts={"known": known})]
    return []


@check
def houses_as_said(table: CheckedTable, case: Case) -> list[Finding]:
    """Return a finding where a sentence of the letter about its tariffs names houses of the Customer, and no row is of
    any of them: the price would be charged in another house (4.3.2.1). A code of digits alone may be any number."""
    here = {code_skeleton(house) for house in table.column("house").to_pylist() if house}
    codes = {code_skeleton(code): code for code in pc.unique(case.lines["house"]).to_pylist() if code} if here else {}
    for text in find_sentences_about(case) if here else ():
        words = {code_skeleton(word.rstrip(".")) for word in _TOKEN.findall(text) if not word.isdecimal()}
        named = [codes[word] for word in sorted(words & codes.keys())]
        if named and here.isdisjoint(words):
            facts = {"houses": ", ".join(named[:_MOST_HOUSES])}
            return [Finding("house.said_otherwise", value=text[:_LONGEST], facts=facts)]
    return []


@lru_cache(maxsize=4)
def _before(units: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"(?i)(?<![\d.,])(\d[\d \u00a0]*(?:[.,]\d{{1,4}})?)\s*(?:{'|'.join(map(re.escape, units))})(?!\w)"
    )


@lru_cache(maxsize=4)
def _day_after(before: str, behind: str) -> re.Pattern[str]:
    day = r"(\d{1,2}\.\d{1,2}\.\d{4})"
    return re.compile(rf"(?i)(?<!\w){re.escape(before)}\s+{day}(?!\d)|(?<!\d){day}\s+{re.escape(behind)}(?!\w)")


@check
def houses_keep(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of a tariff of all houses beside which some keep an earlier one of their own: of the same month or a later
    one, a row with a house goes before a row without, whatever their categories, if they have consumers in common
    (4.3.2.1)."""
    rows = list(rows_of(table.form.rows, *_TARIFF, "threshold"))
    here, kept = {row[:5] for row in rows}, defaultdict[tuple[object, ...], list[tuple[str, object, date]]](list)
    for service, house, base, category, start in rows_of(case.facts("tariffs"), *_TARIFF):
        if house and (service, house, base, category, start) not in here:
            kept[service, base].append((house, category, start))
    found = []
    for index, (service, house, base, category, start, threshold) in enumerate(rows):
        if house or threshold is not None or not start:
            continue
        of_others = (
            one for one in kept[service, base] if one[2] >= start and (None in {category, one[1]} or category == one[1])
        )
        if own := sorted({one[0] for one in of_others}):
            houses = ", ".join(own[:_MOST_HOUSES]) + ", …" * (len(own) > _MOST_HOUSES)
            found.append(table.make_finding("tariff.houses_keep", index, "tariff", houses=houses))
    return found


def _tell_standing(
    table: CheckedTable, case: Case, tariffs: Sequence[_Tariff], thresholds: Sequence[Decimal | None]
) -> list[Finding]:
    """Tell steps of an earlier form that go on beside those of this one: rows of one tariff and date belong together,
    so who tells other thresholds has the old ones, too."""
    here = set(zip(tariffs, thresholds, strict=True))
    standing = defaultdict[_Tariff, dict[Decimal, Decimal]](dict)
    for *tariff, threshold, value in rows_of(case.facts("tariffs"), *_TARIFF, "threshold", "tariff"):
        if threshold is not None and (tuple(tariff), threshold) not in here:
            standing[tuple(tariff)][threshold] = value
    found = []
    for key in dict.fromkeys(tariffs):
        if steps := standing.get(key):
            named = "; ".join(f"{show(threshold)}: {show(value)}" for threshold, value in sorted(steps.items()))
            found.append(table.make_finding("tariff.steps_standing", tariffs.index(key), "threshold", steps=named))
    return found


def _first_steps(case: Case) -> set[_Tariff]:
    """Tariffs of the Customer whose first step counts in the form's month of account already."""
    month: date
    known = set[_Tariff]()
    for *tariff, threshold, month in rows_of(case.facts("tariffs"), *_TARIFF, "threshold", "month"):
        if threshold is None and month <= case.month.first_day:
            known.add(tuple(tariff))
    return known
