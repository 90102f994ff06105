"""Lines under the last row of a form: signatures, notes, telephones. They are known by what they lack, not by words.

A line is none of the form's rows when it names no account (or whatever names a row of the form) and has no number in
a column of numbers. Only lines after the last row are looked at: between rows something may have been forgotten.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cached_property

from inbox_worker.forms import values
from inbox_worker.forms.column_task import Ints, Mask
from inbox_worker.forms.decimals import SCALES
from inbox_worker.forms.heads import TableHead
from inbox_worker.forms.sheet_words import judges
from inbox_worker.settings.form_rules import ColumnRule, FormRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.sheet import CellKind, Sheet

_NAMES_A_ROW = re.compile(r"(?:№ ?|#)?(?=\D*\d)[\w./-]+|\d[\d ]+")
_TELEPHONE = re.compile(r"(?i)(тел|факс|моб|сот)?[.: ]*(\+?[78][ (-]*\d{3}[) -]*)?\d{2,3}([ -]\d{2}){1,2}[ -]?\d{0,2}")
_ELEVEN = re.compile(r"\+?[78]\d{10}")
_CALLED = re.compile(r"(?i)\s*(тел|факс|моб|сот|байланыс|whatsapp)")
# what no header and no row has: a label with a colon, a line to sign on, initials, a place for a seal
SIGNED = re.compile(r"[:：]\s*$|_{3}|(?i:^\s*м\.? ?[по]\.?\s*$)|\b[^\W\d_]\.\s?([^\W\d_]\.)?\s*([^\W\d_]{2}|$)")
_TO_SIGN = re.compile(r"[:：]\s*$|_{3}")
_LINE = re.compile(r"_{3}")
_SIGNS = re.compile(
    r"(?i)\s*(директор|руководител|председател|гл\.|главн|бухгалтер|исполнител|подпис|составил|проверил|принял|(дата|күні)\b.*[:_–—-]"
    r"|басшы|төраға|бас есепші|орындаушы|қолы|мөр|дайында|тексер)"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(\.[\w-]+)+")
_DAYS = ("date", "month", "first_day")
_KNOWN = ("service", "services", "base", "category", "choice", "bin", "iban", "bic")
_UNREAD = (CellKind.ERROR, CellKind.FORMULA)
_LONG_KEY = 6
_MANY = 4  # cells of a row; a line to sign on has three: who, where, the name
_MOST_KEYS = 2000  # rows whose key is looked at to learn what keys of the form look like


class Footers:
    """Separates rows of the form from lines under them, by the columns of the sheet."""

    def __init__(self, sheet: Sheet, head: TableHead, rule: FormRule, key: int, rules: Rules) -> None:
        self._sheet, self._key, self._head = sheet, key, head.place
        mapped = head.pair_columns(rule)
        self._mapped = [at for _, at in mapped]
        self._numbers = [at for column, at in mapped if column.type in SCALES and at != key]
        self._days = [at for column, at in mapped if column.type in _DAYS and column.required and at != key]
        self._required = [at for column, at in mapped if column.required]
        self._known: dict[int, Callable[[str], bool]] = {
            at: _knows(column, rules) for column, at in mapped if _lists(column)
        }
        types = {at: column.type for column, at in mapped}
        self._keys = [at for column, at in mapped if at == key or column.type == "account" or column.name == "house"]
        lists = ("text", "service", "services", "base", "category", "choice", *_DAYS)
        self._keys = [at for at in self._keys if types[at] not in lists]
        first = sheet.first_row - 1
        self._down = {
            row - first: top - first
            for top, left, bottom, right in sheet.merged
            if left == key and top >= first
            for row in range(top + 1, min(bottom, first + sheet.height) + 1)
        }

    def drop(self, keep: Mask, places: Ints) -> None:
        """Take the lines after the last row out of `keep`; `places` are the candidates of one table, downwards."""
        self._places = places
        for place in places[::-1].tolist():
            if self.is_row(place) or self._goes_on(place) or self._has_most(place):
                return
            keep[place] = False

    def lines_between(self, places: Ints) -> list[int]:
        """Return lines to sign on among `places`, which lack something that rows have: somebody wrote rows below them.
        They begin with one that says so (`Руководитель ____`); the place for a seal may be the next."""
        found = list[int]()
        for place in places[:_MOST_KEYS].tolist():
            texts = [self._sheet.text(at, place) for at in self._filled_columns(place)]
            to_sign = any(_TO_SIGN.search(text) for text in texts)
            if not to_sign and 4 * self._count(place) >= 3 * len(self._required):
                continue  # a row whose cells are wrong: nobody signs with most of what a row has
            signs = to_sign or any(_SIGNS.match(text) for text in texts)
            if (signs or (found and any(map(is_signature, texts)))) and not self.is_row(place):
                found.append(place)
        return found

    def _goes_on(self, place: int) -> bool:
        """Return whether a line is a row whose cells are wrong, not a signature: right under the header with a digit in
        a cell of the form; right under another line of the table with a second cell beside it."""
        texts = [text for at in self._mapped if (text := self._sheet.text(at, place))]
        if not any(re.search(r"\d", text) for text in texts):
            return False
        if place - 1 == self._head:
            return not any(_TO_SIGN.search(text) for text in texts)
        signed = any(is_signature(text) or values.day(text) for text in texts)
        return place - 1 in self._places and len(texts) >= 2 and not signed

    def _has_most(self, place: int) -> bool:
        """Return whether a line has most of the many things that a row must have, not one to sign on: a row in which
        something was forgotten, though it may name a director."""
        count = self._count(place)
        if count < _MANY or 4 * count < 3 * len(self._required):
            return False
        texts = [self._sheet.text(at, place) for at in self._filled_columns(place)]
        return sum(map(is_signature, texts)) < 2 and not any(_TO_SIGN.search(text) for text in texts)

    def is_row(self, place: int) -> bool:
        """Return whether a line has anything that only rows of the form have."""
        if any(self._holds_number(at, place) for at in self._numbers):
            return True
        if any(is_known(self._sheet.text(at, place)) for at, is_known in self._known.items()):
            return True
        named = self._down.get(place, place)  # the account of a merged cell is in its first row
        if any(self._names_a_row(at, place) for at in self._keys) or self._names_a_row(self._key, named):
            return True
        return self._holds_key_elsewhere(place) or (not self._numbers and self._is_mostly_filled(place))

    def _holds_key_elsewhere(self, place: int) -> bool:
        """Return whether a line of several cells has a long key in another column: its cells slipped aside."""
        texts = [self._sheet.text(at, place) for at in self._filled_columns(place)]
        return len(texts) > 1 and any(len(t) >= _LONG_KEY and self._shapes[_shape(t)] > 0 for t in texts)

    def _names_a_row(self, at: int, place: int) -> bool:
        """Return whether a cell holds an account, a house: a key like those of the rows above, or anything not a
        telephone or a day where the row has more than it."""
        if at not in self._keys:
            return False
        if self._kind(at, place) in _UNREAD:
            return True
        text = self._sheet.text(at, place)
        if not _NAMES_A_ROW.fullmatch(text) or values.day(text):
            return False
        unlike = len(self._filled_columns(place)) == 1 or _TELEPHONE.fullmatch(text)
        return not unlike or not self._shapes or self._shapes[_shape(text)] > 0

    @cached_property
    def _shapes(self) -> Counter[str]:
        """Shapes of keys in rows that have a number or most of what is required."""
        found: Counter[str] = Counter()
        for place in self._places[:_MOST_KEYS].tolist():
            if len(self._filled_columns(place)) > 1 and 2 * self._count(place) > len(self._required):
                keys = [self._sheet.text(at, place) for at in self._keys]
                found.update(_shape(text) for text in keys if _NAMES_A_ROW.fullmatch(text))
        return found

    def _holds_number(self, at: int, place: int) -> bool:
        kind = self._kind(at, place)
        if kind == CellKind.TEXT:
            text = self._sheet.text(at, place)
            found = values.read_scaled(values.written_sum(text), 6)
            number = found is not values.NotExact.NOT_A_NUMBER and not values.day(text)
            return number and not _TELEPHONE.fullmatch(text) and not self._is_telephone(text, place)
        if kind == CellKind.NUMBER and self._is_telephone(self._sheet.text(at, place), place):
            return False
        return kind in (CellKind.NUMBER, *_UNREAD)

    def _is_telephone(self, text: str, place: int) -> bool:
        """Return whether eleven digits in a line are a telephone: the line says so or has a label to sign behind."""
        others = [self._sheet.text(at, place) for at in self._filled_columns(place)]
        return _ELEVEN.fullmatch(text) is not None and any(_CALLED.match(t) or SIGNED.search(t) for t in others)

    def _is_mostly_filled(self, place: int) -> bool:
        """Return whether, without columns of numbers, more than half of the required cells are filled, days in their
        columns."""
        if 2 * self._count(place) <= len(self._required):
            return False
        if not self._days:
            texts = [self._sheet.text(at, place) for at in self._filled_columns(place)]
            return not any(map(is_signature, texts))
        filled = [at for at in self._days if self._sheet.text(at, place)]
        real = sum(self._is_day(at, place) for at in filled)
        named = self._sheet.text(self._key, place)
        words = bool(named) and re.search(r"\d", named) is None
        others = [(known, self._sheet.text(at, place)) for at, known in self._known.items() if at != self._key]
        if words and any(text and not known(text) for known, text in others):
            return False
        return 2 * real > len(filled) if words and filled else real > 0

    def _is_day(self, at: int, place: int) -> bool:
        kind, text = self._kind(at, place), self._sheet.text(at, place)
        return (
            kind in (CellKind.DATE, CellKind.DATETIME, CellKind.NUMBER)
            or (values.first_day(text) or values.month_named(text)) is not None
        )

    def _count(self, place: int) -> int:
        return sum(self._kind(at, place) != CellKind.EMPTY for at in self._required)

    def _filled_columns(self, place: int) -> list[int]:
        return [at for at in self._sheet.columns if self._sheet.text(at, place)]

    def _kind(self, at: int, place: int) -> int:
        column = self._sheet.columns[at]
        return int(column.kinds[place]) if place < len(column.kinds) else int(CellKind.EMPTY)


def is_signature(text: str) -> bool:
    """Return whether a text is part of a signature: a label to sign behind, a name with initials, a telephone."""
    text = _EMAIL.sub("", text)  # `a.ivanov@firm.example` begins like a name with initials
    known = SIGNED.search(text) or _SIGNS.match(text) or _CALLED.match(text)
    return known is not None or _TELEPHONE.fullmatch(text) is not None


def is_line_to_sign(text: str) -> bool:
    """Return whether a text alone says who signs, and where: `Директор ________`."""
    return _SIGNS.match(text) is not None and _LINE.search(text) is not None


def _lists(column: ColumnRule) -> bool:
    return column.type in _KNOWN


def _knows(column: ColumnRule, rules: Rules) -> Callable[[str], bool]:
    """Return whether a cell has a value of the column's list; of an open one (`open`), one that stands in it."""
    judge = judges(rules, column)
    if judge is None:
        return lambda text: False
    return lambda text: bool(text) and (said := judge(text)).value is not None and not (column.open and said.code)


def _shape(text: str) -> str:
    """Return digits and letters made the same, in their order: `A-001` and `B-117` are alike."""
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text))
