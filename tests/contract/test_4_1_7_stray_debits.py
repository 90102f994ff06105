"""4.1.7: money that left a transit account by no order, or of another sum than its order, is named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from inbox_worker.ledger.transfers import OrderState
from inbox_worker.month.confirming import StrayDebit, find_stray_debits, settle_manually
from inbox_worker.month.distributing import distribute
from inbox_worker.month.ordering import make_orders
from tests.contract.test_4_1_7_orders import NEW, NOW, OTHER, OWN, TRANSIT, bank, build, pay, statement, tell
from tests.support.fixtures import copies_of
from tests.support.office import Answer, TownOffice, payment

DAYS = date(2026, 9, 1), date(2026, 9, 30)
office = copies_of(build)


def ordered(office: TownOffice, *amounts: str) -> None:
    """Orders 1, 2, ... to A."""
    tell(office, bank())
    for number, amount in enumerate(amounts, 1):
        pay(office, payment("1002", amount, number=str(number)))
        make_orders(office.office, NOW)


def debit(amount: str, to: str = OWN, purpose: str = "") -> dict[str, object]:
    return {"debit": amount, "payer_account": to, "purpose": purpose}


def load(office: TownOffice, iban: str, *lines: dict[str, object]) -> Answer:
    common = {"iban": iban, "bank": "KCJBKZKX", "side": "расход", "occurrence": 1, "day": "10.09.2026"}
    rows = [{**common, "reference": str(number), **one} for number, one in enumerate(lines, 700)]
    total = -sum(D(str(one["debit"])) for one in lines)
    return office.load("bank_statement", rows, "2026-09-13", Сумма=total)


def mt940(amount: str, reference: str, about: str = "") -> bytes:
    """A statement of one debit as SWIFT lays it out: the reference alone names an order."""
    rows = [
        ":20:S1", f":25:{TRANSIT}", ":28C:1/1", f":60F:C260910KZT{amount}",
        f":61:2609100910D{amount}NTRF{reference}//B2", *([f":86:{about}"] if about else []), ":62F:C260910KZT0,00", "-",
    ]  # fmt: skip
    return "\r\n".join(rows).encode()


def named(found: list[StrayDebit]) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(str(one.amount), one.to, one.orders) for one in found]


def test_what_left_by_no_order_is_named_with_the_orders_that_it_names(office: TownOffice) -> None:
    ordered(office, "100", "300")
    settle_manually(office.office, 2, OrderState.REJECTED, "звонок", NOW)
    distribute(office.office, NOW)
    statement(
        office, debit("98.80"), debit("98.81", purpose="IW-1"), debit("296.40", purpose="IW-2"),
        debit("5000.00", NEW, "за мебель"),
    )  # fmt: skip
    found = find_stray_debits(office.office, *DAYS)
    assert named(found) == [("98.81", OWN, (1,)), ("296.40", OWN, (2,)), ("5000.00", NEW, ())]
    assert find_stray_debits(office.office, *DAYS, TRANSIT) == found
    assert find_stray_debits(office.office, *DAYS, OTHER) == []
    assert find_stray_debits(office.office, DAYS[0], date(2026, 9, 9)) == []


def test_a_debit_is_accounted_for_by_an_order_that_something_else_ended(office: TownOffice) -> None:
    """Staff's words, a bank's answer, a line of its return; a second debit of the same sum is nobody's."""
    ordered(office, "100", "200", "300")
    settle_manually(office.office, 1, OrderState.TRANSFERRED, "звонок", NOW)
    row = {"scope": "поручение", "number": "2", "answer": "исполнено"}
    assert office.load("order_answers", [row], "2026-09-10").outcome == "accepted"
    back = {"credit": "296.40", "side": "приход", "reversal": "да", "purpose": "возврат IW-3"}
    statement(office, back, now="2026-09-11")
    assert [one.state for one in office.office.journal.transfers.orders()][2] is OrderState.REJECTED
    left = [debit("98.80"), debit("197.60"), debit("296.40", purpose="IW-3")]
    answer = load(office, TRANSIT, *left)
    assert answer.outcome == "accepted" and "statement.stray_debit" not in answer.codes
    assert find_stray_debits(office.office, *DAYS) == []
    load(office, TRANSIT, {**debit("98.80"), "day": "12.09.2026"})
    assert named(find_stray_debits(office.office, *DAYS)) == [("98.80", OWN, ())]


def test_of_the_operators_own_account_only_what_goes_to_a_customer_is_named(office: TownOffice) -> None:
    tell(office, bank(iban=""))
    pay(office, payment("1002", "100"))
    [order] = make_orders(office.office, NOW)
    own = office.office.home.config.operator.iban
    assert order.payer_iban == own
    answer = load(office, own, debit("98.80"), debit("98.80"), debit("7000.00", NEW))
    assert answer.outcome == "accepted"
    assert answer.finding("statement.stray_debit")["value"] == "1"
    assert named(find_stray_debits(office.office, *DAYS)) == [("98.80", OWN, ())]


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("reference", "about", "state"),
    [
        ("IW-1", "", OrderState.TRANSFERRED),
        ("IW-1", f"?20PEREVOD?31{NEW}", OrderState.ORDERED),
        ("IW-2", "", OrderState.ORDERED),
        ("IW-1", f"?20PEREVOD?31{OWN}", OrderState.TRANSFERRED),
        ("B1", "", OrderState.ORDERED),
    ],
    ids=["its number", "paid to another", "another number", "with the account", "no number"],
)
def test_a_line_without_the_other_account_confirms_the_order_that_it_names(
    reference: str, about: str, state: OrderState, office: TownOffice
) -> None:
    ordered(office, "100")
    answer = office.hand_in_bytes(mt940("98,80", reference, about), received="2026-09-11", mailbox="load")
    assert answer.outcome == "accepted", answer.report
    assert [one.state for one in office.office.journal.transfers.orders()] == [state]


@pytest.mark.quick(0, 4)
@pytest.mark.parametrize(
    ("to", "purpose", "own_fee"),
    [
        ("", "Комиссия за переводы", True),
        (TRANSIT[:4] + "722S000000000001", "Плата за ведение счёта, сентябрь", True),
        ("", "Оплата за мебель", False),
        (NEW, "Комиссия", False),
        ("", "Комиссия по IW-1", False),
    ],
    ids=["to nobody", "to the bank", "no fee", "to a stranger", "an order's"],
)
def test_a_banks_own_fee_is_information(to: str, purpose: str, own_fee: bool, office: TownOffice) -> None:
    ordered(office, "100")
    answer = load(office, TRANSIT, debit("150.00", to, purpose))
    told = answer.finding("statement.own_fee") if own_fee else answer.finding("statement.stray_debit")
    assert [one for one in answer.codes if one.startswith("statement.")] == [told["code"]], answer.report
    assert told["severity"] == ("info" if own_fee else "warning")
    assert [one.own_fee for one in find_stray_debits(office.office, *DAYS)] == [own_fee]
