"""4.3.2: of two forms about one thing the later one stands, also when the earlier was held and is released after it."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, customer, line
from tests.support.papers import SCAN, File


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B", utilities=True))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="100"),
        line("A", "1002", "maintenance", base="кв.", tariff="100"),
        line("B", "1001", "cold_water", base="счётчик", tariff="100", meter="M1", reading="10", start="07.2026"),
    )


office = copies_of(town)


def recalculation(amount: str, account: str = "1001") -> dict[str, object]:
    return {
        "account": account, "service": "maintenance", "past_month": "08.2026", "amount": amount, "reason": "Акт",
    }  # fmt: skip


def recalculated(office: TownOffice) -> dict[str, D]:
    found = office.drafted("2026-09")
    return {account: row["recalculated"] for (account, _, service), row in found.items() if service == "maintenance"}


def codes(office: TownOffice, submission: str, arrival: int) -> list[str]:
    return [finding.code for finding in office.office.journal.submissions.findings_of(arrival, submission)]


@pytest.mark.slow
def test_a_released_form_does_not_undo_what_came_after_it(office: TownOffice) -> None:
    held = office.ingest(
        "recalculations", [recalculation("100"), recalculation("50", "1002")], received="2026-08-20T10:00:00"
    )
    assert held.outcome == "held"
    newer = office.ingest("recalculations", [recalculation("200")], received="2026-08-20T11:00:00", documents=[SCAN])
    assert newer.outcome == "accepted"
    [released] = office.release(held.id, "бумага, 21.08.2026", "2026-08-22")
    assert (released.outcome.value, released.rows_posted) == ("accepted", 1)
    assert (released.changes.added, released.changes.changed) == (1, 0), "what did not act is no change"
    found = codes(office, released.id, released.arrival)
    assert found.count("row.overtaken") == 1 and "row.replaced" not in found
    assert recalculated(office) == {"1001": D("200.00"), "1002": D("50.00")}


def test_of_two_letters_of_one_moment_the_later_is_the_one_that_was_stored_later(office: TownOffice) -> None:
    held = office.ingest("recalculations", [recalculation("100")], received="2026-08-20T10:00:00")
    office.ingest("recalculations", [recalculation("-5")], received="2026-08-20T10:00:00")
    office.release(held.id, "бумага, 21.08.2026", "2026-08-22")
    assert recalculated(office)["1001"] == D("-5.00")


def test_a_late_correction_says_which_month_loses_the_row(office: TownOffice) -> None:
    office.ingest("recalculations", [recalculation("-100")], received="2026-08-20")
    late = office.ingest("recalculations", [recalculation("-130")], received="2026-08-27")
    told = late.finding("row.replaced")
    assert (late.month, recalculated(office)["1001"]) == ("2026-10", D("0.00"))
    for text in (told["message"], told["message_kk"]):
        assert "09.2026" in text and "10.2026" in text
    again = office.ingest("recalculations", [recalculation("-140")], received="2026-08-27T12:00:00")
    assert "10.2026" not in again.finding("row.replaced")["message"]


def test_a_form_of_which_nothing_is_left_is_refused(office: TownOffice) -> None:
    held = office.ingest("recalculations", [recalculation("100")], received="2026-08-20T10:00:00")
    office.ingest("recalculations", [recalculation("-5")], received="2026-08-20T11:00:00")
    [released] = office.release(held.id, "бумага, 21.08.2026", "2026-08-22")
    assert released.outcome.value == "rejected"
    assert {"row.overtaken", "form.overtaken"} <= set(codes(office, released.id, released.arrival))
    assert recalculated(office)["1001"] == D("-5.00")


def test_a_confirmed_reading_does_not_undo_the_corrected_one(office: TownOffice) -> None:
    row = {"account": "1001", "service": "cold_water", "meter": "M1"}
    office.ingest("meter_readings", [{**row, "current": "15"}], by="B", received="2026-06-20")
    held = office.ingest("meter_readings", [{**row, "current": "9999"}], by="B", received="2026-08-20T10:00:00")
    assert held.outcome == "held"
    assert (
        office.ingest("meter_readings", [{**row, "current": "20"}], by="B", received="2026-08-20T11:00:00").outcome
        == "accepted"
    )
    office.confirm(held.id, "по телефону", "2026-08-21")
    assert [row["current"] for row in office.facts("meter_readings")] == [D("15.000"), D("20.000")]


def test_what_came_before_the_held_form_is_replaced_by_it(office: TownOffice) -> None:
    office.ingest("recalculations", [recalculation("-5")], received="2026-08-20T09:00:00")
    held = office.ingest("recalculations", [recalculation("100")], received="2026-08-20T10:00:00")
    [released] = office.release(held.id, "бумага, 21.08.2026", "2026-08-22")
    assert (released.outcome.value, released.rows_posted) == ("accepted", 1)
    assert recalculated(office)["1001"] == D("100.00")


@pytest.mark.parametrize("other", ["-200", "-100"])
def test_two_forms_of_one_letter_that_differ_are_not_ordered_by_their_places(office: TownOffice, other: str) -> None:
    files = [
        File(f"{place}.xlsx", office.form("recalculations", [recalculation(amount)]))
        for place, amount in enumerate(("-100", other))
    ]
    answer = office.mail(files, received="2026-08-20")
    outcomes = [str(one["outcome"]) for one in answer.submissions]
    assert outcomes == (["rejected", "rejected"] if other == "-200" else ["accepted", outcomes[1]])
    assert answer.codes.count("row.same_letter") == (2 if other == "-200" else 0)
    assert "row.replaced" not in answer.codes  # nothing was
    assert recalculated(office)["1001"] == (D("0.00") if other == "-200" else D("-100.00"))


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("form", "by", "row", "other"),
    [
        ("meter_readings", "B", {"account": "1001", "service": "cold_water", "meter": "M1", "current": "15"},
         {"current": "16"}),
        ("tariffs", "A", {"service": "maintenance", "base": "кв.", "tariff": "100", "from_month": "09.2026"},
         {"tariff": "110"}),
        ("requisites", "A", {"indicator": "Телефон", "becomes": "+7 700 1", "changed_on": "18.08.2026"},
         {"becomes": "+7 700 2"}),
        ("penalty_notice", "A", {"service": "maintenance", "from_date": "01.09.2026", "rate": "10"}, {"rate": "12"}),
        ("act_response", "A", {"act": "1", "answer": "подписан"}, {"answer": "отказ", "reason": "сумма не та"}),
    ],
)  # fmt: skip
def test_neither_of_two_forms_that_contradict_each_other_counts_or_waits(
    office: TownOffice, form: str, by: str, row: dict[str, str], other: dict[str, str]
) -> None:
    """Each tells where the other says what; nobody is asked to prove or confirm both."""
    files = [
        File("1.xlsx", office.form(form, [row], by=by)), File("2.xlsx", office.form(form, [{**row, **other}], by=by)),
    ]  # fmt: skip
    answer = office.mail(files, received="2026-08-20", by=by, mailbox=office.office.rules.forms[form].mailbox)
    assert [one["outcome"] for one in answer.submissions] == ["rejected", "rejected"]
    for one, beside in zip(answer.submissions, reversed(answer.submissions), strict=True):
        [found] = [f for f in one["findings"] if f["code"] == "row.same_letter"]
        assert beside["submission"] in found["message"] and found["cell"]


def test_forms_of_one_letter_with_different_rows_all_count(office: TownOffice) -> None:
    files = [File(f"{n}.xlsx", office.form("recalculations", [recalculation("-5", n)])) for n in ("1001", "1002")]
    assert office.mail(files, received="2026-08-20").outcome == "accepted"
    assert recalculated(office) == {"1001": D("-5.00"), "1002": D("-5.00")}
