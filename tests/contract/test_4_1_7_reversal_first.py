"""4.1.7: a reversal that came before its payment waits; when the payment is there, staff take it off."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from inbox_worker.deciding.suspense_acts import assign_payment, return_payment
from inbox_worker.month.assign import Belongs, NotAssigned
from inbox_worker.month.places import find_places
from inbox_worker.month.suspense import UnknownPayment, find_waiting
from tests.contract.test_4_1_7_reversals import town
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, moment, payment

office = copies_of(town)


@pytest.mark.slow
def test_a_reversal_that_came_before_its_payment_is_taken_of_it_by_staff(office: TownOffice) -> None:
    """Like a register's reversal that comes after it: nothing waits, nothing of the payment is left on its lines."""
    office.load_payments(payment("1001", "-100", number="7", day="08.09.2026"), now="2026-09-09")
    [waits] = find_waiting(office.office)
    to, now = Belongs("1001"), moment("2026-09-12")
    with pytest.raises(NotAssigned, match="of which not so much came"):
        assign_payment(office.office, waits.id, to, "звонок", now)
    with pytest.raises(NotAssigned, match="bank suspense assign"):
        return_payment(office.office, waits.id, "звонок", now)
    came = office.load_payments(payment("1001", "100", number="7"), payment("1001", "5", number="8"), now="2026-09-10")
    assert came.codes == ["register.reversal_waits"]
    assert waits.id in str(came.report)
    with pytest.raises(NotAssigned, match="name that account"):
        assign_payment(office.office, waits.id, Belongs("1002"), "звонок", now)
    assign_payment(office.office, waits.id, to, "звонок", now)
    assert find_waiting(office.office) == []
    with pytest.raises(UnknownPayment, match="waits no more"):
        assign_payment(office.office, waits.id, to, "звонок", now)
    again = office.load("bank_register", [payment("1001", "-100", number="7", day="08.09.2026")], "2026-09-13")
    assert again.codes == ["register.reversal_same"] and find_waiting(office.office) == []
    assert (find_places(office.office).suspense, find_places(office.office).lost) == (D(0), D(0))
    closed = office.close("2026-09")
    assert (closed.payments["posted"], closed.payments["suspense"]) == (D(5), D(0))
    assert sum(row["paid"] for row in office.lines("2026-09").values()) == 5
