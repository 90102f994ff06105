"""4.3.5, 4.3.10, 4.6, 10.2, 10.3, 10.12: notices are documents, sent with proof, that start terms."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from inbox_worker.contract.duties import find_duties, meet_duty
from inbox_worker.contract.duty import Duty
from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Period
from inbox_worker.deciding.expiry import ask_about_ended
from inbox_worker.explain.explain import explain_anything
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.sent_documents import DocumentState, Proof, Version
from inbox_worker.outbox.publish_notices import make_notice, put_up_due_notices
from inbox_worker.outbox.review import look_through
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.service.calendar import ServiceCalendar
from inbox_worker.settings.home import load_home
from tests.documents.golden import word_text
from tests.support.fixtures import copies_of
from tests.support.office import TownOffice, bin_of, customer, line, moment
from tests.support.papers import SCAN

A = bin_of("A")


def town(office: TownOffice) -> None:
    """Documents go into the exchange folder."""
    config = office.folder / "config.yaml"
    config.write_text(config.read_text("utf-8") + "\nexchange: {folder: exchange}\n", "utf-8")
    delivery = office.folder / "rules/delivery.yaml"
    delivery.write_text(delivery.read_text("utf-8").replace("default: [mail]", "default: [folder]"), "utf-8")
    office.load_customers(customer("A", attested_until="30.09.2026"), customer("B"))
    office.load_directory(line("A", "1001", "gas_maintenance", base="кв.", tariff="100"))


office = copies_of(town)


def approve(office: TownOffice, path: Path, now: str) -> None:
    """Move a notice into `approved`, as staff do, and let the service look."""
    target = Path(str(path).replace("/pending/", "/approved/"))
    target.parent.mkdir(parents=True, exist_ok=True)
    look_through(office.office, moment(now))
    path.rename(target)
    for minute in (1, 2):
        pass_outbox(office.office, moment(f"{now}:{minute:02d}"))


def duties(office: TownOffice, name: str, on: str) -> list[Duty]:
    return [duty for duty in find_duties(office.office, date.fromisoformat(on)) if duty.duty == name]


def tasks(office: TownOffice) -> list[tuple[str, str, str, str]]:
    return [(task.kind, task.customer, task.submission, task.clause) for task in office.office.journal.tasks.open()]


def ask(office: TownOffice, now: str = "2026-09-03T10:00") -> Path:
    return make_notice(office.office, "proofs", A, "протокол собрания дома H-1", None, moment(now))


def test_10_12_a_notice_has_its_number_and_says_all_in_both_languages(office: TownOffice) -> None:
    path = ask(office)
    assert path.name == "notice-proofs-N-2026-00001.docx" and path.parent.name.startswith(A)
    assert "/outbox/pending/2026-09/" in str(path)
    text = word_text(path.read_bytes())
    for words in ("№ N-2026-00001", "03.09.2026", "ТОО «A»", "Запрос подтверждающих документов", "A-1",
                  "Растайтын құжаттарды сұрату", "2 рабочих дней", "2 жұмыс күні", "4.3.5"):  # fmt: skip
        assert words in text, words
    assert text.count("протокол собрания дома H-1") == 2
    assert ask(office, "2026-10-05T10:00") == path, "the same notice again is the same document"
    other = make_notice(office.office, "refusal", bin_of("B"), "нет оснований", None, moment("2026-10-05T10:00"))
    assert other.name == "notice-refusal-N-2026-00002.docx"
    act, _ = office.office.journal.closes.document_number(Period(2026, 9), A, "act", date(2026, 9, 30))
    assert act == "2026-00001", "acts are numbered apart"
    look_through(office.office, moment("2026-10-05T10:00"))
    told = "\n".join(explain_anything(office.office, str(path), "", date(2026, 10, 5)))
    assert "notice-proofs-N-2026-00001.docx" in told and "notice.docx@" in told


@pytest.mark.parametrize(
    ("kind", "bin_", "about", "day", "told"),
    [
        ("proof", A, "x", None, "there is no notice 'proof'"),
        ("proofs", A, "", None, "--about"),
        ("stop", A, "долг", None, "--day"),
        ("proofs", "971240003619", "x", None, "no customer"),
    ],
)
def test_what_a_notice_needs_is_named(
    office: TownOffice, kind: str, bin_: str, about: str, day: date | None, told: str
) -> None:
    with pytest.raises(UseError, match=told):
        make_notice(office.office, kind, bin_, about, day, moment("2026-09-03"))


def test_4_3_5_a_request_that_was_sent_starts_two_working_days_and_missed_proposes_a_stop(office: TownOffice) -> None:
    path = ask(office)
    assert duties(office, "customer.proofs", "2026-09-30") == [], "what was not delivered starts nothing"
    approve(office, path, "2026-09-03T11:00")
    [duty] = duties(office, "customer.proofs", "2026-09-03")
    assert (duty.source, duty.due, duty.clause) == ("N-2026-00001", date(2026, 9, 7), "4.3.5")  # over the weekend
    [proof] = office.office.journal.documents.proofs(kinds=["notice"])
    assert (proof.way, proof.state, proof.sha256) == ("folder", LetterState.SENT, proof.sha256)
    assert (office.office.home.path / proof.path).read_bytes() and proof.path.startswith("exchange/")
    service = ServiceCalendar()
    service.keep(office.office, moment("2026-09-07T09:00"))
    assert tasks(office) == [], "the last day is not over"
    service.keep(office.office, moment("2026-09-08T09:00"))
    service.keep(office.office, moment("2026-09-09T09:00"))
    assert tasks(office) == [("stop", A, "N-2026-00001", "4.3.5")]
    assert office.office.journal.facts.files("stops") == [], "it is proposed; staff decide"


def test_4_3_5_proofs_that_came_end_the_duty(office: TownOffice) -> None:
    approve(office, ask(office), "2026-09-03T11:00")
    meet_duty(office.office, "customer.proofs", "N-2026-00001", "протокол 7", moment("2026-09-07T12:00"))
    ServiceCalendar().keep(office.office, moment("2026-09-08T09:00"))
    [duty] = duties(office, "customer.proofs", "2026-09-08")
    assert (duty.state(date(2026, 9, 8)), duty.met_by, tasks(office)) == ("met", "протокол 7", [])


def test_10_2_a_stop_may_follow_two_calendar_days_after_the_intention(office: TownOffice) -> None:
    approve(office, make_notice(office.office, "intention", A, "спор", None, moment("2026-09-03")), "2026-09-03T11:00")
    [duty] = duties(office, "customer.mend", "2026-09-03")
    assert duty.due == date(2026, 9, 5)  # Saturday: calendar days
    ServiceCalendar().keep(office.office, moment("2026-09-07T09:00"))
    assert tasks(office) == [("stop", A, "N-2026-00001", "10.2")]


def test_4_3_10_an_attestation_that_runs_out_is_told_and_a_stop_proposed_when_it_did(office: TownOffice) -> None:
    """Until 30.09: not later than 27.09."""
    now = moment("2026-09-28T09:00")
    ServiceCalendar().keep(office.office, now)
    [path] = (office.office.home.outbox / "pending").rglob("notice-*")
    assert path.name == "notice-attestation-N-2026-00001.docx" and "30.09.2026" in word_text(path.read_bytes())
    assert not tasks(office)
    look_through(office.office, now)
    ServiceCalendar().keep(office.office, moment("2026-09-29T09:00"))
    assert list((office.office.home.outbox / "pending").rglob("notice-*")) == [path]
    ask_about_ended(office.office, moment("2026-10-01T09:00"))
    assert [(kind, clause) for kind, _, _, clause in tasks(office)] == [("stop", "4.3.10")]


def test_4_6_an_original_that_did_not_come_is_asked_for(office: TownOffice) -> None:
    """Fifteen working days from 03.09.2026: 24.09."""
    row = {"service": "gas_maintenance", "base": "кв.", "tariff": "120", "from_month": "10.2026"}
    form = office.ingest("tariffs", [row], received="2026-09-03", documents=[SCAN])
    assert form.outcome == "accepted", form.report
    assert put_up_due_notices(office.office, moment("2026-09-24"), only=A) == []
    [path] = put_up_due_notices(office.office, moment("2026-09-25"), only=A)
    text = word_text(path.read_bytes())
    assert form.id in text and "03.09.2026" in text and "15 рабочих дней" in text
    look_through(office.office, moment("2026-09-25"))
    assert put_up_due_notices(office.office, moment("2026-09-28"), only=A)[1:] == [], "once"


def test_10_11_a_contract_that_ended_is_told(office: TownOffice) -> None:
    office.load("customers", [customer("B", valid_until="15.09.2026")], now="2026-09-01")
    assert put_up_due_notices(office.office, moment("2026-09-14")) == []
    [path] = put_up_due_notices(office.office, moment("2026-09-15"))
    assert path.name.startswith("notice-end-") and "15.09.2026" in word_text(path.read_bytes())
    [duty] = duties(office, "customer.export", "2026-09-20")
    assert (duty.starts, duty.due, duty.clause) == (date(2026, 9, 15), date(2026, 10, 15), "4.1.14")


@pytest.mark.parametrize(("ended", "due"), [("31.01.2027", "2027-02-28"), ("31.01.2028", "2028-02-29")])
def test_4_1_14_a_month_that_february_cuts_short(office: TownOffice, ended: str, due: str) -> None:
    office.load("customers", [customer("B", valid_until=ended)], now="2026-09-01")
    [duty] = duties(office, "customer.export", due)
    assert duty.due.isoformat() == due


def test_a_home_without_the_letter_of_the_notice_has_the_shipped_template(office: TownOffice) -> None:
    (office.folder / "templates/documents/notice.docx").unlink(missing_ok=True)
    assert load_home(office.folder).document_template("notice.docx").exists()
    assert ask(office).exists()


def test_4_3_7_a_paper_act_is_awaited_by_the_15th(office: TownOffice) -> None:
    office.office.journal.closes.document_number(Period(2026, 9), A, "act", date(2026, 9, 30))
    at, documents = "2026-10-05T10:00:00+05:00", office.office.journal.documents
    version = Version(0, "2026-09", A, "A", "act-2026-09.docx", "act", "", "x", "x", DocumentState.SENT, 1, 1, at, at)
    with office.office.journal.transaction() as connection:
        number = documents.add(connection, version)
        documents.prove(connection, Proof(number, "hand", "staff", LetterState.SENT, at, sent_at=at, answer="paper"))
    [duty] = duties(office, "customer.act_paper", "2026-10-06")
    assert (duty.source, duty.due, duty.state(date(2026, 10, 15))) == ("2026-00001", date(2026, 10, 15), "open")
