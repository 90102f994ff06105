"""Cells of a column -> a typed Arrow array, and a finding for each cell that is not what its column asks for.

Types of arrays: account, text, code, service, services (codes joined by `;`), base, bin, iin, bic, iban, kbe,
emails, choice -> string; yes_no -> bool; money decimal128(18,2); tariff, percent (18,4); quantity (18,3);
number (18,6); integer int64; date, month (its first day), first_day -> date32.
Numbers are vectorised; texts are judged once per distinct value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.forms.cell_units import without_own_unit
from inbox_worker.forms.column_task import ColumnTask, Ints, Mask, by_distinct, matches
from inbox_worker.forms.dates import days
from inbox_worker.forms.decimals import SCALES, numbers
from inbox_worker.forms.ditto import without_marks
from inbox_worker.forms.nothing import empty_cells, unknown, without_nothing
from inbox_worker.forms.sheet_words import Judge, judges
from inbox_worker.forms.text_values import as_texts, texts_of
from inbox_worker.settings.form_rules import ColumnRule, FormRule, PartRule
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.cell_values import BLANK_FORMULA
from inbox_worker.workbooks.sheet import UNSEEN, CellKind, Column


def arrow_type(rule: ColumnRule) -> pa.DataType:
    """Return the Arrow type of a rule column."""
    if rule.type in SCALES and rule.type != "integer":
        return pa.decimal128(18, SCALES[rule.type])
    return {
        "integer": pa.int64(), "yes_no": pa.bool_(),
        "date": pa.date32(), "month": pa.date32(), "first_day": pa.date32(),
    }.get(rule.type, pa.string())  # fmt: skip


def type_column(task: ColumnTask, rules: Rules) -> pa.Array:
    """Return the column as an Arrow array; cells that cannot be read are null and have findings."""
    task.note(task.of_kind(CellKind.ERROR), "value.error_cell")
    task.note(task.of_kind(CellKind.FORMULA), "value.formula_empty")
    _note_looking_empty(task)
    cells, nothing = without_nothing(without_marks(task, without_lost(task), rules.vocabulary), task.rule)
    doubtful = unknown(cells, task.rule)
    if task.rule.required:
        nothing = np.union1d(nothing, doubtful)
    else:
        task.note(doubtful, "value.no_data")
    _note_missing(task, nothing)
    task = replace(task, cells=empty_cells(cells, doubtful) if len(doubtful) else cells)
    if task.rule.type in SCALES:
        return numbers(task, SCALES[task.rule.type])
    if task.rule.type in ("date", "month", "first_day"):
        return days(task)
    if judge := judges(rules, task.rule):
        return _judge_values(task, judge)
    return texts_of(task)


def _note_looking_empty(task: ColumnTask) -> None:
    """Add an error for each cell that only looks empty, where an empty one is an answer: a formula that gives an empty
    text (a search that found nothing), characters that nobody sees."""
    if not task.rule.empty_counts or task.cells.texts.null_count == len(task.cells.texts):
        return
    at = task.of_kind(CellKind.EMPTY)
    texts = task.cells.texts.take(pa.array(at)).to_pylist()
    for i, text in zip(at.tolist(), texts, strict=True):
        if text == BLANK_FORMULA:
            task.note([i], "value.blank_formula")
        elif text == UNSEEN:
            task.note([i], "value.unseen")


def _note_missing(task: ColumnTask, nothing: Ints) -> None:
    """Add an error for each required cell that is empty or says `nothing`, and for each that a merged cell covers."""
    empty = task.of_kind(CellKind.EMPTY) if task.merged or task.rule.required else np.empty(0, np.int64)
    covered = {i: task.merged[int(task.rows[i])] for i in empty.tolist() if int(task.rows[i]) in task.merged}
    for i, merge in covered.items():
        if merge.down or task.rule.required:
            task.note([i], "value.merged", {"range": merge.range, "first": merge.first})
    if not task.rule.required:
        return
    stood = {"stood": "", "stood_kk": ""}
    task.note((i for i in empty.tolist() if i not in covered), "value.missing", stood)
    for i in nothing.tolist():
        stood = task.texts.words("cell.stood", text=task.cells.text(i)).facts("stood")
        task.note([i], "value.missing", stood)


def _judge_values(task: ColumnTask, judge: Judge) -> pa.Array:
    """Return values that must be known or prove themselves, judged once a distinct text; of a refused one what it is
    likely to be, by which the rest of its row is checked."""
    texts = as_texts(task)
    at = np.flatnonzero(texts.is_valid().to_numpy(zero_copy_only=False))
    kind = arrow_type(task.rule)
    if not len(at):
        return pa.nulls(len(texts), kind)
    verdicts, which = by_distinct(texts.take(pa.array(at)), judge)
    coded = np.array([bool(v.code) for v in verdicts], np.bool_)[which]
    facts = task.rule.listed.facts("choices") if task.rule.choices else {}
    for place, verdict in zip(at[coded].tolist(), which[coded].tolist(), strict=True):
        one = verdicts[verdict]
        for wrong in one.wrong or ("",):
            task.note([place], one.code, {**facts, **one.facts.get(wrong, {})}, wrong)
    places = np.full(len(texts), -1, np.int64)
    places[at] = which
    distinct = pa.array([v.likely if v.value is None else v.value for v in verdicts], kind)
    return distinct.take(pa.array(places, mask=places < 0))


def _misread_as(code: str) -> str:
    """Return the pattern (RE2) of Cyrillic in UTF-8 that was read as another code: twice a letter and a sign that never
    stand together in words. Letters that Kazakh and Russian have in that code are left out of the signs."""
    signs = bytes(set(range(0x80, 0xC0)) - {0xA8, 0xB2, 0xB3, 0xB8}).decode(code, "ignore")
    return f"(?:[{bytes((0xD0, 0xD1)).decode(code)}][{re.escape(signs)}]){{2}}"


_LOST = "|".join(("\ufffd", *map(_misread_as, ("cp1251", "cp1252"))))
# a question mark where a program had no code for a letter (Kazakh ones, in a text of Windows-1251)
_ASKED = r"(?:^|[\p{Cyrillic}\s«\"(.-])\?+\p{Cyrillic}|\?{3}"


def without_lost(task: ColumnTask) -> Column:
    """Return the cells without those whose letters were lost: an error each. Texts that nothing is compared with stay,
    with a warning: what is left says enough. So do question marks in the operator's own registers: names of old
    programs have them."""
    cells = task.cells
    texts = cells.kinds == CellKind.TEXT
    lost = texts & matches(cells.texts, _LOST, ignore_case=False)
    asked = texts & _find_asked(cells.texts) & ~lost
    noted = task.rule.type == "text" and not task.compared
    gone = np.zeros(len(lost), np.bool_)
    for at, warned in ((lost, noted), (asked, noted or task.own)):
        task.note(np.flatnonzero(at), "text.letters_lost" if warned else "value.letters_lost")
        gone |= at & (not warned)
    if not gone.any():
        return cells
    kinds = cells.kinds.copy()
    kinds[gone] = CellKind.ERROR
    return replace(cells, kinds=kinds)


def _find_asked(texts: pa.StringArray) -> Mask:
    """Return which texts have a question mark in the place of a letter."""
    data = texts.buffers()[2]
    if data is None or b"?" not in memoryview(data).tobytes():
        return np.zeros(len(texts), np.bool_)
    return np.asarray(pc.fill_null(pc.match_substring_regex(texts, _ASKED), False), np.bool_)


_SAID = (CellKind.ERROR, CellKind.FORMULA)  # the whole column has its finding already
_NOTED = ("text.letters_lost", "value.letters_lost", "value.ditto")  # of the whole column


def type_part(
    part: PartRule, rule: FormRule, rules: Rules, tasks: Mapping[str, ColumnTask], columns: Mapping[str, pa.Array]
) -> pa.Array:
    """Return the part as a typed array, null in rows of another kind; what is wrong is noted at the column's cells.

    `columns`: the form's columns typed so far, `when` looks at them. A column that the sheet lacks gives nulls.
    """
    column, source = rule.column(part.name), tasks.get(part.column)
    if source is None:
        return pa.nulls(len(next(iter(columns.values()))), arrow_type(column))
    cells = without_own_unit(source.cells, column, rules)
    meant = ~np.isin(cells.kinds, _SAID)
    meant[unknown(cells, source.rule)] = False  # noted already
    for name, values in part.when.items():
        there = pc.fill_null(pc.is_in(columns[name], pa.array(values, pa.string())), False)
        meant &= np.asarray(there)
    kinds = np.where(meant, cells.kinds, np.int8(CellKind.EMPTY)).astype(cells.kinds.dtype)
    task = ColumnTask(
        Column(kinds, cells.numbers, cells.texts), column, source.sheet, source.letter, source.rows, source.texts
    )
    array = type_column(task, rules)
    findings = [finding for finding in task.findings if finding.code not in _NOTED]
    if source.rule.type == "text":  # where words are written by rows of another kind
        kind = {"kind": "; ".join(value for values in part.when.values() for value in values)}
        findings = [
            replace(f, code="part.not_a_date", facts={**f.facts, **source.rule.facts, **kind})
            if f.code == "value.not_a_date" else f
            for f in findings
        ]  # fmt: skip
    source.findings.extend(findings)
    return array
