"""4.1.7: payments that the bank takes back, and payments in suspense that find their account later."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, payment


def town(office: TownOffice) -> None:
    """300 and 600 of old, 150 and 250 a month: example 3 of money.md."""
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="150", balance="300"),
        line("B", "1001", "cleaning", base="кв.", tariff="250", balance="600"),
    )


office = copies_of(town)


def paid(office: TownOffice, month: str = "2026-09") -> list[tuple[str, D, D]]:
    return [(part["customer"], part["amount"], part["fee"]) for part in office.parts(month)]


def test_a_payment_taken_back_leaves_nothing_of_it(office: TownOffice) -> None:
    """337.50 and 662.50 with their fees come back; the debt is awaited again by the next payment."""
    office.load_payments(payment("1001", "1000", number="7"))
    office.load_payments(payment("1001", "-1000", number="7", day="08.09.2026"), now="2026-09-09")
    office.load_payments(payment("1001", "900", number="8", day="09.09.2026"), now="2026-09-10")
    office.close("2026-09")
    a, b = bin_of("A"), bin_of("B")
    assert paid(office) == [
        (a, D("337.50"), D("4.05")), (a, D("-337.50"), D("-4.05")),
        (b, D("662.50"), D("7.95")), (b, D("-662.50"), D("-7.95")),
        (a, D("300.00"), D("3.60")), (b, D("600.00"), D("7.20")),
    ]  # fmt: skip
    assert sum(row["paid"] for row in office.lines("2026-09").values()) == D("900.00")


def test_two_parts_are_taken_back_on_one_day_each_by_its_sum(office: TownOffice) -> None:
    """In one register or in two; one that is told again changes nothing."""
    office.load_payments(payment("1001", "1000", number="7"))
    parts = [payment("1001", f"-{amount}", number="7", day="08.09.2026") for amount in (300, 200)]
    office.load_payments(*parts, now="2026-09-09")
    again = office.load("bank_register", [parts[1], {**parts[0], "amount": "-100"}], "2026-09-10")
    assert again.outcome == "accepted" and "register.reversal_same" in again.codes
    office.close("2026-09")
    assert sum(amount for _, amount, _ in paid(office)) == D("400.00")


@pytest.mark.slow
def test_two_equal_parts_of_one_day_are_two_when_a_control_row_counts_them(office: TownOffice) -> None:
    """-300 and -300 of 1000: both in one register; the second alone is told as known, and with the first it is taken.
    The same file of both again takes nothing; a third one that is more than is left is refused."""
    office.load_payments(payment("1001", "1000", number="7"))
    part = payment("1001", "-300", number="7", day="08.09.2026")
    unsure = office.load("bank_register", [part, part], "2026-09-09", Количество=None, Сумма=None)
    assert (unsure.outcome, unsure.codes) == ("rejected", ["register.reversal_repeated", "register.no_control"])
    office.load_payments(part, now="2026-09-09")
    alone = office.load("bank_register", [part, payment("1001", "10", number="8")], "2026-09-10")
    assert alone.codes == ["register.reversal_same"]
    both = office.load("bank_register", [part, part], "2026-09-11")
    assert sum(row["amount"] for row in office.facts("bank_register")) == D("410.00")
    assert both.codes[:2] == ["register.reversal_same", "register.reversal_equal"]
    again = office.load("bank_register", [part, part, payment("1001", "20", number="9")], "2026-09-12")
    assert sorted(again.codes) == ["register.reversal_equal", *["register.reversal_same"] * 2]
    third = office.load("bank_register", [{**part, "amount": "-450"}], "2026-09-13")
    assert (third.outcome, third.codes) == ("rejected", ["register.reversal_exceeds"])
    office.close("2026-09")
    assert sum(amount for _, amount, _ in paid(office)) == D("430.00")


@pytest.mark.slow
def test_equal_parts_of_a_closed_months_payment_are_taken_once_each(office: TownOffice) -> None:
    """The first was told in September, which is closed; October's register of both brings the second alone."""
    office.load_payments(payment("1001", "1000", number="7"))
    part = payment("1001", "-300", number="7", day="28.09.2026")
    office.load_payments(part, now="2026-09-29")
    office.close("2026-09")
    both = office.load("bank_register", [part, part], "2026-10-02")
    assert (both.outcome, sum(row["amount"] for row in office.facts("bank_register"))) == ("accepted", D("400.00"))


@pytest.mark.slow
def test_a_part_taken_back_a_month_later(office: TownOffice) -> None:
    """Half of it in October: 168.75 and 331.25, proportionally; September's close stays as it was."""
    office.load_payments(payment("1001", "1000", number="7"))
    office.close("2026-09")
    office.load_payments(payment("1001", "-500", number="7", day="08.10.2026"), now="2026-10-09")
    office.close("2026-10")
    assert [amount for _, amount, _ in paid(office, "2026-10")] == [D("-168.75"), D("-331.25")]
    total = sum(row["closing"] for row in office.lines("2026-10").values())
    assert total == 900 + 400 + 400 - 1000 + 500


def test_what_a_past_month_gives_back_is_awaited_as_an_old_debt(office: TownOffice) -> None:
    """September's 1 300 paid 300 + 150 and 600 + 250. Taken back in October, old debts are 450 and 850, and 1 000 goes
    over them in proportion: 346.15 and 653.85; nothing of it is for October's 150 and 250 (money.md, steps 1 and 2)."""
    office.load_payments(payment("1001", "1300", number="7"))
    office.close("2026-09")
    office.load_payments(payment("1001", "-1300", number="7", day="08.10.2026"), now="2026-10-09")
    office.load_payments(payment("1001", "1000", number="8", day="09.10.2026"), now="2026-10-10")
    office.close("2026-10")
    amounts = [part["amount"] for part in office.parts("2026-10") if part["number"] == "8"]
    assert amounts == [D("346.15"), D("653.85")]


def test_an_odd_tiyn_of_a_reversal_goes_by_the_order_of_services(office: TownOffice) -> None:
    """0.02 over two equal charges; 0.01 of it taken back is maintenance's, though its customer's БИН is the larger."""
    office.load_directory(
        line("A", "1002", "cleaning", base="кв.", tariff="50"),
        line("B", "1002", "maintenance", base="кв.", tariff="50"),
    )
    office.load_payments(payment("1002", "0.02", number="7"))
    office.load_payments(payment("1002", "-0.01", number="7", day="08.09.2026"), now="2026-09-09")
    office.close("2026-09")
    assert [row["service"] for row in office.parts("2026-09") if row["amount"] < 0] == ["maintenance"]


def test_a_reversal_that_came_before_its_payment_stays_in_suspense(office: TownOffice) -> None:
    """Nothing is guessed: it is not taken from the payment that came later; staff see both."""
    office.load_payments(payment("1001", "-100", number="7", day="08.09.2026"), now="2026-09-09")
    office.load_payments(payment("1001", "100", number="7"), now="2026-09-10")
    office.load_payments(payment("1001", "50", number="8", day="11.09.2026"), now="2026-09-12")
    closed = office.close("2026-09")
    assert (closed.payments["posted"], closed.payments["suspense"]) == (D("150.00"), D("-100.00"))


def test_an_unknown_number_waits_in_suspense(office: TownOffice) -> None:
    """Nothing is guessed: staff see it."""
    office.load_payments(payment("1001", "100", number="7"))
    answer = office.load_payments(payment("1001", "-5", number="9", day="09.09.2026"), now="2026-09-10")
    assert answer.codes == ["register.reversal_unknown"]
    closed = office.close("2026-09")
    assert closed.payments["posted"] == 100 and closed.payments["suspense"] == D("-5.00")
    assert {row["reason"] for row in office.table("2026-09", "suspense")} == {"payment.unknown"}


def test_more_than_is_left_of_a_payment_is_refused(office: TownOffice) -> None:
    """Of 100 and 50 under one number 100 are given back: 50.01 more refuse the register, 50 are taken."""
    office.load_payments(payment("1001", "100", number="7"), payment("1001", "50", number="7", day="06.09.2026"))
    office.load_payments(payment("1001", "-100", number="7", day="08.09.2026"), now="2026-09-09")
    back = payment("1001", "-50.01", number="7", day="09.09.2026")
    answer = office.load("bank_register", [back, payment("1001", "5", number="8", day="09.09.2026")], "2026-09-10")
    assert (answer.outcome, answer.codes) == ("rejected", ["register.reversal_exceeds"])
    assert answer.finding("register.reversal_exceeds")["cell"].startswith("D")
    office.load_payments({**back, "amount": "-50"}, now="2026-09-10")
    assert office.close("2026-09").payments["posted"] == 0


def test_more_than_the_register_itself_has_paid_by_then_is_refused(office: TownOffice) -> None:
    rows = [payment("1001", amount, number="7", day=f"{day}.09.2026")
            for amount, day in (("100", "05"), ("-60", "06"), ("-60", "07"), ("20", "08"))]  # fmt: skip
    assert office.load("bank_register", rows, "2026-09-09").codes == ["register.reversal_exceeds"]
    assert office.load("bank_register", rows[:2], "2026-09-09").codes == ["register.reversal_unlike"]


def test_two_reversals_in_one_register(office: TownOffice) -> None:
    """40 and 60 of 100 in one register give all of it back, to the tiyn on every line."""
    office.load_payments(payment("1001", "100", number="7"))
    back = [payment("1001", amount, number="7", day=day)
            for amount, day in (("-40", "08.09.2026"), ("-60", "09.09.2026"))]  # fmt: skip
    office.load_payments(*back, now="2026-09-10")
    office.close("2026-09")
    assert {row["paid"] for row in office.lines("2026-09").values()} == {D("0.00")}
    assert sum(row["amount"] for row in office.table("2026-09", "payments")) == 0


@pytest.mark.slow
def test_of_a_payment_taken_back_in_pieces_no_fee_is_left(office: TownOffice) -> None:
    """1.2 % of 337.50 is 4.05; of each half 2.025 -> 2.03: the second gives back the 2.02 that are left (5.1)."""
    office.load_payments(payment("1001", "1000", number="7"))
    for day in ("08.09.2026", "09.09.2026"):
        office.load_payments(payment("1001", "-500", number="7", day=day), now=f"{day[6:]}-{day[3:5]}-{day[:2]}")
    closed = office.close("2026-09")
    fees = [fee for owner, _, fee in paid(office) if owner == bin_of("A")]
    assert fees == [D("4.05"), D("-2.03"), D("-2.02")]
    assert (closed.payments["fees"], closed.payments["transfers"]) == (D("0.00"), D("0.00"))


def test_a_sum_of_zero_is_refused(office: TownOffice) -> None:
    answer = office.load("bank_register", [payment("1001", "0")], "2026-09-06")
    assert answer.outcome == "rejected" and "value.zero" in answer.codes


def test_a_payment_in_suspense_is_posted_when_its_account_is_known(office: TownOffice) -> None:
    """1002 was not known in September; loaded for October, the next register posts the old payment there."""
    office.load_payments(payment("1002", "70", number="3"))
    office.close("2026-09")
    assert [row["amount"] for row in office.table("2026-09", "suspense")] == [D("70.00")]
    office.load_directory(line("A", "1002", "maintenance", base="кв.", tariff="100", start="10.2026"), now="2026-10-02")
    office.load_payments(payment("1001", "10", number="4", day="05.10.2026"), now="2026-10-06")
    closed = office.close("2026-10")
    assert office.line("2026-10", "1002", "maintenance")["paid"] == D("70.00")
    [entry] = office.table("2026-10", "suspense")
    assert (entry["amount"], entry["reason"], entry["number"]) == (D("-70.00"), "payment.matched", "3")
    assert (closed.payments["received"], closed.payments["posted"]) == (D("10.00"), D("80.00"))
    office.load_payments(payment("1001", "10", number="5", day="05.11.2026"), now="2026-11-06")
    office.close("2026-11")
    assert office.table("2026-11", "suspense") == []  # once


@pytest.mark.quick("days0")
@pytest.mark.parametrize("days", [("05.10.2026",), ("05.10.2026", "20.09.2026")])
def test_a_payment_in_suspense_counts_in_its_own_month_while_that_is_open(
    days: tuple[str, ...], office: TownOffice
) -> None:
    """Whatever month the next register is of; the statement of September is not of the order of loading."""
    office.load_payments(payment("1002", "70", number="3"))
    office.load_directory(line("A", "1002", "maintenance", base="кв.", tariff="100"), now="2026-10-02")
    rows = [payment("1001", "10", number=str(4 + place), day=day) for place, day in enumerate(days)]
    answer = office.load_payments(*rows, now="2026-10-06")
    assert answer.month == min(days, key=lambda day: day[3:5])[6:] + "-" + min(day[3:5] for day in days)
    closed = office.close("2026-09")
    assert office.line("2026-09", "1002", "maintenance")["paid"] == D("70.00")
    assert closed.payments["suspense"] == 0 and closed.payments["posted"] == 70 + 10 * (len(days) - 1)
    later = office.close("2026-10")
    assert (later.payments["received"], later.payments["posted"]) == (10, 10)
    assert office.table("2026-10", "suspense") == []


@pytest.mark.slow
def test_a_reversed_payment_in_suspense_is_not_matched_later(office: TownOffice) -> None:
    office.load_payments(payment("1002", "70", number="3"))
    office.load_payments(payment("1002", "-70", number="3", day="08.09.2026"), now="2026-09-09")
    office.load_directory(line("A", "1002", "maintenance", base="кв.", tariff="100"), now="2026-09-10")
    office.load_payments(payment("1001", "10", number="4", day="11.09.2026"), now="2026-09-12")
    office.close("2026-09")
    assert office.line("2026-09", "1002", "maintenance")["paid"] == 0
    assert [row["amount"] for row in office.table("2026-09", "suspense")] == [D("70.00"), D("-70.00")]


def test_a_payment_may_be_taken_back_on_its_own_day(office: TownOffice) -> None:
    """In a later register, or in the same one: the same day, number and account, and a sum below zero."""
    office.load_payments(payment("1001", "1000", number="7"))
    later = office.load_payments(payment("1001", "-1000", number="7"), now="2026-09-07")
    within = office.load_payments(payment("1001", "900", number="8"), payment("1001", "-900", number="8"))
    assert later.codes == within.codes == []
    office.close("2026-09")
    assert sum(row["paid"] for row in office.lines("2026-09").values()) == D("0.00")
    assert sum(fee for *_, fee in paid(office)) == D("0.00")


def test_the_same_taking_back_told_twice_is_refused(office: TownOffice) -> None:
    office.load_payments(payment("1001", "1000", number="7"))
    taken = payment("1001", "-600", number="7")
    assert office.load("bank_register", [taken, taken], "2026-09-07").codes == [
        "register.reversal_exceeds", "register.reversal_equal",
    ]  # fmt: skip
    office.load_payments(taken, now="2026-09-07")
    again = office.load("bank_register", [taken, payment("1001", "50", number="8")], "2026-09-08")
    assert again.codes == ["register.reversal_same"]
    assert sum(row["amount"] for row in office.facts("bank_register")) == D("450.00")
    too_much = office.load("bank_register", [payment("1001", "-500", number="7")], "2026-09-08")
    assert too_much.codes == ["register.reversal_exceeds"]


def two_of_one_number(office: TownOffice, first: str, second: str) -> None:
    """One number twice: for maintenance on the 5th, for cleaning on the 6th."""
    office.load_payments(
        payment("1001", first, number="7", to="A", service="maintenance"),
        payment("1001", second, number="7", to="B", service="cleaning", day="06.09.2026"),
    )


def given_back(office: TownOffice) -> list[tuple[str, D]]:
    office.close("2026-09")
    return [(part["service"], part["amount"]) for part in office.parts("2026-09") if part["amount"] < 0]


def test_a_reversal_is_of_the_latest_payment_with_exactly_its_sum(office: TownOffice) -> None:
    """100 and 100 under one number: -100 is the cleaning's of the 6th, the next -100 the maintenance's of the 5th."""
    two_of_one_number(office, "100", "100")
    first = office.load_payments(payment("1001", "-100", number="7", day="07.09.2026"), now="2026-09-08")
    assert first.codes == []
    taken = [(part["service"], part["amount"]) for part in office.facts("allocations") if part["amount"] < 0]
    assert taken == [("cleaning", D("-100.00"))]
    second = office.load_payments(payment("1001", "-100", number="7", day="08.09.2026"), now="2026-09-09")
    assert second.codes == [] and len(given_back(office)) == 2


def test_another_sum_is_taken_of_all_in_proportion_with_a_warning(office: TownOffice) -> None:
    """60 and 40: -50 takes 30 and 20, -40 is now of none wholly and takes 24 and 16; 10 are left, 6 and 4."""
    two_of_one_number(office, "60", "40")
    for amount, day in (("-50", "07"), ("-40", "08")):
        back = payment("1001", amount, number="7", day=f"{day}.09.2026")
        assert office.load_payments(back, now="2026-09-09").codes == ["register.reversal_unlike"]
    assert given_back(office) == [
        ("maintenance", D("-30.00")), ("maintenance", D("-24.00")),
        ("cleaning", D("-20.00")), ("cleaning", D("-16.00")),
    ]  # fmt: skip


def test_in_proportion_also_of_what_waits_in_suspense(office: TownOffice) -> None:
    """60 for maintenance and 40 for a service that the account does not have: -50 takes 30 and, of suspense, 20."""
    office.load_payments(
        payment("1001", "60", number="7", to="A", service="maintenance"),
        payment("1001", "40", number="7", to="A", service="lift"),
    )
    office.load_payments(payment("1001", "-50", number="7", day="07.09.2026"), now="2026-09-08")
    closed = office.close("2026-09")
    assert (closed.payments["posted"], closed.payments["suspense"]) == (D("30.00"), D("20.00"))


def test_a_mistyped_payment_put_right_in_its_register_leaves_the_next_one_its_debt(office: TownOffice) -> None:
    """4 400 is taken back before 3 000 comes: that finds the intercom's debt of 3 000 open and pays it whole. Were all
    reversals taken last, maintenance had got 1 578.95, the intercom 789.47 and the lift 631.58 of it."""
    office.load_directory(
        line("A", "1002", "maintenance", base="кв.", tariff="2000"),
        line("B", "1002", "intercom", base="кв.", tariff="1000", balance="3000"),
        line("A", "1002", "lift", base="кв.", tariff="800"),
    )
    rows = [("3000", "9"), ("-4400", "8"), ("4400", "8")]
    office.load_payments(*(payment("1002", amount, number=number) for amount, number in rows))
    office.close("2026-09")
    right = [(part["service"], part["amount"]) for part in office.parts("2026-09") if part["number"] == "9"]
    assert right == [("intercom", D("3000.00"))]
    assert sum(row["paid"] for row in office.lines("2026-09").values()) == 3000


def test_payments_that_waited_are_posted_in_order_of_their_numbers(office: TownOffice) -> None:
    """9 finds the debt of 100 before 10 does, though the register of suspense is asked by text."""
    office.load_payments(payment("1003", "60", number="10"), payment("1003", "50", number="9"))
    office.load_directory(
        line("A", "1003", "maintenance", base="кв.", tariff="10", balance="100"),
        line("A", "1003", "cleaning", base="кв.", tariff="10"),
        now="2026-09-07",
    )
    office.load_payments(payment("1001", "1", number="11", day="08.09.2026"), now="2026-09-09")
    found = [(part["number"], part["amount"]) for part in office.facts("allocations") if part["account"] == "1003"]
    assert found == [("9", D("50.00")), ("10", D("55.00")), ("10", D("5.00"))]
