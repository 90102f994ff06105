"""The workbook of a whole month read back: every row compared with its mark, every table with its hash, the proofs with
their seal. What differs is named by workbook, sheet and row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from inbox_worker.core.row_hash import canonical_rows, describe_columns, row_mark, rows_hash
from inbox_worker.documents.exact_cells import NotTheValue, reader_of, type_named
from inbox_worker.documents.whole_book import HEAD_ROWS, MARK, PROOFS, SEAL, seal_of, sheet_name
from inbox_worker.documents.whole_tables import CLOSE, FACTS, FILES
from inbox_worker.ledger.book_rows import JOURNAL_TABLES

_MOST_NAMED = 10
_HEAD = ("month", "close", "before", "upto", "journal")
_MONTH = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")
_ANOTHER = "take a whole one from another copy, or write it again by `ledger books` where the ledger is whole"
_PART = 20_000
_PROOF_COLUMNS = 4


@dataclass
class ReadMonth:
    """Keep what a workbook of a whole month says. `hashes`: of its tables; `problems`: what is not what was written."""

    path: Path
    head: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    tables: dict[str, pa.Table] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def month(self) -> str:
        return self.head.get("month", "")

    @property
    def is_known(self) -> bool:
        """Tell whether the sheet of proofs says which month of which ledger this is, after which close."""
        return all(name in self.head for name in _HEAD) and bool(_MONTH.fullmatch(self.month))

    def add(self, sheet: str, what: str) -> None:
        """Note what is wrong with a sheet, as far as people read on."""
        if len(self.problems) < _MOST_NAMED:
            self.problems.append(f"{self.path}, sheet {sheet!r}: {what}")


def read_whole(path: Path) -> ReadMonth:
    """Read a workbook that `ledger books` wrote, and compare it with itself."""
    found = ReadMonth(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        rows = {name: value for name, value, _ in _read_proofs(book, found)}
        for name in found.hashes:
            _read_table(book, name, found, rows[name])
    except (CalamineError, OSError) as error:
        found.problems.append(f"{path} cannot be read as a workbook: {error}; {_ANOTHER}")
    if not found.problems and not found.is_known:
        found.add(PROOFS, f"does not say which month of which ledger it is; {_ANOTHER}")
    return found


def _read_proofs(book: CalamineWorkbook, found: ReadMonth) -> list[tuple[str, int, str]]:
    """Read the sheet of proofs: name, number of rows, hash of each table; the head besides."""
    if PROOFS not in book.sheet_names:
        found.add(PROOFS, f"is not there: it is no workbook of a whole month; {_ANOTHER}")
        return []
    lines: list[tuple[str, str, int]] = []
    seal = ""
    for row in book.get_sheet_by_name(PROOFS).to_python(skip_empty_area=False)[HEAD_ROWS + 1 :]:
        cells = [*row, *[""] * _PROOF_COLUMNS]
        name, value, rows = cells[0], cells[2], cells[3]
        if name == SEAL:
            seal = str(value)
        else:
            lines.append((str(name), str(value), int(rows) if isinstance(rows, float | int) else -1))
    if seal_of(lines) != seal:
        found.add(PROOFS, "differs from its seal: a line of it was changed")
    tables = [(name, rows, value) for name, value, rows in lines if _is_table(name)]
    found.hashes = {name: value for name, _, value in tables}
    found.head = {name: value for name, value, _ in lines if name not in found.hashes}
    return tables


def _is_table(name: str) -> bool:
    return name in (*JOURNAL_TABLES, FILES) or name.startswith((FACTS, CLOSE))


def _read_table(book: CalamineWorkbook, name: str, found: ReadMonth, expected: int) -> None:
    if name not in book.sheet_names:
        found.add(name, "is not there")
        return
    schema = _schema_of(book, name, found)
    if schema is None:
        return
    parts, before = [schema.empty_table()], len(found.problems)
    digest = rows_hash(describe_columns(parts[0]), _read_rows(book, name, schema, found, parts))
    table = found.tables[name] = pa.concat_tables(parts)
    if len(found.problems) > before:
        return
    if table.num_rows != expected:
        found.add(name, f"has {table.num_rows} rows, and {expected} were written")
    elif digest != found.hashes[name]:
        found.add(name, "its rows are not those that were written: their order, or a mark beside a row, was changed")


def _schema_of(book: CalamineWorkbook, name: str, found: ReadMonth) -> pa.Schema | None:
    first = next(book.get_sheet_by_name(name).iter_rows(), [])
    *named, last = [str(cell) for cell in first] or [""]
    try:
        if last != MARK:
            raise NotTheValue(last)
        columns = [(one.partition(":")[0], type_named(one.partition(":")[2])) for one in named]
    except NotTheValue as error:
        found.add(name, f"its hidden first row is not what was written: {str(error)!r}")
        return None
    return pa.schema(columns)


def _read_rows(
    book: CalamineWorkbook, name: str, schema: pa.Schema, found: ReadMonth, parts: list[pa.Table]
) -> Iterator[str]:
    """Yield each row's text and add the rows to `parts`; a row that is not what its mark says is noted."""
    readers = [reader_of(field.type) for field in schema]
    cells = _cells_of(book, name)
    while some := list(islice(cells, _PART)):
        rows = []
        for sheet, number, row in some:
            try:
                values = [read(cell) for read, cell in zip(readers, row, strict=False)]
            except NotTheValue as error:
                found.add(sheet, f"row {number} holds {str(error)!r}, which is not what was written")
                values = []
            rows.append(dict(zip(schema.names, values, strict=False)))
        part = pa.Table.from_pylist(rows, schema=schema)
        parts.append(part)
        for (sheet, number, row), line in zip(some, canonical_rows(part), strict=True):
            if [row_mark(line)] != row[len(schema) : len(schema) + 1]:
                found.add(sheet, f"row {number} is not what was written: a cell of it was changed")
            yield line


def _cells_of(book: CalamineWorkbook, name: str) -> Iterator[tuple[str, int, Sequence[Any]]]:
    """Yield the rows of a table with their places, from all sheets that it goes on."""
    for part in count():
        sheet = sheet_name(name, part)
        if sheet not in book.sheet_names:
            return
        for number, row in enumerate(book.get_sheet_by_name(sheet).iter_rows(), 1):
            if number > HEAD_ROWS:
                yield sheet, number, row
