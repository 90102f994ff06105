"""4.1.6: a penalty on overdue debt, only where the Customer's notice is in force; counted by hand."""

from __future__ import annotations

import shutil
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from inbox_worker.core.model import Period
from inbox_worker.deciding.suspense_acts import assign_payment
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.figures import Figures
from inbox_worker.explain.sources import Sources
from inbox_worker.month.assign import Belongs
from inbox_worker.month.months import gather_facts
from inbox_worker.month.suspense import find_waiting
from inbox_worker.settings.rules import RulesError, load_rules
from tests.support.fixtures import copies_of
from tests.support.office import ROOT, Row, TownOffice, bin_of, customer, line, moment, payment


def town(office: TownOffice) -> None:
    """1 000.00 a month from September; 1002 owes 600.00 of old."""
    office.load_customers(customer("A"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="20", area="50"),
        line("A", "1002", "maintenance", tariff="0", area="50", balance="600"),
    )


office = copies_of(town)


def notice(**more: object) -> Row:
    terms = {"rate": "16,5", "coefficient": "1,5", "grace_days": "0", "cap": "100", "from_date": "09.2026"}
    return {"service": "Содержание дома", "basis": "№ 5", **terms, **more}


def tell(office: TownOffice, received: str = "2026-08-20", **more: object) -> Any:
    return office.ingest("penalty_notice", [notice(**more)], received=received)


def maintenance(office: TownOffice, month: str, account: str = "1001") -> dict[str, Any]:
    return office.drafted(month)[(account, bin_of("A"), "maintenance")]


def penalties(office: TownOffice, account: str = "1001") -> list[D]:
    """Of September to January; each month opens with the one before, which is computed once."""
    months = [Period(2026, 9).plus(n) for n in range(5)]
    engine, found = gather_facts(office.office, months[-1]).engine(), []
    for month in months:
        engine._running[month] = engine.compute(month)
        lines = {(row["account"], row["service"]): row for row in engine._running[month].lines.to_pylist()}
        found.append(lines[(account, "maintenance")]["penalty"])
    return found


def test_without_a_notice_there_is_no_penalty(office: TownOffice) -> None:
    assert penalties(office) == [0] * 5 and penalties(office, "1002") == [0] * 5


def test_september_is_overdue_after_25_october(office: TownOffice) -> None:
    """26.-31.10: 6 days x 1 000 x 0.165 x 1.5 / 365 = 4.068 -> 4.07, posted in November. Of November 25 days of 1 000
    and 5 of 2 000: 35 000 x 0.2475 / 365 = 23.733 -> 23.73 in December."""
    tell(office)
    assert penalties(office)[:4] == [0, 0, D("4.07"), D("23.73")]
    row = maintenance(office, "2026-12")
    assert (row["opening_penalty"], row["closing_penalty"]) == (D("4.07"), D("27.80"))
    assert row["closing"] == D("4027.80")


def test_a_payment_ends_it_and_its_day_still_counts(office: TownOffice) -> None:
    """1 000 paid on 28.10: 26., 27. and 28.10, 3 days: 2.034 -> 2.03; no age has the September debt in November."""
    tell(office)
    office.load_payments(payment("1001", "1000", day="28.10.2026", number="1"), now="2026-10-29")
    assert penalties(office)[2] == D("2.03")
    assert penalties(office)[3] == D("3.39")  # October's 1 000, 5 days from 26.11


@pytest.mark.quick("days2-4.07")
@pytest.mark.parametrize(
    ("days", "expected"),
    [(("25.10",), "0.00"), (("26.10",), "0.68"), (("31.10",), "4.07"), (("26.10", "28.10", "28.10"), "1.90")],
)
def test_every_payment_lowers_the_debt_from_the_day_after_it(
    office: TownOffice, days: tuple[str, ...], expected: str
) -> None:
    """1 000 overdue from 26.10. Paid on 25.10 none of it is; on 26.10 one day of it: 0.678; on 31.10 all six. In parts
    of 100 on 26.10 and 200 and 700 on 28.10: 1 000 + 2 x 900 = 2 800 x 0.2475 / 365 = 1.899."""
    tell(office)
    parts = {1: ("1000",), 3: ("100", "200", "700")}[len(days)]
    told = (
        payment("1001", amount, day=f"{day}.2026", number=str(number))
        for number, (amount, day) in enumerate(zip(parts, days, strict=True))
    )
    office.load_payments(*told, now="2026-11-01")
    assert penalties(office)[2] == D(expected)


@pytest.mark.slow
def test_a_payment_taken_back_leaves_its_debt_overdue_again(office: TownOffice) -> None:
    """The old 600.00 of 1002 and 400.00 ahead are paid on 05.09; October opens with -400.00. Taken back on 19.10, it
    owes 600.00 from 20.10: 12 days x 600 x 0.2475 / 365 = 4.882 -> 4.88."""
    tell(office)
    office.load_payments(payment("1002", "1000", day="05.09.2026", number="1"), now="2026-09-06")
    office.close("2026-09")
    office.load_payments(payment("1002", "-1000", day="19.10.2026", number="1"), now="2026-10-20")
    assert penalties(office, "1002")[1:3] == [0, D("4.88")]


@pytest.mark.slow
def test_a_payment_told_late_lowers_the_penalty_that_the_next_one_pays(office: TownOffice) -> None:
    """October is closed; one register brings 1 000 of 26.10 and 2 010 of 05.11. The penalty of 26.10 alone is left,
    0.68: the second pays 1 000 of October, 1 000 of November, 0.68 of penalty, and 9.32 ahead."""
    tell(office)
    office.close("2026-09"), office.close("2026-10")
    told = (
        payment("1001", "1000", day="26.10.2026", number="1"),
        payment("1001", "2010", day="05.11.2026", number="2"),
    )
    office.load_payments(*told, now="2026-11-06")
    row = maintenance(office, "2026-11")
    assert (row["penalty"], row["paid_penalty"], row["closing_penalty"]) == (D("0.68"), D("0.68"), 0)
    assert row["closing"] == D("-9.32")


def test_days_of_grace_and_the_day_the_notice_begins(office: TownOffice) -> None:
    """10 days of grace: overdue from 05.11, 26 days: 17.63; a notice from 01.11 in time for November: 1.-30.11."""
    tell(office, grace_days="10")
    assert penalties(office)[2:4] == [D("0.00"), D("17.63")]


def test_a_notice_counts_from_its_month_of_account(office: TownOffice) -> None:
    """Told on 20.10 for November: days of October take no penalty, those of November do."""
    office.close("2026-09"), office.close("2026-10")
    assert tell(office, received="2026-10-20").outcome == "accepted"
    assert penalties(office)[2:4] == [D("0.00"), D("23.73")]


@pytest.mark.slow
def test_of_two_notices_from_one_month_the_later_told_counts(office: TownOffice) -> None:
    """Both count from October: told in August with 16.5 %, in September with 33 %. 26.-31.10, 6 days x 1 000 x 0.33 x
    1.5 / 365 = 8.137 -> 8.14."""
    tell(office, from_date="10.2026")
    office.close("2026-09")
    assert tell(office, received="2026-09-20", from_date="10.2026", rate="33").outcome == "accepted"
    assert penalties(office)[2] == D("8.14")


@pytest.mark.slow
def test_it_never_passes_the_limit_of_the_notice(office: TownOffice) -> None:
    """An old debt of 600 (overdue from 26.09), 1 % of it at most: 5 days make 2.03, then 3.97 are left of 6.00."""
    tell(office, cap="1", from_date="09.2026")
    assert penalties(office, "1002") == [0, D("2.03"), D("3.97"), D("0.00"), D("0.00")]


def test_it_never_passes_the_debt_itself(office: TownOffice) -> None:
    """At 1 000 000 % a year the penalty stops at the debt of 600, whatever `Не более` says."""
    tell(office, cap="500", rate="1000000", coefficient="1")
    assert penalties(office, "1002") == [0, D("600.00"), 0, 0, 0]


def test_a_payment_takes_the_penalty_last(office: TownOffice) -> None:
    """December: debts of 3 000, the month's 1 000, then the penalty 27.80, then the advance."""
    tell(office)
    office.load_payments(payment("1001", "4030", day="31.12.2026", number="1"), now="2027-01-01")
    row = maintenance(office, "2026-12")
    assert (row["paid"], row["paid_penalty"], row["closing_penalty"]) == (D("4030.00"), D("27.80"), 0)
    assert row["closing"] == D("-2.20")


@pytest.mark.slow
def test_a_payment_that_names_its_line_takes_the_lines_penalty_before_the_advance(office: TownOffice) -> None:
    """The same named by БИН and service, or by the service alone: 3 000 + 1 000 + 27.80, and 2.20 ahead."""
    tell(office)
    office.load_directory(line("A", "1001", "cleaning", base="кв.", tariff="500"), now="2026-08-02")
    by = payment("1001", "4030", day="31.12.2026", number="1", to="A", service="maintenance")
    office.load_payments(by, now="2027-01-01")
    row = maintenance(office, "2026-12")
    assert (row["paid"], row["paid_penalty"], row["closing_penalty"]) == (D("4030.00"), D("27.80"), 0)
    office.load_payments(payment("1001", "-4030", day="31.12.2026", number="1"), now="2027-01-01")
    alone = payment("1001", "4030", day="31.12.2026", number="2", service="maintenance")
    office.load_payments(alone, now="2027-01-01")
    row = maintenance(office, "2026-12")
    assert (row["paid"], row["paid_penalty"], row["closing"]) == (D("4030.00"), D("27.80"), D("-2.20"))


@pytest.mark.slow
def test_a_month_that_comes_to_a_minus_lessens_the_oldest_debt_from_its_1st(office: TownOffice) -> None:
    """1002 owes 600, overdue from 26.09: 5 days, 2.03. October comes to -200: of its 31 days 400 are overdue,
    31 x 400 x 0.2475 / 365 = 8.408 -> 8.41 in November (600 had made 12.61)."""
    tell(office)
    back = {"account": "1002", "service": "maintenance", "past_month": "08.2026", "amount": "-200", "basis": "№ 1"}
    assert office.ingest("recalculations", [back], received="2026-09-20").outcome == "accepted"
    assert penalties(office, "1002")[1:3] == [D("2.03"), D("8.41")]


@pytest.mark.slow
def test_a_line_that_ended_and_was_paid_off_still_owes_the_penalty_of_its_last_days(office: TownOffice) -> None:
    """The house left on 30.09; 600 overdue from 26.09 were paid on 28.09: 3 days x 600 x 0.2475 / 365 = 1.220 -> 1.22,
    posted in October though the line opens with nothing."""
    tell(office)
    left = {"house": "H-1", "left_on": "30.09.2026", "reason": "собрание", "learned_on": "19.08.2026"}
    assert office.ingest("house_exit", [left], received="2026-08-20").outcome == "accepted"
    office.load_payments(payment("1002", "600", day="28.09.2026"), now="2026-09-29")
    row = maintenance(office, "2026-10", "1002")
    assert (row["opening"], row["penalty"], row["closing"]) == (0, D("1.22"), D("1.22"))


def test_nobody_is_charged_by_a_base_rate_that_was_not_checked(tmp_path: Path) -> None:
    """The table is shipped empty; to use it before staff have filled it is refused, with the file and what to do."""
    assert load_rules(ROOT / "rules").penalties.base_rates == ()
    folder = shutil.copytree(ROOT / "rules", tmp_path / "rules")
    file = folder / "penalties.yaml"
    file.write_text(file.read_text("utf-8").replace("use: notice_rate", "use: base_rate"), "utf-8")
    with pytest.raises(RulesError, match=r"penalties.yaml.*base_rates is empty; write the rates in force"):
        load_rules(folder)


@pytest.mark.slow
def test_a_penalty_that_became_less_after_it_was_paid_is_told(office: TownOffice) -> None:
    """A payment of 10.09 is assigned after one of 05.10 has paid the penalty: opening + penalty - paid = closing holds,
    so the closing is below zero; the close says why, and `explain`, too."""
    tell(office)
    office.load_payments(payment("1099", "500.00", day="10.09.2026", number="1"))
    office.close("2026-09")
    office.load_payments(payment("1002", "700.00", day="05.10.2026", number="2", service="maintenance"))
    assert (paid := maintenance(office, "2026-10", "1002")["paid_penalty"]) > 0
    [waiting] = find_waiting(office.office)
    assign_payment(office.office, waiting.id, Belongs("1002"), "звонок", moment("2026-10-06"))
    line = maintenance(office, "2026-10", "1002")
    over = line["paid_penalty"] - line["penalty"]
    assert line["paid_penalty"] == paid and over > 0 and line["closing_penalty"] == -over
    [warning] = [one for one in office.close("2026-10").warnings if "more penalty" in one]
    assert "lines that paid more penalty than they have: 1;" in warning and f"1002 maintenance {over}" in warning
    figures = Figures(office.office, Sources(office.office), Period(2026, 10))
    where = Where(bin_of("A"), "1002", "maintenance")
    told = "\n".join(figures.explain("closing_penalty", where))
    assert f"пени оплачено на {over}".replace(".", ",") in told
