"""What trust holds until a person confirms it: readings, accounts that stand elsewhere, senders nobody proved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inbox_worker.core.time import ALMATY
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.ledger.mail_places import Inbox
from inbox_worker.receiving.store import Incoming, write_raw
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, email_of, line, moment
from tests.support.papers import SCAN, File, letter


def reading(current: str) -> dict[str, object]:
    return {"account": "1001", "service": "cold_water", "meter": "M1", "current": current}


def build(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B", utilities=True), customer("C"))
    office.load_directory(
        line("B", "1001", "cold_water", base="счётчик", tariff="100", meter="M1", reading="10", start="07.2026"),
        line("A", "1001", "maintenance", tariff="30", area="50", start="07.2026"),
        line("C", "2001", "lift", base="чел.", residents="2", house="H-2", start="07.2026"),
    )


town = copies_of(build)


@pytest.mark.parametrize(
    ("current", "outcome", "code"),
    [
        ("120", "accepted", "reading.spike"),  # 20 times 5 and exactly 100 units: not beyond
        ("120,001", "held", "reading.far_beyond"),
        ("69", "accepted", None),
    ],
)
def test_a_reading_far_beyond_the_usual_waits(town: TownOffice, current: str, outcome: str, code: str | None) -> None:
    town.ingest("meter_readings", [reading("15")], by="B", received="2026-06-20")
    town.ingest("meter_readings", [reading("20")], by="B", received="2026-07-20")  # 5 a month
    answer = town.ingest("meter_readings", [reading(current)], by="B", received="2026-08-20")
    assert (answer.outcome, answer.month) == (outcome, "2026-09")
    held = ["confirmation.awaited"] if outcome == "held" else []
    assert answer.codes == [*held, *([code] if code else [])]


def test_a_confirmed_reading_counts_in_the_month_of_its_receipt(town: TownOffice) -> None:
    answer = town.ingest("meter_readings", [reading("9999")], by="B", received="2026-08-25T23:59:59")
    assert (answer.outcome, answer.month) == ("held", "2026-09") and town.facts("meter_readings") == []
    [task] = town.office.journal.tasks.open()
    assert (task.kind, task.clause, task.submission) == ("confirmation", "7.2", answer.id)
    [posted] = town.confirm(answer.id, "показание снято при сотруднике", "2026-09-15")
    assert (posted.outcome.value, str(posted.month)) == ("accepted", "2026-09")
    assert [str(row["month"]) for row in town.facts("meter_readings")] == ["2026-09-01"]
    assert town.office.journal.tasks.open() == []


def house(**more: object) -> dict[str, object]:
    row = {"house": "H-9", "address": "ул. Сатпаева, 9", "flat": "1", "account": "9001", "area": "50"}
    return {**row, "services": "Содержание дома", "from_date": "01.09.2026", **more}


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("change", "code", "known"),
    [
        ({}, None, ""),
        ({"account": "2001", "house": "H-2"}, None, ""),  # another service beside the lift
        ({"account": "2001", "house": "h-2"}, None, ""),  # the same code, written otherwise
        ({"account": "2001"}, "account.stands_elsewhere", "в другом доме (код"),  # no line of ours on it
        ({"account": "2001", "house": "H-2", "services": "Лифт"}, "service.of_another", "Лифт"),
        ({"services": "Содержание дома; Отопление"}, "service.utility_not_asked", "Отопление"),
    ],
)
def test_a_house_taken_on_over_somebodys_account_waits(
    town: TownOffice, change: dict[str, object], code: str | None, known: str
) -> None:
    answer = town.ingest("new_houses", [house(**change)], received="2026-08-20", documents=[SCAN])
    assert answer.outcome == ("held" if code else "accepted"), answer.findings
    if code:
        told = answer.finding(code)
        assert (
            known in told["message"] and bin_of("C") not in str(answer.report) and "ТОО «C»" not in str(answer.report)
        )
        assert code != "account.stands_elsewhere" or "H-2" not in str(answer.report)
        assert town.facts("new_houses") == []
        town.confirm(answer.id, "протокол собрания показан", "2026-08-21")
    assert len(town.facts("new_houses")) == 1


def test_the_house_of_an_account_of_ones_own_is_named(town: TownOffice) -> None:
    """Whose lines stand there is not said: it may be the sender's own house."""
    town.load_directory(line("A", "2001", "maintenance", tariff="30", area="50", house="H-2", start="07.2026"))
    answer = town.ingest(
        "new_houses", [house(account="2001", services="Домофон")], received="2026-08-20", documents=[SCAN]
    )
    told = answer.finding("account.stands_elsewhere")["message"]
    assert "в другом доме (H-2)" in told and "заказчик" not in told


@pytest.mark.parametrize(("service", "code"), [("Лифт", "service.of_another"), ("Газ", "service.utility_not_asked")])
def test_a_service_added_by_a_correction_waits_likewise(town: TownOffice, service: str, code: str) -> None:
    town.load_directory(line("A", "2001", "maintenance", tariff="30", area="50", house="H-2", start="07.2026"))
    row = {"account": "2001", "indicator": "Добавить услугу", "becomes": service, "from_date": "01.09.2026"}
    answer = town.ingest("directory_corrections", [row], received="2026-08-20")
    assert answer.outcome == "held" and code in answer.codes
    away = {"account": "2001", "indicator": "Убрать услугу", "becomes": "Содержание дома", "from_date": "01.09.2026"}
    assert town.ingest("directory_corrections", [away], received="2026-08-20").outcome == "accepted"


def fetched(town: TownOffice, form: str, row: dict[str, object], *documents: File, proven: bool = False) -> str:
    """A letter that a mailbox brought, through the real journal of places."""
    home = town.office.home
    config = home.config.model_copy(update={"authserv_id": "mx.alseco.example" if proven else ""})
    opened = replace(town.office, home=replace(home, config=config))
    pipeline = Pipeline(opened, town.reader)
    results = {"Authentication-Results": "mx.alseco.example; dkim=pass header.d=a.example; dmarc=pass"}
    files = [File(f"{form}.xlsx", town.form(form, [row])), *documents]
    raw = letter(email_of("A"), files, f"<{form}{proven}@a>", "", "", results if proven else {})
    inbox, received = Inbox("korrektirovki", "korrektirovki@imap.alseco.example", "INBOX", 1), moment("2026-08-20")
    place = inbox.place(1, len(raw))
    kept = write_raw(
        home.archive, Incoming(raw, "INBOX-1.eml", inbox.mailbox, received.astimezone(ALMATY), place=place)
    )
    [number] = opened.journal.places.register(inbox, {1: kept}).values()
    pipeline.decide(opened.journal.arrivals.get(number))
    [submission] = opened.journal.submissions.of_arrival(number)
    codes = [finding.code for finding in opened.journal.submissions.findings_of(number, submission.id)]
    assert ("sender.unproven" in codes) == (submission.held_for == ("confirmation",))
    return submission.outcome.value


def test_a_house_that_changes_hands_by_an_unproven_letter_waits(town: TownOffice) -> None:
    """Without `authserv_id` From is no proof (6.2.7); with it, or handed in by staff, the form is decided at once."""
    leaves = {"house": "H-1", "left_on": "31.08.2026", "reason": "собрание", "learned_on": "19.08.2026"}
    assert fetched(town, "house_exit", leaves) == "held"
    assert fetched(town, "new_houses", house(), SCAN) == "held"
    tariff = {"service": "maintenance", "base": "м²", "tariff": "35", "from_month": "09.2026"}
    assert fetched(town, "tariffs", tariff, SCAN) == "accepted"
    assert fetched(town, "house_exit", leaves, proven=True) == "accepted"
    assert town.ingest("new_houses", [house()], received="2026-08-20", documents=[SCAN]).outcome == "accepted"
