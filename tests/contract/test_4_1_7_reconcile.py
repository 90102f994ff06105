"""4.1.7: what registers say is compared with what came to the transit account, by bank and day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from inbox_worker.core.errors import UseError
from inbox_worker.month.bank_money import BankDay, reconcile_banks
from inbox_worker.month.months import MonthError
from tests.support.bank_files import PAID, printed
from tests.support.bank_statements import IBAN, another_account, camt053, kaspi_book, mt940, of_kaspi
from tests.support.fixtures import office
from tests.support.office import TownOffice, customer, line, payment

__all__ = ["office"]
UNLISTED = "KZ80999S000001013958"  # no bank of rules/bank_codes.yaml has the code 999
KCJB = "KCJBKZKX"
FIFTH, SIXTH = date(2026, 9, 5), date(2026, 9, 6)


def load(office: TownOffice, *files: bytes) -> None:
    for data in files:
        assert office.hand_in_bytes(data, received="2026-09-07", mailbox="load").outcome == "accepted"


def september(office: TownOffice) -> list[BankDay]:
    return reconcile_banks(office.office, date(2026, 9, 1), date(2026, 9, 30))


def told(days: list[BankDay]) -> list[tuple[object, ...]]:
    return [(d.bank, d.day, d.registers, d.credited, d.difference, d.running, d.state) for d in days]


def test_a_day_whose_money_came_agrees_and_one_whose_did_not_is_named(office: TownOffice) -> None:
    """The 4th's takings came on the 5th: the purpose names their day. The register of the 5th has 6 257.55, and
    nothing came for it; 1 250.50 of the 6th has no register."""
    office.load_payments(payment("10020030", "5000.00", number="1", day="04.09.2026"))
    load(office, printed(), of_kaspi())
    assert told(september(office)) == [
        ("CASPKZKA", date(2026, 9, 4), D("5000.00"), D("5000.00"), D("0.00"), D("0.00"), "agrees"),
        ("CASPKZKA", FIFTH, D("6257.55"), D("0"), D("-6257.55"), D("-6257.55"), "differs"),
        ("CASPKZKA", SIXTH, D("0"), D("1250.50"), D("1250.50"), D("-5007.05"), "differs"),
    ]


def test_the_credits_of_a_day_are_named_with_their_source(office: TownOffice) -> None:
    load(office, kaspi_book())
    [takings, other] = september(office)
    assert [(one.iban, one.booked, one.reference, one.amount) for one in takings.credits] == [
        (IBAN, FIFTH, "101", D("5000.00"))
    ]
    assert takings.day == date(2026, 9, 4) and other.credits[0].source.endswith("/15")


def test_one_account_is_compared_by_itself(office: TownOffice) -> None:
    """Statements of other accounts say nothing of consumers' money."""
    load(office, camt053(more=another_account()))
    days = reconcile_banks(office.office, date(2026, 9, 1), date(2026, 9, 30), IBAN)
    assert sum((day.credited for day in days), D(0)) == D("6250.50")
    assert sum((day.credited for day in september(office)), D(0)) == D("6251.50")


def test_an_account_that_nothing_names_is_refused_with_those_that_there_are(office: TownOffice) -> None:
    """Else every day would stand there as one without statements. A bank's own is known before its first statement."""
    load(office, camt053())
    bank = {"name": "Банк", "emails": "b@bank.example", "format": "XLSX", "iban": UNLISTED, "bic": KCJB}
    office.load("banks", [bank])
    days = (date(2026, 9, 1), date(2026, 9, 30))
    with pytest.raises(UseError, match=rf"KZ1;.*{IBAN}.*{UNLISTED}"):
        reconcile_banks(office.office, *days, "KZ1")
    assert reconcile_banks(office.office, *days, UNLISTED) == []


def test_a_bank_without_statements_is_not_called_different(office: TownOffice) -> None:
    load(office, printed())
    assert [(day.state, day.payments) for day in september(office)] == [("no_statement", len(PAID))]


def test_a_statement_that_names_no_bank_is_of_the_bank_whose_code_its_account_has(office: TownOffice) -> None:
    load(office, mt940())
    assert {day.bank for day in september(office)} == {"CASPKZKA"}


def test_an_account_of_an_unlisted_bank_stands_for_itself_until_a_statement_names_the_bank(office: TownOffice) -> None:
    unlisted = UNLISTED.encode()
    load(office, mt940().replace(IBAN.encode(), unlisted))
    assert {day.bank for day in september(office)} == {UNLISTED}
    more = of_kaspi().decode("cp1251").replace("05.09.2026", "07.09.2026").replace("06.09.2026", "08.09.2026")
    load(office, more.replace(IBAN, UNLISTED).encode("cp1251"))
    assert {day.bank for day in september(office)} == {"CASPKZKA"}


def test_an_account_of_the_register_of_banks_is_of_that_bank_unless_several_share_it(office: TownOffice) -> None:
    """The register goes before the code in the account; of two banks with one account neither is guessed."""
    load(office, mt940().replace(IBAN.encode(), UNLISTED.encode()))
    row = {"name": "Банк", "emails": "b@bank.example", "format": "XLSX", "iban": UNLISTED}
    office.load("banks", [{**row, "bic": "HSBKKZKX"}])
    assert {day.bank for day in september(office)} == {"HSBKKZKX"}
    office.load("banks", [{**row, "bic": KCJB}])
    assert {day.bank for day in september(office)} == {UNLISTED}


def test_a_statement_of_the_operators_own_account_is_of_his_bank(office: TownOffice) -> None:
    """Also where the list of codes does not have it."""
    operator = office.office.home.config.operator
    load(office, mt940().replace(IBAN.encode(), operator.iban.encode()))
    without = replace(office.office, rules=replace(office.office.rules, bank_codes={}))
    days = reconcile_banks(without, date(2026, 9, 1), date(2026, 9, 30))
    assert {day.bank for day in days} == {operator.bic}


def test_a_reversal_lessens_its_day(office: TownOffice) -> None:
    office.load_payments(payment("1", "5000.00", number="1", day="04.09.2026"))
    office.load_payments(payment("1", "-5000.00", number="1", day="04.09.2026"), now="2026-09-07")
    assert [(day.payments, day.registers) for day in september(office)] == [(2, D("0.00"))]


TAKEN_BACK = """:20:STATEMENT
:25:{iban}
:28C:10/1
:60F:C260907KZT6338,00
:61:2609070907{mark}{sum}NTRFNONREF//{reference}
:86:190?20Корректировка за 05.09.2026
:62F:C260907KZT{closing}
-
"""


def test_a_credit_that_the_bank_took_back_is_no_money_any_more(office: TownOffice) -> None:
    """RC is a debit, and lessens the day of the credit; RD gives our own money back and is no consumer's."""
    load(office, mt940())
    before = {day.day: day.credited for day in september(office)}
    back = TAKEN_BACK.format(iban=IBAN, mark="RC", sum="1250,50", reference="B1", closing="5087,50")
    load(office, back.encode())
    after = {day.day: day.credited for day in reconcile_banks(office.office, date(2026, 9, 1), date(2026, 9, 30))}
    assert after[FIFTH] == before.get(FIFTH, D(0)) - D("1250.50")
    own = TAKEN_BACK.format(iban=IBAN, mark="RD", sum="162,50", reference="B2", closing="6500,50")
    load(office, own.encode())
    assert {day.day: day.credited for day in september(office)} == after


def test_a_month_does_not_close_while_a_required_statement_differs(office: TownOffice) -> None:
    """`Требуется выписка` of the bank; without it the same month closes."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "10020030", "lift", base="кв.", tariff="100"))
    office.load_payments(payment("10020030", "5000.00", day="04.09.2026"))
    bank = {"bic": "CASPKZKA", "name": "Банк", "emails": "b@bank.example", "format": "XLSX"}
    office.load("banks", [{**bank, "require_statement": "да"}])
    with pytest.raises(MonthError, match="CASPKZKA 2026-09-04 by -5000.00"):
        office.close("2026-09")
    load(office, of_kaspi())
    with pytest.raises(MonthError, match="differ: CASPKZKA 2026-09-06 by 1250.50;"):
        office.close("2026-09")
    office.load_payments(payment("10020030", "1250.50", number="2", day="06.09.2026"), now="2026-09-08")
    assert office.close("2026-09").number == 1
