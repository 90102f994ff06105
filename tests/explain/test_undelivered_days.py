"""Days without service lead to each row that told them, and a proof holds each of its forms (law 4, 4.1.5)."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl

from inbox_worker.core.model import Period
from inbox_worker.documents.ledger_book import SHEETS
from inbox_worker.documents.ledger_books import render_books
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.explain import explain_anything
from inbox_worker.explain.figures import Figures
from inbox_worker.explain.proof_pack import write_proof
from inbox_worker.explain.sources import Sources
from inbox_worker.outbox.publish import render_documents
from tests.support.fixtures import copies_of
from tests.support.office import TODAY, Row, TownOffice, bin_of, customer, line, moment


def days(first: int, last: int, account: str = "1001") -> Row:
    """Of an account, or, without one, of its house."""
    return {
        "account": account, "house": "" if account else "H-1", "service": "heating", "days": last - first + 1,
        "from_date": f"{first:02d}.09.2026", "to_date": f"{last:02d}.09.2026",
    }  # fmt: skip


def town(office: TownOffice) -> None:
    """September opens with two days. October is told 1 day of the house, which comes first but stands last in the
    alphabet of days, then 8 of the account in two rows, 2 of them told before."""
    office.load_customers(customer("A", utilities=True))
    office.load_directory(*(line("A", account, "heating", tariff="60", area="50") for account in ("1001", "1002")))
    office.ingest("undelivered", [days(1, 2)], received="2026-08-20")
    office.close("2026-09")
    office.ingest("undelivered", [days(20, 20, account="")], received="2026-09-20")
    office.ingest("undelivered", [days(4, 4, "1002"), days(2, 4), days(18, 22)], received="2026-09-21")
    office.close("2026-10")


office = copies_of(town)


def place_of(office: TownOffice) -> tuple[Path, str]:
    """The turnover statement, and the cell of the days of account 1001 in it."""
    paths = render_documents(office.office, Period.parse("2026-10"), ["turnover"], bin_of("A"), moment("2026-11-05"))
    path = next(path for path in paths if path.suffix == ".xlsx")
    book = openpyxl.load_workbook(path, data_only=True)
    for sheet in book.worksheets[1:]:
        for row in sheet.iter_rows():
            if any(str(cell.value) == "1001" for cell in row):
                return path, f"{sheet.title}!{next(c.coordinate for c in row if c.value in (-700, 700))}"
    raise AssertionError("no line of 1001")


def test_each_row_that_told_days_is_named_with_its_own(office: TownOffice) -> None:
    """7 days of October: 1 of the house's form, 2 and 4 of two rows of the account's; not the row of another account,
    nor the form of the month before."""
    path, cell = place_of(office)
    text = "\n".join(explain_anything(office.office, str(path), cell, TODAY))
    found = re.findall(r"дней отсюда: (\d+); .*?(IW-\d+-\d+).*?ячейка ([A-Z]+\d+)", text)
    submissions = [one.id for one in office.office.journal.submissions.all() if one.form == "undelivered"][1:]
    house, account = submissions
    assert [(count, form) for count, form, _ in found] == [("1", house), ("2", account), ("4", account)], text
    rows = [int(re.sub(r"\D", "", where)) for _, _, where in found]
    assert rows[2] == rows[1] + 1 == rows[0] + 2, text
    assert "09.2026, дней 7 (раньше учтено 2): 3000,00 × 7 / 30, начисление" in text, text


def test_days_of_several_months_are_summed_unrounded_and_rounded_once(office: TownOffice) -> None:
    """A day of 30 and one of 31 of 3 000.00 are 100.00 and 96.774193. All of a month is its charge: of 50.001 x 61.0004
    = 3 050.0810004 no more than 3 050.08."""
    office.load_directory(line("A", "1003", "heating", tariff="61.0004", area="50.001", start="11.2026"))
    for month in ("2026-11", "2026-12"):
        office.close(month)
    rows = [
        {**days(5, 5, "1002"), "from_date": "05.11.2026", "to_date": "05.11.2026"},
        {**days(5, 5, "1002"), "from_date": "05.12.2026", "to_date": "05.12.2026"},
        {**days(1, 31, "1003"), "from_date": "01.12.2026", "to_date": "31.12.2026"},
    ]
    office.ingest("undelivered", rows, received="2027-01-02")
    for month in ("2027-01", "2027-02"):
        office.close(month)
    for account, said in (
        ("1002", "−(3000,00 × 1 / 30 + 3000,00 × 1 / 31), округлено до тиына один раз = -196,77"),
        ("1003", "−(3050,08), округлено до тиына один раз = -3050,08"),
    ):
        figures = Figures(office.office, Sources(office.office), Period.parse("2027-02"), account)
        text = "\n".join(figures.explain("undelivered", Where(bin_of("A"), account, "heating")))
        assert said in text, text


def test_a_proof_holds_every_form_that_told_days(office: TownOffice, tmp_path: Path) -> None:
    path, cell = place_of(office)
    proven, lacking, _ = write_proof(office.office, str(path), cell, tmp_path / "proof.zip", moment("2026-11-06"))
    told = [one.id for one in office.office.journal.submissions.all() if one.form == "undelivered"][1:]
    assert set(told) <= set(proven) and not lacking


def test_the_ledger_book_names_every_form_that_told_days(office: TownOffice) -> None:
    """Both forms of October, and not September's: its days are not October's."""
    first, *told = [one.id for one in office.office.journal.submissions.all() if one.form == "undelivered"]
    [path, _] = render_books(office.office, Period.parse("2026-10"))
    sheet = openpyxl.load_workbook(path)[SHEETS["sources"]]
    named = {str(value) for row in sheet.iter_rows(values_only=True) for value in row}
    assert set(told) <= named and first not in named
