"""6.2.7: who cannot be believed lies in quarantine, visible; staff may vouch for it with `admit`."""

from __future__ import annotations

from pathlib import Path

import pytest
from mail_letters import MINUS, file, letter, multi, plain, text
from test_mail_oddities import HERE, NOW

from inbox_worker.core.errors import UseError
from inbox_worker.core.model import Arrival, Outcome
from inbox_worker.deciding.admit import AdmitError, admit
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.take_in import take_in
from inbox_worker.receiving.store import Incoming, keep
from tests.support.office import TownOffice, bin_of, customer, email_of
from tests.support.warm import run_warm

A = bin_of("A")
LATER = NOW.replace(hour=15)


def pipeline(office: TownOffice) -> Pipeline:
    return Pipeline(office.office, office.reader)


def came(office: TownOffice, name: str) -> Arrival:
    return take_in(pipeline(office), HERE / f"{name}.eml", "korrektirovki", None, "", NOW)


def lying(office: TownOffice) -> list[str]:
    folder = office.folder / "outbox" / "quarantine"
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def codes(office: TownOffice, arrival: Arrival) -> list[str]:
    return [finding.code for finding in office.office.journal.submissions.findings_of(arrival.number)]


def test_a_stranger_lies_where_staff_see_it(office: TownOffice) -> None:
    arrival = came(office, "stranger")
    name, note = f"2026-08-20/{arrival.id} someone elsewhere.example.eml", "2026-08-20/someone elsewhere.example.txt"
    assert lying(office) == [name, note]
    folder = office.folder / "outbox" / "quarantine"
    assert (folder / name).read_bytes() == (HERE / "stranger.eml").read_bytes()
    words = (folder / note).read_text("utf-8")
    assert "Адрес someone@elsewhere.example не записан ни за одним заказчиком." in words
    assert f"inbox-worker admit {arrival.id} --as-customer БИН" in words and "20.08.2026 10:00:00" in words
    assert "карантинде" in words and "мекенжайы бірде-бір тапсырыс берушіге тіркелмеген" in words


def test_a_strangers_letters_of_a_day_make_one_note(office: TownOffice) -> None:
    """And the part of a letter that is admitted leaves with it."""
    raws = [plain(file(), *[text()] * n, sender="From: someone@elsewhere.example") for n in range(3)]
    came = [pipeline(office).ingest(Incoming(raw, f"{n}.eml", "korrektirovki", NOW)) for n, raw in enumerate(raws)]
    folder = office.folder / "outbox" / "quarantine"
    (note,) = folder.rglob("*.txt")
    assert [note.read_text("utf-8").count(f"admit {one.id} --as-customer БИН") for one in came] == [1, 1, 1]
    admit(pipeline(office), came[1].id, A, "x", LATER)
    left, moved = note.read_text("utf-8"), (folder / "admitted" / note.relative_to(folder)).read_text("utf-8")
    assert [one.id in left for one in came] == [True, False, True]
    assert [one.id in moved for one in came] == [False, True, False]


@pytest.mark.parametrize("name", ["no_from", "failed_by_our_server", "two_from_headers", "empty_message"])
def test_every_doubtful_letter_lies_there(office: TownOffice, name: str) -> None:
    came(office, name)
    assert [path.rpartition(".")[2] for path in lying(office)] == ["eml", "txt"]


def test_a_senders_text_is_never_a_path(office: TownOffice) -> None:
    raw = plain(file(), sender="From: ../../../../etc/x@%s.example" % ("a" * 300))
    pipeline(office).ingest(Incoming(raw, "../x\n.eml", "korrektirovki", NOW))
    (path, _) = lying(office)
    assert path.startswith("2026-08-21/IW-000003 ") and "/" not in path.removeprefix("2026-08-21/")
    assert len(path) < 100


def test_what_is_believed_is_not_there(office: TownOffice) -> None:
    assert came(office, "plain_letter").outcome is Outcome.ACCEPTED
    assert came(office, "auto_replied").outcome is Outcome.IGNORED
    assert lying(office) == []


def test_a_kill_between_file_and_decision_doubles_nothing(office: TownOffice) -> None:
    """The decision is made again: the same two files."""
    path = HERE / "stranger.eml"
    home, journal = office.office.home, office.office.journal
    stored = keep(journal, home.archive, Incoming(path.read_bytes(), path.name, "korrektirovki", NOW))
    pipeline(office).decide(stored)
    with office.office.journal.transaction() as connection:
        office.office.journal.arrivals.admit(connection, stored.number, "", "", [])  # undecided again
    pipeline(office).decide_or_set_aside(*journal.arrivals.find_undecided())
    assert len(lying(office)) == 2


@pytest.mark.parametrize("name", ["stranger", "no_from", "two_from_headers", "failed_by_our_server"])
def test_admitted_as_a_customer_it_is_decided_anew(office: TownOffice, name: str) -> None:
    arrival = came(office, name)
    again = admit(pipeline(office), arrival.id.lower(), A, "Айгүл\x1b[31m", LATER)
    assert (again.outcome, again.sender, again.received_at) == (Outcome.ACCEPTED, email_of("A"), arrival.received_at)
    assert codes(office, again) == ["sender.admitted"]
    (told,) = office.office.journal.submissions.findings_of(again.number)
    assert "Айгүл [31m, 21.08.2026 15:00:00" in told.message and "\x1b" not in told.message
    assert told.severity.value == "info"
    (submission,) = office.office.journal.submissions.of_arrival(again.number)
    assert submission.rows_posted == 1 and str(submission.month) == "2026-09"


def test_what_was_admitted_leaves_the_days_folder(office: TownOffice) -> None:
    arrival = came(office, "stranger")
    admit(pipeline(office), arrival.id, A, "x", LATER)
    assert all(path.startswith("admitted/2026-08-20/") for path in lying(office)) and len(lying(office)) == 2


def test_admitted_after_the_register_knows_the_sender(office: TownOffice) -> None:
    arrival = came(office, "stranger")
    with pytest.raises(AdmitError, match="--as-customer"):
        admit(pipeline(office), arrival.id, "", "x", LATER)
    office.load_customers(customer("A", emails="office@a.example; someone@elsewhere.example"))
    again = admit(pipeline(office), arrival.id, "", "x", LATER)
    assert (again.outcome, again.sender) == (Outcome.ACCEPTED, "someone@elsewhere.example")


def test_a_form_of_another_customer_stays_refused(office: TownOffice) -> None:
    """Vouching for the sender does not make him somebody else."""
    again = admit(pipeline(office), came(office, "stranger").id, bin_of("B"), "x", LATER)
    assert again.outcome is Outcome.REJECTED


@pytest.mark.parametrize(
    ("name", "identifier", "as_customer", "told"),
    [
        ("stranger", "IW-000003", "050140000091", "no customer"),
        ("stranger", "IW-000009", A, "there is no arrival"),
        ("stranger", "3", A, "looks like IW-000012"),
        ("plain_letter", "IW-000003", A, "not in quarantine: it is accepted"),
        ("empty_message", "IW-000003", A, "cannot be read"),
        ("two_from_headers", "IW-000003", "", "office@a.example, office@b.example"),
    ],
)
def test_what_cannot_be_admitted_is_told(
    office: TownOffice, name: str, identifier: str, as_customer: str, told: str
) -> None:
    before = came(office, name)
    with pytest.raises(UseError, match=told):
        admit(pipeline(office), identifier, as_customer, "x", LATER)
    assert office.office.journal.arrivals.get(before.number) == before


def test_admitted_once_only(office: TownOffice) -> None:
    arrival = came(office, "stranger")
    admit(pipeline(office), arrival.id, A, "x", LATER)
    with pytest.raises(AdmitError):
        admit(pipeline(office), arrival.id, A, "x", LATER)


def test_a_workbook_with_a_strangers_address_lies_there_too(office: TownOffice) -> None:
    pipeline(office).ingest(Incoming(MINUS, "form.XLSX", "korrektirovki", NOW, "nobody@else.example"))
    assert [Path(path).name for path in lying(office)][0] == "IW-000003 nobody else.example.xlsx"


def test_the_command(office: TownOffice) -> None:
    arrival = came(office, "stranger")
    words = ["admit", arrival.id, "--as-customer", A, "--by", "Айгүл", "--json"]
    done = run_warm(*words, environment={"INBOX_WORKER_HOME": str(office.folder)})
    assert done.returncode == 0, done.stderr
    assert '"outcome": "accepted"' in done.stdout and "sender.admitted" in done.stdout
    again = run_warm(*words, environment={"INBOX_WORKER_HOME": str(office.folder)})
    assert again.returncode == 2 and "not in quarantine" in again.stderr


def test_a_signed_workbook_dropped_without_a_letter(office: TownOffice) -> None:
    """The form comes out of its signature here as it does in a letter."""
    from inbox_worker.receiving.message import parse_message

    raw = (HERE / "form_inside_its_signature.eml").read_bytes()
    signed = parse_message(raw.replace(b".p7m", b".bin")).attachments[0].data
    arrival = pipeline(office).ingest(Incoming(signed, "form.xlsx.p7m", "korrektirovki", NOW))
    assert arrival.outcome is Outcome.ACCEPTED and codes(office, arrival) == ["attachment.signature"]


def test_signatures_in_a_zip_prove_nothing(office: TownOffice) -> None:
    from mail_letters import PLUS, members

    packed = members([("plus.xlsx", PLUS), ("plus.xlsx.p7s", b"0\x03\x02\x01\x01")])
    raw = letter(multi(text(), file("all.zip", packed, "application/zip")))
    arrival = pipeline(office).ingest(Incoming(raw, "x.eml", "korrektirovki", NOW))
    assert arrival.outcome is Outcome.HELD
