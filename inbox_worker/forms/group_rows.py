"""Rows between the rows of a form that are none: totals of any kind, headings of groups, a house and its total."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa

from inbox_worker.forms import values
from inbox_worker.forms.column_task import Ints, Mask, matches
from inbox_worker.forms.footers import Footers, is_line_to_sign
from inbox_worker.forms.heads import TableHead
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.workbooks.sheet import CellKind, Sheet

_WORDS = (
    r"итого|итоги?|всего|барлығы|барлыгы|жиыны|жиынтығы|жиынтыгы|қорытынды(сы)?|корытынды(сы)?"
    r"|grand total|sub-?total|total|подытог|промежуточный итог|общий итог|общая сумма"
    r"|жалпы( сома(сы)?| қорытынды)?|аралық (қорытынды|жиын)"
)
_BEGINS = rf"(?i)^[\s*«\"]*({_WORDS})(\s*$|[\s:=.,;(–—-])"
_ENDS = rf"(?i)(^|[\s:.,;–—-])({_WORDS})\s*[:.»\"]*\s*$"
_COUNTED = (
    r"(?i)^\s*(контроль|контрольная (сумма|строка)|бақылау|количество|кол-во|сумма|саны|сомасы)"
    r"(\s*$|\s*[:=–—-]|\s+(\d|по\s|за\s|к\s|сумма|платеж|количество|строк|бойынша|саны|сома))"
)
TOTAL = f"({_BEGINS})|({_ENDS})|({_COUNTED})".replace("(?i)", "")
_TOTAL = re.compile(TOTAL, re.IGNORECASE)
_HOUSE = re.compile(
    r"(?i)\s*((по |для )?(дом(а|у)?|мжд|үй|ул(ица|\.)|мкр|пр(осп|-т)|адрес|объект|көше)(?!\w)|.*\bүйі?\b).*\d"
)
_WHOLE_CELL = re.compile(rf"(?i)\W*({_WORDS})\W*")


def total_rows(sheet: Sheet, head: TableHead, key: int, keep: Mask, incomplete: Mask) -> Ints:
    """Return places of rows that state a total: a word for one in the row, and no account beside it."""
    found = np.zeros(sheet.height, np.bool_)
    for at, column in sheet.columns.items():
        places = np.arange(len(column.kinds))
        places = places[keep[places] & (incomplete[places] | (at == key))]
        if len(places) and column.texts.null_count < len(column.texts):
            found[places[matches(column.texts.take(pa.array(places)), TOTAL)]] = True
    return np.array([place for place in np.flatnonzero(found).tolist() if _is_total(sheet, head, key, place)], np.int64)


def _is_total(sheet: Sheet, head: TableHead, key: int, place: int) -> bool:
    texts = dict(sorted(sheet.row(place).items()))
    named = texts.get(key, "")
    if _TOTAL.search(next(iter(texts.values()), "")) or not re.search(r"\d", named) or _TOTAL.search(named):
        return True
    return any(at in texts and _WHOLE_CELL.fullmatch(texts[at]) for at in head.columns.values() if at != key)


def lone_totals(sheet: Sheet, places: Ints) -> Ints:
    """Return places of rows that say nothing but the word for a total, where a form asks for one column only."""
    said = [[*sheet.row(place).values()] for place in places.tolist()]
    return places[[len(texts) == 1 and _WHOLE_CELL.fullmatch(texts[0]) is not None for texts in said]]


class Groups:
    """Headings of groups in forms whose rows name an account: a house, a street, an entrance between accounts.

    Where a form may name a house instead (tariffs, undelivered days) a heading may say what its rows do not: there it
    stays a row with something missing.
    """

    def __init__(self, sheet: Sheet, head: TableHead, rule: FormRule, footers: Footers) -> None:
        self._sheet, self._footers = sheet, footers
        account = next((c for c in rule.columns if c.type == "account" and c.required), None)
        self._key = head.columns.get(account.name, -1) if account else -1
        self._money = [at for c, at in head.pair_columns(rule) if c.type == "money"]

    @property
    def name_accounts(self) -> bool:
        """Return whether every row of the form names an account."""
        return self._key >= 0

    def is_house(self, place: int) -> bool:
        """Return whether a line is a lone text that names a house: `Дом A-001`."""
        texts = [*self._sheet.row(place).values()]
        return len(texts) == 1 and _HOUSE.match(texts[0]) is not None

    def headings(self, places: Ints) -> list[int]:
        """Return places of headings among a table's rows: a lone text, or words with the sum of their group behind."""
        if self._key < 0 or not len(places):
            return []
        filled = self._count_filled(places)
        found = [place for place in places[filled == 1].tolist() if self._is_heading(place)]
        few = (filled > 1) & (filled <= len(self._money) + 2)  # words and sums
        return found + (self._group_sums(places[few], places, set(found)) if self._money else [])

    def _count_filled(self, places: Ints) -> Ints:
        count = np.zeros(self._sheet.height, np.int64)
        for column in self._sheet.columns.values():
            count[: len(column.kinds)] += column.kinds != CellKind.EMPTY
        return count[places]

    def _is_heading(self, place: int) -> bool:
        texts = self._sheet.row(place)
        [(at, text)] = texts.items() if len(texts) == 1 else [(-1, "")]
        words = re.search(r"[^\W\d_]{2}", text) is not None and not is_line_to_sign(text)
        return words and at <= self._key and not self._footers.is_row(place)

    def _group_sums(self, candidates: Ints, places: Ints, headings: set[int]) -> list[int]:
        """Return rows with words for an account and nothing but sums beside, each the sum of its group's rows."""
        marked = [place for place in candidates.tolist() if self._has_words_and_sums(place)]
        if not marked:
            return []
        bounds, kept = sorted({*marked, *headings}), []
        for place in marked:
            after = next((b for b in bounds if b > place), int(places[-1]) + 1)
            before = max((b for b in bounds if b < place), default=-1)
            below = places[(places > place) & (places < after)]
            above = places[(places > before) & (places < place)]
            if any(self._agrees(place, group) for group in (below, above) if len(group)):
                kept.append(place)
        return kept

    def _has_words_and_sums(self, place: int) -> bool:
        named = self._sheet.text(self._key, place) or self._sheet.text(min(self._sheet.columns), place)
        if not re.search(r"[^\W\d_]{2}", named) or re.fullmatch(r"[\w./-]*\d[\w./-]*", named):
            return False
        filled = self._sheet.row(place).keys() - {self._key, min(self._sheet.columns)}
        return bool(filled) and filled <= set(self._money) and all(self._sum(at, place) is not None for at in filled)

    def _agrees(self, place: int, group: Ints) -> bool:
        stated = {at: total for at in self._money if (total := self._sum(at, place)) is not None}
        sums = {at: sum((self._sum(at, row) or Decimal(0) for row in group.tolist()), Decimal(0)) for at in stated}
        return sums == stated

    def _sum(self, at: int, place: int) -> Decimal | None:
        found = values.read_scaled(values.written_sum(self._sheet.text(at, place)), 2)
        return Decimal(found).scaleb(-2) if isinstance(found, int) else None


def places_left(keep: Mask, stretch: Sequence[int]) -> Ints:
    """Return places of a stretch that may still be rows."""
    first, after = stretch
    return np.flatnonzero(keep[first:after]) + first
