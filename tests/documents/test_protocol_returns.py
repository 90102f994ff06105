"""What must agree in the close protocol agrees when payments went back, were taken back or found their line late."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from inbox_worker.core.model import Period
from inbox_worker.deciding.suspense_acts import assign_payment, return_payment
from inbox_worker.documents.close_protocol import render_close_protocol
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.month.assign import Belongs
from inbox_worker.month.suspense import find_waiting
from tests.documents.made import column
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, customer, line, moment, payment


def town(office: TownOffice) -> None:
    """5 on a line, 700 and 300 of accounts that nobody has."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "10020030", "maintenance", base="кв.", tariff="150", balance="300"))
    office.load_payments(
        payment("10020030", "5", number="6"), payment("10020300", "700", number="7"),
        payment("10029999", "300", number="8"),
    )  # fmt: skip


office = copies_of(town)


def checked(office: TownOffice, month: str) -> tuple[list[D], list[D]]:
    """Both sides of each check of the protocol that `month` was closed with; none of them differs."""
    home = office.office.home
    office.close(month)
    facts = MonthFacts(office.office, Period.parse(month))
    data = render_close_protocol(facts.protocol(), {}, home.operator, office.office.rules).data
    left, right, gaps = (column(data, "Проверки", head)[0] for head in ("Слева", "Справа", "Расхождение"))
    assert gaps == [0] * 4, (left, right)
    return [D(str(value)) for value in left], [D(str(value)) for value in right]


@pytest.mark.parametrize("told_too", [False, True])
def test_what_went_back_in_the_month_is_not_received(told_too: bool, office: TownOffice) -> None:
    """700 went back, whether a register tells it, too, or not; 5 were posted, 300 wait."""
    give_back(office, "2026-09-10")
    if told_too:
        office.load_payments(payment("10020300", "-700", number="7", day="11.09.2026"), now="2026-09-12")
    left, right = checked(office, "2026-09")
    assert left[:2] == right[:2] == [D(305), D(5)]


def test_what_goes_back_of_a_closed_month_lessens_the_next(office: TownOffice) -> None:
    assert checked(office, "2026-09")[0][:2] == [D(1005), D(5)]
    give_back(office, "2026-10-04")
    assert checked(office, "2026-10")[0][:2] == [D(-700), D(0)]
    office.load_payments(payment("10020300", "-700", number="7", day="03.11.2026"), now="2026-11-04")
    assert checked(office, "2026-11")[0][:2] == [D(0), D(0)]


def test_reversals_and_assigned_payments_agree(office: TownOffice) -> None:
    """The bank takes back the 5; the 300 find their account, of which it takes back 100 in October."""
    [one] = [one for one in find_waiting(office.office) if one.number == "8"]
    assign_payment(office.office, one.id, Belongs("10020030"), "звонок", moment("2026-09-10"))
    office.load_payments(payment("10020030", "-5", number="6", day="11.09.2026"), now="2026-09-12")
    assert checked(office, "2026-09")[0][:2] == [D(1000), D(300)]
    office.load_payments(payment("10029999", "-100", number="8", day="03.10.2026"), now="2026-10-04")
    assert checked(office, "2026-10")[0][:2] == [D(-100), D(-100)]


def give_back(office: TownOffice, now: str) -> None:
    [one] = [one for one in find_waiting(office.office) if one.number == "7"]
    return_payment(office.office, one.id, "платёжное поручение 17", moment(now))


def test_the_protocol_names_banks_and_explains_their_sums_by_code(office: TownOffice) -> None:
    """The name is for people; `explain` finds the bank by its code, which is hidden beside."""
    home = office.office.home
    office.close("2026-09")
    facts = MonthFacts(office.office, Period.parse("2026-09"))
    made = render_close_protocol(facts.protocol(), {}, home.operator, office.office.rules)
    assert column(made.data, "По банкам", "Банк (БИК)")[0][0] == "Kaspi Bank (CASPKZKA)"
    assert made.figures["По банкам!bank_column"] == "H"
