"""4.3.9: schedule of monthly payments for repair or a lift: charge and both commissions make the total."""

from __future__ import annotations

from decimal import Decimal as D

from tests.support.office import TownOffice, customer, line
from tests.support.papers import SCAN


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(
        line("A", "1001", "lift_replacement", base="график"), line("A", "1001", "maintenance", tariff="10", area="50")
    )


def row(month: str = "09.2026", total: str = "4060,00", **more: object) -> dict[str, object]:
    parts = {"charge": "4000", "operator_fee": "40", "bank_fee": "20", "total": total}
    return {"account": "1001", "service": "За замену лифта", "pay_month": month, **parts, **more}


def test_a_schedule_posts_every_month_of_it(office: TownOffice) -> None:
    town(office)
    rows = [row(f"{number:02d}.2026") for number in range(9, 13)]
    assert office.ingest("repair_schedule", rows, received="2026-08-19").outcome == "held"
    answer = office.ingest("repair_schedule", rows, received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "accepted" and answer.codes == []
    assert [str(fact["pay_month"]) for fact in office.facts("repair_schedule")][-1] == "2026-12-01"


def test_a_total_that_is_not_its_parts_and_a_wrong_service_are_refused(office: TownOffice) -> None:
    town(office)
    rows = [row(total="4060,01"), row("10.2026", service="Содержание дома")]
    answer = office.ingest("repair_schedule", rows, received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "rejected" and sorted(answer.codes) == ["schedule.service", "schedule.total_differs"]
    assert "4060" in answer.finding("schedule.total_differs")["message"]


def test_a_gap_in_the_months_is_told_and_does_not_refuse(office: TownOffice) -> None:
    town(office)
    rows = [row("09.2026"), row("10.2026"), row("01.2027")]
    answer = office.ingest("repair_schedule", rows, received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "accepted" and answer.codes == ["schedule.gap"]
    assert "11.2026 — 12.2026" in answer.finding("schedule.gap")["message"]
    more = office.ingest("repair_schedule", [row("11.2026"), row("12.2026")], received="2026-08-21", documents=[SCAN])
    assert more.codes == []  # together with what was taken before nothing is missing


def test_a_months_row_twice_is_refused_and_a_totals_row_is_never_posted(office: TownOffice) -> None:
    town(office)
    twice = office.ingest("repair_schedule", [row(), row()], received="2026-08-20", documents=[SCAN])
    assert twice.codes == ["row.repeated"]
    total = {"account": "Итого", "charge": "9000", "operator_fee": "80", "bank_fee": "40", "total": "8120"}
    rows = [row(), row("10.2026"), {**dict.fromkeys(("service", "pay_month"), ""), **total}]
    answer = office.ingest("repair_schedule", rows, received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "accepted" and answer.submissions[0]["rows_posted"] == 2
    assert answer.codes == ["total.mismatch"] and answer.finding("total.mismatch")["value"].startswith("9000")


def test_the_months_payment_is_charged_with_both_commissions(office: TownOffice) -> None:
    """Итого 4 060.00 = 4 000 + 40 + 20 is October's charge; a month without a payment charges nothing."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "lift_replacement", base="schedule", start="10.2026"))
    row = {"account": "1001", "service": "За замену лифта", "charge": "4000", "operator_fee": "40", "bank_fee": "20"}
    rows = [{**row, "total": "4060", "pay_month": month} for month in ("09.2026", "10.2026", "12.2026")]
    answer = office.ingest("repair_schedule", rows, received="2026-09-20", documents=[SCAN])
    assert answer.outcome == "accepted" and answer.codes.count("schedule.month_past") == 1
    charged = [next(iter(office.drafted(month).values()))["charged"] for month in ("2026-10", "2026-11", "2026-12")]
    assert charged == [D("4060.00"), D("0.00"), D("4060.00")]


def test_a_later_schedule_wins_from_its_own_month(office: TownOffice) -> None:
    """Said again in November's form: December by the new one, October as it was charged."""
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "lift_replacement", base="schedule", start="10.2026"))
    row = {"account": "1001", "service": "За замену лифта", "operator_fee": "0", "bank_fee": "0"}
    for received, sum_ in (("2026-09-20", "100"), ("2026-10-20", "70")):
        rows = [{**row, "charge": sum_, "total": sum_, "pay_month": month} for month in ("10.2026", "12.2026")]
        office.ingest("repair_schedule", rows, received=received, documents=[SCAN])
    charged = [next(iter(office.drafted(month).values()))["charged"] for month in ("2026-10", "2026-12")]
    assert charged == [D("100.00"), D("70.00")]
