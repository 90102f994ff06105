"""Totals that a letter says of its forms (`на общую сумму 12 774,90`, `всего 15 строк`), compared (4.1.15)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from inbox_worker.deciding.case import Case
from inbox_worker.forms import values
from inbox_worker.settings.task_rules import TaskRule

_SUM = r"[\s:=–—-]{0,4}(?P<number>\d[\d\s\u00a0]*(?:[.,]\d{1,2})?)(?!\d)"
_PLACES = 2


def find_other_total(text: str, cases: Sequence[Case], words: TaskRule) -> str:
    """Return the first total that a letter's own text says and that is none of its forms'; '' where there is none. A
    sum may be that of a row, of a form or of all of them, without its sign."""
    read = [case for case in cases if case.form.rows.num_rows]
    if not read:
        return ""
    counts = [case.form.rows.num_rows for case in read]
    said = list(_of_sums(words.sums, words.multiples).finditer(text.casefold()))
    sums = set(_sums_of(read)) if said else set()
    for found in said:
        number = values.read_scaled(found["number"].strip(), _PLACES)
        if sums and isinstance(number, int) and Decimal(number).scaleb(-_PLACES) not in sums:
            return found[0].strip()
    for found in _of_counts(words.totals, words.counted).finditer(text.casefold()):
        if int(found["number"]) not in {*counts, sum(counts)}:
            return found[0].strip()
    return ""


def _sums_of(cases: Sequence[Case]) -> Iterator[Decimal]:
    """Yield what a sum in a letter may be, without signs: of one row, of a column, of all forms."""
    columns = [(case, one.name) for case in cases for one in case.rule.columns if one.type == "money"]
    signed = [[one for one in case.form.rows.column(name).to_pylist() if one is not None] for case, name in columns]
    for amounts in signed:
        yield from map(abs, amounts)
    every = [one for amounts in signed for one in amounts]
    for amounts in (*signed, every) if signed else ():
        yield abs(sum(amounts, Decimal(0)))
        yield sum(map(abs, amounts), Decimal(0))


@lru_cache(maxsize=4)
def _of_sums(words: tuple[str, ...], multiples: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_any(words)}){_SUM}(?!\s*(?:{_any(multiples)}))")


@lru_cache(maxsize=4)
def _of_counts(words: tuple[str, ...], counted: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_any(words)})[\s:–—-]{{1,4}}(?P<number>\d{{1,6}})\s+(?:{_any(counted)})")


def _any(words: Sequence[str]) -> str:
    return "|".join(map(re.escape, words)) or "(?!)"
