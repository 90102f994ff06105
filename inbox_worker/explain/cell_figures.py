"""Cells of documents and ledger workbooks -> the figures that they hold, and the lines that those sum."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from inbox_worker.core.errors import UseError
from inbox_worker.core.text import fold
from inbox_worker.documents.sheet_columns import TOTAL
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.figures import FIELDS
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.cell_values import column_of, letters

Rows = Sequence[Sequence[Any]]  # of a sheet, from A1
_OLD_TOTAL = TOTAL.replace(" · ", " / ")  # in documents made by an earlier version
_HOLDS_A_FIGURE = re.compile("[-0-9•≥–]")  # a number, or a mark that stands for one
_NOTHING = "—"  # shown for an empty cell
_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]*)")


class ExplainError(UseError):
    """The question cannot be explained; the text says what can."""


@dataclass(frozen=True)
class DocumentFigure:
    """A figure of a document: the ledger's name for it and the lines it sums. `holds`: what its cell holds now, as a
    text; '' where it is no cell."""

    field: str
    where: Where
    holds: str = ""


def named_figure(cell: str, figures: Mapping[str, str], customer: str) -> DocumentFigure:
    if not figures:
        raise ExplainError("this file has no figures of its own: they are explained in the .xlsx beside it")
    if cell not in figures:
        raise ExplainError(f"the document has no figure {cell!r}; it has: {', '.join(figures)}")
    name, _, rest = figures[cell].partition(":")
    service = figures[cell].rsplit(":", 1)[-1] if rest and not rest.rsplit(":", 1)[-1].isdigit() else ""
    return DocumentFigure(name, Where(customer=customer, service=service))


def _split_cell(cell: str) -> tuple[str, int]:
    found = _ADDRESS.fullmatch(cell.upper())
    if not found:
        raise ExplainError(f"{cell!r} is no cell; write it like I8")
    return found[1], int(found[2])


def _read_sheet(path: Path, sheet: str = "") -> tuple[str, Rows]:
    """Return name and values of a sheet, of the first one for ''. Raises ExplainError for what is no workbook."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        read = book.get_sheet_by_name(sheet or book.sheet_names[0])
        return read.name, read.to_python(skip_empty_area=False)
    except CalamineError as error:
        raise ExplainError(f"{path} cannot be read as a workbook: {error}") from error


def _text(rows: Rows, column: str, row: int) -> str:
    """Return what a cell says: '' for an empty one and for zero, whole numbers without places."""
    _, place = column_of(f"{column}1")
    inside = row <= len(rows) and place < len(rows[row - 1])
    value = rows[row - 1][place] if inside else ""
    return f"{value:.15g}" if value and isinstance(value, float) else str(value or "")


def sheet_figure(
    path: Path, cell: str, figures: Mapping[str, str], customer: str, rules: Rules, amended: bool = False
) -> DocumentFigure:
    """Return the figure of a cell; `Лист!G8` names a sheet that is not the first with figures. `amended`: somebody
    changed the file, so a cell of a figure may hold anything."""
    name, _, address = cell.rpartition("!")
    column, row = _split_cell(address)
    own = _of_sheet(figures, name.strip("'"))
    if f"{column}{row}" in own:  # a figure that stands out, outside the table
        _, rows = _read_sheet(path, own["sheet"])
        return DocumentFigure(own[f"{column}{row}"], Where(customer=customer), _read_held(rows, column, row))
    if column not in own or column == "sheet":
        shown = ", ".join(f"{c} {n}" for c, n in figures.items() if len(c.rpartition("!")[2]) <= 2)
        raise ExplainError(f"column {column} holds no figure; figures stand in: {shown}")
    first, last = int(own["first_row"]), int(own["last_row"])
    if not first <= row <= last:
        raise ExplainError(f"row {row} holds no figure; figures stand in rows {first} to {last}")
    _, rows = _read_sheet(path, own["sheet"])
    if not (amended or _HOLDS_A_FIGURE.match(_read_held(rows, column, row).removeprefix(_NOTHING))):
        raise ExplainError(f"cell {column}{row} holds no figure: a heading or nothing stands there")
    keys = {name.removesuffix("_column"): _text(rows, letter, row) for name, letter in own.items()
            if name.endswith("_column")}  # fmt: skip
    field, _, service = own[column].partition(":")  # a column of one service names it
    where = _where({**keys, "service": service or keys.get("service") or own.get("service", "")}, customer, rules)
    return DocumentFigure(field, where, _read_held(rows, column, row))


def _read_held(rows: Rows, column: str, row: int) -> str:
    """Return what a cell holds, as people read it; a mark for nothing."""
    return "0" if _is_zero(rows, column, row) else _text(rows, column, row) or _NOTHING


def _is_zero(rows: Rows, column: str, row: int) -> bool:
    _, place = column_of(f"{column}1")
    return row <= len(rows) and place < len(rows[row - 1]) and rows[row - 1][place] == 0


def _of_sheet(figures: Mapping[str, str], sheet: str) -> Mapping[str, str]:
    if sheet in ("", figures.get("sheet")):
        return figures
    own = {key.partition("!")[2]: value for key, value in figures.items() if key.startswith(f"{sheet}!")}
    if not own:
        known = dict.fromkeys(key.partition("!")[0] for key in figures if "!" in key)
        raise ExplainError(f"sheet {sheet!r} holds no figures; they stand in: {', '.join([figures['sheet'], *known])}")
    return own


def _where(names: Mapping[str, str], customer: str, rules: Rules) -> Where:
    """Return which lines or payments a row sums, by what its columns hold; a total row of the whole table names
    none."""
    if {TOTAL, _OLD_TOTAL} & set(names.values()):
        return Where(customer=customer, service=names.get("service", ""))
    bin_ = names.get("bin", "")  # a total row says so there
    return Where(
        customer=names.get("customer") or (bin_ if bin_.isdecimal() else "") or customer,
        account=names.get("account", ""),
        service=names.get("service") or rules.service_names.get(fold(names.get("service_ru", "")), ""),
        house="" if names.get("account") else names.get("house", ""),
        bank=names.get("bank", ""),
        percent=Decimal(names.get("percent") or 0),
        submission=names.get("submission", ""),
        day=names.get("day", ""),
        row=int(names.get("row") or names.get("order") or 0),
    )


def book_figure(path: Path, cell: str, customer: str) -> DocumentFigure:
    """Return the figure of a cell of a ledger workbook, which names its columns in a hidden row above the header; the
    cover names its figures beside them. `Лист!I8` names a sheet that is not the first."""
    sheet, _, address = cell.rpartition("!")
    column, row = _split_cell(address)
    title, rows = _read_sheet(path, sheet.strip("'"))
    named = next((one for one in rows[: row - 1] if {"account", "service"} <= {str(value) for value in one}), None)
    if named is None:
        beside = [str(value) for value in (rows[row - 1] if row <= len(rows) else ()) if str(value) in FIELDS]
        if beside:
            return DocumentFigure(beside[0], Where(customer=customer), _read_held(rows, column, row))
        raise ExplainError(f"{cell} holds no figure on {title}; figures stand below a header, on each sheet of lines")
    names = {str(name): letters(place) for place, name in enumerate(named) if name}
    field = next((name for name, letter in names.items() if letter == column), "")
    if field not in FIELDS:
        known = ", ".join(f"{letter} {name}" for name, letter in names.items() if name in FIELDS)
        raise ExplainError(f"column {column} holds no figure; figures stand in: {known}")
    account, service = (_text(rows, names[name], row) for name in ("account", "service"))
    where = Where(customer=customer, account="" if account == TOTAL else account, service=service)
    return DocumentFigure(field, where, _read_held(rows, column, row))
