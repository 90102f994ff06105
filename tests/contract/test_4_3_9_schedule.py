"""4.3.9: schedule of monthly payments for repair or a lift: charge and both commissions make the total."""

from __future__ import annotations

import io
from decimal import Decimal as D

import docx
import pytest

from inbox_worker.core.model import Period
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.sources import Sources
from inbox_worker.explain.table_figures import TableFigures
from inbox_worker.outbox.publish import render_documents
from tests.support.office import TownOffice, bin_of, customer, line, moment, payment
from tests.support.papers import SCAN


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(
        line("A", "1001", "lift_replacement", base="график"), line("A", "1001", "maintenance", tariff="10", area="50")
    )


def row(month: str = "09.2026", total: str = "4060,00", **more: object) -> dict[str, object]:
    parts = {"charge": "4011,28", "operator_fee": "40", "bank_fee": "8,72", "total": total}  # 1.2 % of 4 060
    return {"account": "1001", "service": "За замену лифта", "pay_month": month, **parts, **more}


def test_a_schedule_posts_every_month_of_it(office: TownOffice) -> None:
    town(office)
    rows = [row(f"{number:02d}.2026") for number in range(9, 13)]
    assert office.ingest("repair_schedule", rows, received="2026-08-19").outcome == "held"
    answer = office.ingest("repair_schedule", rows, received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "accepted" and answer.codes == ["row.waits_too"] * 4
    assert [str(fact["pay_month"]) for fact in office.facts("repair_schedule")][-1] == "2026-12-01"


def test_the_sample_of_the_blank_is_what_the_price_list_says(office: TownOffice) -> None:
    """Who copies its commissions is not warned of them: 1,2 % of the total."""
    town(office)
    sample = {column.name: column.example for column in office.office.rules.forms["repair_schedule"].columns}
    rows = [{**sample, "account": "1001"}]
    answer = office.ingest("repair_schedule", rows, received="2026-08-20", documents=[SCAN])
    assert (answer.outcome, answer.codes) == ("accepted", [])


def test_a_total_that_is_not_its_parts_and_a_wrong_service_are_refused(office: TownOffice) -> None:
    town(office)
    rows = [row(total="4060,01"), row("10.2026", service="Содержание дома")]
    answer = office.ingest("repair_schedule", rows, received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "rejected" and sorted(answer.errors) == ["schedule.service", "schedule.total_differs"]
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
    assert twice.errors == ["row.repeated"]
    total = {"account": "Итого", "charge": "9000", "operator_fee": "80", "bank_fee": "17,44", "total": "8120"}
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


@pytest.mark.slow
def test_the_commission_of_the_schedule_is_withheld_at_the_rate_of_the_payments_month(office: TownOffice) -> None:
    """October 60 of 4 060, November 100 of 4 100. 4 060 in October: 60.00 (by the price list 48.72); 1 000 in December
    by November's row: 24.39; 1 000 in September by the first: 14.78, old debt and advance alike."""
    town(office)
    rows = [row("10.2026", charge="4000", bank_fee="20"),
            row("11.2026", charge="4000", operator_fee="60", bank_fee="40", total="4100")]  # fmt: skip
    answer = office.ingest("repair_schedule", rows, received="2026-08-20", documents=[SCAN])
    told = answer.finding("schedule.commission_differs")
    assert answer.outcome == "accepted" and (told["severity"], told["value"]) == ("info", "40")
    assert "60" in told["message"] and "48,72" in told["message"]
    days = {"05.09.2026": "1000", "05.10.2026": "4060", "05.12.2026": "1000"}
    for number, (day, amount) in enumerate(days.items()):
        name = payment("1001", amount, day=day, number=f"{number}", to="A", service="lift_replacement")
        office.load_payments(name, now=f"{day[6:]}-{day[3:5]}-06")
    assert [part["fee"] for part in office.facts("allocations")] == [D("14.78"), D("60.00"), D("24.39")]
    for month in ("2026-09", "2026-10", "2026-11", "2026-12"):
        office.close(month)
    assert office.parts("2026-12")[0]["percent"] == D("2.4390")


@pytest.mark.slow
def test_a_part_taken_back_gives_back_its_share_of_the_commission(office: TownOffice) -> None:
    """100 of 4 100 of 1 000 is 24.39; of each half 12.195 -> 12.20, then the 12.19 that are left."""
    town(office)
    rows = [row(charge="4000", operator_fee="60", bank_fee="40", total="4100")]
    office.ingest("repair_schedule", rows, received="2026-08-20", documents=[SCAN])
    for day, amount in (("05", "1000"), ("06", "-500"), ("07", "-500")):
        name = payment("1001", amount, day=f"{day}.09.2026", to="A", service="lift_replacement")
        office.load_payments(name, now="2026-09-08")
    office.close("2026-09")
    assert [part["fee"] for part in office.facts("allocations")] == [D("24.39"), D("-12.20"), D("-12.19")]


def test_a_line_without_a_row_of_a_schedule_goes_by_the_price_list(office: TownOffice) -> None:
    town(office)
    office.load_payments(payment("1001", "1000", to="A", service="lift_replacement"))
    assert [part["fee"] for part in office.facts("allocations")] == [D("12.00")]


def test_a_fee_by_a_schedule_is_explained_by_its_commissions_not_by_a_rounded_per_cent(office: TownOffice) -> None:
    """60 of 5 060: 80 000 withholds 948.62, by 1.1858 % it would be 948.64. `explain` names the cell of the total, and
    the act's appendix says what its per cent is. The Customer's own 0,855 % is not said as 0,86."""
    office.load_customers(customer("A", price="0,855"))
    office.load_directory(
        line("A", "1001", "lift_replacement", base="график"), line("A", "1001", "maintenance", tariff="10", area="50")
    )
    rows = [row("09.2026", charge="5000", operator_fee="40", bank_fee="20", total="5060")]
    office.ingest("repair_schedule", rows, received="2026-08-20", documents=[SCAN])
    scheduled = payment("1001", "80000", to="A", service="lift_replacement")
    office.load_payments(scheduled, payment("1001", "100", number="2", to="A", service="maintenance"))
    office.close("2026-09")
    assert [part["fee"] for part in office.facts("allocations")] == [D("948.62"), D("0.86")]
    figures = TableFigures(office.office, Sources(office.office), Period(2026, 9))
    for field in ("fee", "payments.fee", "payments.percent"):
        text = "\n".join(figures.explain(field, Where(bin_of("A"))))
        assert "80000,00 × 60,00 / 5060,00" in text and "«График платежей: ремонт, лифт»" in text, text
        assert "0,855 %" in text and "1,19" not in text, text
    assert "ставка, % = 0,855, 1,1858" in text
    [act, *_] = render_documents(office.office, Period(2026, 9), ["act"], bin_of("A"), moment("2026-10-05"))
    printed = "\n".join(one.text for one in docx.Document(io.BytesIO(act.read_bytes())).paragraphs)
    assert "удерживается точная доля комиссий в «Итого» графика" in printed and "төрт таңбамен" in printed
