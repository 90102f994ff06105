"""Every figure of the turnover statement and the act leads back to a cell, a bank line or a rule's clause (law 4)."""

from __future__ import annotations

import json
import re
from decimal import Decimal as D
from pathlib import Path

import openpyxl
import pytest

from inbox_worker.core.model import Period
from inbox_worker.deciding.written_form import write_form
from inbox_worker.documents.ledger_books import render_books
from inbox_worker.explain.cell_figures import ExplainError
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.explain import explain_anything
from inbox_worker.explain.figures import Figures
from inbox_worker.explain.sources import Sources
from inbox_worker.ledger.facts import letters_of
from inbox_worker.outbox.publish import render_documents
from tests.support.fixtures import copies_of
from tests.support.office import TODAY, TownOffice, bin_of, customer, line, moment, payment
from tests.support.papers import SCAN, File
from tests.support.started import libraries_of, modules_of

MONEY = {"opening", "charged", "undelivered", "recalculated", "paid", "closing"}


def town(office: TownOffice) -> None:
    """A utility supplier: a tariff by form, readings, undelivered days, a recalculation, a payment."""
    office.load_customers(customer("A", utilities=True))
    office.load_directory(
        line("A", "1001", "heating", tariff="137.5", area="48", balance="100.10"),
        line("A", "1001", "cold_water", base="счётчик", tariff="90", meter="M1", reading="10"),
        line("A", "1001", "cold_sewerage", base="счётчик", tariff="40"),
    )
    price = {"service": "cold_water", "base": "счётчик", "tariff": "100.5", "from_month": "09.2026", "basis": "№ 1"}
    office.ingest("tariffs", [price], received="2026-08-20", documents=[File("протокол.pdf", SCAN.data)])
    read = {"account": "1001", "service": "cold_water", "meter": "M1", "current": "17.5", "taken_on": "20.08.2026"}
    office.ingest("meter_readings", [read], received="2026-08-20", mailbox="bigoperators")
    days = {"account": "1001", "service": "heating", "from_date": "03.09.2026", "to_date": "07.09.2026", "days": 5}
    office.ingest("undelivered", [days], received="2026-08-20")
    past = {"account": "1001", "service": "heating", "past_month": "06.2026", "amount": "-33.33"}
    office.ingest("recalculations", [past], received="2026-08-20")
    office.load_payments(payment("1001", "777.77", number="1"))
    office.close("2026-09")


office = copies_of(town, "module")


def rendered(office: TownOffice, kind: str, month: str = "2026-09") -> Path:
    paths = render_documents(office.office, Period.parse(month), [kind], bin_of("A"), moment("2026-10-05"))
    return next(path for path in paths if path.suffix != ".pdf")


def figures_of(path: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((path.parent / "manifest.json").read_text("utf-8"))["files"][path.name][
        "figures"
    ]
    return found


def sheets_of(path: Path) -> dict[str, dict[str, str]]:
    """What is known of each service's sheet of the turnover statement, by the service's code."""
    known = figures_of(path)
    names = [key.removesuffix("!service") for key in known if key.endswith("!service")]
    return {
        known[f"{name}!service"]: {k.removeprefix(f"{name}!"): v for k, v in known.items() if k.startswith(f"{name}!")}
        for name in names
    }


def of_line(path: Path, service: str, field: str) -> str:
    """The cell of that figure in the first line of a service's sheet."""
    own = sheets_of(path)[service]
    sheet = openpyxl.load_workbook(path, data_only=True)[own["sheet"]]
    row = next(row for row in range(int(own["first_row"]), 99) if sheet[f"{own['account_column']}{row}"].value)
    return f"{own['sheet']}!{next(letter for letter, name in own.items() if name == field)}{row}"


def told(office: TownOffice, path: Path, cell: str) -> list[str]:
    return explain_anything(office.office, str(path), cell, TODAY)


def value_told(lines: list[str]) -> D:
    found = re.search(r"= (-?[\d,]+)", lines[0])
    assert found, lines[0]
    return D(found[1].replace(",", "."))


@pytest.mark.slow
def test_every_figure_of_the_turnover_statement_is_led_back(office: TownOffice) -> None:
    """Of each line, each figure: the same amount, and where it is not zero a cell of a workbook and a clause."""
    path = rendered(office, "turnover")
    book, seen = openpyxl.load_workbook(path, data_only=True), set()
    for own in sheets_of(path).values():
        sheet = book[own["sheet"]]
        fields = {letter: field.partition(".")[0] for letter, field in own.items()}  # a balance has its side behind
        columns = {letter: field for letter, field in fields.items() if field in MONEY}
        for row in range(int(own["first_row"]), int(own["last_row"]) + 1):
            if sheet[f"{own['account_column']}{row}"].value is None:
                continue
            for letter, field in columns.items():
                shown = D(str(sheet[f"{letter}{row}"].value or 0)).quantize(D("0.01"))
                lines = told(office, path, f"{own['sheet']}!{letter}{row}")
                if shown:
                    assert abs(value_told(lines)) == abs(shown), (letter, row, lines)
                    text = "\n".join(lines)
                    assert "ячейка" in text and "п. 4." in text, (letter, row, lines)
                    seen.add(field)
    assert seen == MONEY


def test_a_metered_charge_names_both_readings_and_the_tariffs_form(office: TownOffice) -> None:
    """charged = tariff x (current - last): cells of the tariff, the reading and the directory (4.3.2.1, 7.2)."""
    path = rendered(office, "turnover")
    text = "\n".join(told(office, path, of_line(path, "cold_water", "charged")))
    for part in ("753,75", "17,500 − 10,000 = 7,500", "«Тарифы»", "«Показания приборов учёта»", "«Справочник"):
        assert part in text, text


def test_a_quantity_is_no_money_and_a_tariff_is(office: TownOffice) -> None:
    path = rendered(office, "turnover")
    quantity, tariff = (told(office, path, of_line(path, "heating", name))[0] for name in ("quantity", "tariff"))
    assert re.match(r"Количество = [\d,]+: счёт", quantity) and re.match(r"Тариф = [\d,]+ тенге: счёт", tariff)


def test_a_figure_that_stands_out_is_the_sum_of_its_lines(office: TownOffice) -> None:
    """The box of what was paid, the row of a house and of a service on the statement's first sheet (4.1.8)."""
    path = rendered(office, "turnover")
    known = figures_of(path)
    sheet = openpyxl.load_workbook(path, data_only=True)[known["sheet"]]
    boxes = {field: cell for cell, field in known.items() if re.fullmatch(r"[A-Z]\d+", cell)}
    assert set(boxes) == {"opening", "charged+undelivered+recalculated+penalty+moved", "paid", "closing"}
    paid, letter = (
        D(str(sheet[boxes["paid"]].value)),
        next(cell for cell, field in known.items() if field == "paid" and cell.isalpha()),
    )
    assert value_told(told(office, path, boxes["paid"])) == paid == D("777.77")
    rows = range(int(known["first_row"]), int(known["last_row"]) + 1)
    of_rows = {
        row: sheet[f"{letter}{row}"].value for row in rows if isinstance(sheet[f"{letter}{row}"].value, float | int)
    }
    assert len(of_rows) == 3 + 1 + 1 + 1  # services, their total, a house, its total
    for row, shown in of_rows.items():
        assert value_told(told(office, path, f"{letter}{row}")) == D(str(shown)).quantize(D("0.01")), row
    with pytest.raises(ExplainError, match="holds no figure"):
        told(office, path, f"{letter}{max(of_rows) - 2}")  # the head of the houses' table


def test_totals_lead_to_their_lines(office: TownOffice) -> None:
    """The grand total of charges is told as the sum of the customer's lines."""
    path = rendered(office, "turnover")
    figures = json.loads((path.parent / "manifest.json").read_text("utf-8"))["files"][path.name]["figures"]
    charged = next(letter for letter, field in figures.items() if field == "charged")
    lines = told(office, path, f"{charged}{figures['last_row']}")
    total = sum(row["charged"] for row in office.lines("2026-09").values())
    assert value_told(lines) == total and len(lines) == 4, lines


def test_every_figure_of_the_act_leads_to_bank_lines(office: TownOffice) -> None:
    """Fee and VAT of the act: each part of a payment with its percent and the register's cell (4.2.5, 5.1)."""
    path = rendered(office, "act")
    figures = json.loads((path.parent / "manifest.json").read_text("utf-8"))["files"][path.name]["figures"]
    assert {"total", "vat", "cost 1", "vat 1"} <= set(figures)
    for name in figures:
        text = "\n".join(told(office, path, name))
        assert "Реестр платежей" in text and "ячейка" in text and "п. 4.2.5" in text, (name, text)
    fees = sum(part["fee"] for part in office.table("2026-09", "payments"))
    assert value_told(told(office, path, "total")) == fees


def test_an_opening_leads_to_the_close_before(office: TownOffice) -> None:
    """October's opening = September's closing, named with its hash (4.1.4)."""
    office.close("2026-10", now="2026-11-05")
    path = rendered(office, "turnover", "2026-10")
    text = "\n".join(told(office, path, of_line(path, "heating", "opening.debit")))
    assert "сальдо конечное 09.2026" in text and "закрытие № 1" in text, text


def test_a_ledger_workbook_is_explained_too(office: TownOffice) -> None:
    """The book's balances have the same figures under the same names."""
    path = render_books(office.office, Period.parse("2026-09"))[0]
    cover, sheet = openpyxl.load_workbook(path).worksheets[:2]
    names = next(row for row in sheet.iter_rows() if "account" in [cell.value for cell in row])
    closing = next(cell for cell in names if cell.value == "closing")
    text = "\n".join(told(office, path, f"{sheet.title}!{closing.column_letter}{closing.row + 2}"))
    assert text.startswith("Сальдо конечное = ") and "ячейка" in text
    beside = next(cell for row in cover.iter_rows() for cell in row if cell.value == "paid")
    assert value_told(told(office, path, f"D{beside.row}")) == D("777.77")


def test_what_cannot_be_explained_says_what_can(office: TownOffice) -> None:
    """A cell without a figure, a name the act does not have, a number nobody has."""
    with pytest.raises(ExplainError, match="figures stand in"):
        told(office, rendered(office, "turnover"), "A1")
    with pytest.raises(ExplainError, match="it has: .*total"):
        told(office, rendered(office, "act"), "nothing")
    with pytest.raises(ExplainError, match="neither a number"):
        explain_anything(office.office, "IW-x", "", TODAY)
    with pytest.raises(ExplainError, match="in the .xlsx beside it"):
        told(office, rendered(office, "turnover").with_suffix(".csv"), "H9")


def test_a_word_that_explains_nothing_is_told_where_its_answer_lies(office: TownOffice) -> None:
    """A form that its letter does not have, a task, a БИН, a folder, a document that was moved since."""
    path = rendered(office, "turnover")
    moved = office.office.home.outbox / "approved" / Path(*path.parts[-3:])
    moved.parent.mkdir(parents=True)
    path.rename(moved)
    told_of = {
        "IW-000001-9": "there is no form IW-000001-9; IW-000001 has IW-000001-1",
        "T-000001": "tasks show T-000001",
        "050140000011": "contract 050140000011",
        str(path.parent): "is a folder",
        str(path): f"it lies in {moved} now",
        str(office.office.home.outbox / "turnover-2031-01.xlsx"): "there is no file",
    }
    try:
        for what, said in told_of.items():
            with pytest.raises(ExplainError, match=re.escape(said)):
                explain_anything(office.office, what, "", TODAY)
    finally:  # the office is that of all tests here
        moved.rename(path)
        moved.parent.rmdir()


def test_a_cell_of_a_form_tells_what_was_found_in_it(office: TownOffice) -> None:
    """`explain NUMBER CELL`: the findings of that cell alone, or that there are none."""
    wrong = {"account": "1001", "service": "heating", "past_month": "06.2026", "amount": "сто"}
    answer = office.ingest("recalculations", [wrong], received="2026-09-20")
    cell = answer.finding("value.not_a_number")["cell"]
    told_there = "\n".join(explain_anything(office.office, answer.id, cell, TODAY))
    assert "value.not_a_number" in told_there and "сто" in told_there
    assert "A1: замечаний нет" in "\n".join(explain_anything(office.office, answer.id, "a1", TODAY))


def test_a_figure_is_explained_with_the_libraries_of_facts_alone(office: TownOffice) -> None:
    """Nothing that makes documents, mails, decides or reads forms is loaded: facts say where their columns are."""
    path = rendered(office, "turnover")
    figures = json.loads((path.parent / "manifest.json").read_text("utf-8"))["files"][path.name]["figures"]
    letter = next(letter for letter, field in figures.items() if field == "charged")
    cell = f"{letter}{figures['first_row']}"
    modules = modules_of(("--home", str(office.office.home.path), "explain", str(path), cell))
    needed = {"duckdb", "idna", "numpy", "pyarrow", "pydantic", "python-calamine", "pyyaml", "sqlalchemy"}
    assert libraries_of(modules) <= needed | {"typer", "tzdata"}
    assert not any(name.startswith("sqlalchemy.dialects.postgresql") for name in modules)
    own = {tuple(name.split(".")[1:3]) for name in modules if name.startswith("inbox_worker.")}
    assert not {room for room, *_ in own} & {"demo", "forms", "outbox", "receiving", "service"}
    assert {one for one in own if one[0] in ("deciding", "documents") and len(one) > 1} == {
        ("deciding", "open_office"),
        ("documents", "sheet_columns"),
        ("documents", "sheet_style"),
    }


def test_a_figure_of_several_columns_is_told_first_as_their_sum(office: TownOffice) -> None:
    """The card of the turnover statement: 6 600.00 + 753.75 + 300.00 - 1 100.00 - 33.33; no line had its sum."""
    figures = Figures(office.office, Sources(office.office), Period.parse("2026-09"))
    card = figures.explain("charged+undelivered+recalculated+penalty+moved", Where(bin_of("A")))
    assert card[0] == (
        "6520,42 = Начислено 7653,75 + Недопоставка (-1100,00) + Перерасчёт (-33,33) + Пеня 0,00 + Перенесено 0,00"
    )
    line = figures.explain("undelivered+recalculated", Where(bin_of("A"), "1001", "heating"))
    assert line[0] == "-1133,33 = Недопоставка -1100,00 + Перерасчёт (-33,33)"


def test_facts_say_of_their_columns_what_the_workbook_says(office: TownOffice) -> None:
    """Facts of earlier versions do not say it: then the workbook is read again."""
    journal, home = office.office.journal, office.office.home
    files = [file for file in journal.facts.files() if file.kind not in ("allocations", "suspense")]
    assert {file.kind for file in files} >= {"customers", "directory", "tariffs", "meter_readings", "bank_register"}
    with Sources(office.office) as sources:
        for file in files:
            form = journal.submissions.get(file.submission)
            assert form is not None
            noted = letters_of(home.ledger, file)
            assert noted and noted == sources._letters_read(journal.arrivals.get(form.arrival), form)


def test_a_cell_changed_by_hand_is_told_with_what_it_holds_and_what_the_ledger_says(office: TownOffice) -> None:
    book = render_books(office.office, Period.parse("2026-09"))[0]
    page = openpyxl.load_workbook(book)
    sheet = page[page.sheetnames[1]]
    names = next(row for row in sheet.iter_rows(1, 9) if any(cell.value == "closing" for cell in row))
    cell = sheet.cell(names[0].row + 2, next(one.column for one in names if one.value == "closing"))
    was, cell.value = cell.value, 31337.5
    page.save(book)
    lines = explain_anything(office.office, str(book), f"{sheet.title}!{cell.coordinate}", TODAY)
    assert "ИЗМЕНЁН ВРУЧНУЮ" in lines[0] and "31337.5" in lines[1], lines
    assert f"{D(str(was)):.2f}".replace(".", ",") in lines[2], (was, lines)
    path = rendered(office, "turnover")
    address = of_line(path, "heating", "closing.debit")
    assert "ИЗМЕНЁН" not in "".join(explain_anything(office.office, str(path), address, TODAY))
    page = openpyxl.load_workbook(path)
    name, _, place = address.partition("!")
    page[name][place].value = "нет"
    page.save(path)
    lines = explain_anything(office.office, str(path), address, TODAY)
    assert "ИЗМЕНЁН ВРУЧНУЮ" in lines[0] and "«нет»" in lines[1] and "Сальдо конечное" in " ".join(lines[2:]), lines


def of_a_csv(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "heating", tariff="137.5", area="48"))
    past = {"account": "1001", "service": "heating", "past_month": "06.2026", "amount": "-33,33", "basis": "акт"}
    raw = write_form(office.office.rules, "recalculations", [past], bin_of("A"))
    assert office.mail([File("пересчёт.csv", raw)], received="2026-08-20").outcome == "accepted"
    office.close("2026-09")


csv_office = copies_of(of_a_csv)


def test_a_file_without_sheets_names_none(csv_office: TownOffice) -> None:
    """`лист «»` stood there."""
    lines = told(csv_office, rendered(csv_office, "turnover"), "Отопление!J4")
    [source] = [one for one in lines if "пересчёт.csv" in one]
    assert "файл «пересчёт.csv», ячейка D" in source and "лист" not in source
