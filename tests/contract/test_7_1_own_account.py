"""7.1: payments for communal services go to the Customer's own account by date; 4.2.5: what is withheld goes to the
operator's account by an order of its own."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from openpyxl import load_workbook

from inbox_worker.core.model import Period
from inbox_worker.ledger.transfers import OrderState, PartKind
from inbox_worker.month.confirming import settle_manually
from inbox_worker.month.distributing import distribute
from inbox_worker.month.ordering import find_held, make_orders
from inbox_worker.month.places import find_places
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.publish_statements import put_up_statements
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line, moment, payment

IBAN, OWN, FAR, TRANSIT = (
    "KZ28722S000001013958", "KZ75125KZT1001300335", "KZ50999KZT1001300335", "KZ248562203110182134",
)  # fmt: skip
FAR_WHOLE = "KZ75125KZT1001300335"
NOW = moment("2026-09-09T11:00:00")


def supplier(**more: object) -> Row:
    return customer("A", kind="поставщик коммунальных услуг", utilities=True, **more)


def build(office: TownOffice) -> None:
    office.load_customers(supplier(own_account=OWN))
    office.load_directory(
        line("A", "1001", "heating", tariff="10", area="50"), line("A", "1001", "maintenance", tariff="10", area="30"),
    )  # fmt: skip


office = copies_of(build)


def pay(office: TownOffice, *rows: Row, now: str = "2026-09-08") -> None:
    office.load_payments(*rows, now=now)
    distribute(office.office, moment(now))


def shown(office: TownOffice, now: str = "2026-09-09") -> list[tuple[str, str, D]]:
    return [(order.bic, order.iban, order.amount) for order in make_orders(office.office, moment(now))]


def test_only_communal_services_go_to_the_own_account_and_the_fee_is_withheld(office: TownOffice) -> None:
    pay(office, payment("1001", "800"))
    assert shown(office) == [("CASPKZKA", IBAN, D("296.40")), ("NBRKKZKX", OWN, D("494.00"))]
    assert find_places(office.office).fees == D("9.60")


def test_a_notice_of_another_account_holds_communal_money_until_it_is_confirmed(office: TownOffice) -> None:
    """Also beside another kind in one form: the account's task is the first."""
    told = [
        {"kind": "частичный отказ", "event_on": "31.10.2026", "parameter": "Содержание дома", "basis": "Письмо № 1"},
        {"kind": "собственный счёт", "event_on": "09.09.2026", "parameter": FAR_WHOLE, "basis": "Письмо № 2"},
    ]
    answer = office.ingest("notice", told, received="2026-09-08T10:00:00")
    assert answer.outcome == "held", answer.findings
    pay(office, payment("1001", "800"))
    assert shown(office) == [("CASPKZKA", IBAN, D("296.40"))]
    [held] = find_held(office.office, NOW.date())
    assert (held.why, held.task) == ("payee.unconfirmed", "T-000001")


def test_the_statement_of_distribution_names_the_account_of_each_service(office: TownOffice) -> None:
    office.load_payments(payment("1001", "800"), now="2026-09-08")
    [one] = put_up_statements(office.office, moment("2026-09-08"))
    rows = load_workbook(one.file).active.iter_rows(values_only=True)
    accounts = {row[5].split(" ")[0]: row[2:4] for row in rows if row[0] == bin_of("A")}
    assert accounts == {"Отопление": ("NBRKKZKX", OWN), "Содержание": ("CASPKZKA", IBAN)}


def test_an_own_account_counts_from_its_day_and_ends_on_one(office: TownOffice) -> None:
    """By the day of the order, as changed requisites do; empty = the ordinary account again, in one order."""
    assert office.load("customers", [supplier(counts_from="09.09.2026")], "2026-09-09").outcome == "accepted"
    pay(office, payment("1001", "800"))
    assert [iban for _, iban, _ in shown(office, "2026-09-08")] == [IBAN, OWN]
    pay(office, payment("1001", "80", number="2", day="08.09.2026"), now="2026-09-09")
    assert shown(office, "2026-09-09") == [("CASPKZKA", IBAN, D("79.04"))]


def test_an_own_account_of_a_bank_that_nobody_named_waits_in_sight(office: TownOffice) -> None:
    assert office.load("customers", [supplier(own_account=FAR)], "2026-09-02").outcome == "accepted"
    pay(office, payment("1001", "800"))
    assert shown(office) == [("CASPKZKA", IBAN, D("296.40"))]
    [held] = find_held(office.office, NOW.date())
    assert (held.customer, held.amount, held.why) == (bin_of("A"), D("494.00"), "payee.no_bic")


def test_the_months_distribution_names_them_too(office: TownOffice) -> None:
    pay(office, payment("1001", "800"))
    office.close("2026-09")
    path = render_documents(office.office, Period.parse("2026-09"), ("distribution",), "", moment("2026-10-05"))[0]
    sheet = load_workbook(path).worksheets[0]
    rows = {str(row[0]).split(" ")[0]: row for row in sheet.iter_rows(values_only=True)}
    assert OWN in rows["Отопление"] and IBAN in rows["Содержание"]


@pytest.mark.slow
@pytest.mark.parametrize("state", [OrderState.TRANSFERRED, OrderState.REJECTED])
def test_the_fee_is_ordered_to_the_operators_account(office: TownOffice, state: OrderState) -> None:
    """From a bank's transit account; of one that is the operator's own nothing has to be ordered."""
    bank = {"bic": "CASPKZKA", "name": "Банк", "emails": "b@bank.example", "format": "1C", "iban": TRANSIT}
    assert office.load("banks", [bank]).outcome == "accepted"
    pay(office, payment("1001", "800"), payment("1001", "100", number="2", bank="HSBKKZKX"))
    fee = next(order for order in make_orders(office.office, NOW) if order.customer == "971240003619")
    assert (fee.iban, fee.payer_iban, fee.knp, fee.amount) == (IBAN, TRANSIT, "343", D("9.60"))
    settle_manually(office.office, fee.number, state, "банк", NOW)
    places, again = find_places(office.office), make_orders(office.office, moment("2026-09-10"))
    if state is OrderState.TRANSFERRED:
        assert (places.fees, places.fees_passed, places.lost) == (D("10.80"), D("9.60"), 0) and again == []
    else:
        assert places.fees_passed == 0 and [(one.iban, one.amount) for one in again] == [(IBAN, D("9.60"))]
    parts = [part.received for part in office.office.journal.transfers.parts() if part.what is PartKind.FEE]
    assert sum(parts) == places.fees
