"""4.1.7: staff see what waits in suspense and where it may belong, and say where a payment goes."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from inbox_worker.core.model import Period
from inbox_worker.deciding.suspense_acts import MisnamedPlace, assign_payment, return_payment
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.figures import Figures
from inbox_worker.explain.sources import Sources
from inbox_worker.ledger.acts import RETURN, find_acts_named
from inbox_worker.month.assign import Belongs, NotAssigned
from inbox_worker.month.places import find_places
from inbox_worker.month.suspense import UnknownPayment, find_alike, find_waiting, suggest
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment


def town(office: TownOffice) -> None:
    """300 and 600 of old, 150 and 250 a month on 10020030; 700.00 by 10020300, two of its digits swapped."""
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "10020030", "maintenance", base="кв.", tariff="150", balance="300"),
        line("B", "10020030", "cleaning", base="кв.", tariff="250", balance="600"),
        line("A", "10020031", "maintenance", base="кв.", tariff="100"),
    )
    office.load_payments(payment("10020300", "700", number="7"))


office = copies_of(town)


def assign(
    office: TownOffice, account: str = "10020030", number: str = "7", now: str = "2026-09-10", **more: str
) -> str:
    [one] = [waiting for waiting in find_waiting(office.office) if waiting.number == number]
    return assign_payment(office.office, one.id, Belongs(account, **more), "звонок плательщика", moment(now)).id


def suspended(office: TownOffice, *months: str) -> D:
    """What the closes of the months have in suspense."""
    return sum((row["amount"] for month in months for row in office.table(month, "suspense")), D(0))


@pytest.mark.parametrize("name", ["cleaning", "Уборка подъездов", "кіреберістерді  жинау"], ids=["code", "ru", "kk"])
def test_a_service_is_named_as_in_forms(name: str, office: TownOffice) -> None:
    assign(office, service=name)
    assert {row["service"] for row in office.facts("allocations")} == {"cleaning"}


def test_what_waits_is_listed_with_accounts_that_it_may_belong_to(office: TownOffice) -> None:
    """Swapped digits first; a Customer who is not there is told by the account itself."""
    office.load_payments(
        payment("10020030", "5", number="8", to="A", service="cleaning"), payment("10020032", "6", number="9", to="B")
    )
    waiting = find_waiting(office.office)
    found = suggest(office.office, waiting)
    told = {one.number: [(s.account, s.reason) for s in found[one.payment]] for one in waiting}
    assert told == {
        "7": [("10020030", "swapped")],
        "8": [("10020030", "line"), ("10020031", "digit")],
        "9": [("10020030", "digit")],
    }
    assert [(one.amount, one.reason, str(one.month)) for one in waiting if one.number == "7"] == [
        (D("700.00"), "account.unknown", "2026-09")
    ]


def test_of_many_alike_three_are_shown_those_first_where_the_sum_agrees(office: TownOffice) -> None:
    """Ten accounts are one digit away; one owes exactly the sum, to one the same bank brought it before."""
    office.load_directory(
        *(line("A", f"1002004{n}", "maintenance", base="кв.", tariff=f"{10 + n}") for n in range(1, 10)),
        now="2026-08-02",
    )
    office.load_payments(payment("10020048", "16", number="70"), now="2026-09-07")
    office.close("2026-09")
    office.load_payments(payment("10020040", "16", number="71", day="05.10.2026"), now="2026-10-06")
    [one] = [one for one in find_waiting(office.office) if one.number == "71"]
    best = suggest(office.office, [one])[one.payment]
    assert [(s.account, s.reason, s.agrees) for s in best[:2]] == [
        ("10020046", "digit", ("due",)), ("10020048", "digit", ("usual",)),
    ]  # fmt: skip
    assert len(best) == 3 and best[2].agrees == ()


def test_a_payment_is_no_proof_of_itself(office: TownOffice) -> None:
    """Its own account, where the payment names a Customer that the account does not have."""
    office.load_payments(payment("10020031", "6", number="9", to="B"))
    waiting = [one for one in find_waiting(office.office) if one.number == "9"]
    [[own, *_]] = suggest(office.office, waiting).values()
    assert (own.account, own.reason, own.agrees) == ("10020031", "line", ())


def test_the_list_agrees_with_suspense_of_all_months_to_the_tiyn(office: TownOffice) -> None:
    office.load_payments(payment("55", "0.07", number="8"), payment("55", "-3", number="9"))
    office.close("2026-09")
    office.load_payments(payment("77", "20.10", number="1", day="02.10.2026"), now="2026-10-03")
    assign(office, now="2026-10-04")
    office.close("2026-10")
    assert (
        sum(one.amount for one in find_waiting(office.office)) == suspended(office, "2026-09", "2026-10") == D("17.17")
    )


def test_an_assigned_payment_is_allocated_like_one_of_a_register(office: TownOffice) -> None:
    """Of openings 300 and 600: 233.33 and 466.67; nothing waits, the month closes: received = posted + suspense."""
    assign(office)
    assert find_waiting(office.office) == []
    closed = office.close("2026-09")
    parts = [(row["account"], row["customer"], row["amount"]) for row in office.parts("2026-09")]
    assert parts == [("10020030", bin_of("A"), D("233.33")), ("10020030", bin_of("B"), D("466.67"))]
    assert (closed.payments["received"], closed.payments["posted"], closed.payments["suspense"]) == (700, 700, 0)


def give_back(office: TownOffice, now: str = "2026-09-10") -> str:
    [one] = find_waiting(office.office)
    return return_payment(office.office, one.id, "платёжное поручение 17", moment(now)).id


def test_a_payment_that_went_back_to_its_bank_is_neither_received_nor_in_suspense(office: TownOffice) -> None:
    office.load_payments(payment("10020030", "5", number="8"))
    [one] = find_waiting(office.office)
    give_back(office)
    with pytest.raises(UnknownPayment, match="returned it to its bank"):
        assign_payment(office.office, one.id, Belongs("10020030"), "поздно", moment("2026-09-11"))
    assert [act.act for act in find_acts_named(office.office.journal.database, RETURN)] == [RETURN]
    assert find_waiting(office.office) == []
    places = find_places(office.office)
    assert (places.received, places.suspense, places.returned, places.lost) == (705, 0, 700, 0)
    closed = office.close("2026-09")
    assert (closed.payments["received"], closed.payments["posted"], closed.payments["suspense"]) == (5, 5, 0)


@pytest.mark.slow
@pytest.mark.parametrize("closed_between", [False, True])
def test_a_register_that_tells_the_return_too_takes_nothing_more(closed_between: bool, office: TownOffice) -> None:
    """The bank's own reversal row is the same money; a second one is of nothing and is refused."""
    if closed_between:
        office.close("2026-09")
    month, now = ("2026-10", "2026-10-04") if closed_between else ("2026-09", "2026-09-12")
    give_back(office, now)
    back = payment("10020300", "-700", number="7", day=f"0{3 if closed_between else 9}.{month[5:]}.2026")
    assert office.load_payments(back, now=now).outcome == "accepted"
    assert (find_places(office.office).returned, find_places(office.office).lost) == (700, 0)
    sums = office.close(month).payments
    received = 0 if not closed_between else -700
    assert (sums["received"], sums["posted"], sums["suspense"]) == (received, 0, received)
    again = payment("10020300", "-700", number="7", day="10.10.2026")
    assert office.load("bank_register", [again], "2026-10-11").codes == ["register.reversal_exceeds"]


def test_of_a_closed_month_it_counts_in_the_first_open_one(office: TownOffice) -> None:
    office.close("2026-09")
    assign(office, now="2026-10-04")
    closed = office.close("2026-10")
    assert (closed.payments["received"], closed.payments["posted"], closed.payments["suspense"]) == (0, 700, -700)
    assert office.line("2026-10", "10020030", "maintenance")["paid"] > 0


def test_a_second_assignment_is_refused_and_says_where_it_went(office: TownOffice) -> None:
    [one] = find_waiting(office.office)
    assign(office)
    with pytest.raises(UnknownPayment, match="assigned it to account 10020030"):
        assign_payment(office.office, one.id, Belongs("10020031"), "ещё раз", moment("2026-09-11"))
    assert office.close("2026-09").payments["posted"] == 700


def test_an_assigned_payment_is_not_posted_again_when_its_own_account_comes(office: TownOffice) -> None:
    assign(office)
    office.load_directory(line("A", "10020300", "maintenance", base="кв.", tariff="100"))
    office.load_payments(payment("10020031", "1", number="8", day="11.09.2026"), now="2026-09-12")
    assert office.close("2026-09").payments["posted"] == 701
    assert {row["account"] for row in office.parts("2026-09")} == {"10020030", "10020031"}


def test_an_account_that_cannot_take_it_is_refused_and_it_still_waits(office: TownOffice) -> None:
    for to in ({"account": "99"}, {"account": "10020031", "service": "cleaning"}):
        with pytest.raises(NotAssigned, match="has no line"):
            assign(office, **to)
    with pytest.raises(MisnamedPlace):
        assign(office, service="cleaning2")
    assert [one.number for one in find_waiting(office.office)] == ["7"]
    assert office.close("2026-09").payments["suspense"] == 700


def test_a_customer_and_service_that_staff_name_count_instead_of_those_of_the_payment(office: TownOffice) -> None:
    office.load_payments(payment("10020030", "5", number="8", to="A", service="cleaning"))
    with pytest.raises(NotAssigned):
        assign(office, number="8")
    assign(office, number="8", customer="any")
    office.close("2026-09")
    assert [(row["service"], row["customer"]) for row in office.parts("2026-09")] == [("cleaning", bin_of("B"))]


def test_a_later_reversal_takes_back_what_was_assigned(office: TownOffice) -> None:
    """The bank names the account as it wrote it; the debt of the right one is awaited again, also by a payment of the
    same register that comes after it."""
    assign(office)
    office.load_payments(
        payment("10020300", "-700", number="7", day="08.09.2026"),
        payment("10020030", "900", number="9", day="09.09.2026"),
        now="2026-09-12",
    )  # fmt: skip
    closed = office.close("2026-09")
    of = {number: [row["amount"] for row in office.parts("2026-09") if row["number"] == number] for number in "79"}
    assert sum(of["7"]) == 0 and of["9"] == [D("300.00"), D("600.00")]
    assert {row["account"] for row in office.parts("2026-09")} == {"10020030"}
    assert (closed.payments["received"], closed.payments["posted"], closed.payments["suspense"]) == (900, 900, 0)
    assert closed.payments["fees"] == D("10.80")


@pytest.mark.slow
def test_a_part_of_it_is_taken_back_a_month_later_and_no_more_than_is_left(office: TownOffice) -> None:
    assign(office)
    office.close("2026-09")
    back = payment("10020300", "-200", number="7", day="08.10.2026")
    office.load_payments(back, now="2026-10-09")
    more = office.load("bank_register", [{**back, "amount": "-500.01", "paid_on": "09.10.2026"}], "2026-10-10")
    assert more.codes == ["register.reversal_exceeds"]
    assert office.close("2026-10").payments["posted"] == -200


def test_what_was_assigned_once_is_suggested_first_the_next_time(office: TownOffice) -> None:
    assign(office, account="10020031")
    office.load_payments(payment("10020300", "20", number="8", day="07.09.2026"), now="2026-09-12")
    [one] = find_waiting(office.office)
    assert [(s.account, s.reason) for s in suggest(office.office, [one])[one.payment]] == [
        ("10020031", "learnt"), ("10020030", "swapped"),
    ]  # fmt: skip


def test_it_is_an_act_of_a_person_that_explain_tells(office: TownOffice) -> None:
    number = assign(office)
    [act] = find_acts_named(office.office.journal.database, "bank suspense assign")
    assert "звонок плательщика" in act.details
    with Sources(office.office) as sources:
        told = "\n".join(sources.number(number))
    assert "звонок плательщика" in told and "10020030" in told and act.subject in told


def test_a_figure_that_it_is_in_leads_to_the_bank_s_row_and_to_who_assigned_it(office: TownOffice) -> None:
    assign(office)
    office.close("2026-09")
    with Sources(office.office) as sources:
        where = Where(bin_of("A"), "10020030", "maintenance")
        told = "\n".join(Figures(office.office, sources, Period.parse("2026-09"), "").explain("paid", where))
    assert "233,33" in told and "на лицевой счёт 10020030 отнёс сотрудник" in told, told
    assert "10.09.2026 00:00:00: звонок плательщика" in told and "amount" not in told, told


def test_one_slip_is_a_swap_a_digit_or_a_lost_or_doubled_one() -> None:
    found = dict(find_alike("1234"))
    assert (found["1324"], found["1235"], found["123"], found["12344"]) == ("swapped", "digit", "length", "length")
    assert "1234" not in found and "4321" not in found and "1243" in found


@pytest.mark.slow
def test_what_is_left_after_equal_parts_were_taken_back_is_assigned(office: TownOffice) -> None:
    """700 - 300 - 300 in suspense: 100 goes to the account, no more is taken back than that, and no tenge is lost."""
    part = payment("10020300", "-300", number="7", day="08.09.2026")
    assert "register.reversal_equal" in office.load_payments(part, part, now="2026-09-09").codes
    assert [one.amount for one in find_waiting(office.office)] == [D("100.00")]
    assign(office)
    too_much = office.load("bank_register", [payment("10020300", "-100.01", number="7")], "2026-09-11")
    assert too_much.codes == ["register.reversal_exceeds"]
    office.load_payments(payment("10020300", "-100", number="7", day="12.09.2026"), now="2026-09-13")
    places = find_places(office.office)
    assert (places.received, places.returned, places.suspense, places.posted) == (700, 700, 0, 0)
    assert places.lost == 0
    assert office.close("2026-09").payments["posted"] == 0


@pytest.mark.parametrize("closed_between", [False, True])
def test_a_payment_that_its_bank_took_back_waits_for_nobody(closed_between: bool, office: TownOffice) -> None:
    """Neither assigned nor returned: staff who come late hear so, also when its month was closed meanwhile."""
    [one] = find_waiting(office.office)
    office.load_payments(payment("10020300", "-700", number="7", day="08.09.2026"), now="2026-09-09")
    if closed_between:
        office.close("2026-09")
    assert find_waiting(office.office) == []
    for act in (
        lambda now: assign_payment(office.office, one.id, Belongs("10020030"), "звонок", now),
        lambda now: return_payment(office.office, one.id, "поручение 17", now),
    ):
        with pytest.raises(UnknownPayment):
            act(moment("2026-10-04"))
    assert find_places(office.office).lost == 0


def test_a_payment_is_not_returned_after_it_was_assigned(office: TownOffice) -> None:
    [one] = find_waiting(office.office)
    assign(office)
    with pytest.raises(UnknownPayment, match="assigned it to account 10020030"):
        return_payment(office.office, one.id, "поручение 17", moment("2026-09-11"))
    assert (find_places(office.office).returned, find_places(office.office).lost) == (0, 0)
