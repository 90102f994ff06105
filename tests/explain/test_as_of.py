"""What was known at a moment: letters, decisions, closes, Customers of then; and what changed since (4.1.17)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest

from inbox_worker.contract.page import describe_contract
from inbox_worker.core.model import Period
from inbox_worker.deciding.past_office import open_past_office
from inbox_worker.explain.explain import explain_anything
from inbox_worker.explain.since import explain_since, find_differences
from inbox_worker.explain.tree import Explanation
from inbox_worker.month.months import find_close, is_closed
from inbox_worker.month.office import Office
from inbox_worker.outbox.publish import render_documents
from tests.faults.killer import Ran
from tests.support.fixtures import copies_of
from tests.support.here import Runner
from tests.support.office import TODAY, TownOffice, bin_of, customer, line, moment, payment
from tests.support.papers import SCAN, File

MONTH = Period(2026, 9)
PRICE = {"service": "maintenance", "base": "м²", "tariff": "40", "from_month": "09.2026", "basis": "№ 1"}


def town(office: TownOffice) -> None:
    """20.08 a price without its minutes, 25.08 the minutes; closed on 05.10, opened and closed again on 12.10."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))
    held = office.ingest("tariffs", [PRICE], received="2026-08-20")
    office.mail([File("протокол.pdf", SCAN.data)], received="2026-08-25", text=held.id)
    office.close("2026-09", now="2026-10-05")
    office.reopen("2026-09", now="2026-10-10")
    office.load_payments(payment("1001", "100.00", number="1"), now="2026-10-11")
    office.close("2026-09", now="2026-10-12")


office = copies_of(town, "module")


@contextmanager
def known_at(office: TownOffice, day: str) -> Iterator[Office]:
    with open_past_office(office.office, moment(day)) as past:
        yield past


def test_a_form_that_waited_then_is_held_then(office: TownOffice) -> None:
    number = "IW-000003-1"
    with known_at(office, "2026-08-21") as past:
        form = past.journal.submissions.get(number)
        assert form is not None and (form.outcome.value, form.rows_posted) == ("held", 0)
        assert not past.journal.facts.files("tariffs")
        told = explain_since(
            office.office, past, moment("2026-08-21"), lambda one: Explanation(explain_anything(one, number, "", TODAY))
        ).lines
    assert any(line.startswith("  − задержана") for line in told), told
    assert any(line.startswith("  + принята") for line in told)
    assert office.office.journal.facts.files("tariffs")


def test_a_month_stands_as_it_was_closed_then(office: TownOffice) -> None:
    with known_at(office, "2026-10-04") as past:
        assert not is_closed(past, MONTH)
    with known_at(office, "2026-10-06") as past:
        first = find_close(past, MONTH)
        assert first.problems() == [] and first.sha256 != find_close(office.office, MONTH).sha256
    with known_at(office, "2026-10-10T23:00:00") as past:
        assert past.journal.closes.in_force(MONTH) is None, "reopened and not closed again"


def test_a_figure_is_explained_as_it_was_known(office: TownOffice) -> None:
    paths = render_documents(office.office, MONTH, ["turnover"], bin_of("A"), moment("2026-10-13"))
    path = next(path for path in paths if path.suffix == ".xlsx")
    figures = json.loads((path.parent / "manifest.json").read_text("utf-8"))["files"][path.name]["figures"]
    cell = next(at for at, name in figures.items() if name == "closing.debit") + figures["last_row"]
    with known_at(office, "2026-10-06") as past:
        told = explain_since(
            office.office, past, moment("2026-10-06"),
            lambda one: Explanation(explain_anything(one, str(path), cell, TODAY)),
        ).lines  # fmt: skip
    assert any("Сальдо конечное = 400,00" in line for line in told[:3]), told
    assert any(line.startswith("  + Сальдо конечное = 300,00") for line in told), told


def test_a_document_that_was_made_later_was_not_there(office: TownOffice, runner: Runner) -> None:
    """Its figures of then are told, and nothing is said of the close that it is made of."""
    paths = render_documents(office.office, MONTH, ["turnover"], bin_of("A"), moment("2026-10-13"))
    path = next(path for path in paths if path.suffix == ".xlsx")
    absent = f"{path.name}: тогда этого документа ещё не было, он сделан 13.10.2026"
    for day, there in (("2026-10-06", False), ("2026-10-14", True)):
        for cell in ("", "Содержание дома!O5"):
            told = runner.run("explain", path, *([cell] if cell else []), "--as-of", day, "--home", office.folder).out
            then = told.partition("С тех пор")[0]
            assert (absent in then) is not there and "больше не действует" not in told, told
            assert ("Сальдо конечное = " if cell else "закрытие 2026-09") in then or not (there or cell), then


def test_the_places_that_a_document_names_are_cells_and_figures(office: TownOffice) -> None:
    """Where figures stand is no place to ask for: `Содержание дома!first_row`."""
    paths = render_documents(office.office, MONTH, ["turnover", "act"], bin_of("A"), moment("2026-10-13"))
    for path in (path for path in paths if path.suffix in (".xlsx", ".docx")):
        told = "\n".join(explain_anything(office.office, str(path), "", TODAY))
        assert "first_row" not in told and "_column" not in told and "!sheet" not in told
        assert "Содержание дома!H" in told or path.suffix == ".docx"


def test_a_contracts_page_is_as_it_was_known_and_says_what_came_since(office: TownOffice) -> None:
    day = moment("2026-11-10").date()
    now = describe_contract(office.office, bin_of("A"), day)
    with known_at(office, "2026-10-06") as past:
        then = describe_contract(past, bin_of("A"), day)
    assert (then["money"]["closing"], now["money"]["closing"]) == ("400.00", "300.00")
    assert ("money.closing", "400.00", "300.00") in list(find_differences(then, now))


def test_to_look_back_changes_nothing(office: TownOffice) -> None:
    def state() -> dict[Path, bytes]:
        home = office.office.home.path
        return {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and "journal" not in path.name}

    before, head = state(), office.office.journal.database.head()
    with known_at(office, "2026-08-21") as past:
        describe_contract(past, bin_of("A"), TODAY)
    assert state() == before and office.office.journal.database.head() == head


def closing_in(folder: Path) -> float:
    book = openpyxl.load_workbook(folder / f"{bin_of('A')}.xlsx", data_only=True)
    sheet = book.worksheets[1]
    names = next(row for row in sheet.iter_rows(1, 9) if any(cell.value == "closing" for cell in row))
    column = next(one.column for one in names if one.value == "closing")
    return float(str(sheet.cell(names[0].row + 2, column).value))


def test_workbooks_of_a_moment_show_the_close_of_then_and_what_changed_since(
    office: TownOffice, runner: Runner
) -> None:
    def books(moment: str) -> Ran:
        return runner.run("ledger", "books", "2026-09", "--as-of", moment, "--home", office.folder)

    ran = books("2026-10-06T18:00")
    assert ran.code == 0, ran
    folder = office.folder / "ledger" / "books-as-of" / "2026-10-06T180000" / "2026-09"
    assert str(folder) in ran.out and closing_in(folder) == 400
    assert "1001" in ran.out and "400,00" in ran.out and "300,00" in ran.out, ran.out
    later = books("2026-10-13")
    assert later.code == 0 and "1001" not in later.out.replace(str(office.folder), ""), later
    assert books("2026-10-04").code == 1, "it was not closed then"
    assert not list((office.folder / "ledger" / "books").glob("*")), "those of now are not touched"


@pytest.mark.parametrize(
    "command", [("ledger", "books", "2026-09"), ("report", "2026-09"), ("explain", "IW-000003"),
                ("contract", bin_of("A"))],
)  # fmt: skip
def test_nothing_is_known_as_of_a_moment_to_come(office: TownOffice, runner: Runner, command: tuple[str, ...]) -> None:
    ran = runner.run(*command, "--as-of", "2099-01-01", "--home", office.folder)
    assert ran.code == 2 and "still to come" in ran.err and not ran.out, ran


def test_the_page_for_staff_is_written_as_of_a_moment(office: TownOffice, runner: Runner) -> None:
    ran = runner.run("report", "2026-09", "--as-of", "2026-10-06T18:00", "--home", office.folder)
    assert ran.code == 0, ran
    page = (office.folder / "ledger" / "reports" / "2026-09.as-of-2026-10-06T180000.html").read_text("utf-8")
    assert "06.10.2026 18:00" in page and "400,00" in page.replace("\xa0", " ") and "100,00" not in page
    assert "100,00" in ran.out, "what was paid since"
    held = runner.run("report", "2026-09", "--as-of", "2026-08-21", "--home", office.folder)
    page = (office.folder / "ledger" / "reports" / "2026-09.as-of-2026-08-21T000000.html").read_text("utf-8")
    assert held.code == 0 and "IW-000003-1" in page and "предварительно" in page
    assert "IW-000003-1" in held.out, "it waits no more"
