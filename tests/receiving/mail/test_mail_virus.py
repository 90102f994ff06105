"""4.1.17: an infected attachment is never opened and lies in quarantine; without a verdict nothing is let through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mail_letters import MINUS, PLUS, file, plain
from test_mail_oddities import NOW

from inbox_worker.core.model import Arrival, Outcome
from inbox_worker.deciding.admit import admit
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.preview import preview
from inbox_worker.deciding.release import release
from inbox_worker.month.office import Office
from inbox_worker.receiving.store import Incoming
from inbox_worker.receiving.virus_scan import ScannerDown
from inbox_worker.settings.config import ScannerConfig
from tests.support.clamd_like import EICAR, Clamd, clamd_at
from tests.support.office import TownOffice, bin_of

BESIDE = b"scan of the minutes "


@pytest.fixture
def clamd() -> Iterator[Clamd]:
    with clamd_at() as running:
        yield running


@pytest.fixture
def guarded(office: TownOffice, clamd: Clamd) -> TownOffice:
    """The town's office with a virus scanner."""
    office.office = with_scanner(office.office, clamd.where)
    return office


def with_scanner(office: Office, where: str) -> Office:
    scanner = ScannerConfig(clamd=where, seconds=5)
    return replace(office, home=replace(office.home, config=office.home.config.model_copy(update={"scanner": scanner})))


def pipeline(office: TownOffice) -> Pipeline:
    return Pipeline(office.office, office.reader)


def came(office: TownOffice, raw: bytes) -> Arrival:
    return pipeline(office).ingest(Incoming(raw, "a.eml", "korrektirovki", NOW))


def with_beside(data: bytes) -> bytes:
    return plain(file(), file("minutes.pdf", data, "application/pdf"))


def lying(office: TownOffice) -> list[Path]:
    return sorted(path for path in (office.folder / "outbox" / "quarantine").rglob("*") if path.is_file())


def test_a_clean_letter_is_decided_and_every_file_was_scanned(guarded: TownOffice, clamd: Clamd) -> None:
    assert came(guarded, with_beside(BESIDE)).outcome is Outcome.ACCEPTED
    assert clamd.scanned == [MINUS, BESIDE]


def test_an_infected_file_puts_the_whole_letter_into_quarantine(guarded: TownOffice, clamd: Clamd) -> None:
    raw = with_beside(BESIDE + EICAR)
    arrival = came(guarded, raw)
    assert arrival.outcome is Outcome.QUARANTINED
    journal = guarded.office.journal
    assert journal.submissions.of_arrival(arrival.number) == [], "its form was not read"
    [finding] = journal.submissions.findings_of(arrival.number)
    assert (finding.code, finding.value, finding.severity.value) == ("attachment.infected", "minutes.pdf", "error")
    assert "Eicar-Test-Signature" in finding.message and "Eicar-Test-Signature" in finding.message_kk
    put_aside, why = lying(guarded)
    assert put_aside.read_bytes() == raw
    words = why.read_text("utf-8")
    assert finding.message in words and finding.message_kk in words
    assert "чистым файлом" in words and "таза файлмен" in words


def test_staff_who_vouch_for_the_sender_do_not_vouch_for_the_file(guarded: TownOffice, clamd: Clamd) -> None:
    """A false alarm is mended in the scanner first; then `admit` decides it."""
    arrival = came(guarded, with_beside(EICAR))
    again = admit(pipeline(guarded), arrival.id, bin_of("A"), "Айгуль", NOW)
    assert again.outcome is Outcome.QUARANTINED and len(lying(guarded)) == 2
    clamd.answer = b"stream: OK\0"
    assert admit(pipeline(guarded), arrival.id, bin_of("A"), "Айгуль", NOW).outcome is Outcome.ACCEPTED


def test_a_dropped_workbook_is_scanned_too(guarded: TownOffice) -> None:
    arrival = pipeline(guarded).ingest(Incoming(b"x;y\n" + EICAR, "a.csv", "korrektirovki", NOW))
    assert arrival.outcome is Outcome.QUARANTINED


def test_a_strangers_files_are_not_even_scanned(guarded: TownOffice, clamd: Clamd) -> None:
    raw = plain(file(data=EICAR), sender="From: someone@elsewhere.example")
    assert came(guarded, raw).outcome is Outcome.QUARANTINED
    assert clamd.scanned == []


def test_without_a_verdict_the_letter_waits_undecided(office: TownOffice) -> None:
    """Our fault, never the sender's: its time of receipt stays what it was."""
    with clamd_at() as gone:
        office.office = with_scanner(office.office, gone.where)
    raw, journal = with_beside(BESIDE), office.office.journal
    with pytest.raises(ScannerDown):
        came(office, raw)
    [waiting] = journal.arrivals.find_undecided()
    assert waiting.outcome is None and journal.submissions.of_arrival(waiting.number) == [] and lying(office) == []
    with pytest.raises(ScannerDown):
        preview(pipeline(office).forms, Incoming(raw, "a.eml", "korrektirovki", NOW))
    with clamd_at() as clamd:
        office.office = with_scanner(office.office, clamd.where)
        decided = pipeline(office).decide_or_set_aside(waiting)
    assert (decided.outcome, decided.received_at) == (Outcome.ACCEPTED, waiting.received_at)


def test_what_was_scanned_before_its_outcome_is_not_scanned_again(guarded: TownOffice, clamd: Clamd) -> None:
    """A held form is released, although the scanner is down by then."""
    arrival = came(guarded, plain(file(data=PLUS)))
    assert arrival.outcome is Outcome.HELD
    scanned = len(clamd.scanned)
    [submission] = release(pipeline(guarded).forms, f"{arrival.id}-1", "бумага, 20.08.2026", NOW)
    assert submission.outcome.posted and len(clamd.scanned) == scanned
