"""Filled columns beside a form's own that would change what it means: another tariff, the other half of a balance,
a category that the ledger does not count by. To leave them out would post something that nobody wrote."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

import numpy as np

from inbox_worker.core.text import LOOKALIKES, fold
from inbox_worker.forms import values
from inbox_worker.forms.bilingual import turns_sign
from inbox_worker.forms.nothing import without_nothing
from inbox_worker.settings.form_rules import ColumnRule
from inbox_worker.settings.vocabulary import Vocabulary
from inbox_worker.workbooks.sheet import CellKind, Column

_WORD = re.compile(r"[^\W\d_]+")
_ANY = ColumnRule(name="any", ru="any", kk="any", type="text")
_RIVALS = ("money", "tariff", "quantity")
# words that make a second number of the same thing: which one is meant?
_ANOTHER = re.compile(
    r"(?i)\b(нов|стар|прежн|измен|утвержд|действующ|итог|всего|исправл|скорр|коррект|верн|правильн|оконч|предл[ао][гж]"
    r"|проект|пересчит|жаңа|ескі|бұрынғы|өзгер|түзет|дұрыс|қолданыстағы|барлығы|бекітілген)"
)
_TAXED = re.compile(r"(?i)\b(ндс|ққс)\b")
_LONGER = re.compile(r"(?i)\b(год|года|начала|нарастающ|дому|жыл|жылдың)\b")  # sums of more than the row's
_OWED = re.compile(r"(?i)\bдолг|задолж|недоплат|берешек|қарыз")
_ADVANCE = re.compile(r"(?i)переплат|\bаванс|артық")


def first_said(cells: Column) -> str:
    """Return the first value that is more than `nothing` and zero, '' when there is none."""
    cells, _ = without_nothing(cells, _ANY)
    filled = np.flatnonzero(cells.kinds != CellKind.EMPTY).tolist()
    said = (cells.text(i) or "?" for i in filled)
    return next((text for text in said if values.read_scaled(text, 6) != 0), "")


_Own = Iterable[tuple[ColumnRule, str, Callable[[], Column]]]


def turned_by(cells: Column, own: _Own) -> str:
    """Return the header of the first column of money, where the cells of a column of signs say more than a plus."""
    signs = {cells.text(i).strip() for i in range(len(cells.kinds))} - {"", "+"}
    return next((header for column, header, _ in own if column.type in _RIVALS), "") if signs else ""


def turned_in(cells: Column, own: _Own, turns: Callable[[str], bool]) -> str:
    """Return the header of the column of money that has a sum above zero in a row where a cell beside says that it goes
    back; '' when there is none."""
    texts = [cells.text(i) for i in range(len(cells.kinds))]
    rows = [i for i, text in enumerate(texts) if text and turns(text)]
    for column, header, there in own if rows else ():
        sums = there() if column.type == "money" else None
        if sums and any(is_above_zero(sums.text(i)) for i in rows if i < len(sums.kinds)):
            return header
    return ""


def is_above_zero(text: str) -> bool:
    """Return whether a written sum is more than zero."""
    found = values.read_scaled(values.written_sum(text), 6)
    return isinstance(found, int) and found > 0


def rival(text: str, cells: Column, own: _Own, meant: str, words: Vocabulary) -> str:
    """Return the header of the form's column that another one beside it may be meant for, or belongs to with the other
    sign; '' when there is none. `own`: the columns of numbers that the table has, their headers
    and cells; `cells`: those of the other column, row by row; `meant`: the form's column that the other one names."""
    one_sided = fold(words.spelled.unit.sub("", text)) in words.one_sides
    numbered = [one for one in own if one[0].type in _RIVALS] if first_said(cells) else []
    for column, header, there in numbered:
        names = column.names
        if _is_other_half(text, header) or (names_all(text, names) and turns_sign(text, names)):
            return header
        another = column.name == meant or (names_all(text, names) and _is_another(text, column, header, words))
        another = another or (column.name == "balance" and one_sided)
        if another and not _are_equal(cells, there()):
            return header
    return ""


def _is_other_half(text: str, header: str) -> bool:
    """Return whether one header says what is owed only, and the other what was paid too much."""
    sides = [(bool(_OWED.search(one)), bool(_ADVANCE.search(one))) for one in (text, header)]
    return sides in ([(True, False), (False, True)], [(False, True), (True, False)])


def _is_another(text: str, column: ColumnRule, header: str, words: Vocabulary) -> bool:
    if column.type == "tariff" and _TAXED.search(text):
        return True
    if column.type == "tariff" and _is_earlier(text, header, words.priced):
        return False
    return bool(_ANOTHER.search(text)) and not _LONGER.search(text) and not _TAXED.search(text)


def _is_earlier(text: str, header: str, priced: Mapping[str, re.Pattern[str]]) -> bool:
    """Return whether a header says what was before, beside one that does not: the old price, or that in force beside
    the new one."""
    was = priced["earlier"].search(text) or (priced["present"].search(text) and priced["new"].search(header))
    return bool(was) and not priced["new"].search(text) and not priced["earlier"].search(header)


def _are_equal(one: Column, other: Column) -> bool:
    if len(one.kinds) != len(other.kinds):
        return False
    pairs = ((one.text(i), other.text(i)) for i in range(len(one.kinds)))
    return all(a == b or values.read_scaled(a, 6) == values.read_scaled(b, 6) for a, b in pairs)


def names_all(text: str, names: Iterable[str]) -> bool:
    """Return whether a header has every word of one of the names."""
    words = _words(text)
    return any(known and all(shares(frozenset((one,)), words) for one in known) for known in map(_words, names))


@lru_cache(maxsize=1000)
def _words(text: str) -> frozenset[str]:
    """Return the words of a header, look-alike letters made the same."""
    return frozenset(w.casefold().replace("ё", "е").translate(LOOKALIKES) for w in _WORD.findall(text) if len(w) > 1)


def shares(words: frozenset[str], known: frozenset[str]) -> bool:
    """Return whether two headers have a word in common: the same one, shortened or with another ending."""
    return any(word == name or _is_form_of(word, name) for word in words for name in known)


def _is_form_of(word: str, name: str) -> bool:
    short = min(len(word), len(name))
    stem = short - 2 if short >= 6 and abs(len(word) - len(name)) <= 3 else short
    return short >= 4 and word[:stem] == name[:stem]
