"""4.3.2.1: tariffs by steps of consumption (`Сверх`): each part takes the tariff of its step, rounded once in all."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal as D

import openpyxl
import pytest

from inbox_worker.core.model import Period
from inbox_worker.documents.bill_pdf import bills_data, style_of
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.explain.charge_figures import Where
from inbox_worker.explain.figures import Figures
from inbox_worker.explain.sources import Sources
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.publish_bills import month_bills
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line, moment
from tests.support.papers import SCAN

METER = "счётчик"


def tariff(value: str, over: str = "", start: str = "09.2026", **more: object) -> Row:
    return {
        "service": "electricity", "base": METER, "tariff": value, "from_month": start, "threshold": over, **more
    }  # fmt: skip


STEPS = tariff("10"), tariff("15", "100"), tariff("20.0005", "200")


def town(office: TownOffice) -> None:
    """Electricity by meters since September: 1001 has one, 1002 two, of 3 residents; all counted from 0."""
    office.load_customers(customer("A", utilities=True))
    office.load_directory(
        line("A", "1001", "electricity", base=METER, meter="M1", reading="0", residents=3),
        line("A", "1002", "electricity", base=METER, meter="D", reading="0", residents=3),
        line("A", "1002", "electricity", base=METER, meter="N", reading="0", residents=3),
    )


office = copies_of(town)


def send(office: TownOffice, rows: Sequence[Row] = STEPS, received: str = "2026-08-20") -> str:
    answer = office.ingest("tariffs", rows, received=received, documents=[SCAN])
    return answer.outcome


def read(office: TownOffice, received: str, **meters: object) -> None:
    """Readings of meters by number."""
    rows = [
        {"account": "1001" if meter == "M1" else "1002", "service": "electricity", "meter": meter, "current": value}
        for meter, value in meters.items()
    ]
    answer = office.ingest("meter_readings", rows, received=received)
    assert answer.outcome == "accepted", answer.findings


def charged(office: TownOffice, month: str, account: str = "1001", what: str = "charged") -> D:
    return next(D(v[what]) for k, v in office.drafted(month).items() if k[0] == account)


def steps(office: TownOffice, month: str, name: str = "steps") -> list[tuple[int, D, D, D]]:
    """Step, where it begins, its tariff, its part of the quantity."""
    rows = office.table(month, name)
    return [(row["step"], row["threshold"], row["tariff"], row["quantity"]) for row in rows if row["account"] == "1001"]


def test_each_part_of_the_consumption_takes_the_tariff_of_its_step(office: TownOffice) -> None:
    """250.500 = 100 x 10 + 100 x 15 + 50.500 x 20.0005; the line shows the first's tariff."""
    assert send(office) == "accepted"
    read(office, "2026-08-20", M1="250,5")
    office.close("2026-09")
    row = office.line("2026-09", "1001", "electricity")
    assert (row["tariff"], row["quantity"], row["charged"]) == (D("10"), D("250.5"), D("3510.03"))
    assert steps(office, "2026-09") == [(1, 0, 10, 100), (2, 100, 15, 100), (3, 200, D("20.0005"), D("50.5"))]
    assert sum(r["amount"] for r in office.table("2026-09", "steps") if r["account"] == "1001") == D("3510.02525")


def test_parts_are_added_unrounded_and_rounded_once(office: TownOffice) -> None:
    """0.004 + 0.004 is a tiyn, though neither part is."""
    assert send(office, (tariff("0.004"), tariff("0.004", "1"))) == "accepted"
    read(office, "2026-08-20", M1="2")
    assert charged(office, "2026-09") == D("0.01")


@pytest.mark.parametrize(("used", "sum_"), [("100", "1000.00"), ("100.001", "1000.02"), ("0", "0.00")])
def test_a_step_begins_over_its_threshold(office: TownOffice, used: str, sum_: str) -> None:
    send(office)
    read(office, "2026-08-20", M1=used.replace(".", ","))
    assert charged(office, "2026-09") == D(sum_)


def test_all_meters_of_the_line_count_together(office: TownOffice) -> None:
    """60 by day and 90 by night are 150: 100 x 10 + 50 x 15."""
    send(office)
    read(office, "2026-08-20", D="60", N="90")
    assert charged(office, "2026-09", "1002") == D("1750.00")


@pytest.mark.slow
def test_a_consumption_over_several_months_has_the_threshold_as_many_times(office: TownOffice) -> None:
    """Nothing read in September (estimated as zero): October's 350 are over two months, 200 x 10 + 150 x 15."""
    send(office)
    assert charged(office, "2026-09") == 0
    office.close("2026-09")
    read(office, "2026-09-20", M1="350")
    assert charged(office, "2026-10") == D("4250.00")
    office.close("2026-10")
    assert steps(office, "2026-10") == [(1, 0, 10, 200), (2, 200, 15, 150)]
    read(office, "2026-10-20", M1="470")
    assert charged(office, "2026-11") == D("1300.00")  # 120 of one month


@pytest.mark.slow
def test_thresholds_of_residents_are_as_many_and_nobody_counts_as_one(office: TownOffice) -> None:
    """`steps: resident` in services.yaml: three residents have 300 at the first price; after they leave, 100."""
    office.step_by_residents("electricity")
    send(office)
    read(office, "2026-08-20", M1="350")
    assert charged(office, "2026-09") == D("3750.00")
    row = {"account": "1001", "indicator": "Проживает", "becomes": "0", "from_date": "01.10.2026"}
    assert office.ingest("directory_corrections", [row], received="2026-09-20").outcome == "accepted"
    read(office, "2026-09-20", M1="500")
    assert charged(office, "2026-10") == D("1750.00")


@pytest.mark.slow
def test_a_past_tariff_by_steps_recalculates_by_the_months_own_residents_and_readings(office: TownOffice) -> None:
    """September had 3 residents and 350; steps told in October since September: 300 x 10 + 50 x 15, less 350 x 10."""
    office.step_by_residents("electricity")
    send(office, [tariff("10")])
    read(office, "2026-08-20", M1="350")
    office.close("2026-09")
    row = {"account": "1001", "indicator": "Проживает", "becomes": "1", "from_date": "01.10.2026"}
    office.ingest("directory_corrections", [row], received="2026-09-20")
    assert send(office, [tariff("15", "100")], received="2026-09-20") == "accepted"
    office.close("2026-10")
    assert office.line("2026-10", "1001", "electricity")["recalculated"] == D("250.00")
    assert steps(office, "2026-10", "past_steps") == [(1, 0, 10, 300), (2, 300, 15, 50)]
    assert charged(office, "2026-11", what="recalculated") == 0  # once


@pytest.mark.slow
def test_a_past_month_takes_the_residents_that_a_register_told_again_did_not_take_back(office: TownOffice) -> None:
    """Five from September by a correction; October's row of the register says three again: 400 stay under 500."""
    office.step_by_residents("electricity")
    send(office, [tariff("10")])
    row = {"account": "1001", "indicator": "Проживает", "becomes": "5", "from_date": "01.09.2026"}
    office.ingest("directory_corrections", [row], received="2026-08-20")
    office.load_directory(line("A", "1001", "electricity", base=METER, meter="M1", residents=3, start="10.2026"))
    read(office, "2026-08-20", M1="200")
    office.close("2026-09")
    read(office, "2026-09-20", M1="600")
    office.close("2026-10")
    past = [tariff("10", start="10.2026"), tariff("15", "100", start="10.2026")]
    assert send(office, past, "2026-10-20") == "accepted"
    office.close("2026-11")
    assert office.line("2026-11", "1001", "electricity")["recalculated"] == 0


def test_a_changed_step_recalculates_the_difference_of_its_part(office: TownOffice) -> None:
    """A row with the step's key corrects that step alone: 50 of September at 16 instead of 15."""
    send(office)
    read(office, "2026-08-20", M1="150")
    office.close("2026-09")
    send(office, [tariff("16", "100")], received="2026-09-20")
    office.close("2026-10")
    assert office.line("2026-10", "1001", "electricity")["recalculated"] == D("50.00")
    send(office, [tariff("17", "100")], received="2026-10-20")
    assert charged(office, "2026-11", what="recalculated") == D("100.00")  # of September and October's estimate


def test_days_without_service_are_measured_on_the_charge_by_steps(office: TownOffice) -> None:
    """150 cost 1 750; 3 of 30 days of September take 175.00, as many told a month later take as much again."""
    send(office)
    read(office, "2026-08-20", M1="150")
    days = {"account": "1001", "service": "electricity", "from_date": "01.09.2026", "to_date": "03.09.2026", "days": 3}
    assert office.ingest("undelivered", [days], received="2026-08-20").outcome == "accepted"
    office.close("2026-09")
    assert office.line("2026-09", "1001", "electricity")["undelivered"] == D("-175.00")
    later = {**days, "from_date": "11.09.2026", "to_date": "13.09.2026"}
    office.ingest("undelivered", [later], received="2026-09-20")
    send(office, [tariff("20", "100")], received="2026-09-20")  # 2 000 now: what 6 days take is 400
    row = next(v for k, v in office.drafted("2026-10").items() if k[0] == "1001")
    assert row["undelivered"] + row["recalculated"] == D("250.00") - D("225.00")
    office.close("2026-10")
    last = {**days, "from_date": "21.09.2026", "to_date": "23.09.2026"}
    office.ingest("undelivered", [last], received="2026-10-20")
    assert charged(office, "2026-11", what="undelivered") == D("-200.00")


@pytest.mark.slow
def test_a_line_that_follows_its_water_has_steps_of_its_own(office: TownOffice) -> None:
    """Sewerage without a meter: the water's 25 of two months; 20 x 5 + 5 x 8."""
    office.load_directory(
        line("A", "1003", "cold_water", base=METER, meter="W", reading="0", tariff="1"),
        line("A", "1003", "cold_sewerage", base=METER),
    )
    rows = [tariff(v, over, service="cold_sewerage") for v, over in (("5", "0"), ("8", "10"))]
    assert send(office, rows) == "accepted"
    office.close("2026-09")
    reading = {"account": "1003", "service": "cold_water", "meter": "W", "current": "25"}
    office.ingest("meter_readings", [reading], received="2026-09-20")
    assert office.drafted("2026-10")["1003", "050140000011", "cold_sewerage"]["charged"] == D("140.00")


@pytest.mark.slow
def test_a_replaced_meter_counts_with_the_new_one(office: TownOffice) -> None:
    """7.2: 80 of the old and 40 of the new are one month's 120: 100 x 10 + 20 x 15."""
    send(office)
    office.close("2026-09")
    change = {
        "account": "1001", "service": "electricity", "meter": "M1", "current": "180", "new_meter": "M2", "initial": "5",
        "changed_on": "12.09.2026",
    }  # fmt: skip
    assert office.ingest("meter_change", [change], received="2026-09-20").outcome == "accepted"
    reading = {"account": "1001", "service": "electricity", "meter": "M2", "current": "45"}
    assert office.ingest("meter_readings", [reading], received="2026-09-21").outcome == "accepted"
    assert charged(office, "2026-10") == D("2300.00")  # 220 of September and October: 200 x 10 + 20 x 15


@pytest.mark.slow
def test_a_stopped_or_told_charge_has_no_steps(office: TownOffice) -> None:
    """A close without charges by steps keeps no file of them: it is byte for byte what it was."""
    office.close("2026-09")
    folder = office.folder / "ledger" / "closes" / "2026-09"
    assert not list(folder.glob("*steps*"))
    send(office, received="2026-09-20")
    stop = {"bin": "050140000011", "account": "1001", "from_date": "01.10.2026", "reason": "жалоба", "clause": "10.3"}
    office.load("stops", [stop], "2026-09-21")
    read(office, "2026-09-20", M1="350")
    office.close("2026-10")
    assert [row["account"] for row in office.table("2026-10", "steps")] == ["1002"]


def test_a_zero_is_the_first_step_and_the_order_of_rows_does_not_matter(office: TownOffice) -> None:
    rows = tariff("15", "100"), tariff("20", "200"), tariff("10", "0")
    assert send(office, rows) == "accepted"
    read(office, "2026-08-20", M1="250")
    assert charged(office, "2026-09") == D("3500.00")


@pytest.mark.parametrize(
    ("rows", "code", "cell"),
    [
        ((tariff("15", "100"),), "tariff.no_first_step", "H10"),
        ((tariff("10"), tariff("15", "100", house="H-1")), "tariff.no_first_step", "H11"),
        ((tariff("10"), tariff("15", "-5")), "value.negative", "H11"),
        ((tariff("10"), tariff("15", "0")), "row.repeated", "A11"),
        ((tariff("10"), tariff("15", "много")), "value.not_a_number", "H11"),
    ],
)  # fmt: skip
def test_steps_that_cannot_be_right_are_refused_with_their_cell(
    office: TownOffice, rows: Sequence[Row], code: str, cell: str
) -> None:
    answer = office.ingest("tariffs", rows, received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "rejected" and answer.finding(code)["cell"] == cell


def test_steps_are_of_meters_only(office: TownOffice) -> None:
    office.load_directory(line("A", "1005", "maintenance", area="10"))
    rows = [{**tariff(value, over, service="maintenance"), "base": "м²"} for value, over in (("1", ""), ("2", "50"))]
    answer = office.ingest("tariffs", rows, received="2026-08-20", documents=[SCAN])
    assert answer.outcome == "rejected" and answer.finding("tariff.steps_not_metered")["cell"] == "H11"


def test_thresholds_out_of_order_are_told_and_counted_as_they_rise(office: TownOffice) -> None:
    rows = tariff("10"), tariff("20", "200"), tariff("15", "100")
    answer = office.ingest("tariffs", rows, received="2026-08-20", documents=[SCAN])
    assert (answer.outcome, answer.finding("tariff.steps_unordered")["cell"]) == ("accepted", "H12")
    read(office, "2026-08-20", M1="250")
    assert charged(office, "2026-09") == D("3500.00")


@pytest.mark.slow
def test_steps_of_an_earlier_form_that_go_on_are_told(office: TownOffice) -> None:
    """Other thresholds of one month stand beside those told before; repeated with the tariff below, they are none."""
    send(office)
    again = tariff("11"), tariff("16", "150")
    answer = office.ingest("tariffs", again, received="2026-08-20", documents=[SCAN])
    told = answer.finding("tariff.steps_standing")
    assert (answer.outcome, told["cell"]) == ("accepted", "H10")
    assert "100: 15" in told["message"] and "200: 20,0005" in told["message"]
    read(office, "2026-08-20", M1="250")
    assert charged(office, "2026-09") == D("3650.03"), "100 x 11 + 50 x 15 + 50 x 16 + 50 x 20.0005"
    whole = [*again, tariff("11", "100"), tariff("16", "200")]
    answer = office.ingest("tariffs", whole, received="2026-08-20", documents=[SCAN])
    assert "tariff.steps_standing" not in answer.codes
    assert charged(office, "2026-09") == D("3250.00"), "150 x 11 + 100 x 16"
    flat = office.ingest("tariffs", [tariff("12", start="10.2026")], received="2026-08-20", documents=[SCAN])
    assert "tariff.steps_standing" not in flat.codes, "of another month: a tariff of its own"


@pytest.mark.slow
def test_explain_shows_a_month_counted_again_step_by_step(office: TownOffice) -> None:
    """4.1.4: what it is now, what it was, and the cell of each step."""
    send(office)
    read(office, "2026-08-20", M1="150")
    office.close("2026-09")
    send(office, [tariff("11"), tariff("16", "100")], received="2026-09-20")
    office.close("2026-10")
    figures = Figures(office.office, Sources(office.office), Period(2026, 10), "1001")
    told = figures.explain("recalculated", Where(bin_of("A"), "1001", "electricity"))
    assert any("1900,00" in row and "1750,00" in row for row in told), told
    assert any("16,0000" in row and "50,000" in row for row in told), told
    assert sum("D1" in row for row in told) >= 3, told


def test_one_service_has_a_price_by_meter_and_a_price_by_residents(office: TownOffice) -> None:
    """Each line takes the one of its own base, steps and all; a change of one recounts no line of the other."""
    office.load_directory(line("A", "1004", "electricity", base="чел.", residents=2))
    assert send(office, [*STEPS, {**tariff("700"), "base": "чел."}]) == "accepted"
    read(office, "2026-08-20", M1="150")
    assert (charged(office, "2026-09"), charged(office, "2026-09", "1004")) == (D("1750.00"), D("1400.00"))
    office.close("2026-09")
    send(office, [{**tariff("710"), "base": "чел."}], received="2026-09-20")
    changed = [charged(office, "2026-10", account, "recalculated") for account in ("1001", "1004")]
    assert changed == [D(0), D("20.00")]


def test_a_bill_and_explain_show_the_charge_step_by_step(office: TownOffice) -> None:
    send(office)
    read(office, "2026-08-20", M1="250,5")
    facts = MonthFacts(office.office, Period(2026, 9))
    style = style_of(office.office.home, office.office.rules, facts.month)
    bills = {bill["account"]: bill for bill in bills_data([bill for _, bill in month_bills(facts)], style)["bills"]}
    shown = "100 × 10,00 + 100 × 15,00 + 50,50 × 20,0005 = 3\N{NO-BREAK SPACE}510,03"
    assert [shown in told["ru"] for told in bills["1001"]["steps"]] == [True]
    assert bills["1002"]["steps"] == []  # nothing used: nothing above the first step
    office.close("2026-09")
    figures = Figures(office.office, Sources(office.office), Period(2026, 9), "1001")
    told = figures.explain("charged", Where(bin_of("A"), "1001", "electricity"))
    assert any("50,500" in row and "20,0005" in row for row in told), told
    assert sum("D1" in row for row in told) >= 3, told  # each step's cell


@pytest.mark.slow
@pytest.mark.quick(0)
@pytest.mark.parametrize(
    ("used", "closed", "noted"), [("250.5", True, True), ("250.5", False, True), ("80", True, False)]
)
def test_statements_say_where_tariff_by_quantity_is_not_the_charge(
    office: TownOffice, used: str, closed: bool, noted: bool
) -> None:
    """10.0000 x 250.500 beside 3 510.03 (4.1.8); in a month that stayed in the first step it is the charge."""
    send(office)
    read(office, "2026-08-20", M1=used)
    if closed:
        office.close("2026-09")
    kinds = [*(["turnover"] if closed else []), "bill_rows", "directory"]
    made = render_documents(office.office, Period.parse("2026-09"), kinds, bin_of("A"), moment("2026-10-05"))
    books = [openpyxl.load_workbook(path) for path in made if path.suffix == ".xlsx"]
    assert len(books) == len(kinds)
    for book in books:
        texts = [str(row[0]) for sheet in book for row in sheet.iter_rows(max_row=8, values_only=True)]
        assert any("тариф — первой ступени" in text and "бірінші сатынікі" in text for text in texts) is noted


def changes(office: TownOffice, month: str, account: str = "1001") -> list[str]:
    """What an account's bill tells as changed, in Russian."""
    facts = MonthFacts(office.office, Period.parse(month))
    style = style_of(office.office.home, office.office.rules, facts.month)
    bills = {bill["account"]: bill for bill in bills_data([bill for _, bill in month_bills(facts)], style)["bills"]}
    return [told["ru"].replace("\N{NO-BREAK SPACE}", " ") for told in bills[account]["changes"]]


@pytest.mark.quick(0)
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("current", ["150", "250"], ids=["first step alone", "two steps"])
def test_a_bill_tells_steps_that_begin_and_end_as_steps(office: TownOffice, current: str, closed: bool) -> None:
    """One tariff of 12, from October steps of 10 and 15 over 100, from November one of 14: «тариф изменился с 12 на 10»
    hid that what is over 100 is dearer. 1001 uses 50 in September, then 100 or 200."""
    send(office, [tariff("12")])
    read(office, "2026-08-20", M1="50")
    send(office, [tariff("10", start="10.2026"), tariff("15", "100", start="10.2026")], received="2026-09-20")
    read(office, "2026-09-20", M1=current)
    send(office, [tariff("14", start="11.2026")], received="2026-10-20")
    if closed:
        office.close("2026-09"), office.close("2026-10")
    assert changes(office, "2026-10") == [
        "Электроэнергия: с этого месяца тариф по ступеням потребления, первая ступень 10,00 тенге; "
        "был один тариф 12,00. "
        "Основание: Протокол № 7 от 15.07.2026"
    ]
    assert changes(office, "2026-11") == [
        "Электроэнергия: ступеней потребления больше нет, один тариф 14,00 тенге; первая ступень была 10,00. "
        "Основание: Протокол № 7 от 15.07.2026"
    ]


@pytest.mark.slow
def test_a_bill_tells_which_tariffs_of_steps_changed(office: TownOffice) -> None:
    """Of those that both months came to: three steps in September, two in October; equal ones are no change."""
    send(office)
    read(office, "2026-08-20", M1="250")
    office.close("2026-09")
    later = [tariff("10", start="10.2026"), tariff("16", "100", start="10.2026"), tariff("22", "200", start="10.2026")]
    send(office, later, received="2026-09-20")
    read(office, "2026-09-20", M1="400")
    office.close("2026-10")
    read(office, "2026-10-20", M1="700")
    assert changes(office, "2026-10") == [
        "Электроэнергия: изменились тарифы ступеней потребления: 2-я — с 15,00 на 16,00 тенге. "
        "Основание: Протокол № 7 от 15.07.2026"
    ]
    assert changes(office, "2026-11") == []
