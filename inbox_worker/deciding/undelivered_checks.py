"""Checks of undelivered days and of stops beyond a row itself: lines are there, periods of a line do not overlap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding, Period
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CheckedTable, check, show

_LINE = ["account", "service"]
_RowLine = tuple[int, str, str]  # a row's place, an account of it, its service
_KEY = ("named", "house", "from_date")  # `named`: the account as the form has it, empty where it names a house


@check
def service_in_house(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that the Customer has the service on some account of the house named (4.3.2.3)."""
    known = table.among("house", case.lines["house"]) & table.find_filled("service")
    rows = table.where(known & (table.places_in(case.lines, ["house", "service"]) < 0))
    return [table.service_finding("house.no_service", index, house=str(table.value(index, "house"))) for index in rows]


@check
def days_passed(table: CheckedTable, case: Case) -> list[Finding]:
    """Warn of days without service that had not passed when the form came: nobody could know of them yet (4.1.5)."""
    ahead = pc.greater(table.column("to_date"), pa.scalar(case.received_on, pa.date32()))
    return table.each("days.not_passed", ahead, "to_date", received=show(case.received_on))


@check
def periods_apart(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that no day of a line is stated undelivered twice within the form (4.3.2.3); an earlier form in force is
    warned of.

    A row for a house speaks for every account in it; beside a row for one of them it is warned of too. A row that
    replaces an open earlier one with the same key may overlap it. Why only warnings: a corrected file must not be
    refused for what it corrects, and a day of a line counts once, whoever told it (4.1.5).
    """
    lines = _for_pandas(case.lines.select(["house", *_LINE])).drop_duplicates()
    mine = _on_lines(table.frame.assign(place=range(len(table))), lines)
    facts = case.facts("undelivered")
    theirs = _on_lines(_for_pandas(facts).assign(place=-1), lines) if len(facts) else mine.iloc[:0]
    if mine.empty:
        return []
    overlaps, counted = _overlaps(mine, theirs)
    found = _against_earlier(table, overlaps, counted)
    found |= {place: [one] for place, one in _within(table, mine).items()}
    findings = [finding for place in sorted(found) for finding in found[place]]
    every = len({place for place, _, _ in counted}) == len(table)  # else the rows need not be walked through
    if every and all(_days_of(row) <= counted.get(_line_of(row), set()) for row in mine.to_dict("records")):
        findings.append(Finding("undelivered.all_counted"))
    return findings


def _for_pandas(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def _on_lines(rows: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """A row a line and period: house rows are spread over the accounts of the house."""
    if "submission" not in rows:
        rows = rows.assign(submission="", closed=False, month=None)
    columns = ["place", "row", "submission", "closed", "month", "account", "house", "service", "from_date", "to_date"]
    rows = rows[columns].dropna(subset=["service", "from_date", "to_date"])
    single = rows[rows["account"].notna()].assign(named=lambda found: found["account"])
    whole = rows[rows["account"].isna() & rows["house"].notna()].drop(columns="account").assign(named=None)
    spread = whole.merge(lines, on=["house", "service"])
    return pd.concat([single, spread], ignore_index=True)


@dataclass
class _Overlap:
    """The days of a row that an earlier form has on one of its accounts."""

    row: Mapping[Any, Any]
    days: set[date]
    rows: set[int]


def _overlaps(
    mine: pd.DataFrame, theirs: pd.DataFrame
) -> tuple[dict[tuple[int, str], _Overlap], dict[_RowLine, set[date]]]:
    """Return what a row has in common with an earlier form, and the days of its lines that any of them has."""
    overlaps, counted = dict[tuple[int, str], _Overlap](), dict[_RowLine, set[date]]()
    if theirs.empty:
        return overlaps, counted
    both = mine.merge(theirs, on=_LINE, suffixes=("", "_old"))
    both = both[(both["from_date"] <= both["to_date_old"]) & (both["to_date"] >= both["from_date_old"])]
    for row in both.to_dict("records"):
        if row["closed_old"] or not _same_key(row, {name: row[f"{name}_old"] for name in _KEY}):
            place, days = int(row["place"]), _days_of(row) & _days_of(row, "_old")
            found = overlaps.setdefault((place, str(row["submission_old"])), _Overlap(row, set(), set()))
            if row["account"] == found.row["account"]:  # of a house's accounts the first is named
                found.days.update(days)
                found.rows.add(int(row["row_old"]))
            counted.setdefault(_line_of(row), set()).update(days)
    return overlaps, counted


def _line_of(row: Mapping[Any, Any]) -> _RowLine:
    return int(row["place"]), str(row["account"]), str(row["service"])


def _against_earlier(
    table: CheckedTable, overlaps: Mapping[tuple[int, str], _Overlap], counted: Mapping[_RowLine, set[date]]
) -> dict[int, list[Finding]]:
    by_place: dict[int, list[Finding]] = {}
    for (place, submission), found in overlaps.items():
        facts = {
            "submission": submission,
            "old_row": ", ".join(map(str, sorted(found.rows))),
            "days": _spans(found.days),
            "left": _spans(_days_of(found.row) - counted[_line_of(found.row)]),
        }
        code = "undelivered.overlaps_closed" if found.row["closed_old"] else "undelivered.overlaps_earlier"
        month = Period.of(found.row["month_old"]).form_text
        by_place.setdefault(place, []).append(_make_finding(table, found.row, code, month=month, **facts))
    return by_place


def _days_of(row: Mapping[Any, Any], ending: str = "") -> set[date]:
    first, last = row[f"from_date{ending}"], row[f"to_date{ending}"]
    return {first + timedelta(days=one) for one in range((last - first).days + 1)}


def _spans(days: Iterable[date]) -> str:
    """Return days as people write them, those that follow each other as a span; a dash where there are none."""
    spans = list[list[date]]()
    for day in sorted(days):
        if spans and day - spans[-1][-1] == timedelta(days=1):
            spans[-1][1:] = [day]
        else:
            spans.append([day])
    return ", ".join("–".join(map(show, span)) for span in spans) or "—"


def _within(table: CheckedTable, mine: pd.DataFrame) -> dict[int, Finding]:
    ordered = mine.sort_values([*_LINE, "from_date", "place"], ignore_index=True)
    days = pd.to_datetime(ordered["to_date"]).astype("int64")
    reach = days.groupby([ordered[name] for name in _LINE]).cummax()
    same_line = (ordered[_LINE] == ordered[_LINE].shift()).all(axis=1)
    hit = same_line & (pd.to_datetime(ordered["from_date"]).astype("int64") <= reach.shift())
    found: dict[int, Finding] = {}
    for position in [i for i, bad in enumerate(hit.tolist()) if bad]:
        row = ordered.iloc[position].to_dict()
        line = ordered[(ordered["account"] == row["account"]) & (ordered["service"] == row["service"])]
        others = line[(line["from_date"] <= row["to_date"]) & (line["to_date"] >= row["from_date"])]
        other = others[others["place"] != row["place"]].iloc[0].to_dict()
        if not _same_key(row, other):  # a repeated key has its own finding
            alike = pd.isna(row["named"]) == pd.isna(other["named"])
            code = "undelivered.overlap" if alike else "undelivered.overlaps_house"
            found.setdefault(int(row["place"]), _make_finding(table, row, code, first=str(int(other["row"]))))
    return found


def _same_key(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    return all((pd.isna(one[n]) and pd.isna(other[n])) or show(one[n]) == show(other[n]) for n in _KEY)


def _make_finding(table: CheckedTable, row: Mapping[Any, Any], code: str, **facts: str) -> Finding:
    account = str(row["account"])
    return table.make_finding(
        code, int(str(row["place"])), "from_date", account=account, to=show(row["to_date"]), **facts
    )


@check
def stop_has_lines(table: CheckedTable, case: Case) -> list[Finding]:
    """Check that the Customer has lines on the account or in the house of a stop, in the month in which it begins or,
    for it may have begun before the lines, in that of its loading or the next: a stop of nothing would be accepted
    without effect (10.3). A row that ends a stop is taken as it is."""
    loaded = Period.of(case.received_on)
    found, known = [], dict[tuple[str, Period], list[dict[str, str]]]()
    for index in table.where(pc.and_(pc.is_valid(table.column("from_date")), pc.is_null(table.column("to_date")))):
        named = {name: value for name in ("account", "house", "service") if (value := table.value(index, name))}
        owner, begins = str(table.value(index, "bin")), Period.of(table.value(index, "from_date"))
        if not ({"account", "house"} & named.keys()) or owner not in case.customers:
            continue  # told by another check
        months = sorted({begins, *(month for month in (loaded, loaded.plus(1)) if month > begins)})
        for key in ((owner, month) for month in months):
            if key not in known:
                known[key] = case.office.directory.lines(*key).select(["account", "house", "service"]).to_pylist()
        if not any(named.items() <= line.items() for month in months for line in known[owner, month]):
            place = "account" if "account" in named else "house"
            found.append(table.make_finding("stop.no_lines", index, place, month=begins.form_text))
    return found
