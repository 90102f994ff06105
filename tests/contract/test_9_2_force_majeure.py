"""9.2, 9.3, 9.4, 8.7: force majeure is told in five working days; terms are longer by what it lasts; after 30 days the
contract may end by it."""

from __future__ import annotations

import re
from datetime import date

import openpyxl
import pytest

from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.page import describe_contract
from tests.support.fixtures import copies_of
from tests.support.office import ROOT, Answer, TownOffice, bin_of, customer, line


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(line("A", "1001", "lift", base="кв.", tariff="90", start="08.2026"))
    for by in ("A", "B"):  # a task of each: five working days from Thursday the 20th, to the 27th
        office.ingest("request", [{"kind": "Удалённый доступ"}], received="2026-08-20", by=by)


office = copies_of(town)


def send(office: TownOffice, begins: str, until: str = "", received: str = "2026-08-24", **more: object) -> Answer:
    row = {"kind": "форс-мажор", "event_on": begins, "parameter": until, "basis": "справка", **more}
    return office.ingest("notice", [row], received=received)


def duty(office: TownOffice, name: str, on: str, by: str = "A") -> tuple[str, str, str]:
    found = [one for one in find_duties(office.office, date.fromisoformat(on)) if one.duty == name]
    [one] = [one.as_json(date.fromisoformat(on)) for one in found if one.customer == bin_of(by)]
    return one["due"], one["state"], one["longer"]


@pytest.mark.parametrize(
    ("begins", "received", "late"),
    [
        ("17.08.2026", "2026-08-24T23:59:59", None),  # Monday -> Monday
        ("17.08.2026", "2026-08-25", "1"),
        ("26.08.2026", "2026-09-03", None),  # over the week-end and the Monday that is off for the 30th of August
        ("26.08.2026", "2026-09-04", "1"),
    ],
)
def test_it_is_told_within_five_working_days(office: TownOffice, begins: str, received: str, late: str | None) -> None:
    answer = send(office, begins, received=received)
    assert answer.outcome == ("held" if late else "accepted")
    told = [f["clause"] for f in answer.findings if f["code"] == "notice.force_majeure_late"]
    assert told == (["9.2"] if late else [])
    assert late or answer.finding("notice.terms_longer")["clause"] == "9.3"


def test_one_told_late_counts_from_its_first_day_but_only_when_staff_confirm_it(office: TownOffice) -> None:
    """9.3 counts what it lasts; 9.2 does not say that a late notice takes that away, so a person decides."""

    def due() -> str:
        found = find_duties(office.office, date(2026, 9, 4))
        return next(one.due.isoformat() for one in found if one.source == "T-000001")

    late = send(office, "22.08.2026", "01.09.2026", received="2026-09-03")
    assert (late.outcome, due()) == ("held", "2026-08-27")
    office.confirm(late.id, "справка и звонок", "2026-09-04")
    assert due() == "2026-09-07"
    again = send(office, "22.08.2026", "02.09.2026", received="2026-09-05")
    assert (again.outcome, "notice.force_majeure_late" in again.codes) == ("accepted", False)


def test_terms_are_longer_by_the_days_it_lasts(office: TownOffice) -> None:
    """9.3: from Saturday the 22nd to Tuesday the 1st: eleven days. The term of the other Customer stays."""
    assert duty(office, "operator.task", "2026-08-28") == ("2026-08-27", "overdue", "")
    send(office, "22.08.2026", "01.09.2026")
    assert duty(office, "operator.task", "2026-08-28") == ("2026-09-07", "open", "11"), "8.7: the operator's term, too"
    assert duty(office, "operator.task", "2026-09-08")[1] == "overdue"
    assert duty(office, "operator.task", "2026-08-28", "B") == ("2026-08-27", "overdue", "")
    assert duty(office, "operator.task", "2026-08-23") == ("2026-08-27", "open", ""), "nobody had told of it"


def test_it_lasts_until_its_end_is_told(office: TownOffice) -> None:
    send(office, "22.08.2026")
    assert duty(office, "operator.task", "2026-08-28") == ("2026-09-03", "open", "7")
    assert duty(office, "operator.task", "2026-10-28")[1] == "open", "while it lasts nothing is overdue"
    send(office, "22.08.2026", "31.08.2026", received="2026-10-28")
    assert duty(office, "operator.task", "2026-10-28") == ("2026-09-06", "overdue", "10")
    page = describe_contract(office.office, bin_of("A"), date(2026, 10, 28))
    assert [(one["from"], one["until"]) for one in page["force_majeure"]] == [("2026-08-22", "2026-08-31")]


def test_a_term_that_was_over_before_it_began_is_not_longer(office: TownOffice) -> None:
    send(office, "28.08.2026", received="2026-08-31")
    assert duty(office, "operator.task", "2026-09-01") == ("2026-08-27", "overdue", "")


def test_after_thirty_days_the_contract_may_end_with_five_days_notice(office: TownOffice) -> None:
    send(office, "01.07.2026", received="2026-07-03")
    end = {"kind": "расторжение", "event_on": "06.08.2026", "basis": "п. 9.4 договора"}
    early = office.ingest("notice", [end], received="2026-07-31")
    assert "notice.no_force_majeure" in early.codes, "it has lasted 30 days, not more"
    answer = office.ingest("notice", [end], received="2026-08-01")
    assert (answer.outcome, answer.codes) == ("held", ["confirmation.awaited", "row.waits_too"])
    office.confirm(answer.id, "звонок", "2026-08-03")
    assert describe_contract(office.office, bin_of("A"), date(2026, 8, 7))["agreement"]["state"] == "ended"


def test_the_notice_is_a_duty_that_it_meets(office: TownOffice) -> None:
    send(office, "17.08.2026")
    assert duty(office, "customer.force_majeure", "2026-08-30")[:2] == ("2026-08-24", "met")


@pytest.mark.parametrize("written", ["Пожар", "31.13.2026"])
def test_words_in_place_of_the_last_day_are_told_what_stands_there(office: TownOffice, written: str) -> None:
    """`Параметр` takes words in rows of another kind: what a row of this kind has there is said, and where words go."""
    answer = send(office, "22.08.2026", written)
    found = answer.finding("part.not_a_date")
    assert answer.outcome == "rejected" and found["cell"].startswith("C")
    assert {"форс-мажор", "Параметр", written, "Основание"} <= set(
        re.findall(r"«(.*?)»", found["message"] + found["remedy"])
    )
    blank = openpyxl.load_workbook(ROOT / "templates/forms/notice.xlsx")
    texts = [str(cell.value) for sheet in blank for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("форс-мажор — последний день" in text for text in texts)
