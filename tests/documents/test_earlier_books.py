"""Ledger workbooks of a Customer as earlier versions laid them out, beside those of today (4.1.14)."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from inbox_worker.core.model import Period
from inbox_worker.documents import ledger_books
from inbox_worker.documents.ledger_books import find_changed_books, render_books
from inbox_worker.documents.month_data import MonthFacts, customers_of
from tests.support.fixtures import office
from tests.support.office import TownOffice, customer, line, payment

__all__ = ["office"]
MONTH = Period(2026, 9)


def made(office: TownOffice) -> Path:
    """The book of a month of a consumer with a double surname."""
    office.load_customers({**customer("A"), "name": "ОСИ «Самал-Жұлдыз»"})
    name = "Құдайбергенова-Петропавловская Гүлбаршын Сағындыққызы"
    office.load_directory({**line("A", "1001", "maintenance", tariff="1", area="10"), "name": name})
    office.load_payments(payment("1001", "5.10"))
    office.close(str(MONTH))
    return render_books(office.office, MONTH)[0]


def test_the_cover_names_its_owner_whole(office: TownOffice) -> None:
    """The proof beside the title took all columns but the narrow first: «ОСИ «С»."""
    cover = openpyxl.load_workbook(made(office)).worksheets[0]
    assert str(cover["A2"].value).startswith("ОСИ «Самал-Жұлдыз»")
    [beside] = [area.min_col for area in cover.merged_cells.ranges if area.min_row == 2 and area.min_col > 1]
    assert cover.column_dimensions["B"].width > 50 and beside > 2


@pytest.mark.slow
def test_a_book_of_an_earlier_look_is_no_difference_and_any_other_is(office: TownOffice) -> None:
    path = made(office)
    assert list(find_changed_books(office.office, MONTH)) == []
    facts = MonthFacts(office.office, MONTH)
    [owner] = customers_of(facts)
    order = ledger_books._order(facts, facts.of([owner.bin]), owner)
    today, earlier = path.read_bytes(), ledger_books._render((*order, True))
    path.write_bytes(earlier)
    [found] = find_changed_books(office.office, MONTH)
    assert today != earlier and found.earlier and found.path == path
    path.write_bytes(today + b" ")
    [found] = find_changed_books(office.office, MONTH)
    assert not found.earlier
