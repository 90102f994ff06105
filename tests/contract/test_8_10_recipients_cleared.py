"""8.10: to whom the bills of a consumer who left were sent goes with his name; that they were sent stays proven."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from inbox_worker.core.model import Period
from inbox_worker.ledger import outbox_tables as o
from inbox_worker.ledger.outbox_tables import LetterState
from inbox_worker.month.verified import Verified
from inbox_worker.outbox.bill_letters import send_bills
from inbox_worker.outbox.destruction import destroy
from inbox_worker.outbox.publish import render_documents
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.outbox.settle import settle
from inbox_worker.outbox.verify import verify_ledger
from tests.contract.left_house import EXIT, GONE, holding, kept_of, proposed
from tests.outbox.desk import Desk
from tests.outbox.post import Counter, Post
from tests.support.fixtures import copies_of
from tests.support.journals import unguarded
from tests.support.office import TownOffice, customer, line, moment

ADDRESS, OTHER = "gulnar@home.example", "anna@home.example"
SENT, LATER = moment("2026-10-05T12:00"), "2029-12-01T12:00"


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(
        line("A", "1001", "maintenance", base="кв.", tariff="500", balance="-500", name=GONE, email=ADDRESS),
        line("A", "2001", "maintenance", base="кв.", tariff="500", house="H-2", email=OTHER),
    )
    assert office.ingest("house_exit", [EXIT], received="2026-08-20").outcome == "accepted"
    for month in ("2026-09", "2026-10", "2026-11"):
        office.close(month)


office = copies_of(town)


def send_all(office: TownOffice) -> list[str]:
    """September's bills are approved and sent to a server, which says each address in its answer."""
    render_documents(office.office, Period(2026, 9), ["bills"], "", SENT, accounts=["1001", "2001"])
    outbox = office.office.home.outbox
    (outbox / "approved").mkdir(exist_ok=True)
    (outbox / "pending" / "2026-09").rename(outbox / "approved" / "2026-09")
    pass_outbox(office.office, SENT)
    desk = Desk(office)
    with Counter() as server:
        post = Post(desk, server.port)
        send_bills(desk.office, Period(2026, 9), SENT)
        post.send_due(SENT)
    settle(desk.office, SENT)
    return [to for to, _ in server.letters]


def recipients(office: TownOffice) -> dict[str, list[str]]:
    """To whom bills went, as both tables say."""
    database = office.office.journal.database
    return {table.name: [row.recipient for row in database.rows(select(table.c.recipient).order_by(table.c.id))]
            for table in (o.outbox_proofs, o.deliveries)}  # fmt: skip


def bytes_of_journal(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((home / "ledger").glob("journal.db*")))


def test_the_address_is_nowhere_and_each_delivery_is_still_proven(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sorted(send_all(office)) == [OTHER, ADDRESS]
    home, known = office.office.home, Verified()
    assert verify_ledger(home, known=known) == []
    before = office.office.journal.documents.proofs()
    number, items = proposed(office, monkeypatch, LATER)
    assert [one.account for one in items.accounts] == ["1001"]
    destroy(office.office, number, moment(LATER))
    assert holding(home.path, ADDRESS) == set() and ADDRESS.encode() not in bytes_of_journal(home.path)
    assert all(len(found) == 2 and OTHER in found for found in recipients(office).values())
    after = office.office.journal.documents.proofs()
    kept = ("document", "way", "state", "queued_at", "letter", "message_id", "sent_at", "sha256", "path")
    assert [[getattr(one, name) for name in kept] for one in after] == [
        [getattr(one, name) for name in kept] for one in before
    ]
    assert verify_ledger(home, known=known) == []


@pytest.mark.slow
@pytest.mark.quick("sha256")
@pytest.mark.parametrize("column", ["sent_at", "sha256", "message_id"])
def test_what_stays_of_the_delivery_is_guarded_as_before(
    office: TownOffice, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    """The certificate speaks for the address alone."""
    send_all(office)
    home, known, database = office.office.home, Verified(), office.office.journal.database
    assert verify_ledger(home, known=known) == []
    number, _ = proposed(office, monkeypatch, LATER)
    destroy(office.office, number, moment(LATER))
    with database.engine.begin() as connection, unguarded(connection):
        connection.execute(o.outbox_proofs.update().values({column: "0" * 20}))
    database.kept.clear()
    assert any("outbox_proofs" in str(one) for one in verify_ledger(home, known=known))


@pytest.mark.slow
def test_another_recipient_of_a_bill_that_stays_is_found(office: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    send_all(office)
    home, known, database = office.office.home, Verified(), office.office.journal.database
    assert verify_ledger(home, known=known) == []
    number, _ = proposed(office, monkeypatch, LATER)
    destroy(office.office, number, moment(LATER))
    p = o.outbox_proofs.c
    with database.engine.begin() as connection:
        connection.execute(o.outbox_proofs.update().where(p.recipient == OTHER).values(recipient="x@x.example"))
    database.kept.clear()
    assert any("outbox_proofs" in str(one) for one in verify_ledger(home, known=known))


def test_a_bill_that_still_waits_to_be_sent_keeps_the_name(office: TownOffice) -> None:
    send_all(office)
    with office.office.journal.transaction() as connection:
        connection.execute(o.outbox_proofs.update().values(state=LetterState.UNCERTAIN))
    assert "journal" in kept_of(office)


@pytest.mark.slow
def test_the_address_of_a_bill_that_came_back_goes_too(office: TownOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the other server said names the address in letters of its own case."""
    send_all(office)
    s, p = o.deliveries.c, o.outbox_proofs.c
    row = {"id": 1, "arrival": 1, "fate": "refused", "status": "5.1.1", "at": SENT.isoformat()}
    said = f"550 <{ADDRESS.upper()}> no such user"
    with office.office.journal.transaction() as connection:
        letter = connection.execute(select(s.id).where(s.recipient == ADDRESS)).scalar_one()
        connection.execute(o.letter_returns.insert().values({**row, "delivery": letter, "said": said}))
        connection.execute(o.outbox_proofs.update().where(p.letter == letter).values(
            state=LetterState.BOUNCED, answer=said))  # fmt: skip
        connection.execute(o.deliveries.update().where(s.id == letter).values(last_answer=said))
    number, _ = proposed(office, monkeypatch, LATER)
    destroy(office.office, number, moment(LATER))
    journal = bytes_of_journal(office.office.home.path)
    assert ADDRESS.encode() not in journal and ADDRESS.upper().encode() not in journal
    (answer,) = [one.answer for one in office.office.journal.documents.proofs() if one.state is LetterState.BOUNCED]
    assert answer == "550 <certificate 1, 1> no such user" or answer == "550 <certificate 1, 2> no such user"
