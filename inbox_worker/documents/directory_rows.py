"""Rows of the directory (4.1.16): of an account one, made of its lines and meters; what most of a house's accounts pay
stands at the house, and at the account a mark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.documents.grouped import split_rows, starts_of
from inbox_worker.documents.sheet_columns import add_services, fill_empty, number_or_text
from inbox_worker.documents.view import show_date, show_quantity, show_tariff, unit_words
from inbox_worker.settings.form_rules import Bilingual
from inbox_worker.settings.rules import Rules

FIELDS = ("account", "service", "house", "address", "flat", "name", "area", "residents", "base", "tariff", "meter",
          "reading", "from_month")  # fmt: skip
_AT_THE_HOUSES = "•"
_OF_ACCOUNT = ("flat", "account", "name", "area", "residents", "service")  # `service`: the first of the account
_UP = "ascending"
Terms = tuple[str, Decimal | None, str]  # service, tariff and base
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ListedService:
    """A service of the directory: its names, whether accounts of a house differ in its tariff or base, whether it has
    meters."""

    code: str
    words: Bilingual
    differs: bool
    metered: bool


class DirectoryRows:
    """The directory of a Customer, sorted by house, account, service in the bill's order, meter. `lines`: a row a line
    and meter, for the .csv; `services` in the bill's order; `houses`: their lines, whose `inner` are accounts."""

    def __init__(self, table: pa.Table, rules: Rules) -> None:
        self._rules = rules
        known = fill_empty(add_services(table.select(FIELDS), rules), "meter", "")
        known = known.sort_by([(name, _UP) for name in ("house", "account", "order", "meter")])
        self.lines = known.append_column("base_shown", self._bases(known.column("base")))
        self.houses = split_rows(self.lines, ("house",))
        self._starts = starts_of(self.lines, ("house", "account"))
        counts = np.diff(np.append(self._starts, known.num_rows))
        self._account = np.repeat(np.arange(len(self._starts)), counts)  # of each line, from 0
        house = np.repeat(np.arange(len(self.houses)), np.array([house.count for house in self.houses], np.int64))
        self._numbered = self.lines.append_column("at", pa.array(house))
        self._terms = self._count_terms()
        usual = starts_of(self._terms, ("at", "order"))
        self._usual = self._terms.take(pa.array(usual))
        self.services = self._list_services()

    def _bases(self, codes: Any) -> pa.Array:
        """Return bases in both languages."""
        known = pc.unique(codes)
        words = [" / ".join(dict.fromkeys(unit_words(self._rules, code))) for code in known.to_pylist()]
        return pa.array(words, pa.string()).take(pc.index_in(codes, known))

    def _count_terms(self) -> pa.Table:
        """Return tariffs and bases of each house's services, those that most lines have first; of as many the lower
        tariff."""
        keys = ["at", "order", "service", "tariff", "base"]
        counted = self._numbered.group_by(keys, use_threads=False).aggregate([([], "count_all")])
        tariff = counted.column("tariff")
        counted = counted.append_column("lower", pc.fill_null(tariff, pa.scalar(Decimal(0), tariff.type)))
        order = [("at", _UP), ("order", _UP), ("count_all", "descending"), ("lower", _UP), ("base", _UP)]
        return counted.sort_by(order)

    def _list_services(self) -> list[ListedService]:
        several = self._terms.group_by(["at", "order"], use_threads=False).aggregate([([], "count_all")])
        differing = set(several.filter(pc.greater(several.column("count_all"), 1)).column("order").to_pylist())
        metered = set(
            pc.unique(self.lines.filter(pc.not_equal(self.lines.column("meter"), "")).column("service")).to_pylist()
        )
        found = self.lines.group_by(["order", "service", "service_ru", "service_kk"]).aggregate([]).sort_by("order")
        return [
            ListedService(row["service"], Bilingual(ru=row["service_ru"], kk=row["service_kk"]),
                          row["order"] in differing, row["service"] in metered)
            for row in found.to_pylist()
        ]  # fmt: skip

    def accounts(self) -> tuple[pa.Table, list[int]]:
        """Return a row an account, by the names of the sheet's columns, and how many accounts each house has: a mark
        where the house's terms hold, else the tariff, with its base where that is another; meters and readings one
        below the other."""
        own = self.lines.take(pa.array(self._starts))
        cells = {name: own.column(name) for name in _OF_ACCOUNT}
        cells["from_month"] = self._months()
        for service in self.services:
            cells.update(self._service(service))
        ends = np.cumsum([0, *(house.count for house in self.houses)])
        return pa.table(cells), np.diff(np.searchsorted(self._starts, ends)).tolist()

    def usual_terms(self) -> Iterator[list[Terms]]:
        """Yield what most accounts of each house pay, by services in the bill's order."""
        terms = [(row["service"], row["tariff"], row["base"]) for row in self._usual.to_pylist()]
        for house in split_rows(self._usual, ("at",)):
            yield terms[house.start : house.start + house.count]

    def _months(self) -> pa.Array:
        """Return since when each account is in the directory; of several months each."""
        days = self.lines.column("from_month")
        known = pc.unique(days)
        shown = pa.array([day and show_date(day) for day in known.to_pylist()], pa.string())
        texts = shown.take(pc.index_in(days, known))
        return _months_of(_whole(texts), self._account, self._starts)

    def _service(self, service: ListedService) -> dict[str, Any]:
        """Return the columns of a service."""
        places = np.flatnonzero(pc.equal(self.lines.column("service"), service.code).to_numpy())
        accounts = self._account[places]
        first = np.flatnonzero(np.append(True, accounts[1:] != accounts[:-1]))  # a line of a service has several meters
        at = np.full(len(self._starts), -1)
        at[accounts[first]] = np.arange(len(first))
        of_account = pa.array(at, mask=at < 0)
        lines = self._numbered.take(pa.array(places))
        cells = {"tariff": self._marks(service.code, lines.take(pa.array(first)))}
        if service.metered:
            several = np.flatnonzero(np.diff(np.append(first, len(places))) > 1)
            cells["meter"] = _meters_of(_whole(lines.column("meter")), first, several)
            cells["reading"] = _readings_of(_whole(lines.column("reading")), first, several)
        return {f"{name}:{service.code}": cell.take(of_account) for name, cell in cells.items()}

    def _marks(self, code: str, lines: pa.Table) -> pa.Array:
        """Return what stands at an account for its terms."""
        usual = self._usual.filter(pc.equal(self._usual.column("service"), code))
        of_house = usual.take(pc.index_in(lines.column("at"), usual.column("at")))
        tariff, base = lines.column("tariff"), lines.column("base")
        has = pc.is_valid(tariff)
        same_base = pc.equal(base, of_house.column("base"))
        equal = pc.coalesce(
            pc.equal(tariff, of_house.column("tariff")), pc.and_(pc.invert(has), pc.is_null(of_house.column("tariff")))
        )
        texts = pc.if_else(pc.and_(equal, same_base), _AT_THE_HOUSES, pa.scalar(None, pa.string()))
        other = pc.and_(has, pc.invert(same_base))
        if pc.any(other).as_py():
            words = [
                "\n".join((show_tariff(row["tariff"]), *dict.fromkeys(unit_words(self._rules, row["base"]))))
                for row in lines.filter(other).select(["tariff", "base"]).to_pylist()
            ]
            texts = pc.replace_with_mask(texts.combine_chunks(), other.combine_chunks(), pa.array(words, pa.string()))
        return number_or_text(_whole(tariff), _whole(texts))


def _whole(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _months_of(texts: Any, account: Places, starts: Places) -> pa.Array:
    """Return the months of each account's lines, each once, one below the other; most have one."""
    codes = texts.dictionary_encode("encode").indices.to_numpy()
    several = np.unique(account[codes != codes[starts][account]])
    return _replace(texts.take(pa.array(starts)), several, _below(texts, starts, several, once=True))


def _meters_of(meters: Any, starts: Places, several: Places) -> pa.Array:
    """Return the meters of each account, one below the other, as their readings are."""
    return _replace(meters.take(pa.array(starts)), several, _below(meters, starts, several, once=False))


def _below(texts: Any, starts: Places, places: Places, once: bool) -> list[str]:
    ends = np.append(starts[1:], len(texts))
    found = [[text or "" for text in texts[starts[at] : ends[at]].to_pylist()] for at in places]
    return ["\n".join(dict.fromkeys(filter(None, own)) if once else own) for own in found]


def _replace(texts: Any, places: Places, words: list[str]) -> pa.Array:
    mask = np.zeros(len(texts), np.bool_)
    mask[places] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(words, pa.string()))


def _readings_of(readings: Any, starts: Places, several: Places) -> pa.Array:
    """Return the last reading of each account; of several meters a text, one below the other."""
    texts: list[str | None] = [None] * len(starts)
    ends = np.append(starts[1:], len(readings))
    for at in several.tolist():
        own = readings[starts[at] : ends[at]].to_pylist()
        texts[at] = "\n".join("–" if one is None else show_quantity(one) for one in own)
    return number_or_text(readings.take(pa.array(starts)), pa.array(texts, pa.string()))
