"""`explain`: from a number, a document or one of its figures back to the e-mail, the cell and the clause."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from inbox_worker.contract.act_life import find_acts
from inbox_worker.core.files import read_file, sha256_file
from inbox_worker.core.model import Period
from inbox_worker.explain.bank_figures import ORDERS, STATEMENT, explain_bank_figure
from inbox_worker.explain.cell_figures import DocumentFigure, ExplainError, book_figure, named_figure, sheet_figure
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.sources import Sources
from inbox_worker.explain.table_figures import LAST_PAID, TableFigures
from inbox_worker.explain.tree import Explanation
from inbox_worker.ledger.closes import is_of_old_close
from inbox_worker.month.months import find_close
from inbox_worker.month.office import Office

_OF_ALL = ("close_protocol", STATEMENT, ORDERS)  # the operator's own papers, which sum all Customers


def explain_anything(office: Office, what: str, cell: str, on: date, as_of: datetime | None = None) -> list[str]:
    """Return the lines of explanation for a number (`IW-...`) or a file of the outbox or of ledger/books.

    `on`: the day that an act's life is told as of. `as_of`: the moment of a past office, when a file that lies there
    now was perhaps not made yet.
    """
    with Sources(office) as sources:
        return _explain(office, sources, what, cell, on, as_of)


def explain_fully(office: Office, what: str, cell: str, on: date, as_of: datetime | None = None) -> Explanation:
    """Return the same with every cell that it names, what its sender wrote there and the rows around; balances down to
    the first cell of their line."""
    from inbox_worker.explain.originals import Originals

    with Sources(office, to_start=True) as sources, Originals(office) as originals:
        lines = _explain(office, sources, what, cell, on, as_of)
        return Explanation(lines, {words: originals.fill(one) for words, one in sources.cells.items()})


def _explain(office: Office, sources: Sources, what: str, cell: str, on: date, as_of: datetime | None) -> list[str]:
    what = what.strip()
    path = Path(what)
    if path.is_file():
        return _document(office, sources, path, cell.strip(), on, as_of)
    if what.upper().startswith("IW-"):
        return sources.number(what.upper(), cell.strip().upper()) or _unknown(office, what)
    return _unknown(office, what)


def _unknown(office: Office, what: str) -> list[str]:
    """Say what a word that explains nothing is, and where its answer lies. Raises ExplainError, always."""
    from inbox_worker.ledger.sent_documents import find_place

    if not what:
        raise ExplainError("nothing is named; name a number like IW-000012-1, or a document's path")
    arrival, _, form = what.upper().rpartition("-")
    if re.fullmatch(r"IW-\d{6}", arrival) and form.isdecimal():
        forms = [one.id for one in office.journal.submissions.of_arrival(int(arrival[3:]))]
        raise ExplainError(f"there is no form {what.upper()}; {arrival} has {', '.join(forms) or 'none'}")
    if re.fullmatch(r"T-\d+", what.upper()):
        raise ExplainError(f"{what} is a task: `tasks show {what}` tells of it")
    if re.fullmatch(r"\d{12}", what):
        raise ExplainError(f"{what} is the number of a Customer: `contract {what}` shows its page")
    if Path(what).is_dir():
        raise ExplainError(f"{what} is a folder: name a document in it")
    if len(Path(what).parts) > 1 or Path(what).suffix:
        moved = find_place(office.home.outbox, Path(what))
        raise ExplainError(f"there is no file {what}" + (f"; it lies in {moved} now" if moved else ""))
    raise ExplainError(
        f"{what!r} is neither a number like IW-000012 or IW-000012-1 nor a document's path; a figure of an account is "
        "explained by its cell: explain PATH-OF-A-STATEMENT 'SHEET!H9'"
    )


def _document(office: Office, sources: Sources, path: Path, cell: str, on: date, as_of: datetime | None) -> list[str]:
    book = _book_month(office, path)
    if book:
        month, customer = book
        if not cell:
            return [office.say("explained.book", month=month, customer=customer), *_close_lines(office, month)]
        return _book_lines(office, sources, month, path, cell, customer)
    manifest = path.parent / "manifest.json"
    entry = _manifest_entry(manifest, path.name)
    whole = json.loads(read_file(manifest))
    month = Period.parse(whole["month"])
    figures = entry["figures"]
    later = as_of is not None and datetime.fromisoformat(entry["made_at"]) > as_of
    outdated = _not_yet(office, path, entry) if later else _old_close(office, path, entry, month)
    if later and not cell:
        return outdated
    if not cell and (entry["kind"] != "bills" or len(figures) != 1):
        return [*outdated, *_about(office, path, entry, month), *_act_life(office, entry, whole["bin"], month, on)]
    if entry["kind"] == "bills":
        return [*outdated, *_bill_lines(office, sources, month, cell or next(iter(figures)), figures)]
    owner = "" if entry["kind"] in _OF_ALL else whole["bin"]
    changed = sha256_file(path) != entry["sha256"]
    figure = (
        sheet_figure(path, cell, figures, owner, office.rules, changed)
        if path.suffix == ".xlsx"
        else named_figure(cell, figures, owner)
    )
    amended = [f"{path.name}: {office.say('explained.amended')}"] if changed else []
    holds = [office.say("explained.holds", cell=cell, holds=figure.holds)] if changed and figure.holds else []
    if entry["kind"] in (STATEMENT, ORDERS):
        return [*amended, *holds, *explain_bank_figure(office, sources, entry, month, figure)]
    return [*outdated, *amended, *holds, *_figure_lines(office, sources, month, figure)]


def _not_yet(office: Office, path: Path, entry: Mapping[str, Any]) -> list[str]:
    """Say of a document that was made after the moment asked that it was not there; its figures may have been."""
    made_at = datetime.fromisoformat(entry["made_at"])
    return [office.say("explained.not_yet", name=path.name, made_at=f"{made_at:%d.%m.%Y %H:%M:%S}")]


def _old_close(office: Office, path: Path, entry: Mapping[str, Any], month: Period) -> list[str]:
    """Return a line when the document's figures are not the month's any more."""
    standing, made_of = office.journal.closes.find_current_hashes().get(str(month)), entry["made_of"]
    if standing is None or not is_of_old_close(entry["kind"], made_of, standing):
        return []
    if not int(number := made_of.get("close_number", "0")):
        return [office.say("explained.of_draft", name=path.name, month=month)]
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
    files = json.loads(read_file(manifest))["files"]
    if name not in files:
        raise ExplainError(f"{name} is not in {manifest.name}; there are: {', '.join(sorted(files))}")
    entry: Mapping[str, Any] = files[name]
    return entry


def _about(office: Office, path: Path, entry: Mapping[str, Any], month: Period) -> list[str]:
    amended = "" if sha256_file(path) == entry["sha256"] else f" — {office.say('explained.amended')}"
    made_of = ", ".join(f"{name} {value}" for name, value in entry["made_of"].items())
    places = [name for name in entry["figures"] if _is_place(name)]
    what = office.say("explained.a_cell" if path.suffix == ".xlsx" else "explained.a_name")
    template = office.say("explained.template", template=entry["template"]) if entry["template"] else ""
    return [
        office.say("explained.document", name=path.name, kind=entry["kind"], month=month, amended=amended),
        "  " + office.say("explained.hash", sha256=entry["sha256"]),
        "  " + office.say("explained.made", made_at=entry["made_at"], made_of=made_of) + template,
        *_close_lines(office, month),
        "  " + (office.say("explained.how", what=what) + ", ".join(places) if places else _beside(office, path)),
    ]


def _beside(office: Office, path: Path) -> str:
    """Say of a file for programs, which has no figures of its own, where they are explained."""
    return office.say("explained.beside", name=path.with_suffix(".xlsx").name)


def _act_life(office: Office, entry: Mapping[str, Any], customer: str, month: Period, on: date) -> list[str]:
    """Return where an act is in its life, and what says so (4.3.7); nothing of other documents."""
    if entry["kind"] != "act":
        return []
    lives = [act for act in find_acts(office, on) if (act.customer, act.month) == (customer, month)]
    return [
        "  " + office.say(
            "explained.act", number=act.number, state=office.say(f"act_state.{act.state.replace(' ', '_')}"),
            delivered=act.delivered_on or "—", due=act.due or "—",
            answer=" ".join(filter(None, (act.answer, act.task, act.reason, act.ended_by))) or "—", clause="4.3.7",
        )
        for act in lives
    ]  # fmt: skip


def _is_place(name: str) -> bool:
    """Return whether a name is a cell or a column, of another sheet, too (`Платежи!G`), the account of a bill, or a
    figure that people name; others say only where figures stand."""
    sheet, _, own = name.rpartition("!")
    return len(own) <= 3 or own.isdecimal() or (not sheet and (" " in own or own in ("total", "vat")))


def _bill_lines(office: Office, sources: Sources, month: Period, account: str, figures: Mapping[str, str]) -> list[str]:
    if account not in figures:
        raise ExplainError(f"there is no bill of account {account!r} in the file; it has: {', '.join(figures)}")
    return _figure_lines(office, sources, month, DocumentFigure("bill", Where(customer="", account=account)))


def _close_lines(office: Office, month: Period) -> list[str]:
    record = office.journal.closes.in_force(month)
    if record is None:
        return ["  " + office.say("explained.month_open", month=month)]
    close = "  " + office.say(
        "explained.close", month=month, number=record.number, made_at=f"{record.made_at:%d.%m.%Y %H:%M:%S}",
        sha256=record.sha256,
    )  # fmt: skip
    damaged = [
        "  " + office.say("explained.lost", path=path.relative_to(office.home.path))
        for path, *_ in find_close(office, month).problems()
    ]
    return [close, *damaged]


def _book_lines(office: Office, sources: Sources, month: Period, path: Path, cell: str, customer: str) -> list[str]:
    """Return the explanation of a cell of a ledger workbook; what it holds first, where that is not the figure."""
    figure = book_figure(path, cell, customer)
    figures = TableFigures(office, sources, month, figure.where.account, every_payment=figure.field == LAST_PAID)
    lines = figures.explain(figure.field, figure.where)
    value = figures.find_value(figure.field, figure.where)
    if value is None or figure.holds in (str(value), f"{value.normalize():f}"):
        return lines
    changed = f"{path.name}: {office.say('explained.amended')}"
    return [changed, office.say("explained.holds", cell=cell, holds=figure.holds), *lines]


def _figure_lines(office: Office, sources: Sources, month: Period, figure: DocumentFigure) -> list[str]:
    where = figure.where
    ever = figure.field == LAST_PAID
    figures = TableFigures(office, sources, month, where.account, where.customer, every_payment=ever)
    return figures.explain(figure.field, where)
