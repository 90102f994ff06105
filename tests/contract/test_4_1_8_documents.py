"""4.1.8, 4.1.1, 4.1.11: turnover statement, bill rows and act show the close's figures and nothing else."""

from __future__ import annotations

import io
import re
import zipfile
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from inbox_worker.core.model import Period
from inbox_worker.month.months import MonthError
from inbox_worker.outbox.publish import render_documents
from tests.documents.made import column, flat
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment


def town(office: TownOffice) -> None:
    """Two services in two houses, a debt, an advance, a recalculation, payments of two days."""
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="31.4155", area="65.3", balance="100.10"),
        line("A", "1002", "maintenance", tariff="31.4155", area="40", house="H-2", balance="-5000"),
        line("A", "1001", "cleaning", base="кв.", tariff="500"),
        line("B", "1001", "lift", base="чел.", residents=2, tariff="300"),
    )
    past = {"account": "1001", "service": "cleaning", "past_month": "06.2026", "amount": "-33.33"}
    office.ingest("recalculations", [past], received="2026-08-20")
    office.load_payments(payment("1001", "777.77", number="1"), payment("1002", "100", number="2", to="A"))


office = copies_of(town)


def render(office: TownOffice, kind: str, month: str = "2026-09") -> dict[str, Path]:
    """The document's files by their ending."""
    now = moment("2026-10-05")
    paths = render_documents(office.office, Period.parse(month), [kind], bin_of("A"), now)
    return {path.suffix: path for path in paths}


def table(files: dict[str, Path]) -> list[dict[str, str]]:
    """Rows of the flat data beside the workbook, by their Russian heads."""
    return flat(files[".csv"].read_bytes())


def money(value: object) -> D:
    return D(str(value or 0)).quantize(D("0.01"))


def own(office: TownOffice) -> list[dict[str, Any]]:
    return [row for row in office.lines("2026-09").values() if row["customer"] == bin_of("A")]


def test_4_1_8_the_turnovers_total_is_the_closes(office: TownOffice) -> None:
    """The last row of the statement shows the sums of this customer's lines, debit and credit apart."""
    office.close("2026-09")
    lines = own(office)
    files = render(office, "turnover")

    def total(head: str) -> D:
        return money(column(files[".xlsx"].read_bytes(), "Оборотная ведомость", head)[1])

    for name, field in (("Начислено", "charged"), ("Перерасчёт", "recalculated"), ("Оплачено", "paid")):
        assert total(name) == sum(row[field] for row in lines) != 0
    for name, field in (("начало", "opening"), ("конец", "closing")):
        assert total(f"Долг на {name}") == sum(max(row[field], D(0)) for row in lines)
        assert total(f"Аванс на {name}") == sum(max(-row[field], D(0)) for row in lines) != 0
    rows = table(files)
    assert sorted(row["Лицевой счёт"] for row in rows) == ["1001", "1001", "1002"]
    assert sum(money(row["Сальдо конечное, дебет"]) for row in rows) == total("Долг на конец")


def test_4_1_1_bill_rows_show_this_customers_lines_of_each_account(office: TownOffice) -> None:
    """Tariff, quantity, charge, correction and what is to pay, in the order of services; also from the draft."""
    drafted = table(render(office, "bill_rows"))
    office.close("2026-09")
    rows = [row for row in table(render(office, "bill_rows")) if row["Лицевой счёт"] in ("1001", "1002")]
    assert [(r["Лицевой счёт"], r["Код услуги"]) for r in rows] == [
        ("1001", "maintenance"), ("1001", "cleaning"), ("1002", "maintenance"),
    ]  # fmt: skip
    by_key = {(row["account"], row["service"]): row for row in own(office)}
    for row in rows:
        line_row = by_key[(row["Лицевой счёт"], row["Код услуги"])]
        assert money(row["К оплате"]) == line_row["closing"] and money(row["Начислено"]) == line_row["charged"]
        assert money(row["Недопоставка и перерасчёт"]) == line_row["undelivered"] + line_row["recalculated"]
    assert [r for r in drafted if r["Лицевой счёт"] in ("1001", "1002")] == rows


@pytest.mark.parametrize("kind", ["act", "turnover"])
def test_reports_need_the_close(office: TownOffice, kind: str) -> None:
    with pytest.raises(MonthError, match="close 2026-09"):
        render(office, kind)


@pytest.mark.usefixtures("soffice", "libreoffice")
def test_an_act_lies_beside_its_pdf_where_libreoffice_is(office: TownOffice) -> None:
    office.close("2026-09")
    files = render(office, "act")
    assert set(files) == {".docx", ".pdf"} and files[".pdf"].stem == files[".docx"].stem
    assert files[".pdf"].read_bytes().startswith(b"%PDF")


def test_4_1_11_the_act_is_the_months_fees_with_vat_inside(office: TownOffice) -> None:
    """Its total is the sum of fees withheld from this customer's payments; VAT 16 % of 2026 rounded once."""
    office.close("2026-09")
    fees = sum(row["fee"] for row in office.parts("2026-09") if row["customer"] == bin_of("A"))
    vat = (fees * 16 / 116).quantize(D("0.01"))
    with zipfile.ZipFile(io.BytesIO(render(office, "act")[".docx"].read_bytes())) as act:
        text = re.sub(r"<[^>]+>", " ", act.read("word/document.xml").decode())
    shown = {
        D(found.replace("\xa0", "").replace(" ", "").replace(",", "."))
        for found in re.findall(r"\d[\d\xa0]*,\d\d\b", text)
    }
    assert fees > 8 and {fees, vat} <= shown
