"""4.1.7: the statement of distribution of a bank's day: in time, without a close, every payment in one statement."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from inbox_worker.month.distributing import distribute, find_shares, sum_undistributed
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment

DAY = date(2026, 9, 5)


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="10", area="50"), line("B", "1001", "lift", base="кв.", tariff="500"),
        line("A", "1002", "maintenance", tariff="10", area="70"),
    )  # fmt: skip


def sums(office: TownOffice) -> list[tuple[str, str, int, str, str]]:
    found = office.office.journal.transfers.distributions()
    shares = find_shares(office.office, found, ["customer", "service"])
    return [
        (
            one.bank,
            str(one.day),
            one.place,
            *(str(sum(getattr(s, of) for s in shares[one.number])) for of in ("received", "fee")),
        )
        for one in found
    ]


def test_a_banks_day_is_distributed_before_any_close(office: TownOffice) -> None:
    town(office)
    other = payment("1002", "300", number="2", bank="HSBKKZKX")
    office.load_payments(payment("1001", "1000"), other, payment("9999", "77", number="3"))
    assert sum_undistributed(office.office) == Decimal("1300.00")
    made = distribute(office.office, moment("2026-09-07"), DAY)
    assert [(one.bank, one.place) for one in made] == [("CASPKZKA", 1), ("HSBKKZKX", 1)]
    parts = {(part.distribution, part.customer): part for part in office.office.journal.transfers.parts()}
    kaspi, halyk = made
    assert parts[kaspi.number, bin_of("A")].received == parts[kaspi.number, bin_of("B")].received == 500
    assert parts[halyk.number, bin_of("A")].amount == Decimal("296.40")  # 1,2 % less
    assert sum_undistributed(office.office) == 0


def test_what_came_after_the_statement_is_in_the_next_one_and_nothing_is_in_two(office: TownOffice) -> None:
    town(office)
    office.load_payments(payment("1002", "300"))
    distribute(office.office, moment("2026-09-07"), DAY)
    assert distribute(office.office, moment("2026-09-07"), DAY) == []
    office.load_payments(payment("1002", "40", number="2"), now="2026-09-08")
    office.load_payments(payment("1002", "-300"), now="2026-09-09")
    [second] = distribute(office.office, moment("2026-09-09"))
    assert second.place == 2
    assert sums(office) == [
        ("CASPKZKA", "2026-09-05", 1, "300.00", "3.60"),
        ("CASPKZKA", "2026-09-05", 2, "-260.00", "-3.12"),
    ]


def test_statements_add_up_to_the_months_distribution(office: TownOffice) -> None:
    """Reversals, a late register of a closed month and a payment that found its line later are in it, too."""
    town(office)
    office.load_payments(payment("1001", "1000.01"), payment("1002", "333.33", number="2", day="06.09.2026"))
    distribute(office.office, moment("2026-09-08"))
    office.load_payments(
        payment("1001", "-1000.01", day="08.09.2026"), payment("1003", "50", number="7"), now="2026-09-09"
    )
    office.load_directory(line("B", "1003", "lift", base="кв.", tariff="1"), now="2026-09-10")
    office.load_payments(payment("1002", "0.07", number="8", day="10.09.2026"), now="2026-09-11")
    distribute(office.office, moment("2026-09-12"))
    office.close("2026-09", "2026-10-05")
    office.load_payments(payment("1002", "99.99", number="9", day="30.09.2026"), now="2026-10-06")
    distribute(office.office, moment("2026-10-06"))
    office.close("2026-10", "2026-11-05")
    for month in ("2026-09", "2026-10"):
        statements = [one for one in office.office.journal.transfers.distributions() if str(one.month) == month]
        shares = [
            share for of in find_shares(office.office, statements, ["customer", "service"]).values() for share in of
        ]
        closed = office.table(month, "payments")
        for bin_ in (bin_of("A"), bin_of("B")):
            own, rows = [s for s in shares if s.of[0] == bin_], [row for row in closed if row["customer"] == bin_]
            assert sum(share.received for share in own) == sum(row["amount"] for row in rows)
            assert sum(share.fee for share in own) == sum(row["fee"] for row in rows)
            assert sum(share.transfer for share in own) == sum(row["transfer"] for row in rows)
        assert closed
    assert sum_undistributed(office.office) == 0


def test_a_payment_shared_over_several_lines_is_counted_once(office: TownOffice) -> None:
    """Two payments make three parts: two payments of the register, one of B's lift, two of A's maintenance."""
    town(office)
    office.load_payments(payment("1001", "1000"), payment("1002", "300", number="2"))
    made = distribute(office.office, moment("2026-09-07"), DAY)
    [register] = find_shares(office.office, made, ["submission"])[made[0].number]
    shares = find_shares(office.office, made, ["customer", "service"])[made[0].number]
    assert (register.count, register.received) == (2, Decimal(1300))
    assert {share.of[0]: share.count for share in shares} == {bin_of("A"): 2, bin_of("B"): 1}


def test_a_reversal_of_several_payments_is_counted_once(office: TownOffice) -> None:
    """One row of the bank takes back of two payments with the same number."""
    town(office)
    office.load_payments(payment("1002", "300"), payment("1002", "200", day="06.09.2026"))
    distribute(office.office, moment("2026-09-07"))
    office.load_payments(payment("1002", "-400", day="08.09.2026"), now="2026-09-08")
    made = distribute(office.office, moment("2026-09-09"))
    for by in (["submission"], ["customer", "service"]):
        [share] = find_shares(office.office, made, by)[made[0].number]
        assert (share.count, share.received) == (1, Decimal(-400)), by
