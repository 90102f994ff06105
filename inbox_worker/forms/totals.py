"""The totals that a form states: a register's control count and sum, other forms' `Итого`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding
from inbox_worker.forms import values
from inbox_worker.forms.rows import Rows
from inbox_worker.forms.sheets_of_form import SheetTable
from inbox_worker.settings.form_rules import FormRule
from inbox_worker.settings.texts import Texts
from inbox_worker.workbooks.sheet import CellKind

_COUNT_WORDS = re.compile(r"колич|числ|строк|саны", re.IGNORECASE)
_COUNTED = re.compile(r"(?i)(?<=\d)\s*(шт|строк\w*|плат[её]ж\w*|дана|төлем|жол)\.?\s*$")
SUM_WORDS = re.compile(r"сумм|сома", re.IGNORECASE)


@dataclass(frozen=True)
class Control:
    """The number and sum of rows that a register states; None when it does not (4.1.7)."""

    count: int | None = None
    sum: Decimal | None = None

    def merge_with(self, later: Control) -> Control:
        """Return both statements, the later one's word first."""
        count = self.count if later.count is None else later.count
        return Control(count, self.sum if later.sum is None else later.sum)


def join_controls(parts: Sequence[tuple[Control, pa.Table]]) -> Control:
    """Return what a register of several sheets states, each sheet's statement with its rows: where every sheet states
    a number or a sum, all together, unless each repeats that of the whole register; else the last word of them."""
    whole = Control()
    for control, _ in parts:
        whole = whole.merge_with(control)
    counts = [control.count for control, _ in parts if control.count is not None]
    sums = [control.sum for control, _ in parts if control.sum is not None]
    if len(counts) == len(parts) and set(counts) != {sum(rows.num_rows for _, rows in parts)}:
        whole = replace(whole, count=sum(counts))
    if len(sums) == len(parts) and set(sums) != {sum(_sum_amounts(rows) for _, rows in parts)}:
        whole = replace(whole, sum=sum(sums, Decimal(0)))
    return whole


def _sum_amounts(rows: pa.Table) -> Decimal:
    there = "amount" in rows.column_names
    return (pc.sum(rows.column("amount")).as_py() if there else None) or Decimal(0)


def money(text: str) -> Decimal | None:
    """Return a written sum, None when it is none."""
    found = values.read_scaled(values.written_sum(text), 2)
    return Decimal(found).scaleb(-2) if isinstance(found, int) else None


def whole(text: str) -> int | None:
    """Return a written whole number, None when it is none."""
    found = values.read_scaled(_COUNTED.sub("", text), 0)
    return found if isinstance(found, int) else None


def header_control(table: SheetTable) -> Control:
    """Return `Количество` and `Сумма` among the header pairs."""
    count, total = table.pairs.values.get("count"), table.pairs.values.get("sum")
    return Control(whole(count.text) if count else None, money(total.text) if total else None)


def unread_control(table: SheetTable, rule: FormRule, texts: Texts, places: Iterable[int]) -> list[Finding]:
    """Return control values that are there and no numbers: a count or a sum that cannot be read is not absent."""
    values_of, sheet, findings = table.pairs.values, table.sheet, []
    for key, read in (("count", whole), ("sum", money)):
        cell = values_of.get(key)
        if cell and cell.text and read(cell.text) is None:
            facts = texts.words(f"blank.{key}").facts("column")
            findings.append(Finding("value.not_a_number", cell.sheet, cell.cell, cell.written or cell.text, facts))
    for column, at in table.head.pair_columns(rule):
        for place in places if column.type == "money" else ():
            row, written = sheet.first_row + place, sheet.row(place)
            unread = re.search(r"\d", written.get(at, "")) and at not in dict(_numbers(written))
            if unread and sheet.columns[at].kinds[place] == CellKind.TEXT:
                at_cell = sheet.address(at, place)
                findings.append(Finding("value.not_a_number", sheet.name, at_cell, written[at], column.facts, row))
    return findings


def row_control(table: SheetTable, rule: FormRule, places: Iterable[int]) -> Control:
    """Return control values of totals rows. A row with one number states what it speaks of, a count or a sum; else the
    number under the money column is the sum and another whole one the count (`Итого: 12` too)."""
    control = Control()
    columns = {at for column, at in table.head.pair_columns(rule) if column.type == "money"}
    for place in places:
        texts = table.sheet.row(place)
        numbers = _numbers(texts)
        counting, summing = (any(map(w.search, texts.values())) for w in (_COUNT_WORDS, SUM_WORDS))
        one = len(numbers) == 1 and counting != summing
        sums = [n for at, n in numbers if (summing if one else at in columns)]
        counts = [int(n) for at, n in numbers if (counting if one else at not in columns) and n == int(n)]
        control = control.merge_with(Control(counts[0] if counts else None, sums[0] if sums else None))
    return control


def _numbers(texts: dict[int, str]) -> list[tuple[int, Decimal]]:
    """Return numbers of a totals row with their columns; a number may end the words: `Итого: 12`."""
    found = []
    for at, text in texts.items():
        text = _COUNTED.sub("", values.written_sum(text))
        tail = re.search(r"[:=–—\s]\s*(-?\d[\d\s\u00a0]*(?:[.,]\d+)?)$", text) if text[:1].isalpha() else None
        number = money(tail[1] if tail else text)
        if number is not None:
            found.append((at, number))
    return found


def compare_totals(table: SheetTable, rule: FormRule, picked: Rows, columns: dict[str, pa.Array]) -> list[Finding]:
    """Return a warning for each total of a money column that is neither the sum of the rows above it nor of those since
    one of the totals before (an account's, a house's, a page's)."""
    findings = []
    totals = sorted(picked.totals)
    named = _groups(rule, columns) if totals else {}
    for column, at in table.head.pair_columns(rule) if totals else ():
        if column.type != "money":
            continue
        amounts = [amount or Decimal(0) for amount in columns[column.name].to_pylist()]
        running, begun, sums = 0, Decimal(0), {Decimal(0)}
        for place, after in zip(totals, np.searchsorted(picked.places, totals).tolist(), strict=True):
            since = sum(amounts[running:after], Decimal(0))
            running, begun = after, begun + since
            texts = table.sheet.row(place)
            stated, own = money(texts.get(at, "")), _own_sum(texts, named, amounts)
            over = [] if after else _sums_below(place, picked, amounts)
            if stated is not None and begun - stated not in sums and stated not in (*own, *over):
                meant = own[0] if own else begun if place == totals[-1] and begun != since else since
                meant = over[0] if over and not own else meant
                facts = {**column.facts, "sum": f"{meant}".replace(".", ",")}
                text = f"{stated}".replace(".", ",")
                findings.append(
                    Finding("total.mismatch", table.sheet.name, table.sheet.address(at, place), text, facts)
                )
            sums.add(begun)
    return findings + [found for place in totals if (found := _compare_words(table, rule, picked, columns, place))]


def _sums_below(place: int, picked: Rows, amounts: list[Decimal]) -> list[Decimal]:
    """Return what a total over its rows may be of: all of them, or those down to one of the next totals."""
    ends = np.searchsorted(picked.places, [one for one in sorted(picked.totals) if one > place]).tolist()
    return [sum(amounts[:end], Decimal(0)) for end in (len(amounts), *ends)]


def _compare_words(
    table: SheetTable, rule: FormRule, picked: Rows, columns: dict[str, pa.Array], place: int
) -> Finding | None:
    """Return a warning for a total that stands in words (`Итого: 12 000 тенге`), or under another column, and is the
    sum of no column of money; its sign may be left out."""
    money_columns = [(column, at) for column, at in table.head.pair_columns(rule) if column.type == "money"]
    texts = table.sheet.row(place)
    stated = None if any(at in texts for _, at in money_columns) else _sum_in_words(texts)
    if stated is None or not money_columns:
        return None
    before = [0, *np.searchsorted(picked.places, [one for one in picked.totals if one < place]).tolist()]
    after, sums = int(np.searchsorted(picked.places, place)), list[Decimal]()
    for column, _ in money_columns:
        amounts = [amount or Decimal(0) for amount in columns[column.name].to_pylist()]
        sums += [sum(amounts[begin:after], Decimal(0)) for begin in before] if after else []
        sums += [] if after else _sums_below(place, picked, amounts)
        sums += _own_sum(texts, _groups(rule, columns), amounts)
    if abs(stated) in map(abs, sums):
        return None
    at = min(texts)
    facts = {**money_columns[0][0].facts, "sum": f"{sums[0]}".replace(".", ",")}
    cell, text = table.sheet.address(at, place), f"{stated}".replace(".", ",")
    return Finding("total.mismatch", table.sheet.name, cell, text, facts)


def _sum_in_words(texts: dict[int, str]) -> Decimal | None:
    """Return the one number of a totals row where it is a sum: with a currency, a word for it, or too much to count."""
    numbers, said = [number for _, number in _numbers(texts)], " ".join(texts.values())
    if len(numbers) != 1 or _COUNT_WORDS.search(said) or any(map(_COUNTED.search, texts.values())):
        return None
    summing = SUM_WORDS.search(said) or any(values.without_currency(text) != text for text in texts.values())
    return numbers[0] if summing or abs(numbers[0]) >= _MOST_COUNTED or numbers[0] % 1 else None


_MOST_COUNTED = 1_000  # more in a totals row is a sum


def _groups(rule: FormRule, columns: dict[str, pa.Array]) -> dict[str, list[int]]:
    """Return the rows of each account and house, by its code."""
    found: dict[str, list[int]] = {}
    for column in rule.columns:
        if column.type == "account" or column.name == "house":
            for row, value in enumerate(columns[column.name].to_pylist()):
                if value:
                    found.setdefault(value, []).append(row)
    return found


def _own_sum(texts: dict[int, str], groups: dict[str, list[int]], amounts: list[Decimal]) -> list[Decimal]:
    """Return the sum of the rows of the account or house that a total names (`Итого по 10020002`); none when it names
    none or several."""
    words = {word.strip('.,:;()«»"') for text in texts.values() for word in text.split()}
    named = [groups[word] for word in words if word in groups]
    return [sum((amounts[row] for row in named[0]), Decimal(0))] if len(named) == 1 else []
