"""Days and months of a column: date cells, written dates, and numbers that lost their date format."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Period
from inbox_worker.forms import values
from inbox_worker.forms.column_task import ColumnTask, Ints, Mask, by_distinct
from inbox_worker.forms.days_in_words import without_from, without_to
from inbox_worker.workbooks.cell_values import BEHIND
from inbox_worker.workbooks.number_formats import plain_format
from inbox_worker.workbooks.sheet import CellKind

EPOCH = date(1970, 1, 1).toordinal()
_BEGINNINGS = ("from_date", "since", "counts_from", "changed_on")
_PARTED = re.compile(r"\s*(\d{1,2})([/-])(\d{1,2})\2(?:\d{4}|\d\d)(?!\d)")
_MONTHS = 12
_ENDS = ("until", "to_date", "valid_until")


def days(task: ColumnTask) -> pa.Array:
    """Return days (or first days of months), from date cells, texts, and numbers that lost their format.

    A `first_day`, or a `month` that begins something, is a month or a day that must be its 1st: changes take effect
    only from there (4.3.2).
    """
    cells, kind = task.cells, "first_day" if task.rule.begins else task.rule.type
    bad_code = "value.not_a_month" if task.rule.type == "month" else "value.not_a_date"
    ordinals, known = np.zeros(len(cells.kinds), np.int64), np.zeros(len(cells.kinds), np.bool_)
    _real_dates(task, kind, ordinals, known)
    _note_unseen(task, kind)
    if kind == "date":
        _note_two_orders(task)
    numbers = task.of_kind(CellKind.NUMBER)
    serial = np.array([values.is_serial(n) for n in cells.numbers[numbers].tolist()], np.bool_)
    two_ways = numbers[serial] if task.shift else np.zeros(0, np.int64)
    if task.shift:
        _note_two_readings(task, two_ways)
        numbers = numbers[~serial]
    else:
        task.note(numbers[serial], "value.serial_date")
    for i in numbers.tolist():
        found = _day_of_number(float(cells.numbers[i]), kind)
        if found:
            ordinals[i], known[i] = found.toordinal(), True
    _written_days(task, kind, ordinals, known)
    filled = np.flatnonzero(~np.isin(cells.kinds, (CellKind.EMPTY, CellKind.ERROR, CellKind.FORMULA)))
    filled = np.setdiff1d(filled, two_ways)
    timed = cells.kinds[filled] == CellKind.TIME
    task.note_formatted(filled[timed], "value.no_day")
    _note_unread(task, filled[~timed & ~known[filled]], bad_code)
    if kind == "first_day":
        wrong = [known[i] and date.fromordinal(int(ordinals[i])).day != 1 for i in filled.tolist()]
        later = filled[np.array(wrong, np.bool_)]
        task.note(later, "date.not_first")
        known[later] = False
    elif kind == "month" and task.own:
        _note_inside_months(task, ordinals, known)
    return pa.array((ordinals - EPOCH).astype(np.int32), mask=~known).cast(pa.date32())


def _written_days(task: ColumnTask, kind: str, ordinals: Ints, known: Mask) -> None:
    texts = task.of_kind(CellKind.TEXT)
    if len(texts):
        read: Callable[[str], date | None] = {"month": values.month, "first_day": values.first_day}.get(
            kind, values.day
        )
        if task.rule.begins or task.rule.name in _BEGINNINGS:
            read = _without(read, without_from)
        elif task.rule.name in _ENDS:
            read = _without(read, without_to)
        read = _without(read, values.write_roman_month)
        verdicts, which = by_distinct(task.cells.texts.take(pa.array(texts)), read)
        ordinals[texts] = np.array([v.toordinal() if v else 0 for v in verdicts], np.int64)[which]
        known[texts] = np.array([v is not None for v in verdicts], np.bool_)[which]
        _note_slashes(task, texts)


def _note_inside_months(task: ColumnTask, months: Ints, known: Mask) -> None:
    """Add a warning, one for the column, where a register's month is written as a day that is not its 1st: it counts
    whole (4.3.1)."""
    written, dated, texts = months.copy(), task.of_kind(CellKind.DATE, CellKind.DATETIME), task.of_kind(CellKind.TEXT)
    written[dated] = task.cells.numbers[dated].astype(np.int64)
    for i in task.of_kind(CellKind.NUMBER).tolist():
        if values.is_serial(number := float(task.cells.numbers[i])):
            written[i] = values.day_of_serial(number).toordinal()
    if len(texts):
        days, which = by_distinct(task.cells.texts.take(pa.array(texts)), values.day)
        written[texts] = np.array([day.toordinal() if day else 0 for day in days], np.int64)[which]
    inside = np.flatnonzero(known & (written > months))
    if len(inside):
        month = Period.of(date.fromordinal(int(months[inside[0]]))).form_text
        task.note(inside[:1], "month.counts_whole", {"month": month, "count": str(len(inside))})


def _without(read: Callable[[str], date | None], cut_word: Callable[[str], str]) -> Callable[[str], date | None]:
    """Return what reads a day or month as it is or with such a thing cut or rewritten: the word from or to which it
    counts (`с 01.09.2026`, `01.09.2026 бастап`, `по 07.09.2026`), a Roman month."""

    def read_bare(text: str) -> date | None:
        return read(text) or (read(cut) if (cut := cut_word(text)) != text else None)

    return read_bare


def _note_unread(task: ColumnTask, at: Ints, bad_code: str) -> None:
    """Add an error for each cell that is no day or month; one that only lacks its year is told so."""
    texts = {int(i): task.cells.text(int(i)) for i in at}
    days = {"month": (False,), "first_day": (True, False)}.get(task.rule.type, (True,))  # a first day may be a month
    numbers = {i: [values.without_year(text, one) for one in days] for i, text in texts.items()}
    short = {i: number for i, found in numbers.items() if (number := next(filter(None, found), ""))}
    for i, number in short.items():
        task.note([i], "value.no_year", {"number": number})
    task.note_unread((i for i in at.tolist() if i not in short), bad_code)


def _note_slashes(task: ColumnTask, texts: Ints) -> None:
    """Add a warning, one for the column, to the first day written like 09/10/2026: it is read day first, and nothing in
    the column proves that the month was not meant first, as Excel in English writes."""
    there = pc.match_substring_regex(task.cells.texts.take(pa.array(texts)), r"^\s*\d{1,2} ?/ ?\d").to_numpy(
        zero_copy_only=False
    )
    slashed = {int(i): task.cells.text(int(i)) for i in texts[there.astype(np.bool_)]}
    days = {i: values.day(text) for i, text in slashed.items()}
    two_ways = [i for i, day in days.items() if day and day.day != day.month and day.day <= 12]
    if two_ways and all(day.day <= 12 for day in days.values() if day):
        task.note(two_ways[:1], "value.day_first", {"read": f"{days[two_ways[0]]:%d.%m.%Y}"})


def _note_two_readings(task: ColumnTask, at: Ints) -> None:
    """Add an error for each serial number of a workbook of the date system of 1904: it is a day there, another one in
    Excel's usual system, and which was meant is not ours to guess."""
    for i in at.tolist():
        task.note([i], "value.two_days", two_days(float(task.cells.numbers[i]), task.shift))


def two_days(number: float, shift: int) -> dict[str, str]:
    """Return the days that a serial number is in a workbook's own date system and in the usual one, as facts."""
    own, usual = values.day_of_serial(number + shift), values.day_of_serial(number)
    return {"own": f"{own:%d.%m.%Y}", "usual": f"{usual:%d.%m.%Y}"}


def _real_dates(task: ColumnTask, kind: str, ordinals: Ints, known: Mask) -> None:
    at = task.of_kind(CellKind.DATE, CellKind.DATETIME)
    if not len(at):
        return
    ordinal, which = np.unique(task.cells.numbers[at].astype(np.int64), return_inverse=True)
    found = [date.fromordinal(int(d)) for d in ordinal]
    sane = np.array([values.FIRST_YEAR <= d.year <= values.LAST_YEAR for d in found], np.bool_)
    if kind == "month":
        ordinal = np.array([d.replace(day=1).toordinal() for d in found], np.int64)
    ordinals[at], known[at] = ordinal[which], sane[which]


def _note_unseen(task: ColumnTask, kind: str) -> None:
    """Add a warning, one for the column, to the first date whose format shows no day, or where months are asked for no
    month: a spreadsheet makes the 1st of a month that somebody typed (`10.26` is `окт.26`), and nobody sees it."""
    sign, code = ("d", "value.day_unseen") if kind == "date" else ("m", "value.month_unseen")
    at = task.of_kind(CellKind.DATE, CellKind.DATETIME)
    texts = task.cells.texts_at(at)
    for text in dict.fromkeys(texts) if isinstance(texts, list) else texts.unique().to_pylist():
        written = (text or "").rpartition(BEHIND)[2]
        if written and sign not in written.casefold():
            shown = plain_format(written)
            task.note([int(at[texts.index(text)])], code, {"format": shown, "format_kk": shown})
            return


def _note_two_orders(task: ColumnTask) -> None:
    """Add an error for each date of a column in which a spreadsheet took day for month and month for day, as it seems:
    it left a text what is no date in its order (`25/03/2026`), and has no date whose day is no month, too."""
    at, texts = task.of_kind(CellKind.DATE, CellKind.DATETIME), task.of_kind(CellKind.TEXT)
    days = {int(i): date.fromordinal(int(task.cells.numbers[i])) for i in at} if len(texts) else {}
    if not days or any(day.day > _MONTHS for day in days.values()):
        return
    found = (_PARTED.match(text) for text in task.cells.texts.take(pa.array(texts)).to_pylist())
    left = next((one[0] for one in found if one and max(int(one[1]), int(one[3])) > _MONTHS), "")
    for i, day in days.items() if left else ():
        if day.day != day.month:
            other = day.replace(day=day.month, month=day.day)
            task.note([i], "value.two_orders", {"usual": f"{other:%d.%m.%Y}", "first": left.strip()})


def _day_of_number(number: float, kind: str) -> date | None:
    if values.is_serial(number):
        found = values.day_of_serial(number)
        return found.replace(day=1) if kind == "month" else found
    return None if kind == "date" else values.month_of_number(number)
