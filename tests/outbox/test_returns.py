"""4.1.2, 10.12: what comes back of our letters is ignored as mail, recorded on the letter, and told to staff."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from inbox_worker.core.model import Arrival, Outcome, Period
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.ledger.letter_reports import LetterReturn
from inbox_worker.ledger.letters import LetterState
from inbox_worker.ledger.sent_documents import Proof
from inbox_worker.outbox.bill_letters import after, send_bills
from inbox_worker.outbox.listing import deliveries_json, of_interest
from inbox_worker.outbox.round import deliver_all, pass_outbox
from inbox_worker.outbox.send import send_due
from inbox_worker.outbox.settle import record_handed_over, settle
from inbox_worker.outbox.staff_page import write_report
from inbox_worker.receiving.opening import customers_of
from inbox_worker.receiving.store import Incoming
from inbox_worker.settings.config import SmtpConfig
from inbox_worker.workbooks.cells import CellReader
from tests.outbox.desk import ACT, MONTH, NOW, Desk
from tests.outbox.post import Counter
from tests.support.office import TODAY, TownOffice, customer, moment

SAMPLES = Path(__file__).parent / "returns"
BACK = moment("2026-10-07T09:00:00")
TO = "first@a.example"


@pytest.fixture
def desk(desk: Desk, counter: Counter) -> Desk:
    """The desk with the house's own sender."""
    smtp = SmtpConfig(host="127.0.0.1", port=counter.port, tls="none")
    home = desk.office.home
    desk.office = replace(desk.office, home=replace(home, config=home.config.model_copy(update={"smtp": smtp})))
    return desk


@pytest.fixture
def arrive(desk: Desk, reader: CellReader) -> Callable[[bytes], Arrival]:
    return lambda raw: Pipeline(desk.office, reader).ingest(Incoming(raw, "back.eml", "korrektirovki", BACK))


def sent_act(desk: Desk) -> Proof:
    """An act that went to both of its addresses; the letter to the first."""
    desk.render(names=[ACT])
    desk.move(ACT, "pending", "approved")
    return sent(desk)


def sent(desk: Desk) -> Proof:
    deliver_all(desk.office, NOW)
    assert send_due(desk.office, NOW) == []
    assert deliver_all(desk.office, NOW) == []
    return next(proof for proof in desk.proofs() if proof.recipient == TO)


def report(name: str, proof: Proof, to: str = "") -> bytes:
    to = to or proof.recipient
    headers = f"To: {to}\r\nMessage-ID: {proof.message_id}\r\n".encode()
    text = (SAMPLES / f"{name}.eml").read_text("utf-8").replace("@HEADERS64@", b64encode(headers).decode())
    return text.replace("@ID@", proof.message_id).replace("@TO@", to).replace("\n", "\r\n").encode()


def told(desk: Desk, days: int = 0) -> list[str]:
    return [problem.code for problem in settle(desk.office, BACK + timedelta(days=days))]


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("postfix_failed", "5.1.1", "smtp; 550 5.1.1 <first@a.example>: Recipient address rejected: User unknown"),
        ("exchange_failed", "5.2.2", "smtp;554 5.2.2 mailbox full"),
        ("exim_plain", "", "host mx2.home.example [192.0.2.7]: 550 Unrouteable address"),
        ("qmail_plain", "5.1.1", "Sorry, no mailbox here by that name. (#5.1.1)"),
    ],
)
def test_a_letter_given_up_is_marked_and_told(
    desk: Desk, arrive: Callable[[bytes], Arrival], counter: Counter, name: str, status: str, said: str
) -> None:
    proof = sent_act(desk)
    letters = len(counter.letters)
    arrival = arrive(report(name, proof))
    assert arrival.outcome is Outcome.IGNORED
    (finding,) = [f for f in desk.office.journal.submissions.findings_of(arrival.number) if f.code == "message.bounce"]
    assert f"№ {proof.letter} {TO}: failed" in finding.message and f"№ {proof.letter} {TO}" in finding.message_kk
    at = "2026-10-07T09:00:00+05:00"
    assert desk.office.journal.letter_reports.all() == [
        LetterReturn(proof.letter, arrival.number, "failed", status, said, at)
    ]
    first, second = desk.proofs()
    assert (first.state, first.answer, second.state) == (LetterState.BOUNCED, said, LetterState.SENT)
    assert desk.state() == "sent" and told(desk) == ["outbox.letter_bounced"]
    letter = desk.office.journal.letters.find(proof.letter)
    assert letter and letter.state is LetterState.SENT and letter.last_answer.startswith("250"), (
        "the proof of sending stays"
    )
    assert pass_outbox(desk.office, BACK) and len(counter.letters) == letters
    record_handed_over(desk.office, [desk.version()], "бумага, 08.10.2026", "command:aliya", BACK)
    assert told(desk) == []


@pytest.mark.parametrize("name", ["postfix_delayed", "exim_delayed_plain"])
def test_a_letter_that_is_late_stays_sent_and_is_told_while_servers_try(
    desk: Desk, arrive: Callable[[bytes], Arrival], name: str
) -> None:
    proof = sent_act(desk)
    assert arrive(report(name, proof)).outcome is Outcome.IGNORED
    assert [found.fate for found in desk.office.journal.letter_reports.all()] == ["delayed"]
    assert {p.state for p in desk.proofs()} == {LetterState.SENT}
    assert told(desk) == ["outbox.letter_delayed"] and told(desk, days=6) == []
    arrive(report("postfix_failed", proof))
    assert told(desk) == ["outbox.letter_bounced"], "given up after all"


@pytest.mark.parametrize("name", ["read_receipt", "delivered", "out_of_office"])
def test_what_is_no_failure_marks_nothing(desk: Desk, arrive: Callable[[bytes], Arrival], name: str) -> None:
    proof = sent_act(desk)
    assert arrive(report(name, proof)).outcome is Outcome.IGNORED
    assert desk.office.journal.letter_reports.all() == [] and told(desk) == []


def test_a_forged_report_does_no_harm(desk: Desk, arrive: Callable[[bytes], Arrival], counter: Counter) -> None:
    """Of a letter that is not ours, of one that has not left, with a form; to an address that we did not write to it is
    shown as unconfirmed, and nothing is counted."""
    proof = sent_act(desk)
    desk.render("B", names=[ACT])
    desk.move(ACT, "pending", "approved", "B")
    deliver_all(desk.office, NOW)  # queued, not sent
    unsent = next(proof for proof in desk.out.proofs() if proof.state is LetterState.QUEUED)
    letters = len(counter.letters)
    arrive(report("postfix_failed", replace(proof, message_id="<document.000000000000000000000000@alseco.example>")))
    arrive(report("postfix_failed", unsent))
    assert desk.office.journal.letter_reports.all() == [] and told(desk) == []
    arrive(report("postfix_failed", proof, to="third@a.example"))
    arrive(report("qmail_plain", proof, to="stranger@elsewhere.example"))
    many = report("postfix_failed", proof, to="x@x.example") + b"Message-ID: <a@b.example>\r\n" * 9000
    arrive(many)
    assert {(one.delivery, one.fate) for one in desk.office.journal.letter_reports.all()} == {
        (proof.letter, "unconfirmed")
    }
    assert told(desk) == ["outbox.letter_unconfirmed"] and told(desk, days=6) == []
    assert {p.state for p in desk.proofs()} == {LetterState.SENT} and desk.state() == "sent"
    assert len(counter.letters) == letters
    assert all(letter.kind != "receipt" for letter in desk.office.journal.letters.all())
    assert send_due(desk.office, NOW) == [], "the other Customer's letter leaves"
    assert len(counter.letters) == letters + 1


def plain(text: str, more: str = "") -> bytes:
    """A report in words, without the headers that came back."""
    head = f"From: MAILER-DAEMON@mx.example\nTo: korrektirovki@alseco.example\nSubject: failure\n{more}"
    return f"{head}Message-ID: <d1@mx.example>\n\n{text}\n".replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    "text",
    [
        "Your message @ID@ could not be delivered: 550 5.1.1 no such user",
        "Message id @BARE@ was undeliverable",
        "<first@a.example>: 550 5.1.1 no such user. Undeliverable.",
        "Письмо для FIRST@A.example не доставлено: ящик переполнен",
    ],
    ids=["our number in the text", "without brackets", "the address alone", "in Russian"],
)
def test_a_report_without_headers_is_unconfirmed(desk: Desk, arrive: Callable[[bytes], Arrival], text: str) -> None:
    proof = sent_act(desk)
    arrival = arrive(plain(text.replace("@ID@", proof.message_id).replace("@BARE@", proof.message_id.strip("<>"))))
    assert arrival.outcome is Outcome.IGNORED
    (found,) = desk.office.journal.letter_reports.all()
    assert (found.delivery, found.fate) == (proof.letter, "unconfirmed")
    assert told(desk) == ["outbox.letter_unconfirmed"] and {p.state for p in desk.proofs()} == {LetterState.SENT}
    (shown,) = [one for one in deliveries_json(desk.office) if one["id"] == proof.letter]
    assert of_interest(shown, BACK) and shown["returns"][0]["fate"] == "unconfirmed"  # type: ignore[index]


@pytest.mark.parametrize(
    "text", ["550 12 34 is my telephone, first@a.example", "<nobody@else.example>: 550 5.1.1 no such user"]
)
def test_words_that_name_no_letter_of_ours_mark_nothing(
    desk: Desk, arrive: Callable[[bytes], Arrival], text: str
) -> None:
    sent_act(desk)
    arrive(plain(text).replace(b"Subject: failure", b"Subject: away"))
    assert desk.office.journal.letter_reports.all() == []


def test_a_domain_in_cyrillic_is_known_by_its_xn_form(
    desk: Desk, office: TownOffice, arrive: Callable[[bytes], Arrival]
) -> None:
    """The register has it in its own letters, the server's report in ASCII."""
    office.load_customers(customer("A", emails="buh@пошта.қаз"))
    desk.render(names=[ACT])
    desk.move(ACT, "pending", "approved")
    deliver_all(desk.office, NOW)
    send_due(desk.office, NOW)
    deliver_all(desk.office, NOW)
    (proof,) = desk.proofs()
    assert proof.state is LetterState.SENT and proof.recipient == "buh@пошта.қаз"
    arrive(report("postfix_failed", proof, to="Buh@xn--80a1acn3a.xn--80ao21a"))
    assert [found.fate for found in desk.office.journal.letter_reports.all()] == ["failed"]
    arrive(plain("<buh@xn--80a1acn3a.xn--80ao21a>: 550 5.1.1 no such user"))
    assert [found.fate for found in desk.office.journal.letter_reports.all()] == ["failed", "unconfirmed"]
    owners = [
        found.bin for found in customers_of("buh@xn--80a1acn3a.xn--80ao21a", desk.office.journal.customers.on(TODAY))
    ]
    assert (
        owners
        == [desk.customer("A").bin]
        == [found.bin for found in customers_of("Buh@ПОШТА.қаз", desk.office.journal.customers.on(TODAY))]
    )


def test_the_same_report_again_and_again_after_a_kill_counts_once(
    desk: Desk, arrive: Callable[[bytes], Arrival], reader: CellReader
) -> None:
    proof = sent_act(desk)
    arrival = arrive(report("postfix_failed", proof))
    arrive(report("postfix_failed", proof))
    Pipeline(desk.office, reader).decide(arrival)
    assert len(desk.office.journal.letter_reports.all()) <= 2
    assert [found.arrival for found in desk.office.journal.letter_reports.all()].count(arrival.number) == 1
    assert told(desk) == ["outbox.letter_bounced"]


def test_a_bill_that_came_back_is_counted_and_shown_to_staff(
    desk: Desk, arrive: Callable[[bytes], Arrival], office: TownOffice
) -> None:
    """In `bills send`, in `deliveries`, in the manifest and on the month's page."""
    operator = desk.office.home.operator
    owner = replace(desk.customer("A"), bin=operator.bin, name=operator.name)
    desk.render(names=[f"bill-{MONTH}-1001.pdf"], owner=owner)
    (desk.root / "approved").mkdir(exist_ok=True)
    (desk.root / "pending" / MONTH).rename(desk.root / "approved" / MONTH)
    desk.look()
    report_ = send_bills(desk.office, Period.parse(MONTH), NOW)
    send_due(desk.office, NOW)
    settle(desk.office, NOW)
    (proof,) = desk.out.proofs()
    arrive(report("postfix_failed", proof))
    found = after(desk.office, report_, BACK)
    assert dict(found.states) == {"bounced": 1} and [p.code for p in found.problems] == ["outbox.letter_bounced"]
    assert send_bills(desk.office, Period.parse(MONTH), BACK).queued_now == 0
    (letter,) = deliveries_json(desk.office)
    assert [back["status"] for back in letter["returns"]] == ["5.1.1"]  # type: ignore[attr-defined]
    assert of_interest(letter, BACK) and not of_interest(letter, BACK + timedelta(days=40))
    desk.look()
    manifest = json.loads(next((desk.root / "sent").rglob("manifest.json")).read_text("utf-8"))
    assert manifest["files"][f"bill-{MONTH}-1001.pdf"]["deliveries"][0]["state"] == "bounced"
    page = write_report(desk.office, Period.parse(MONTH), TODAY).read_text("utf-8")
    assert "Письмо вернулось / Хат қайтып келді" in page and "счета потребителям" in page
