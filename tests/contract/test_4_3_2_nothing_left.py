"""4.3.2: a form in which no row is left is told what can be done, and nothing is taken back by it."""

from __future__ import annotations

import io
from decimal import Decimal as D
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font

from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line
from tests.support.papers import File


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="30", area="10"),
        line("A", "1002", "maintenance", tariff="30", area="10"),
    )


office = copies_of(town)


def minus(amount: str, account: str = "1001", **more: object) -> Row:
    return {"account": account, "service": "maintenance", "past_month": "06.2026", "amount": amount, **more}


def send(office: TownOffice, *rows: Row, **more: Any) -> Any:
    return office.ingest("recalculations", rows, received="2026-08-20", **more)


def posted(office: TownOffice) -> D:
    return D(office.drafted("2026-09")[("1001", bin_of("A"), "maintenance")]["recalculated"])


def test_an_empty_replacement_takes_nothing_back_and_says_how_to(office: TownOffice) -> None:
    """What it says leads on: a sum of 0 takes the recalculation back, a reply in words is a person's task."""
    first = send(office, minus("-10"))
    empty = send(office, replaces=first.id)
    told = empty.finding("form.empty_replacement")
    assert (empty.outcome, posted(office), "form.empty" in empty.codes) == ("rejected", D("-10.00"), False)
    assert first.id in told["message"] and first.id in told["remedy_kk"]
    assert send(office, minus("0"), replaces=first.id).outcome == "accepted"
    assert posted(office) == D("0.00")


def test_a_form_without_rows_need_not_be_sent(office: TownOffice) -> None:
    assert "присылать её не нужно" in send(office).finding("form.empty")["remedy"]


@pytest.mark.parametrize(("struck", "left"), [((10, 11), True), ((10,), False), ((), False)])
def test_a_form_whose_rows_are_all_to_be_deleted_is_told_that_none_is_left(
    office: TownOffice, struck: tuple[int, ...], left: bool
) -> None:
    """Obeying "delete the row" for each gave a form that was refused as empty."""
    book, sink = (
        openpyxl.load_workbook(io.BytesIO(office.form("recalculations", [minus("-10"), minus("-11", "1002")]))),
        io.BytesIO(),
    )
    for row in struck:
        for cell in book.active[row]:
            cell.font = Font(strike=True)
    book.save(sink)
    answer = office.mail([File("form.xlsx", sink.getvalue())], received="2026-08-20")
    assert (answer.outcome == "rejected", "form.nothing_left" in answer.codes) == (bool(struck), left)
