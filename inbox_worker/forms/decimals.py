"""Numbers of a column, exactly: float cells by their nearest decimal, texts by their digits."""

from __future__ import annotations

import re
from functools import partial

import numpy as np
import pyarrow as pa

from inbox_worker.core.text import skeleton
from inbox_worker.forms import values
from inbox_worker.forms.bilingual import says_turned_sum
from inbox_worker.forms.column_task import ColumnTask, Ints, Mask, by_distinct
from inbox_worker.workbooks.sheet import CellKind
from inbox_worker.workbooks.shown_otherwise import PERCENTS, shows_otherwise

SCALES = {"money": 2, "tariff": 4, "quantity": 3, "percent": 4, "number": 6, "integer": 0}
_PERCENT_SIGN = re.compile(r"\s*(%|процент\w*|пайыз\w*)\s*$", re.IGNORECASE)
_THREE = 3  # places of a fraction that look like a group of thousands
_DASH_BEHIND = re.compile(r"\d[\d\s]*[.,]?\s*[-−–—]+")  # a minus, or no tiyns
_LONGEST_PERCENT = 100  # characters; in longer ones the sign is not looked for


def exact(unscaled: Ints, known: Mask, precision: int, scale: int) -> pa.Array:
    """Return decimal128 of unscaled integers, null where not known."""
    words = np.empty((len(unscaled), 2), np.int64)
    words[:, 0] = unscaled
    words[:, 1] = unscaled >> 63
    valid = pa.array(known).buffers()[1]
    return pa.Array.from_buffers(pa.decimal128(precision, scale), len(unscaled), [valid, pa.py_buffer(words.tobytes())])


def numbers(task: ColumnTask, scale: int) -> pa.Array:
    """Return exact values of a money, tariff, quantity or whole-number column: too fine is an error."""
    cells, count = task.cells, len(task.cells.kinds)
    unscaled, known = np.zeros(count, np.int64), np.zeros(count, np.bool_)
    at = task.of_kind(CellKind.NUMBER)
    if len(percents := task.of_kind(CellKind.PERCENT)):
        if task.rule.type == "percent":
            at = np.sort(np.concatenate([at, percents]))
        else:
            task.note(percents, "value.percent")
    own = PERCENTS if task.rule.type == "percent" else frozenset[str]()
    at = task.drop_shown_otherwise(at, partial(shows_otherwise, own=own), "value.shown_otherwise")
    finite = np.isfinite(cells.numbers[at])
    task.note(at[~finite], "value.not_a_number")
    at = at[finite]
    shifted = cells.numbers[at] * 10.0**scale
    nearest = np.rint(shifted)
    fits = np.abs(shifted) <= 2.0**53
    with np.errstate(invalid="ignore"):  # 1e308 in tiyns is infinity: it does not fit
        fine = np.abs(shifted - nearest) <= 1e-6 + np.abs(shifted) * 4e-15
    good = fits & fine
    unscaled[at[good]] = nearest[good].astype(np.int64)
    known[at[good]] = True
    task.note_rounded(at[good])
    task.note(at[~fits], "value.too_large")
    task.note(at[fits & ~fine], *_too_precise(scale))
    _written_numbers(task, scale, unscaled, known)
    task.note(task.of_kind(CellKind.BOOL), "value.not_a_number")
    task.note_formatted(task.of_kind(CellKind.DATE, CellKind.DATETIME, CellKind.TIME))
    if task.rule.zero_is_empty:
        known &= unscaled != 0
    if task.rule.type == "integer":
        return pa.array(unscaled, pa.int64(), mask=~known)
    return exact(unscaled, known, 18, scale)


def _too_precise(scale: int) -> tuple[str, dict[str, str]]:
    return ("value.too_precise", {"places": str(scale)}) if scale else ("value.not_whole", {})


def _written_numbers(task: ColumnTask, scale: int, unscaled: Ints, known: Mask) -> None:
    at = task.of_kind(CellKind.TEXT)
    if not len(at):
        return
    said = {skeleton(name): text for text, names in task.rule.spellings.items() for name in names}

    def read(text: str) -> int | values.NotExact:
        bare = _PERCENT_SIGN.sub("", text) if len(text) <= _LONGEST_PERCENT else text
        if task.rule.type == "percent":
            return values.read_scaled(said.get(skeleton(bare), bare), scale)
        if task.rule.type in ("money", "tariff"):
            text = values.written_sum(text)
        found = values.read_scaled(said.get(skeleton(text), text), scale)
        if found is values.NotExact.NOT_A_NUMBER and task.rule.type == "money" and says_turned_sum(text):
            return values.NotExact.IN_WORDS
        if found is values.NotExact.NOT_A_NUMBER and _DASH_BEHIND.fullmatch(text):
            return values.NotExact.DASH_BEHIND
        percent = isinstance(found, values.NotExact) and bare != text and isinstance(values.read_scaled(bare, 6), int)
        if isinstance(found, int) and task.rule.type != "money" and text.lstrip().startswith("+"):
            return values.NotExact.PLUS  # only sums have a sign: elsewhere it may be how much more
        return values.NotExact.PERCENT if percent else found

    texts = task.cells.texts.take(pa.array(at))
    verdicts, which = by_distinct(texts, read)
    unsure = _may_be_thousands(task, texts, scale)
    verdicts = [values.NotExact.THOUSANDS if one else v for one, v in zip(unsure, verdicts, strict=True)]
    numbers = np.array([v if isinstance(v, int) else 0 for v in verdicts], np.int64)
    good = np.array([isinstance(v, int) for v in verdicts], np.bool_)
    unscaled[at], known[at] = numbers[which], good[which]
    for problem in values.NotExact:
        bad = np.array([v is problem for v in verdicts], np.bool_)
        if problem is values.NotExact.THOUSANDS:
            _note_thousands(task, at[bad[which]])
            continue
        if problem is values.NotExact.NOT_A_NUMBER:
            task.note_unread(at[bad[which]], problem.value)
            continue
        precise = problem is values.NotExact.TOO_PRECISE
        code, facts = _too_precise(scale) if precise else (problem.value, {})
        task.note(at[bad[which]], code, facts)


def _may_be_thousands(task: ColumnTask, texts: pa.StringArray, scale: int) -> list[bool]:
    """Return which distinct texts may be thousands: one sign with three digits after it, where no value has so many
    places, where commas part the file's values, or where the column's other fractions have the other sign."""
    distinct = texts.dictionary_encode().dictionary.to_pylist()
    bare = [_PERCENT_SIGN.sub("", text) if len(text) <= _LONGEST_PERCENT else "" for text in distinct]
    signs = [values.group_sign(text) for text in bare]
    if not any(signs):
        return [False] * len(distinct)
    fractions = {values.decimal_sign(text) for text in bare} - {""}
    return [
        bool(sign) and (scale < _THREE or (task.commas and sign == ",") or bool(fractions - {sign})) for sign in signs
    ]


def _note_thousands(task: ColumnTask, at: Ints) -> None:
    for i in at.tolist():
        text = _PERCENT_SIGN.sub("", task.cells.text(i))
        small, large = values.both_readings(text)
        task.note([i], "value.ambiguous_thousands", {"small": small, "large": large})
