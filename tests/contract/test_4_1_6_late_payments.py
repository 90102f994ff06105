"""4.1.6, 4.1.7: a payment that counts later than its day leaves the penalty of closed months, and staff hear how much
of it the payment would have spared; counted by hand, day by day, as fractions."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal as D
from fractions import Fraction as F

import pytest

from inbox_worker.core.model import Period
from inbox_worker.deciding.suspense_acts import assign_payment
from inbox_worker.month.assign import Belongs
from inbox_worker.month.kept_penalties import find_kept_by
from inbox_worker.month.suspense import find_waiting
from tests.faults.killer import Killer
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment

RATE = F("0.165") * F("1.5")


def town(office: TownOffice) -> None:
    """1001 owes 600.00 of old and nothing more, 1002 is charged 1 000.00 a month, both with penalties."""
    office.load_customers(customer("A"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="0", area="50", balance="600"),
        line("A", "1002", "maintenance", tariff="20", area="50", balance="600"),
    )
    terms = {"rate": "16,5", "coefficient": "1,5", "grace_days": "0", "cap": "100", "from_date": "09.2026"}
    row = {"service": "Содержание дома", "basis": "№ 5", **terms}
    assert office.ingest("penalty_notice", [row], received="2026-08-20").outcome == "accepted"


office = copies_of(town)


def of_days(first: date, last: date, debt: int) -> F:
    """Debt x days of a span, both days with it."""
    return F(debt * ((last - first) / timedelta(1) + 1))


def tenge(weight: F) -> D:
    """A penalty of a year of 365 days, to the tiyn, half up."""
    tiyn = weight * RATE / 365 * 100
    return D(int(tiyn + F(1, 2))) / 100


def late(office: TownOffice, account: str, amount: str, day: str = "10.09.2026") -> str:
    """A payment to a wrong account waits over the close of September, October and November; then it is assigned."""
    office.load_payments(payment("1099", amount, day=day, number="1"))
    for month in ("2026-09", "2026-10", "2026-11"):
        office.close(month)
    [waiting] = find_waiting(office.office)
    return assign_payment(office.office, waiting.id, Belongs(account), "звонок", moment("2026-12-06")).id


def kept(office: TownOffice, submission: str) -> list[tuple[str, D]]:
    found = find_kept_by(office.office, submission)
    assert {(one.customer, one.service) for one in found} <= {(bin_of("A"), "maintenance")}
    return [(str(one.month), one.amount) for one in found]


def test_what_closed_months_took_after_the_payment_s_day_is_told(office: TownOffice) -> None:
    """The old 600.00 are overdue from 26.09 (a bill of August), and were paid on 10.09: 5 days of September, all of
    October took a penalty in October and November; December counts from the day itself."""
    submission = late(office, "1001", "600.00")
    september = tenge(of_days(date(2026, 9, 26), date(2026, 9, 30), 600))
    october = tenge(of_days(date(2026, 10, 1), date(2026, 10, 31), 600))
    assert (september, october) == (D("2.03"), D("12.61"))
    assert [office.line(month, "1001", "maintenance")["penalty"] for month in ("2026-10", "2026-11")] == [
        september, october,
    ]  # fmt: skip
    assert kept(office, submission) == [("2026-10", september), ("2026-11", october)]
    assert office.drafted("2026-12")["1001", bin_of("A"), "maintenance"]["penalty"] == 0


@pytest.mark.quick(0)
@pytest.mark.parametrize("day", ["10.09.2026", "28.09.2026", "15.10.2026"])
def test_a_part_of_the_debt_spares_a_part_of_the_penalty_from_the_next_day_on(office: TownOffice, day: str) -> None:
    """400.00 of 600.00: 200.00 stay overdue; September's 1 000.00 are from 26.10. The day of a payment still counts."""
    submission = late(office, "1002", "400.00", day)
    paid = date(2026, int(day[3:5]), int(day[:2]))
    spared = {"2026-10": F(0), "2026-11": F(0)}
    full = {"2026-10": F(0), "2026-11": F(0)}
    for number in range(36):
        one = date(2026, 9, 26) + timedelta(number)
        posted = "2026-10" if one.month == 9 else "2026-11"
        debt = 600 + (1000 if one > date(2026, 10, 25) else 0)
        full[posted] += debt
        spared[posted] += debt - (400 if one > paid else 0)
    expected = [(month, tenge(full[month]) - tenge(spared[month])) for month in full]
    assert [office.line(month, "1002", "maintenance")["penalty"] for month in full] == [tenge(w) for w in full.values()]
    assert kept(office, submission) == [(month, sum_) for month, sum_ in expected if sum_]


@pytest.mark.slow
def test_the_months_that_know_of_a_payment_are_not_counted_again(office: TownOffice) -> None:
    submission = late(office, "1001", "500.00")
    before = kept(office, submission)
    office.close("2026-12")
    assert kept(office, submission) == before != []


@pytest.mark.slow
def test_a_limit_that_was_reached_spares_no_more_than_was_taken(office: TownOffice) -> None:
    """At most 1 % of 600.00: 2.03 in October, then 3.97; without the debt neither."""
    row = {"service": "Содержание дома", "basis": "№ 6", "rate": "16,5", "coefficient": "1,5", "grace_days": "0"}
    capped = {**row, "cap": "1", "from_date": "09.2026"}
    assert office.ingest("penalty_notice", [capped], received="2026-08-21").outcome == "accepted"
    submission = late(office, "1001", "600.00")
    assert kept(office, submission) == [("2026-10", D("2.03")), ("2026-11", D("3.97"))]


def test_without_a_notice_nothing_is_asked(office: TownOffice) -> None:
    office.load_customers(customer("B"))
    office.load_directory(line("B", "2001", "cleaning", base="кв.", tariff="0", balance="600", house="H-2"))
    assert kept(office, late(office, "2001", "600.00")) == []


@pytest.mark.slow
def test_a_register_that_came_after_the_close_tells_the_same(office: TownOffice) -> None:
    for month in ("2026-09", "2026-10"):
        office.close(month)
    rows = (payment("1001", "600.00", day="20.09.2026"), payment("1002", "10.00", day="05.11.2026", number="2"))
    answer = office.load_payments(*rows, now="2026-11-06")
    found = answer.finding("register.penalty_kept")
    assert (found["value"], found["severity"]) == ("2,03", "warning")
    assert "10.2026" in found["message"] and "1001" in found["message"]
    [submission] = answer.submissions
    assert kept(office, submission["submission"]) == [("2026-10", D("2.03"))]


@pytest.mark.slow
def test_a_payment_taken_back_is_told_nothing(office: TownOffice) -> None:
    office.load_payments(payment("1001", "600.00", day="20.09.2026"))
    for month in ("2026-09", "2026-10"):
        office.close(month)
    back = office.load_payments(payment("1001", "-600.00", day="25.09.2026"), now="2026-11-06")
    assert "register.penalty_kept" not in back.codes


def wait_over_three_closes(office: TownOffice) -> str:
    """A payment of 10 September waits while three months close; return what it is called."""
    office.load_payments(payment("1099", "600.00", day="10.09.2026", number="1"))
    for month in ("2026-09", "2026-10", "2026-11"):
        office.close(month)
    [waiting] = find_waiting(office.office)
    return waiting.id


@pytest.mark.slow
def test_the_commands_say_what_stays(office: TownOffice, runner: Killer) -> None:
    waiting = wait_over_three_closes(office)
    office._open.close()
    try:
        said = ("assign", waiting, "--account", "1001", "--by", "звонок", "--lang", "en")
        told = run(runner, office, *said)
        assert "2026-10: a penalty of 2,03" in told and "2026-11: a penalty of 12,61" in told
        assert "a form of recalculations of this sum with a minus" in told
        [submission] = [word.strip("()") for word in told.split() if word.startswith("(IW-")]
        assert "Всего пени: 14,64" in run(runner, office, "penalties", submission)
        found = json.loads(run(runner, office, "penalties", submission, "--json"))["penalties"]
        assert [(one["month"], one["account"], one["amount"]) for one in found] == [
            ("2026-10", "1001", "2.03"), ("2026-11", "1001", "12.61"),
        ]  # fmt: skip
        assert "пени не начислили" in run(runner, office, "penalties", "IW-000001-1")
        refused = runner.run("bank", "suspense", "penalties", "IW-009999-1", "--home", office.folder)
        assert refused.code == 2 and "IW-009999-1" in refused.err
    finally:
        office._enter()


@pytest.mark.slow
def test_before_it_is_assigned_staff_hear_what_reopen_would_spare(office: TownOffice, runner: Killer) -> None:
    """Reopened first, as the command says, both months count the day of the payment; nothing stays."""
    waiting = wait_over_three_closes(office)
    office._open.close()
    try:
        listed = run(runner, office, "list", "--lang", "en")
        assert "Months closed after that day: 2026-11, 2026-10." in listed and "--dry-run" in listed
        said = ("assign", waiting, "--account", "1001", "--by", "звонок", "--dry-run")
        told = run(runner, office, *said, "--lang", "en")
        assert "would be assigned to account 1001 and count in 2026-12; nothing was posted" in told
        assert "2026-10: a penalty of 2,03" in told and "2026-11: a penalty of 12,61" in told
        assert "the last one first (`reopen`): 2026-11, 2026-10; assign it and close them again" in told
        assert "последний первым (`reopen`): 2026-11, 2026-10" in run(runner, office, *said)
        assert "соңғысынан бастап ашыңыз (`reopen`): 2026-11, 2026-10" in run(runner, office, *said, "--lang", "kk")
        found = json.loads(run(runner, office, *said, "--json"))
        assert (found["submission"], found["month"], found["reopen"]) == ("", "2026-12", ["2026-11", "2026-10"])
    finally:
        office._enter()
    assert [one.id for one in find_waiting(office.office)] == [waiting]
    assert Period.of(date(2026, 12, 1)) not in office.office.journal.closes.months()  # no month was drafted for it
    office.reopen("2026-11")
    office.reopen("2026-10")
    done = assign_payment(office.office, waiting, Belongs("1001"), "звонок", moment("2026-12-06"))
    assert str(done.month) == "2026-10"
    # the bill of August is overdue from 26 September, and nothing of it is left by then
    for month in ("2026-10", "2026-11"):
        office.close(month)
        assert office.line(month, "1001", "maintenance")["penalty"] == 0
    assert kept(office, done.id) == []


@pytest.mark.slow
def test_a_month_that_waited_in_suspense_later_is_not_opened_in_vain(office: TownOffice, runner: Killer) -> None:
    """What came into suspense in November counts in no month before, so that October's penalty stays either way."""
    for month in ("2026-09", "2026-10"):
        office.close(month)
    office.load_payments(payment("1099", "600.00", day="10.09.2026", number="1"), now="2026-11-06")
    office.close("2026-11")
    [waiting] = find_waiting(office.office)
    office._open.close()
    try:
        said = ("assign", waiting.id, "--account", "1001", "--by", "звонок", "--dry-run", "--json")
        found = json.loads(run(runner, office, *said))
        assert [one["month"] for one in found["kept_penalties"]] == ["2026-10", "2026-11"]
        assert found["reopen"] == ["2026-11"]
        nobody = run(runner, office, *said[:3], "1002", *said[4:])
        assert json.loads(nobody)["reopen"] == ["2026-11"]
    finally:
        office._enter()


def run(runner: Killer, office: TownOffice, *words: str) -> str:
    ran = runner.run("bank", "suspense", *words, "--home", office.folder)
    assert ran.code == 0, ran.err
    return ran.out
