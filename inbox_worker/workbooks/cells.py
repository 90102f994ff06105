"""Cells of a stranger's workbook, read by a confined child process that is replaced whenever it fails."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from inbox_worker.core.model import Finding
from inbox_worker.settings.office_rules import Limits
from inbox_worker.workbooks.cell_values import Note, letters
from inbox_worker.workbooks.hiding_rules import HidingRule
from inbox_worker.workbooks.jail import Confined, Ended, ReaderFailure
from inbox_worker.workbooks.preflight import TimeBudget, Unreadable, too_slow
from inbox_worker.workbooks.sheet import LONGEST, UNSEEN, CellKind, Column, Sheet, SheetMarks, Workbook

_VERDICTS = {
    b"P": "workbook.encrypted", b"L": "workbook.too_large", b"S": "sheet.unreadable", b"U": "workbook.unreadable",
}  # fmt: skip
_LAST_CHARACTER = 1 << 31
# an error that a program wrote as its text (CSV, some exports): never a value
_SHOUT = r"(?i)^(?:#[^ #]+[!?]|#(?:n/a|н/д|getting_data|загрузка_данных)|#?(?:err|ошибка|қате):\d{3})$"


class _Died(Exception):
    """The child was ended from outside, in the middle of a file."""


def _column(batches: list[pa.RecordBatch]) -> Column:
    table = pa.Table.from_batches(batches).combine_chunks()
    kinds = table["kind"].to_numpy().astype(np.int8)
    numbers = table["number"].to_numpy(zero_copy_only=False).astype(np.float64)
    texts = table["text"].chunk(0) if len(table) else pa.array([], pa.string())
    if texts.null_count < len(texts):
        as_written = _shorten(texts)
        texts = clean(as_written)
        blank = _find_blank(texts) & (kinds == int(CellKind.TEXT))
        kinds[blank] = int(CellKind.EMPTY)
        written = _all(as_written)
        if blank.any() and (written is None or not _PLAIN.fullmatch(written)):
            texts = pc.if_else(pa.array(blank), _unseen(as_written), texts)
        written = _all(texts)
        if written is not None and "#" not in written and ":" not in written:
            return Column(kinds, numbers, texts)
        shouts = pc.fill_null(pc.match_substring_regex(texts, _SHOUT), False)
        if pc.any(shouts).as_py():
            kinds[shouts.to_numpy(zero_copy_only=False) & (kinds == CellKind.TEXT)] = CellKind.ERROR
    return Column(kinds, numbers, texts)


def _shorten(texts: pa.StringArray) -> pa.StringArray:
    """Return texts with an ellipsis for what stands past LONGEST: it is refused as too long, and a pattern that looks
    through 30 000 characters, made to keep us busy, takes the square of that."""
    if texts.nbytes <= LONGEST or pc.max(pc.binary_length(texts)).as_py() <= LONGEST:
        return texts
    long = pc.greater(pc.utf8_length(texts), LONGEST)
    return pc.if_else(long, pc.utf8_replace_slice(texts, LONGEST, _LAST_CHARACTER, "…"), texts)


def _find_blank(texts: pa.StringArray) -> npt.NDArray[np.bool_]:
    if len(texts) <= _SHORT:
        return np.array([text == "" for text in texts.to_pylist()], np.bool_)
    return np.asarray(pc.fill_null(pc.equal(texts, ""), False))


def _unseen(texts: pa.StringArray) -> pa.StringArray:
    """Return texts of cells that look empty: UNSEEN where they have something that is no blank."""
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(texts), ""), "", UNSEEN)


def decode(payload: bytes) -> Workbook:
    """Return the child's Arrow stream as a workbook. Raises pa.ArrowInvalid when it is damaged."""
    places: dict[int, dict[str, Any]] = {}
    found: dict[int, dict[int, list[pa.RecordBatch]]] = {}
    with pa.ipc.open_stream(payload) as stream:
        for batch, note in stream.iter_batches_with_custom_metadata():
            batch.validate(full=True)
            place = json.loads(note["place"])
            columns = found.setdefault(place["sheet"], {})
            if "marks" in place:
                places[place["sheet"]] = place
            else:
                columns.setdefault(place["column"], []).append(batch)
    return Workbook(tuple(_sheet(place, found[index]) for index, place in sorted(places.items())))


def _sheet(place: dict[str, Any], found: dict[int, list[pa.RecordBatch]]) -> Sheet:
    beside = place["marks"]
    marks = SheetMarks(
        frozenset(f"{letters(column)}{row}" for row, column in beside["zeros"]),
        tuple(beside["hidden_rows"]),
        frozenset(beside["hidden_columns"]),
        beside["formulas"],
        frozenset(beside["worked_out"]),
        frozenset((row, column) for row, column in beside["struck"]),
        frozenset((row, column) for row, column in beside["unseen"]),
        tuple(Note(*note) for note in beside["notes"]),
        frozenset((row, column) for row, column in beside["parted"]),
        frozenset((row, column) for row, column in beside["raised"]),
        tuple(HidingRule(kind, sign, tuple(of), tuple(area), line) for kind, sign, of, area, line in beside["hiding"]),
        frozenset((row, column) for row, column in beside["red"]),
    )
    columns = {at: _column(batches) for at, batches in sorted(found.items())}
    merged = tuple(tuple(one) for one in place["merged"])
    beside = {"delimiter": place.get("delimiter", ""), "lines": place["lines"]}
    return Sheet(place["name"], place["hidden"], place["row"], columns, marks, place["very_hidden"], merged, **beside)


class CellReader:
    """Keeps warm children, each started at its first file and renewed after `limits.files_per_reader`: one reads cells,
    one (`marking`) marks workbooks that go back to their senders, one opens `documents`. They work in turn, and one
    that holds more than `limits.rest_memory` after its file is ended: together they stay below 1 GiB.

    A file whose reading ends the process, or takes longer than what `limits.file_seconds` leaves, gives a finding.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        shares = (limits.read_memory, limits.rest_memory, limits.files_per_reader)
        self._reading = Confined("read_child.py", *shares)
        self.marking = Confined("mark_child.py", *shares)
        self.documents = Confined("document_child.py", *shares)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The reading process, None before the first file."""
        return self._reading.pid

    def begin(self) -> None:
        """Start the reading process, if there is none, while something else is done."""
        self._reading.begin()

    def prepare(self) -> None:
        """Starts the reading process, if need be, before a file's time begins. Raises ReaderFailure (ours)."""
        self._reading.prepare()

    def close(self) -> None:
        """Ends the children."""
        self._reading.close()
        self.marking.close()
        self.documents.close()

    def read(
        self,
        data: bytes,
        kind: str,
        watch: TimeBudget | None = None,
        meanwhile: Callable[[], None] = lambda: None,
        words: Sequence[str] = (),
        laid: Mapping[str, str] | None = None,
    ) -> Workbook:
        """Read the cells of a file; `kind` is its Kind, `watch` what it has taken so far, `words` what its texts may be
        known by when its encoding is in doubt; `laid`: encoding and separator of a bank's file.

        `meanwhile` is done by us while the process reads, perhaps twice; what it raises ends the reading.

        Raises Unreadable (theirs: password, damaged, too large, too slow) or ReaderFailure (ours).
        """
        for _ in range(2):  # a process that somebody else killed says nothing about the file: try once more
            try:
                about = {"kind": kind, "words": words, **(laid or {})}
                return self._read_once(data, about, watch or TimeBudget(), meanwhile)
            except _Died:
                continue
        raise ReaderFailure("the reading process was killed twice from outside; is the machine out of memory?")

    def _read_once(
        self, data: bytes, about: dict[str, Any], watch: TimeBudget, meanwhile: Callable[[], None]
    ) -> Workbook:
        limits, left = self._limits, watch.seconds_left(self._limits)
        if not left:
            raise Unreadable(too_slow(limits))
        most = {"columns": limits.columns, "rows": limits.rows, "cells": limits.cells}
        wanted = {**about, **most, "unpacked": limits.unpacked_total}
        try:
            verdict, payload = self._reading.ask(wanted, data, left, meanwhile)
        except Ended as death:
            raise self._verdict_of(death) from death
        if verdict != b"A":
            place = json.loads(payload) if verdict in (b"L", b"S") and payload else {}
            raise Unreadable(Finding(_VERDICTS[verdict], place.get("sheet", ""), place.get("cell", "")))
        try:
            return decode(payload)
        except (pa.ArrowInvalid, ValueError, LookupError) as error:  # the process was led to speak nonsense
            raise Unreadable(Finding("workbook.unreadable")) from error

    def _verdict_of(self, death: Ended) -> Exception:
        if death.late:
            return Unreadable(too_slow(self._limits))
        if death.from_outside:
            return _Died()
        if death.code == 1:
            return ReaderFailure(f"the reading process failed: {death.words}")
        return Unreadable(Finding("workbook.unreadable"))


# characters without a picture: Unicode Cf, joiners, variation selectors, fillers
_UNSEEN = "[\\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe00-\ufe0f\u2800]"
_SOFT_MINUS = "^\\s*\u00ad(\\s*[\\d(])"  # there it parts no word, and Excel shows it as a hyphen
_MARKS = r"\p{Mn}"  # letters in two parts, as macOS writes them: `и` and a breve for `й`
_QUOTED = r"""^(?:['’‘`´ʼ]+\s*([^'’‘`´ʼ\s][^'’‘`´ʼ]*)|="([^"]*)")$"""
_SHORT = 200  # rows; of them Python has the answer before Arrow has begun
_FEW = 20_000  # bytes; in shorter columns Python looks first, for Arrow compiles a pattern anew each time
_PLAIN = re.compile(r"[\x20-\x7e\s\u0400-\u0482\u048a-\u052f№«»–—²³°]*")  # nothing unseen, no marks


def clean(texts: pa.StringArray) -> pa.StringArray:
    """Return the texts without unseen characters, blanks around and an apostrophe before; letters in one part.

    An apostrophe is kept where another one closes or parts the text (`'Жайлы үй'`, `1'234`).
    """
    written = _all(texts)
    if written is None or not _PLAIN.fullmatch(written):
        if _any(texts, _SOFT_MINUS):
            texts = pc.replace_substring_regex(texts, _SOFT_MINUS, r"-\1")
        if _any(texts, _UNSEEN):
            texts = pc.replace_substring_regex(texts, _UNSEEN, "")
        if _any(texts, _MARKS):
            texts = pc.utf8_normalize(texts, form="NFC")
    texts = pc.utf8_trim_whitespace(texts)
    if (written is None or any(sign in written for sign in "'’‘`´ʼ=")) and _any(texts, _QUOTED):
        texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, _QUOTED, r"\1\2"))
    return texts


def _all(texts: pa.StringArray) -> str | None:
    """Return all characters of a short column, None of a long one."""
    data = texts.buffers()[2]
    return bytes(data).decode("utf-8", "replace") if data is not None and len(data) <= _FEW else None


def _any(texts: pa.StringArray, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(texts, pattern)).as_py())
