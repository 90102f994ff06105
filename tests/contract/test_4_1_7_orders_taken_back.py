"""4.1.7, 4.3.3, 7.1: an order that has not left follows the account that counts; its money is never in two files."""

from __future__ import annotations

from decimal import Decimal as D
from pathlib import Path

import pytest

from inbox_worker.ledger.transfer_tables import transfers
from inbox_worker.month.places import find_places
from inbox_worker.month.transfer_proof import find_wrong_transfers
from inbox_worker.outbox.publish_orders import put_up_orders
from inbox_worker.outbox.review import Selection
from inbox_worker.outbox.use_cases import approve_documents, reject_documents
from tests.contract.test_4_1_7_orders import NEW, OWN, bank, build, pay, states, tell
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, moment, payment

ORDERS = Selection(kinds=["payment_orders"])
office = copies_of(build)


def put_up(office: TownOffice, now: str) -> list[tuple[int, str, D]]:
    return [(order.number, order.iban, order.amount) for order, _ in put_up_orders(office.office, moment(now))]


def pending(office: TownOffice) -> list[Path]:
    return sorted((office.office.home.outbox / "pending").rglob("payment_orders-*.txt"))


def test_an_unsent_order_waits_and_goes_to_the_confirmed_account(office: TownOffice) -> None:
    tell(office, bank())
    pay(office, payment("1001", "1000"))
    assert put_up(office, "2026-09-09T11:00") == [(1, OWN, D("494.00")), (2, OWN, D("494.00"))]
    told = {"indicator": "ИИК", "was": OWN, "becomes": NEW, "changed_on": "09.09.2026"}
    notice = office.ingest("requisites", [told], received="2026-09-09T12:00:00")
    refused = approve_documents(office.office, ORDERS, "anna", moment("2026-09-09T13:00"))
    assert {problem.code for problem in refused.problems} == {"outbox.old_orders"} and not refused.documents
    assert put_up(office, "2026-09-09T14:00") == [(2, OWN, D("494.00"))]
    assert states(office) == ["rejected", "ordered"]
    [file] = pending(office)
    assert NEW not in file.read_text("cp1251") and bin_of("A") not in file.read_text("cp1251")
    office.confirm(notice.id, "по телефону", "2026-09-09T15:00:00")
    assert (3, NEW, D("494.00")) in put_up(office, "2026-09-10T11:00")
    assert approve_documents(office.office, ORDERS, "anna", moment("2026-09-10T12:00")).documents
    assert find_places(office.office).ordered == D("988.00")


def test_a_rejected_file_frees_its_orders_and_cannot_be_taken_up_again(office: TownOffice) -> None:
    tell(office, bank())
    pay(office, payment("1001", "1000"))
    put_up(office, "2026-09-09T11:00")
    reject_documents(office.office, ORDERS, "anna", moment("2026-09-09T12:00"))
    assert put_up(office, "2026-09-09T13:00") == [(3, OWN, D("494.00")), (4, OWN, D("494.00"))]
    assert states(office) == ["rejected", "rejected", "ordered", "ordered"]
    old = sorted((office.office.home.outbox / "rejected").rglob("payment_orders-*"))
    again = approve_documents(office.office, Selection(paths=old), "anna", moment("2026-09-09T14:00"))
    assert not again.documents and {problem.code for problem in again.problems} >= {"outbox.old_orders"}
    assert put_up(office, "2026-09-09T15:00") == [(3, OWN, D("494.00")), (4, OWN, D("494.00"))], "once"


@pytest.mark.quick(0)
@pytest.mark.parametrize(
    ("forged", "said"),
    [
        ("9 ", "part 1 of statement 1 was in the orders '9 ', and of them none was rejected"),
        ("2 ", "order 2 of 494.00, rejected, stands in parts of 988.00"),
        ("1", "part 1 of statement 1 was in the orders '1', and of them 1 was rejected"),
    ],
)
def test_a_journal_that_forgets_which_order_was_rejected_is_told(forged: str, said: str, office: TownOffice) -> None:
    """By that number staff find the order in whose place another one is."""
    tell(office, bank())
    pay(office, payment("1001", "1000"))
    put_up(office, "2026-09-09T11:00")
    reject_documents(office.office, ORDERS, "anna", moment("2026-09-09T12:00"))
    put_up(office, "2026-09-09T13:00")
    assert list(find_wrong_transfers(office.office)) == []
    with office.office.journal.transaction() as connection:
        connection.execute(transfers.update().where(transfers.c.number == 1).values(rejected_orders=forged))
    assert any(said in what for what in find_wrong_transfers(office.office)), list(find_wrong_transfers(office.office))
