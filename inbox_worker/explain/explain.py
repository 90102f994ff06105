"""`explain`: from a number, a document or one of its figures back to the e-mail, the cell and the clause."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from inbox_worker.contract.act_life import find_acts
from inbox_worker.core.errors import UseError
from inbox_worker.core.files import sha256_file
from inbox_worker.core.model import Period
from inbox_worker.core.text import fold
from inbox_worker.documents.sheet_columns import TOTAL
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.figures import FIELDS
from inbox_worker.explain.sources import Sources
from inbox_worker.explain.table_figures import TableFigures
from inbox_worker.explain.tree import Explanation
from inbox_worker.ledger.closes import is_of_old_close
from inbox_worker.month.months import find_close
from inbox_worker.month.office import Office
from inbox_worker.settings.rules import Rules
from inbox_worker.workbooks.cell_values import column_of, letters

Rows = Sequence[Sequence[Any]]  # of a sheet, from A1
_OLD_TOTAL = TOTAL.replace(" · ", " / ")  # in documents made by an earlier version
_HOLDS_A_FIGURE = re.compile("[-0-9•≥–]")  # a number, or a mark that stands for one
_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]*)")


class ExplainError(UseError):
    """The question cannot be explained; the text says what can."""


@dataclass(frozen=True)
class _Figure:
    """A figure of a document: the ledger's name for it and the lines it sums."""

    field: str
    where: Where


def explain_anything(office: Office, what: str, cell: str, on: date) -> list[str]:
    """Return the lines of explanation for a number (`IW-...`) or a file of the outbox or of ledger/books.

    `on`: the day that an act's life is told as of.
    """
    with Sources(office) as sources:
        return _explain(office, sources, what, cell, on)


def explain_fully(office: Office, what: str, cell: str, on: date) -> Explanation:
    """Return the same with every cell that it names: what its sender wrote there and the rows around."""
    from inbox_worker.explain.originals import Originals

    with Sources(office) as sources, Originals(office) as originals:
        lines = _explain(office, sources, what, cell, on)
        return Explanation(lines, {words: originals.fill(one) for words, one in sources.cells.items()})


def _explain(office: Office, sources: Sources, what: str, cell: str, on: date) -> list[str]:
    path = Path(what)
    if path.is_file():
        return _document(office, sources, path, cell.strip(), on)
    if what.upper().startswith("IW-"):
        return sources.number(what.upper(), cell.strip().upper()) or _unknown(what)
    return _unknown(what)


def _unknown(what: str) -> list[str]:
    raise ExplainError(f"{what!r} is neither a number like IW-000012 or IW-000012-1 nor a document's path")


def _document(office: Office, sources: Sources, path: Path, cell: str, on: date) -> list[str]:
    book = _book_month(office, path)
    if book:
        month, customer = book
        if not cell:
            return [office.say("explained.book", month=month, customer=customer), *_close_lines(office, month)]
        return _figure_lines(office, sources, month, _book_figure(path, cell, customer))
    manifest = path.parent / "manifest.json"
    entry = _manifest_entry(manifest, path.name)
    whole = json.loads(manifest.read_text("utf-8"))
    month = Period.parse(whole["month"])
    figures = entry["figures"]
    outdated = _old_close(office, path, entry, month)
    if not cell and (entry["kind"] != "bills" or len(figures) != 1):
        return [*outdated, *_about(office, path, entry, month), *_act_life(office, entry, whole["bin"], month, on)]
    if entry["kind"] == "bills":
        return [*outdated, *_bill_lines(office, sources, month, cell or next(iter(figures)), figures)]
    owner = "" if whole["bin"] == office.home.operator.bin else whole["bin"]  # the operator's own papers sum all
    figure = (
        _sheet_figure(path, cell, figures, owner, office.rules)
        if path.suffix == ".xlsx"
        else _named_figure(cell, figures, owner)
    )
    amended = [] if sha256_file(path) == entry["sha256"] else [f"{path.name}: {office.say('explained.amended')}"]
    return [*outdated, *amended, *_figure_lines(office, sources, month, figure)]


def _old_close(office: Office, path: Path, entry: Mapping[str, Any], month: Period) -> list[str]:
    """Return a line when the document's figures are not the month's any more."""
    standing, made_of = office.journal.closes.find_current_hashes().get(str(month)), entry["made_of"]
    if standing is None or not is_of_old_close(entry["kind"], made_of, standing):
        return []
    number = made_of.get("close_number", "0")
    return [office.say("explained.old_close", name=path.name, number=number, month=month)]


def _book_month(office: Office, path: Path) -> tuple[Period, str] | None:
    inside = path.absolute()
    books = (office.home.ledger / "books").absolute()
    if not inside.is_relative_to(books):
        return None
    return Period.parse(inside.parent.name), inside.stem


def _manifest_entry(manifest: Path, name: str) -> Mapping[str, Any]:
    if not manifest.is_file():
        raise ExplainError(f"{manifest} is missing: only documents of the outbox and ledger workbooks are explained")
    files = json.loads(manifest.read_text("utf-8"))["files"]
    if name not in files:
        raise ExplainError(f"{name} is not in {manifest.name}; there are: {', '.join(sorted(files))}")
    entry: Mapping[str, Any] = files[name]
    return entry


def _about(office: Office, path: Path, entry: Mapping[str, Any], month: Period) -> list[str]:
    amended = "" if sha256_file(path) == entry["sha256"] else f" — {office.say('explained.amended')}"
    made_of = ", ".join(f"{name} {value}" for name, value in entry["made_of"].items())
    places = [
        name
        for name in entry["figures"]
        if len(name) <= 3 or " " in name or name in ("total", "vat") or _is_place(name)
    ]
    what = office.say("explained.a_cell" if path.suffix == ".xlsx" else "explained.a_name")
    template = office.say("explained.template", template=entry["template"]) if entry["template"] else ""
    return [
        office.say("explained.document", name=path.name, kind=entry["kind"], month=month, amended=amended),
        "  " + office.say("explained.hash", sha256=entry["sha256"]),
        "  " + office.say("explained.made", made_at=entry["made_at"], made_of=made_of) + template,
        *_close_lines(office, month),
        "  " + office.say("explained.how", what=what) + ", ".join(places),
    ]


def _act_life(office: Office, entry: Mapping[str, Any], customer: str, month: Period, on: date) -> list[str]:
    """Return where an act is in its life, and what says so (4.3.7); nothing of other documents."""
    if entry["kind"] != "act":
        return []
    lives = [act for act in find_acts(office, on) if (act.customer, act.month) == (customer, month)]
    return [
        "  " + office.say(
            "explained.act", number=act.number, state=office.say(f"act_state.{act.state.replace(' ', '_')}"),
            delivered=act.delivered_on or "—", due=act.due or "—",
            answer=" ".join(filter(None, (act.answer, act.task, act.reason))) or "—", clause="4.3.7",
        )
        for act in lives
    ]  # fmt: skip


def _is_place(name: str) -> bool:
    """Return whether a name is a column of another sheet (`Платежи!G`), or the account of a bill."""
    return name.isdecimal() or len(name.rpartition("!")[2]) <= 2


def _bill_lines(office: Office, sources: Sources, month: Period, account: str, figures: Mapping[str, str]) -> list[str]:
    if account not in figures:
        raise ExplainError(f"there is no bill of account {account!r} in the file; it has: {', '.join(figures)}")
    return _figure_lines(office, sources, month, _Figure("bill", Where(customer="", account=account)))


def _close_lines(office: Office, month: Period) -> list[str]:
    record = office.journal.closes.in_force(month)
    if record is None:
        return ["  " + office.say("explained.month_open", month=month)]
    close = "  " + office.say(
        "explained.close", month=month, number=record.number, made_at=record.made_at.isoformat(), sha256=record.sha256
    )
    damaged = [
        "  " + office.say("explained.lost", path=path.relative_to(office.home.path))
        for path, *_ in find_close(office, month).problems()
    ]
    return [close, *damaged]


def _named_figure(cell: str, figures: Mapping[str, str], customer: str) -> _Figure:
    if cell not in figures:
        raise ExplainError(f"the document has no figure {cell!r}; it has: {', '.join(figures)}")
    name, _, rest = figures[cell].partition(":")
    service = figures[cell].rsplit(":", 1)[-1] if rest and not rest.rsplit(":", 1)[-1].isdigit() else ""
    return _Figure(name, Where(customer=customer, service=service))


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


def _sheet_figure(path: Path, cell: str, figures: Mapping[str, str], customer: str, rules: Rules) -> _Figure:
    """Return the figure of a cell; `Лист!G8` names a sheet that is not the first with figures."""
    name, _, address = cell.rpartition("!")
    column, row = _split_cell(address)
    own = _of_sheet(figures, name.strip("'"))
    if f"{column}{row}" in own:  # a figure that stands out, outside the table
        return _Figure(own[f"{column}{row}"], Where(customer=customer))
    if column not in own or column == "sheet":
        shown = ", ".join(f"{c} {n}" for c, n in figures.items() if len(c.rpartition("!")[2]) <= 2)
        raise ExplainError(f"column {column} holds no figure; figures stand in: {shown}")
    first, last = int(own["first_row"]), int(own["last_row"])
    if not first <= row <= last:
        raise ExplainError(f"row {row} holds no figure; figures stand in rows {first} to {last}")
    _, rows = _read_sheet(path, own["sheet"])
    if not _HOLDS_A_FIGURE.match(_text(rows, column, row) or ("0" if _is_zero(rows, column, row) else "")):
        raise ExplainError(f"cell {column}{row} holds no figure: a heading or nothing stands there")
    keys = {name.removesuffix("_column"): _text(rows, letter, row) for name, letter in own.items()
            if name.endswith("_column")}  # fmt: skip
    field, _, service = own[column].partition(":")  # a column of one service names it
    where = _where({**keys, "service": service or keys.get("service") or own.get("service", "")}, customer, rules)
    return _Figure(field, where)


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
    return Where(
        customer=names.get("bin") or customer,
        account=names.get("account", ""),
        service=names.get("service") or rules.service_names.get(fold(names.get("service_ru", "")), ""),
        house="" if names.get("account") else names.get("house", ""),
        bank=names.get("bank", ""),
        percent=Decimal(names.get("percent") or 0),
        submission=names.get("submission", ""),
        day=names.get("day", ""),
        row=int(names.get("row") or 0),
    )


def _book_figure(path: Path, cell: str, customer: str) -> _Figure:
    """Return the figure of a cell of a ledger workbook, which names its columns in a hidden row above the header; the
    cover names its figures beside them. `Лист!I8` names a sheet that is not the first."""
    sheet, _, address = cell.rpartition("!")
    column, row = _split_cell(address)
    title, rows = _read_sheet(path, sheet.strip("'"))
    named = next((one for one in rows[: row - 1] if {"account", "service"} <= {str(value) for value in one}), None)
    if named is None:
        beside = [str(value) for value in (rows[row - 1] if row <= len(rows) else ()) if str(value) in FIELDS]
        if beside:
            return _Figure(beside[0], Where(customer=customer))
        raise ExplainError(f"{cell} holds no figure on {title}; figures stand below a header, on each sheet of lines")
    names = {str(name): letters(place) for place, name in enumerate(named) if name}
    field = next((name for name, letter in names.items() if letter == column), "")
    if field not in FIELDS:
        known = ", ".join(f"{letter} {name}" for name, letter in names.items() if name in FIELDS)
        raise ExplainError(f"column {column} holds no figure; figures stand in: {known}")
    account, service = (_text(rows, names[name], row) for name in ("account", "service"))
    return _Figure(field, Where(customer=customer, account="" if account == TOTAL else account, service=service))


def _figure_lines(office: Office, sources: Sources, month: Period, figure: _Figure) -> list[str]:
    return TableFigures(office, sources, month, figure.where.account).explain(figure.field, figure.where)
