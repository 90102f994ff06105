"""4.1.7: bank registers are loaded, each payment is allocated once, to the tiyn, in the month of its date."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from inbox_worker.month.months import list_closed_months
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line, payment

SERVICES = ("maintenance", "cleaning", "heating")  # in the order of a bill


def flat(service: str, charge: str, opening: str = "0", account: str = "1001", owner: str = "A", **more: object) -> Row:
    """A line charged `charged` a month."""
    return line(owner, account, service, base="кв.", tariff=charge, balance=opening, **more)


def customers(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B", utilities=True))


office = copies_of(customers)


def parts(office: TownOffice, month: str = "2026-09", number: str = "1") -> list[D]:
    """Parts of a payment in the order of the bill's lines."""
    if month not in {str(m) for m in list_closed_months(office.office)}:
        office.close(month)
    return [row["amount"] for row in office.parts(month) if row["number"] == number]


def test_worked_example_3_of_money(office: TownOffice) -> None:
    """1 000.00 over openings 300 and 600: they are filled, 100.00 goes 37.50 + 62.50 over charges 150 and 250."""
    office.load_directory(flat("maintenance", "150", "300"), flat("cleaning", "250", "600"))
    office.load_payments(payment("1001", "1000.00"))
    assert parts(office) == [D("337.50"), D("662.50")]


def test_worked_example_4_of_money(office: TownOffice) -> None:
    """100.00 over three equal charges: the tiyn left over goes to the first in the bill."""
    office.load_directory(*(flat(service, "50") for service in SERVICES))
    office.load_payments(payment("1001", "100.00"))
    assert parts(office) == [D("33.34"), D("33.33"), D("33.33")]


def test_a_tie_of_equal_services_goes_by_bin(office: TownOffice) -> None:
    """Two customers' lines of one service: the smaller БИН gets the odd tiyn."""
    office.load_directory(flat("cleaning", "50", owner="B"), flat("cleaning", "50", owner="A"))
    office.load_payments(payment("1001", "0.01"))
    office.close("2026-09")
    assert [row["customer"] for row in office.parts("2026-09")] == [bin_of("A")]


def test_tiyn_left_over_goes_to_the_largest_remainder(office: TownOffice) -> None:
    """0.10 over 10 and 20: 3.33 and 6.67 tiyn, so the second gets the odd one."""
    office.load_directory(flat("maintenance", "10"), flat("cleaning", "20"))
    office.load_payments(payment("1001", "0.10"))
    assert parts(office) == [D("0.03"), D("0.07")]


def test_worked_example_7_of_money(office: TownOffice) -> None:
    """Opening -500.00, charge 800.00, payment 1 000.00: 800.00 by step 2, 200.00 advance; closing -700.00."""
    office.load_directory(flat("maintenance", "800", "-500"))
    office.load_payments(payment("1001", "1000.00"))
    assert parts(office) == [D("1000.00")]
    assert office.line("2026-09", "1001", "maintenance")["closing"] == D("-700.00")


def test_a_negative_opening_does_not_reduce_what_the_month_awaits(office: TownOffice) -> None:
    """Charges 800 and 800, openings -500 and 0: 400.00 is split in halves."""
    office.load_directory(flat("maintenance", "800", "-500"), flat("cleaning", "800"))
    office.load_payments(payment("1001", "400.00"))
    assert parts(office) == [D("200.00"), D("200.00")]


def test_advance_goes_by_this_months_charges(office: TownOffice) -> None:
    """What no line awaits is split in proportion to `charged`, openings and recalculations aside."""
    office.load_directory(flat("maintenance", "100", "500"), flat("cleaning", "300"))
    office.ingest(
        "recalculations", [{"account": "1001", "service": "cleaning", "past_month": "06.2026", "amount": "-200"}],
        received="2026-08-20",
    )  # fmt: skip
    office.load_payments(payment("1001", "1100.00"))
    assert parts(office) == [D("500.00") + 100 + 100, D("100.00") + 300]


def test_advance_without_any_charge_goes_to_the_first_line_of_the_bill(office: TownOffice) -> None:
    office.load_directory(flat("cleaning", "0"), flat("maintenance", "0"))
    office.load_payments(payment("1001", "70.00"))
    office.close("2026-09")
    assert [(r["service"], r["amount"]) for r in office.parts("2026-09")] == [("maintenance", D("70.00"))]


def test_named_bin_and_service_is_wholly_that_lines_and_counts_for_later_payments(office: TownOffice) -> None:
    """450.00 for cleaning fills its opening 100 and month 300, 50 is its advance; the next goes to the other."""
    office.load_directory(flat("maintenance", "200"), flat("cleaning", "300", "100"))
    office.load_payments(
        payment("1001", "450.00", number="1", to="A", service="cleaning"),
        payment("1001", "200.00", number="2"),
        payment("1001", "40.00", number="3"),
    )
    assert parts(office, number="1") == [D("450.00")]
    assert parts(office, number="2") == [D("200.00")]
    assert parts(office, number="3") == [D("16.00"), D("24.00")]  # advance by charges 200 and 300


def test_direct_payment_leaves_the_rest_of_its_line_open(office: TownOffice) -> None:
    """50.00 of cleaning's opening 100 is paid; the next 150.00 goes 100 : 50 over what openings are left."""
    office.load_directory(flat("maintenance", "10", "100"), flat("cleaning", "10", "100"))
    office.load_payments(
        payment("1001", "50.00", number="1", to="A", service="cleaning"), payment("1001", "75.00", number="2")
    )
    assert parts(office, number="2") == [D("50.00"), D("25.00")]


def test_named_bin_alone_is_over_that_customers_lines(office: TownOffice) -> None:
    office.load_directory(flat("maintenance", "100"), flat("cleaning", "300"), flat("heating", "999", owner="B"))
    office.load_payments(payment("1001", "40.00", to="A"))
    assert parts(office) == [D("10.00"), D("30.00")]


def test_a_service_named_alone_is_paid_over_the_accounts_lines_of_that_service(office: TownOffice) -> None:
    """200.00 for cleaning over the openings 100 and 300 of its two Customers; maintenance's 500 is not asked."""
    office.load_directory(
        flat("maintenance", "10", "500"), flat("cleaning", "10", "100"), flat("cleaning", "10", "300", owner="B")
    )
    office.load_payments(payment("1001", "200.00", service="cleaning"))
    assert parts(office) == [D("50.00"), D("150.00")]
    assert {row["service"] for row in office.parts("2026-09")} == {"cleaning"}


def test_a_service_named_alone_that_is_not_on_the_account_goes_to_suspense(office: TownOffice) -> None:
    office.load_directory(flat("maintenance", "10", "500"))
    answer = office.load_payments(payment("1001", "200.00", service="cleaning"))
    assert answer.codes == ["register.line_unknown"]
    office.close("2026-09")
    assert [(row["amount"], row["reason"]) for row in office.table("2026-09", "suspense")] == [
        (D("200.00"), "line.unknown")
    ]


def test_steps_take_what_earlier_payments_left(office: TownOffice) -> None:
    """Also over several registers: openings first, then the month, then advance; nothing twice."""
    office.load_directory(flat("maintenance", "150", "300"), flat("cleaning", "250", "600"))
    office.load_payments(payment("1001", "450.00", number="1"))
    office.load_payments(payment("1001", "500.00", number="2", day="06.09.2026"))
    office.load_payments(payment("1001", "400.00", number="3", day="07.09.2026"))
    assert parts(office, number="1") == [D("150.00"), D("300.00")]
    assert parts(office, number="2") == [D("168.75"), D("331.25")]  # 150 + 18.75 and 300 + 31.25
    assert parts(office, number="3") == [D("150.00"), D("250.00")]  # 131.25 + 18.75 and 218.75 + 31.25


def test_a_later_register_knows_what_a_direct_payment_took(office: TownOffice) -> None:
    """100.00 of maintenance's 150 is paid and 30.00 of its opening 40; the next register sees 10, then 50 : 250."""
    office.load_directory(flat("maintenance", "150", "40"), flat("cleaning", "250"))
    office.load_payments(payment("1001", "30.00", number="1", to="A", service="maintenance"))
    office.load_payments(payment("1001", "160.00", number="2", day="06.09.2026"))
    office.load_payments(payment("1001", "110.00", number="3", day="07.09.2026", to="A", service="maintenance"))
    office.load_payments(payment("1001", "30.00", number="4", day="08.09.2026"))
    assert parts(office, number="2") == [D("10.00") + D("56.25"), D("93.75")]
    # maintenance paid 56.25 + 93.75 of its month and 16.25 in advance: only cleaning still awaits
    assert parts(office, number="4") == [D("30.00")]
    assert [r["service"] for r in office.parts("2026-09") if r["number"] == "4"] == ["cleaning"]


def test_each_payment_by_itself_in_order_of_date_then_number(office: TownOffice) -> None:
    """The register's own order does not matter; number 9 comes before number 10."""
    office.load_directory(flat("maintenance", "10", "100"), flat("cleaning", "10"))
    office.load_payments(
        payment("1001", "15.00", number="3", day="06.09.2026"),
        payment("1001", "60.00", number="10"),
        payment("1001", "50.00", number="9"),
    )
    assert parts(office, number="9") == [D("50.00")]
    assert parts(office, number="10") == [D("55.00"), D("5.00")]
    assert parts(office, number="3") == [D("7.50"), D("7.50")]


def test_digits_within_a_number_are_counted_as_numbers(office: TownOffice) -> None:
    """P9 comes before P10: the first 50.00 pay of the debt of 100, the next 60.00 the rest and 5 : 5 of the month."""
    office.load_directory(flat("maintenance", "10", "100"), flat("cleaning", "10"))
    office.load_payments(payment("1001", "60.00", number="P10"), payment("1001", "50.00", number="P9"))
    assert parts(office, number="P9") == [D("50.00")]
    assert parts(office, number="P10") == [D("55.00"), D("5.00")]


def test_unknown_account_goes_to_suspense_never_dropped(office: TownOffice) -> None:
    """Also a line the account does not have; received = posted + suspense."""
    office.load_directory(flat("maintenance", "100"))
    office.load_payments(
        payment("7777", "12.34", number="1"),
        payment("1001", "5.00", number="2", to="B", service="heating"),
        payment("1001", "7.00", number="3"),
    )
    closed = office.close("2026-09")
    lost = {r["number"]: (r["amount"], r["reason"]) for r in office.table("2026-09", "suspense")}
    assert lost == {"1": (D("12.34"), "account.unknown"), "2": (D("5.00"), "line.unknown")}
    assert closed.payments["received"] == D("24.34")
    assert closed.payments["posted"] + closed.payments["suspense"] == closed.payments["received"]


def test_month_of_the_date_of_acceptance(office: TownOffice) -> None:
    """A register of two months: each payment in its own."""
    office.load_directory(flat("maintenance", "100"))
    office.load_payments(
        payment("1001", "5.00", number="1", day="30.09.2026"), payment("1001", "7.00", number="2", day="01.10.2026")
    )
    office.close("2026-09")
    office.close("2026-10")
    assert office.line("2026-09", "1001", "maintenance")["paid"] == D("5.00")
    assert office.line("2026-10", "1001", "maintenance")["paid"] == D("7.00")


def test_payment_of_a_closed_month_counts_in_the_first_open_one(office: TownOffice) -> None:
    office.load_directory(flat("maintenance", "100"))
    office.close("2026-09")
    office.close("2026-10")
    office.load_payments(payment("1001", "5.00", day="30.09.2026"), now="2026-11-10")
    office.close("2026-11")
    assert office.line("2026-11", "1001", "maintenance")["paid"] == D("5.00")
    assert office.line("2026-09", "1001", "maintenance")["paid"] == 0
    assert str(office.parts("2026-11")[0]["paid_on"]) == "2026-09-30"


def test_until_the_close_the_month_runs_on_its_running_balance(office: TownOffice) -> None:
    """October's payments before September's close see September's balance as it runs."""
    office.load_directory(flat("maintenance", "100", "20"), flat("cleaning", "300"))
    office.load_payments(payment("1001", "60.00", number="1"))
    office.load_payments(payment("1001", "90.00", number="2", day="02.10.2026"))
    office.close("2026-09")
    office.close("2026-10")
    assert [r["amount"] for r in office.parts("2026-09")] == [D("30.00"), D("30.00")]
    # October opens with 90.00 and 270.00
    assert [r["amount"] for r in office.parts("2026-10")] == [D("22.50"), D("67.50")]


def test_the_close_never_allocates_again(office: TownOffice) -> None:
    """A form that comes after a payment was allocated changes the charge, not the payment's parts."""
    office.load_directory(flat("maintenance", "100"), flat("cleaning", "300"))
    office.load_payments(payment("1001", "40.00"))
    office.ingest(
        "recalculations", [{"account": "1001", "service": "cleaning", "past_month": "06.2026", "amount": "-300"}],
        received="2026-09-20",
    )  # fmt: skip
    assert parts(office) == [D("10.00"), D("30.00")]


@pytest.mark.parametrize(
    ("head", "code"), [({"Количество": 3}, "register.count_differs"), ({"Сумма": 12.01}, "register.sum_differs")]
)
def test_register_that_differs_from_its_control_row_is_refused_whole(
    office: TownOffice, head: dict[str, object], code: str
) -> None:
    office.load_directory(flat("maintenance", "100"))
    rows = [payment("1001", "5.00", number="1"), payment("1001", "7.00", number="2")]
    answer = office.load("bank_register", rows, **head)
    assert answer.outcome == "rejected" and answer.finding(code)["clause"] == "4.1.7"
    assert answer.submissions[0]["rows_posted"] == 0
    assert office.close("2026-09").payments["received"] == 0


def test_the_same_register_again_posts_nothing(office: TownOffice) -> None:
    """Same payments in other bytes: unchanged; with another sum: refused, a payment allocated is not changed."""
    office.load_directory(flat("maintenance", "100"))
    office.load_payments(payment("1001", "5.00"))
    again = office.load("bank_register", [payment("1001", "5.00")])
    assert again.submissions[0]["rows_posted"] == 0
    changed = office.load("bank_register", [payment("1001", "6.00")])
    assert changed.outcome == "rejected" and "row.conflict" in changed.codes
    assert office.close("2026-09").payments["received"] == D("5.00")


def test_registers_never_come_by_mail(office: TownOffice) -> None:
    """`bank_register` is the operator's own: not from a customer's letter."""
    office.load_directory(flat("maintenance", "100"))
    answer = office.ingest("bank_register", [payment("1001", "5.00")], received="2026-09-06", mailbox="bigoperators")
    assert answer.outcome == "rejected" and "form.operator_only" in answer.codes
