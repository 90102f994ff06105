"""4.3.2: a form may have a deadline of its own beside that of every form; one line of rules/deadlines.yaml says it."""

from __future__ import annotations

import io
import shutil
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from inbox_worker.contract.duty import due_in_month
from inbox_worker.contract.schedule import find_due_jobs
from inbox_worker.core.model import Period
from inbox_worker.core.time import ALMATY
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.documents.bill_pdf import style_of
from inbox_worker.documents.month_data import MonthFacts
from inbox_worker.forms.blank import blank
from inbox_worker.outbox.staff_page import month_page
from inbox_worker.settings.rules import Rules, load_rules
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, customer, line
from tests.support.papers import SCAN

SHIPPED = Path(__file__).parents[2] / "rules"
MINUS: Row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-10"}
TARIFF: Row = {"service": "maintenance", "base": "м²", "tariff": "31", "from_month": "10.2026"}
AFTER_THE_LAST = datetime(2026, 9, 28, 1, tzinfo=ALMATY)


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(line("A", "1001", "maintenance", tariff="30", area="10"))


office = copies_of(town)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    """The shipped rules with recalculations due on the 20th and readings on the 27th."""
    folder = shutil.copytree(SHIPPED, tmp_path_factory.mktemp("own") / "rules")
    path, own = folder / "deadlines.yaml", 'rolling: none, clause: "4.3.2"}\n'
    lines = f"deadlines:\n  recalculations: {{day: 20, {own}  meter_readings: {{day: 27, {own}"
    path.write_text(path.read_text("utf-8").replace("deadlines:\n", lines, 1), "utf-8")
    return load_rules(folder)


@pytest.fixture
def by_them(office: TownOffice, rules: Rules) -> TownOffice:
    office.office = replace(office.office, rules=rules)
    office._pipeline = Pipeline(office.office, office.reader)
    return office


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("form", "row", "received", "outcome", "month"),
    [
        ("recalculations", MINUS, "2026-08-20T23:59:59", "accepted", "2026-09"),
        ("recalculations", MINUS, "2026-08-21", "deferred", "2026-10"),
        ("tariffs", TARIFF, "2026-08-25T23:59:59", "accepted", "2026-09"),
        ("tariffs", TARIFF, "2026-08-26", "deferred", "2026-10"),
    ],
)
def test_a_form_counts_by_its_own_day_and_the_others_by_that_of_all(
    by_them: TownOffice, form: str, row: Row, received: str, outcome: str, month: str
) -> None:
    answer = by_them.ingest(form, [row], received=received, documents=[SCAN])
    assert (answer.outcome, answer.month) == (outcome, month)


def test_the_sender_is_told_the_forms_own_day(by_them: TownOffice) -> None:
    told = by_them.ingest("recalculations", [MINUS], received="2026-08-21").finding("deadline.missed")
    said = " ".join(told[name] for name in ("message", "message_kk", "remedy", "remedy_kk"))
    assert said.count("20-") == 4 and "25" not in said


def test_duties_drafts_and_blanks_go_by_it(rules: Rules) -> None:
    """7.2: readings are due on their day; a draft is made when the last form is in."""
    assert due_in_month(rules.duties["customer.readings"], Period(2026, 10), rules) == date(2026, 9, 27)
    assert due_in_month(rules.duties["customer.service_file"], Period(2026, 10), rules) == date(2026, 9, 25)
    drafts = [job.about for job in find_due_jobs(rules, AFTER_THE_LAST) if job.name == "draft"]
    before = [job.about for job in find_due_jobs(rules, AFTER_THE_LAST - timedelta(days=1)) if job.name == "draft"]
    assert (before, drafts) == (["2026-09"], ["2026-10"])
    for form, day in (("recalculations", "20"), ("meter_readings", "27"), ("tariffs", "25")):
        book = openpyxl.load_workbook(io.BytesIO(blank(rules.forms[form], rules, defaultdict(str))))
        said = " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value)
        assert f"до {day}-го числа" in said and f"полученные по {day}-е число" in said


def test_a_bill_asks_for_readings_until_their_own_day(by_them: TownOffice, rules: Rules) -> None:
    assert style_of(by_them.office.home, rules, Period(2026, 9)).read_by == date(2026, 10, 27)


def test_the_months_page_counts_hours_before_each_forms_own_deadline(by_them: TownOffice) -> None:
    by_them.ingest("recalculations", [MINUS], received="2026-08-21T01:00:00")
    by_them.ingest("tariffs", [TARIFF], received="2026-08-25T23:00:00", documents=[SCAN])
    page = month_page(MonthFacts(by_them.office, Period(2026, 9)), date(2026, 9, 1))
    hours = [(form.outcome, round(form.left.total_seconds() / 3600)) for form in page.came]
    assert hours == [("deferred", -1), ("accepted", 1)]
