"""Turnover statement (4.1.8), bill rows (4.1.1), ledger workbook: figures, totals, bytes, odd names."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pyarrow as pa
import pytest
from made import cells, converted

from inbox_worker.core.model import Customer
from inbox_worker.core.rendered import CloseData, Operator
from inbox_worker.documents import sheets
from inbox_worker.documents.bill_rows import render_bill_rows
from inbox_worker.documents.ledger_book import SHEETS, render_book
from inbox_worker.documents.pdf import find_soffice
from inbox_worker.documents.turnover import render_turnover
from inbox_worker.settings.rules import Rules

Make = Callable[[CloseData, Customer, Operator, Rules], bytes]


def turnover(close: CloseData, customer: Customer, operator: Operator, rules: Rules) -> bytes:
    return render_turnover(close, customer, operator, rules).data


def bill_rows(close: CloseData, customer: Customer, operator: Operator, rules: Rules) -> bytes:
    return render_bill_rows(close, customer, operator, rules).data


def book(close: CloseData, customer: Customer, operator: Operator, rules: Rules) -> bytes:
    tariffs = pa.table({"service": ["lift"], "tariff": pa.array([Decimal("31.4155")], pa.decimal128(18, 4)),
                        "from_month": [date(2026, 9, 1)], "basis": ["=HYPERLINK(\"x\")"]})  # fmt: skip
    return render_book(close, customer, operator.name, {"payments": close.payments, "tariffs": tariffs}, rules)


every_workbook = pytest.mark.parametrize("make", [turnover, bill_rows, book])


@every_workbook
def test_libreoffice_counts_the_same_totals(
    make: Make, close: CloseData, customer: Customer, operator: Operator, rules: Rules, tmp_path: Path
) -> None:
    soffice = find_soffice()
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not installed: totals are not counted anew")
    data = make(close, customer, operator, rules)
    counted, shown = cells(converted(data, "xlsx", tmp_path, soffice)), cells(data)
    live = [place for place, value in cells(data, formulas=True).items() if str(value).startswith("=")]
    sums = [place for place in live if shown[place]]
    assert len(sums) > 5
    for place in (place for place in live if isinstance(shown[place], int | float)):
        assert counted[place] == pytest.approx(shown[place], abs=0.001), place


@every_workbook
def test_same_data_same_bytes(
    make: Make, close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    assert make(close, customer, operator, rules) == make(close, customer, operator, rules)


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
    assert shown.count(name) == close.lines.num_rows or "\x01" in name
    ours = re.compile(r"=SUBTOTAL\(9,[A-Z]+\d+:[A-Z]+\d+\)|=SUMPRODUCT\(ABS\(ROUND\([A-Z0-9:+-]+,2\)\)\)")
    with ZipFile(BytesIO(data)) as archive:
        for part in (part for part in archive.namelist() if part.startswith("xl/worksheets/sheet")):
            for formula in re.findall(r"<f>(.*?)</f>", archive.read(part).decode()):
                assert ours.fullmatch(f"={formula}")


def test_turnover_rows_by_service_house_account_with_subtotals(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    made = render_turnover(close, customer, operator, rules)
    sheet = openpyxl.load_workbook(BytesIO(made.data), data_only=True)[made.figures["sheet"]]
    table = sheet.iter_rows(int(made.figures["first_row"]), int(made.figures["last_row"]), values_only=True)
    columns = {"service": 19, "house": 2, "account": 5}
    assert [tuple(row[place] for place in columns.values()) for row in table] == [
        ("maintenance", "A-001", "0012"),
        ("maintenance", "A-001", None),
        ("maintenance", "A-002", "10020037"),
        ("maintenance", "A-002", None),
        ("maintenance", None, None),
        ("lift", "A-001", "0012"),
        ("lift", "A-001", None),
        ("lift", None, None),
        ("heating", "A-001", "0012"),
        ("heating", "A-001", "10020044"),
        ("heating", "A-001", None),
        ("heating", None, None),
        (None, None, None),
    ]


def test_turnover_identity_holds_on_every_row_and_total(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    made = render_turnover(close, customer, operator, rules)
    sheet = openpyxl.load_workbook(BytesIO(made.data), data_only=True)[made.figures["sheet"]]
    fields = {letter: field for letter, field in made.figures.items() if re.fullmatch("[A-Z]+", letter)}
    balances = {"J": 1, "K": -1, "R": -1, "S": 1}
    signs = {"charged": 1, "undelivered": 1, "recalculated": 1, "penalty": 1, "paid": -1, "moved": 1}
    signed = {letter: balances.get(letter) or signs.get(field, 0) for letter, field in fields.items()}
    last = int(made.figures["last_row"])
    for row in range(int(made.figures["first_row"]), last + 1):
        parts = [Decimal(str(sheet[f"{letter}{row}"].value or 0)) * sign for letter, sign in signed.items()]
        assert sum(parts) == 0, row
    lines = close.lines
    for letter, name in (("L", "charged"), ("P", "paid"), ("M", "undelivered")):
        assert Decimal(str(sheet[f"{letter}{last}"].value)) == sum(lines.column(name).to_pylist())
    assert sheet[f"{made.figures['service_column']}1"].parent.column_dimensions["T"].hidden


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
    found = cells(render_bill_rows(metered, customer, operator, rules, directory).data)
    units = {value for (_, place), value in found.items() if place.startswith("G")}
    assert {"чел. / адам", "м³"} <= units and not any("счётчик" in str(unit) for unit in units)


def test_bill_rows_follow_the_bills_order_and_close(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    made = render_bill_rows(close, customer, operator, rules)
    sheet = openpyxl.load_workbook(BytesIO(made.data), data_only=True)[made.figures["sheet"]]
    first, last = int(made.figures["first_row"]), int(made.figures["last_row"])
    order = [(sheet[f"A{row}"].value, sheet[f"Q{row}"].value) for row in range(first, last)]
    assert order == [
        ("0012", "maintenance"),
        ("0012", "lift"),
        ("0012", "heating"),
        ("10020037", "maintenance"),
        ("10020044", "heating"),
    ]
    closing = next(letter for letter, field in made.figures.items() if field == "closing")
    assert sheet[f"{closing}{first + 1}"].value == -700  # example 7 of money.md
    assert sheet[f"{closing}{last}"].value == float(sum(close.lines.column("closing").to_pylist()))


@pytest.mark.parametrize("make", [turnover, bill_rows, book])
def test_a_customer_without_lines_gets_an_empty_table(
    make: Make, close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    empty = replace(close, lines=close.lines.slice(0, 0), payments=close.payments.slice(0, 0))
    assert "Всего / Барлығы" in cells(make(empty, customer, operator, rules)).values()


def test_large_books_are_streamed_and_read_the_same(
    monkeypatch: pytest.MonkeyPatch, close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    small = book(close, customer, operator, rules)
    monkeypatch.setattr(sheets, "SMALL_BOOK_ROWS", 0)
    assert cells(book(close, customer, operator, rules)) == cells(small)


def test_a_sheet_that_would_lose_rows_is_refused(
    monkeypatch: pytest.MonkeyPatch, close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    monkeypatch.setattr(sheets, "LAST_ROW", 9)
    with pytest.raises(sheets.SheetTooLong, match="render it in parts"):
        bill_rows(close, customer, operator, rules)


def test_book_shows_its_close_and_gives_the_lines_back(
    close: CloseData, customer: Customer, operator: Operator, rules: Rules
) -> None:
    read = openpyxl.load_workbook(BytesIO(book(close, customer, operator, rules)), data_only=True)
    assert read.sheetnames == list(SHEETS.values())
    balances = read[SHEETS["balances"]]
    assert "ab" * 32 in balances["A2"].value
    assert {item.name: item.value for item in read.custom_doc_props.props}["close"] == close.sha256
    rows = list(balances.values)
    names = rows[3]  # titles, check, then the hidden row of the data's own names
    assert balances.row_dimensions[4].hidden
    back = [dict(zip(names, row, strict=True)) for row in rows[5 : 5 + close.lines.num_rows]]
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
