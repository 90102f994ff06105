"""4.1.17: a security incident is an act, its notice to the national centre a duty, and nothing of it changes later."""

from __future__ import annotations

from datetime import date

import pytest

from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.incidents import (
    IncidentError,
    close_incident,
    find_incidents,
    note_incident,
    open_incident,
    write_notice,
)
from inbox_worker.ledger.acts import find_acts
from inbox_worker.ledger.arrivals import NoSuchArrival
from inbox_worker.month.audit import audit_problems, cef_line, find_security_events
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment
from tests.support.papers import File

FRIDAY = "2026-08-28T17:30"


def town(office: TownOffice) -> None:
    """A stranger wrote; A has two accounts."""
    office.load_customers(customer("A"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="500", start="08.2026"),
        line("A", "1002", "maintenance", base="кв.", tariff="500", start="08.2026"),
    )
    files = [File("form.xlsx", office.form("recalculations", []))]
    assert office.mail(files, sender="thief@evil.example", received="2026-08-28").outcome == "quarantined"


office = copies_of(town)


def opened(office: TownOffice, *about: str, found: str = FRIDAY, now: str = FRIDAY) -> str:
    customers = [bin_of("A")]
    return open_incident(office.office, "чужое письмо", about, customers, moment(found), moment(now)).number


def owed(office: TownOffice, on: str) -> list[tuple[str, str, str]]:
    day = date.fromisoformat(on)
    found = [duty for duty in find_duties(office.office, day) if duty.duty == "operator.incident"]
    return [(duty.source, duty.due.isoformat(), duty.state(day)) for duty in found]


def test_the_notice_is_owed_one_working_day_after_it_was_noticed(office: TownOffice) -> None:
    """Friday 28.08.2026; Monday 31.08 is a day off: Tuesday. It is met by the notice, and not by the close."""
    number = opened(office)
    assert owed(office, "2026-08-28") == [(number, "2026-09-01", "open")]
    close_incident(office.office, number, "адрес закрыт", moment("2026-08-29"))
    assert owed(office, "2026-09-02") == [(number, "2026-09-01", "overdue")]
    note_incident(office.office, number, "письмо № 5", moment("2026-09-02T10:00"), notified=True)
    assert owed(office, "2026-09-01") == [(number, "2026-09-01", "open")], "as that day saw it"
    assert owed(office, "2026-09-02") == [(number, "2026-09-01", "met")]


def test_it_names_what_it_is_about_and_whose_data_it_touches(office: TownOffice) -> None:
    [stranger] = [event for event in find_security_events(office.office.journal) if "thief" in event.who][:1]
    number = opened(office, stranger.subject.lower(), "act 1", "sshd: refused log-in root from 192.0.2.7")
    [incident] = find_incidents(office.office)
    assert incident.about == (stranger.subject, "act 1", "sshd: refused log-in root from 192.0.2.7")
    note_incident(office.office, number, "ящик проверен", moment("2026-08-28T18:00"))
    [incident] = find_incidents(office.office)
    for language, words in (("ru", "лицевых счетов 2"), ("kk", "дербес шоттар саны 2")):
        notice = write_notice(office.office, incident, language)  # type: ignore[arg-type]
        assert words in notice and "01.09.2026" in notice and number in notice
        spoken = {"ru": ("карантин", "действие 1", "решение по форме"), "kk": ("карантин", "1-әрекет", "шешім")}
        assert all(said in notice for said in spoken[language]) and "quarantined" not in notice
        for said in ("thief@evil.example", "192.0.2.7", "чужое письмо", "ящик проверен", bin_of("A")):
            assert said in notice


def test_it_stands_among_security_events_and_in_the_chain(office: TownOffice) -> None:
    number = opened(office)
    note_incident(office.office, number, "ящик проверен", moment("2026-08-28T18:00"))
    journal = office.office.journal
    events = [event.what for event in find_security_events(journal) if event.subject == number]
    assert events == ["incident open", "incident note"]
    assert audit_problems(journal) == []
    [line] = [cef_line(act, "1") for act in find_acts(journal.database) if act.act == "incident note"]
    assert "|6|" in line and "ящик проверен" in line


def test_what_nothing_has_is_refused(office: TownOffice) -> None:
    with pytest.raises(NoSuchArrival):
        opened(office, "IW-000999")
    with pytest.raises(IncidentError, match="no act 999"):
        opened(office, "act 999")
    with pytest.raises(IncidentError, match="still to come"):
        opened(office, found="2026-08-28T17:31")
    with pytest.raises(IncidentError, match="no customer"):
        open_incident(office.office, "x", (), ["050140000099"], moment(FRIDAY), moment(FRIDAY))
    with pytest.raises(IncidentError, match="needs words"):
        note_incident(office.office, opened(office), " ", moment(FRIDAY))
    with pytest.raises(IncidentError, match="no incident INC-000009"):
        close_incident(office.office, "INC-000009", "x", moment(FRIDAY))
    assert [one.number for one in find_incidents(office.office)] == ["INC-000001"]
