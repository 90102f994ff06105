"""Figures of the other documents lead to bank lines, cells and clauses, too: a figure a kind and sheet (law 4)."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from inbox_worker.core.model import Period
from inbox_worker.explain.cell_figures import ExplainError
from inbox_worker.explain.explain import explain_anything
from inbox_worker.outbox.publish import render_documents
from tests.support.fixtures import copies_of
from tests.support.office import TODAY, TownOffice, bin_of, customer, line, moment, payment

Rows = tuple[int, int, str]  # first, last, letter of the first sum


def town(office: TownOffice) -> None:
    """Two houses and two Customers on an account; two banks; a debt and an advance."""
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="20", area="50", balance="100.10"),
        line("A", "1002", "maintenance", tariff="20", area="40", house="H-2"),
        line("B", "1001", "intercom", base="кв.", tariff="500"),
    )
    office.load_payments(
        payment("1001", "300.00", number="1", to="A", service="maintenance"),
        payment("1002", "900.00", number="2", to="A", service="maintenance"),
    )
    office.close("2026-09")


office = copies_of(town, "module")


@pytest.fixture(scope="module")
def documents(office: TownOffice) -> dict[str, Path]:
    month = Period.parse("2026-09")
    paths = render_documents(office.office, month, [], bin_of("A"), moment("2026-10-05"))
    paths += render_documents(office.office, month, ["close_protocol"], "", moment("2026-10-05"))
    paths += render_documents(office.office, month, ["bills"], "", moment("2026-10-05"), accounts=["1001"])
    return {path.name.split("-2026")[0]: path for path in paths if path.suffix in (".xlsx", ".pdf")}


def figures_of(path: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((path.parent / "manifest.json").read_text("utf-8"))["files"][path.name][
        "figures"
    ]
    return found


def test_totals_that_are_shown_are_the_sums_that_are_told(office: TownOffice, documents: dict[str, Path]) -> None:
    """The value told first is the value shown, of every column in its last row."""
    ask(office, documents, lambda row, own, letter: row == own[1])


@pytest.mark.slow
def test_every_sum_that_is_shown_is_the_sum_that_is_told(office: TownOffice, documents: dict[str, Path]) -> None:
    """The same of every cell of each sheet with figures."""
    ask(office, documents, lambda row, own, letter: True)


def ask(office: TownOffice, documents: dict[str, Path], wanted: Callable[[int, Rows, str], bool]) -> None:
    for kind in ("turnover", "distribution", "payments", "debtors", "bill-rows", "close-protocol"):
        path, seen = documents[kind], 0
        figures = figures_of(path)
        read = openpyxl.load_workbook(path, data_only=True)
        for key, field in figures.items():
            sheet, _, letter = key.rpartition("!")
            if not (letter.isupper() and len(letter) == 1) or "age" in field or field == "undelivered+recalculated":
                continue
            own = {name.removeprefix(f"{sheet}!"): value for name, value in figures.items() if name.startswith(sheet)}
            rows = (int(own["first_row"]), int(own["last_row"]), min(name for name in own if len(name) == 1))
            for row in range(rows[0], rows[1] + 1):
                shown: Any = read[own["sheet"]][f"{letter}{row}"].value
                if isinstance(shown, int | float) and shown and wanted(row, rows, letter):
                    told = explain_anything(office.office, str(path), f"{key}{row}", TODAY)
                    value = told[0].split("= ")[1].split()[0].rstrip(":,").replace(",", ".")
                    assert abs(D(value)) == abs(D(str(shown))), (kind, key, row)
                    seen += 1
        assert seen, kind


def first_cell(path: Path, field: str, sheet: str = "") -> str:
    """The first cell of a column with that figure, below the headings."""
    known = figures_of(path)
    own = {key.removeprefix(f"{sheet}!"): value for key, value in known.items() if not sheet or key.startswith(sheet)}
    letter = next(key for key, value in own.items() if value == field and key.isupper())
    page = openpyxl.load_workbook(path, data_only=True)[own["sheet"]]
    row = next(row for row in range(int(own["first_row"]), 99) if page[f"{letter}{row}"].value is not None)
    return f"{own['sheet']}!{letter}{row}"


def told(office: TownOffice, path: Path, cell: str) -> str:
    return "\n".join(explain_anything(office.office, str(path), cell, TODAY))


def test_a_payments_part_leads_to_its_bank_line_price_and_transfer(
    office: TownOffice, documents: dict[str, Path]
) -> None:
    for kind, sheet in (("payments", ""), ("distribution", "Платежи")):
        text = told(office, documents[kind], first_cell(documents[kind], "payments.fee", sheet))
        for part in ("«Реестр платежей»", "ячейка", "п. 4.1.7", "1,20 %", "rules/prices.yaml", "к перечислению"):
            assert part in text, (kind, text)


def test_a_bill_lists_its_lines_with_their_cells(office: TownOffice, documents: dict[str, Path]) -> None:
    """One account's file needs no name; lines of every Customer on it are told (4.1.1)."""
    for name in ("", "1001"):
        text = told(office, documents["bill"], name)
        assert "строк 2, долг 1300,10" in text and "Домофон" in text and "Содержание дома" in text
        assert "ячейка" in text and "п. 4.1.7" in text, text
    with pytest.raises(ExplainError, match="no bill of account '1002' in the file; it has: 1001"):
        told(office, documents["bill"], "1002")


def test_the_directory_leads_to_the_cell_that_told_an_area(office: TownOffice, documents: dict[str, Path]) -> None:
    path = documents["directory"]
    text = told(office, path, first_cell(path, "area"))
    assert "«Справочник" in text and "ячейка" in text and "4.1.16" in text


def test_the_directory_leads_to_a_services_tariff(office: TownOffice, documents: dict[str, Path]) -> None:
    """A mark in the column of a service stands for the tariff of the line."""
    path = documents["directory"]
    text = told(office, path, first_cell(path, "tariff:maintenance"))
    assert text.startswith("Тариф = 20,0000 тенге: счёт 1001") and "ячейка" in text, text


def test_a_days_total_is_that_days_payments(office: TownOffice, documents: dict[str, Path]) -> None:
    """4.1.10: the sum of a bank's day; of the list of debtors, the debt of a house."""
    path = documents["payments"]
    page = openpyxl.load_workbook(path, data_only=True)["Платежи"]
    row = next(row[0].row for row in page.iter_rows() if str(row[0].value).startswith("Итого за"))
    amount = next(key for key, field in figures_of(path).items() if field == "payments.amount")
    shown = f"{page[f'{amount}{row}'].value:.2f}".replace(".", ",")
    assert f"= {shown}" in told(office, path, f"{amount}{row}").split("\n")[0]
    debts = documents["debtors"]
    assert "100,10" in told(office, debts, first_cell(debts, "debt", "Задолжники"))


def test_a_sheet_without_figures_says_which_have(office: TownOffice, documents: dict[str, Path]) -> None:
    path = documents["distribution"]
    with pytest.raises(ExplainError, match="they stand in: По банкам и услугам, Платежи"):
        told(office, path, "Контроль!C8")
