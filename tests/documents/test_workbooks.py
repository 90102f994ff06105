"""Turnover statement (4.1.8), bill rows (4.1.1), ledger workbook: figures, totals, bytes, odd names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pyarrow as pa
import pytest
from made import cells, converted, flat
from test_more_workbooks import OURS

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator
from inbox_worker.documents import sheet_bulk
from inbox_worker.documents.bill_rows import render_bill_rows
from inbox_worker.documents.ledger_book import SHEETS, render_book
from inbox_worker.documents.turnover import render_turnover
from inbox_worker.settings.rules import Rules

Make = Callable[[CloseData, Customer, Operator, Rules], bytes]


def turnover(close: CloseData, customer: Customer, operator: Operator, rules: Rules) -> bytes:
    return render_turnover(close, customer, operator, rules)[0].data


def bill_rows(close: CloseData, customer: Customer, operator: Operator, rules: Rules) -> bytes:
    return render_bill_rows(close, customer, operator, rules)[0].data


def book(close: CloseData, customer: Customer, operator: Operator, rules: Rules) -> bytes:
    tariffs = pa.table({"service": ["lift"], "tariff": pa.array([Decimal("31.4155")], pa.decimal128(18, 4)),
                        "from_month": [date(2026, 9, 1)], "basis": ["=HYPERLINK(\"x\")"]})  # fmt: skip
    return render_book(close, customer, operator.name, {"payments": close.payments, "tariffs": tariffs}, rules)


every_workbook = pytest.mark.parametrize("make", [turnover, bill_rows, book])


def test_libreoffice_counts_the_same_totals(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules, tmp_path: Path, soffice: Path
) -> None:
    books = {make.__name__: make(close, customer, operator, rules) for make in (turnover, bill_rows, book)}
    for name, anew in converted(books, "xlsx", tmp_path, soffice).items():
        counted, shown = cells(anew), cells(books[name])
        live = [place for place, value in cells(books[name], formulas=True).items() if str(value).startswith("=")]
        sums = [place for place in live if shown[place]]
        assert len(sums) > 5, name
        for place in (place for place in live if isinstance(shown[place], int | float)):
            assert counted[place] == pytest.approx(shown[place], abs=0.001), (name, place)


@every_workbook
def test_same_data_same_bytes(
    make: Make, close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    assert make(close, customer, operator, rules) == make(close, customer, operator, rules)


@pytest.mark.quick(0, 1, 2, 3, 4, 5)
@every_workbook
@pytest.mark.parametrize("name", ["A & B", "<b>x</b>", "=cmd()", "@SUM(1)", "http://x.example", "Ұ" * 200, "a\x01b"])
def test_text_is_never_a_formula_or_markup(
    make: Make, name: str, close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    names = pa.array([name] * close.lines.num_rows)
    at = close.lines.schema.get_field_index("name")
    strange = replace(close, lines=close.lines.set_column(at, "name", names))
    data = make(strange, replace(customer, name=name), operator, rules)
    shown = [str(value) for value in cells(data, formulas=True).values()]
    assert shown.count(name) >= (3 if make is bill_rows else close.lines.num_rows) or "\x01" in name
    with ZipFile(BytesIO(data)) as archive:
        for part in (part for part in archive.namelist() if part.startswith("xl/worksheets/sheet")):
            for formula in re.findall(r"<f>(.*?)</f>", archive.read(part).decode()):
                assert OURS.fullmatch(formula), formula


def service_sheets(figures: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What is known of each service's sheet, by the service's code."""
    named = [key.removesuffix("!service") for key in figures if key.endswith("!service")]
    own = ({key.removeprefix(f"{sheet}!"): value for key, value in figures.items() if key.startswith(f"{sheet}!")}
           for sheet in named)  # fmt: skip
    return {sheet["service"]: sheet for sheet in own}


def test_turnover_has_a_sheet_a_service_with_its_houses(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    """4.1.8: rows by house and account, a total a house and a service; the flat data beside has a row a line."""
    made, beside = render_turnover(close, customer, operator, rules)
    book = openpyxl.load_workbook(BytesIO(made.data), data_only=True)
    found = {}
    for code, own in service_sheets(made.figures).items():
        rows = range(int(own["first_row"]), int(own["last_row"]) + 1)
        sheet = book[own["sheet"]]
        found[code] = [(sheet[f"{own['account_column']}{row}"].value, sheet[f"{own['house_column']}{row}"].value)
                       for row in rows if sheet[f"H{row}"].value is not None]  # fmt: skip
        assert book[own["sheet"]].column_dimensions[own["house_column"]].hidden
    assert found == {
        "maintenance": [("0012", None), (None, "A-001"), ("10020037", None), (None, "A-002"), (None, None)],
        "lift": [("0012", None), (None, "A-001"), (None, None)],
        "heating": [("0012", None), ("10020044", None), (None, "A-001"), (None, None)],
    }
    assert [(row["Код услуги"], row["Код дома"], row["Лицевой счёт"]) for row in flat(beside.data)] == [
        ("maintenance", "A-001", "0012"), ("maintenance", "A-002", "10020037"), ("lift", "A-001", "0012"),
        ("heating", "A-001", "0012"), ("heating", "A-001", "10020044"),
    ]  # fmt: skip


def test_turnover_identity_holds_on_every_row_and_total(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    """4.1.8: on each sheet of a service and on the summary, whose totals are the close's."""
    made, _ = render_turnover(close, customer, operator, rules)
    book = openpyxl.load_workbook(BytesIO(made.data), data_only=True)
    signs = {"opening.debit": 1, "opening.credit": -1, "closing.debit": -1, "closing.credit": 1, "charged": 1,
             "undelivered": 1, "recalculated": 1, "penalty": 1, "paid": -1, "moved": 1}  # fmt: skip
    for own in (made.figures, *service_sheets(made.figures).values()):
        sheet, last = book[own["sheet"]], int(own["last_row"])
        letters = {letter: field for letter, field in own.items() if re.fullmatch("[A-Z]", letter) and field in signs}
        assert len(letters) == len(signs)
        for row in range(int(own["first_row"]), last + 1):
            values = [(sheet[f"{letter}{row}"].value, signs[field]) for letter, field in letters.items()]
            assert sum(Decimal(str(v)) * sign for v, sign in values if isinstance(v, int | float)) == 0, row
    for letter, field in made.figures.items():
        if re.fullmatch("[A-Z]", letter) and field in ("charged", "paid", "undelivered"):
            total = book[made.figures["sheet"]][f"{letter}{made.figures['last_row']}"].value
            assert Decimal(str(total)) == sum(close.lines.column(field).to_pylist())


def test_bill_rows_say_by_what_each_line_is_charged(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    """What a meter counts; a line charged by residents says so, whatever its service is mostly charged by."""
    services = pa.array(["cold_water"] * close.lines.num_rows)
    metered = replace(
        close, lines=close.lines.set_column(close.lines.schema.get_field_index("service"), "service", services)
    )
    account = close.lines.column("account")[0].as_py()
    directory = pa.table({"account": [account], "service": ["cold_water"], "base": ["чел."]})
    found = cells(render_bill_rows(metered, customer, operator, rules, directory)[0].data)
    units = {value for (_, place), value in found.items() if place.startswith("E")}
    assert {"чел. · адам", "м³"} <= units and not any("счётчик" in str(unit) for unit in units)


def test_bill_rows_follow_the_bills_order_and_close(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    made, beside = render_bill_rows(close, customer, operator, rules)
    rows = flat(beside.data)
    assert [(row["Лицевой счёт"], row["Код услуги"]) for row in rows] == [
        ("0012", "maintenance"),
        ("0012", "lift"),
        ("0012", "heating"),
        ("10020044", "heating"),
        ("10020037", "maintenance"),
    ]
    assert rows[1]["К оплате"] == "-700.00"  # example 7 of money.md
    sheet = openpyxl.load_workbook(BytesIO(made.data), data_only=True)[made.figures["sheet"]]
    closing = next(letter for letter, field in made.figures.items() if field == "closing")
    assert sheet[f"{closing}{made.figures['last_row']}"].value == float(sum(close.lines.column("closing").to_pylist()))


@pytest.mark.parametrize("make", [turnover, bill_rows, book])
def test_a_customer_without_lines_gets_an_empty_table(
    make: Make, close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    empty = replace(close, lines=close.lines.slice(0, 0), payments=close.payments.slice(0, 0))
    assert "Всего · Барлығы" in {str(value).strip() for value in cells(make(empty, customer, operator, rules)).values()}


def test_a_sheet_that_would_lose_rows_is_refused(
    monkeypatch: pytest.MonkeyPatch, close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    monkeypatch.setattr(sheet_bulk, "LAST_ROW", 9)
    with pytest.raises(sheet_bulk.SheetTooLong, match="render it in parts"):
        bill_rows(close, customer, operator, rules)


def test_book_shows_its_close_and_gives_the_lines_back(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    read = openpyxl.load_workbook(BytesIO(book(close, customer, operator, rules)), data_only=True)
    assert read.sheetnames == ["Книга учёта", *SHEETS.values()]
    assert any("ab" * 32 in str(cell) for row in read["Книга учёта"].values for cell in row)
    balances = read[SHEETS["balances"]]
    assert {item.name: item.value for item in read.custom_doc_props.props}["close"] == close.sha256
    rows = list(balances.values)
    names = rows[2]  # titles, then the hidden row of the data's own names
    assert balances.row_dimensions[3].hidden
    back = [dict(zip(names, row, strict=True)) for row in rows[4 : 4 + close.lines.num_rows]]
    for got, line in zip(back, close.lines.to_pylist(), strict=True):
        assert {name: got[name] for name in ("account", "service", "customer")} == {
            name: line[name] for name in ("account", "service", "customer")
        }
        assert Decimal(str(got["closing"])) == line["closing"]


def test_book_refuses_a_table_without_a_sheet(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    with pytest.raises(ValueError, match="no sheet of the ledger workbook is meant for houses"):
        render_book(close, customer, operator.name, {"houses": pa.table({})}, rules)
