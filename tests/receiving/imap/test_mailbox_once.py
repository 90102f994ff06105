"""One pass over real mailboxes: every letter decided once and moved by its outcome, whatever happens between."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from mailbox_home import NOW, SECRET, MailHome, mail, recalculation
from mailbox_server import Dovecot

from inbox_worker.core.time import ALMATY
from inbox_worker.deciding.open_office import open_office
from inbox_worker.ledger.mail_places import Inbox
from inbox_worker.month.audit import find_security_events
from inbox_worker.receiving.imap import Mailbox
from inbox_worker.receiving.imap_login import MailboxError
from inbox_worker.receiving.mail_watch import MailboxWatch
from inbox_worker.service.worker import Worker
from inbox_worker.settings.home import load_home
from tests.support.papers import File
from tests.support.pass_killed import kill_pass


def test_letters_are_decided_and_moved_by_outcome(home: MailHome) -> None:
    broken = mail(3, File("otchet.xlsx", b"no workbook"))
    home.deliver(mail(1), mail(2, File("card.vcf", b"BEGIN:VCARD")), broken, mail(4, sender="x@stranger.example"))
    home.once()
    assert home.outcomes() == ["accepted", "ignored", "rejected", "quarantined"]
    assert home.folders() == {"Processed": 1, "Ignored": 1, "Rejected": 2}
    assert [where for _, _, where in home.places()] == ["Processed", "Ignored", "Rejected", "Rejected"]


def test_folders_are_named_by_config_and_made_when_missing(home: MailHome) -> None:
    home.settings(folders={"processed": "Қабылданды", "ignored": "Архив/Прочее", "quarantined": "Чужие"})
    home.deliver(mail(1), mail(2, File("card.vcf", b"BEGIN:VCARD")), mail(3, sender="x@stranger.example"))
    home.once()
    assert home.folders() == {"Қабылданды": 1, "Архив/Прочее": 1, "Чужие": 1}


def test_both_mailboxes_and_the_same_form_in_both(home: MailHome) -> None:
    """The same workbook in two letters: one decision posts, the other repeats it."""
    form = File("Перерасчёт.xlsx", recalculation(1))
    home.deliver(mail(1, form))
    home.deliver(mail(2, form), mail(3), to="bigoperators")
    home.once()
    every = sorted([*home.outcomes(), *home.outcomes("bigoperators")])
    assert every == ["accepted", "accepted", "duplicate"]
    assert home.folders() == {"Processed": 1}
    assert home.folders("bigoperators") == {"Processed": 2}
    assert len(home.rows("select * from fact_files where kind = 'recalculations'")) == 2


@pytest.mark.parametrize(
    ("at", "month"), [("2026-08-25T23:59:59", "2026-09"), ("2026-08-26T00:00:00", "2026-10")], ids=["last", "first"]
)
def test_the_servers_moment_decides_the_month_not_the_senders_date(home: MailHome, at: str, month: str) -> None:
    """4.3.2: the 25th ends at midnight in Almaty, in whatever zone the server tells the moment."""
    moment = datetime.fromisoformat(at).replace(tzinfo=ALMATY)
    home.deliver(mail(1), at=moment.astimezone(timezone(timedelta(hours=-3))))
    home.once()
    assert home.rows("select month from submissions where form = 'recalculations'") == [(month,)]
    received = home.rows("select received_at from arrivals where mailbox = 'korrektirovki'")
    assert received == [(moment.isoformat(),)]


@pytest.mark.parametrize("year", [1950, 1970])
def test_a_receipt_that_the_server_has_lost_is_now(
    year: int, home: MailHome, capsys: pytest.CaptureFixture[str]
) -> None:
    """Moved from another server without its date: our loss must not make a form late, nor its month impossible."""
    home.deliver(mail(1), at=datetime(year, 1, 1, tzinfo=UTC))
    home.once()
    assert home.outcomes() == ["accepted"]
    assert home.rows("select received_at from arrivals where mailbox = 'korrektirovki'") == [(NOW.isoformat(),)]
    assert f"came in {year} by the server's word" in capsys.readouterr().err


@pytest.mark.slow
def test_25_mb_is_taken_and_one_byte_more_is_refused(home: MailHome) -> None:
    """4.3.2: decoded bytes of all attachments, form included, at most 26 214 400."""
    form = recalculation(1)
    room = 26_214_400 - len(form)
    fits = mail(1, File("Перерасчёт.xlsx", form), File("scan.pdf", b"%PDF-" + b"\0" * (room - 5)))
    over = mail(2, File("Перерасчёт.xlsx", form), File("scan.pdf", b"%PDF-" + b"\0" * (room - 4)))
    larger = mail(3, File("scan.pdf", b"%PDF-" + b"\0" * 26 * 1024 * 1024))
    home.deliver(fits, over, larger)
    home.once()
    assert home.outcomes() == ["accepted", "rejected", "rejected"]
    assert home.rows("select code, count(*) from findings where code = 'message.too_large'") == [
        ("message.too_large", 2)
    ]
    assert home.folders() == {"Processed": 1, "Rejected": 2}


def test_of_a_letter_over_the_cap_only_the_head_is_taken(home: MailHome) -> None:
    home.settings(raw_limit=1024 * 1024)
    huge = mail(1, File("scan.pdf", b"%PDF-" + b"\0" * 2_000_000))
    home.deliver(huge, mail(2))
    home.once()
    assert home.outcomes() == ["rejected", "accepted"]
    assert home.folders() == {"Rejected": 1, "Processed": 1}
    [(raw, sender, size)] = home.rows("select raw, sender, oversize from arrivals where outcome = 'rejected'")
    kept = (home.path / "archive" / raw).read_bytes()
    assert kept.startswith(b"From: office@a.example") and len(kept) < 2000
    assert (sender, size) == ("office@a.example", len(huge))
    [(code, told)] = home.rows("select code, message from findings where code = 'message.too_large'")
    assert f"{len(huge):,}".replace(",", " ") in told


@pytest.mark.slow
def test_new_numbers_on_the_server_make_no_second_arrival(
    make_home: Callable[[Dovecot], MailHome], own: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UIDVALIDITY changes between the decision and the move: the bytes tell that the letter was taken."""
    home = make_home(own)
    home.deliver(mail(1), mail(2))
    with monkeypatch.context() as patched:
        patched.setattr(Mailbox, "move", _broken)
        with pytest.raises(MailboxError):
            home.once()
    assert home.outcomes() == ["accepted", "accepted"]
    before = home.lying()
    own.stop()
    own.forget_numbers(home.users["korrektirovki"])
    own.start()
    home.once()
    assert home.outcomes() == ["accepted", "accepted"]
    assert home.folders() == {"Processed": 2}
    assert len(before) == 2 and [where for _, _, where in home.places()] == ["Processed"] * 2
    assert home.lying() == []


def _broken(*_: object) -> None:
    raise ConnectionResetError(104, "Connection reset by peer")


def test_the_same_bytes_again_are_the_same_letter(home: MailHome) -> None:
    """A server that delivers twice, or a letter put back: moved, not decided again."""
    letter = mail(1)
    home.deliver(letter)
    home.once()
    home.deliver(letter, letter)
    home.once()
    assert home.outcomes() == ["accepted"]
    assert home.folders() == {"Processed": 3}


def test_a_number_given_to_another_letter_is_another_letter(home: MailHome) -> None:
    """A server brought back from its backup gives numbers again that were used: nothing may be taken for known."""
    home.deliver(mail(1))
    home.once()
    [(place,)] = home.rows("select place from arrivals where place like 'imap:%'")
    home.write("update arrivals set place = ? where place = ?", _lying_there(home, 2), place)
    home.deliver(mail(2))
    home.once()
    assert home.outcomes() == ["accepted", "accepted"]
    assert home.folders() == {"Processed": 2}


def _lying_there(home: MailHome, uid: int) -> str:
    """The place of a letter of one byte under that number."""
    with home.server.user(home.users["korrektirovki"]) as client:
        numbers = client.select_folder("INBOX")[b"UIDVALIDITY"]
    imap = load_home(home.path).config.mailboxes["korrektirovki"].imap
    assert imap
    return Inbox("korrektirovki", imap.account, "INBOX", numbers).place(uid, 1)


def test_a_mailbox_emptied_by_someone_else_meanwhile(home: MailHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between listing and fetching one letter goes; between decision and move all go."""
    home.deliver(mail(1), mail(2), mail(3))
    user = home.users["korrektirovki"]
    letters, keep = Mailbox.letters, MailboxWatch._keep

    def taken_away(uids: list[int]) -> None:
        with home.server.user(user) as client:
            client.select_folder("INBOX")
            client.delete_messages(uids)
            client.uid_expunge(uids)

    def one_goes(mailbox: Mailbox, batch: object) -> object:
        if uids := mailbox.uids():
            taken_away(uids[:1])
        return letters(mailbox, batch)  # type: ignore[arg-type]

    def all_go(*arguments: object) -> None:
        keep(*arguments)  # type: ignore[arg-type]
        with home.server.user(user) as client:
            client.select_folder("INBOX")
            left = client.search()
        if left:
            taken_away(left)

    with monkeypatch.context() as patched:
        patched.setattr(Mailbox, "letters", one_goes)
        patched.setattr(MailboxWatch, "_keep", all_go)
        home.once()
    assert home.folders() == {}
    decided = home.outcomes()
    assert decided in (["accepted", "accepted"], ["accepted"] * 3)  # the server may still give what it just removed
    home.once()
    assert home.outcomes() == decided
    assert home.lying() == []


STEPS = [
    "receiving.mail_watch:MailboxWatch._keep",  # fetched, nothing stored
    "ledger.mail_places:MailPlaces.register",  # in the archive, not in the journal
    "deciding.arrivals:Pipeline.decide",  # registered, not decided
    "deciding.arrivals:Pipeline._finish",  # the form is decided, the arrival is not
    "receiving.imap:Mailbox.move",  # committed, not moved
    "receiving.mail_watch:MailboxWatch._put_away",  # the first call of a look, before anything is taken
    "ledger.arrivals:Arrivals.move_places",  # moved, where to is not noted
]


@pytest.mark.quick("ledger.mail_places:MailPlaces.register", "receiving.imap:Mailbox.move")
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_every_letter_counts_once(home: MailHome, step: str) -> None:
    home.deliver(mail(1), mail(2), mail(3, File("a.txt", b"hello")))
    assert kill_pass(home.path, step, NOW) == -signal.SIGKILL
    home.once()
    assert home.outcomes() == ["accepted", "accepted", "held"]
    assert home.folders() == {"Processed": 2, "Held": 1}
    assert len(home.rows("select * from fact_files where kind = 'recalculations'")) == 2
    assert home.lying() == []
    assert home.rows("select count(*) from tasks") == [(1,)]


def test_our_full_disk_leaves_the_letter_in_the_mailbox(home: MailHome, capsys: pytest.CaptureFixture[str]) -> None:
    home.deliver(mail(1))
    archive = home.path / "archive"
    archive.rename(home.path / "away")
    archive.write_text("in the way")
    with pytest.raises(MailboxError, match="not stored"):
        home.once()
    assert "they stay in the mailbox" in capsys.readouterr().err
    assert home.outcomes() == []
    assert home.folders() == {"INBOX": 1}
    archive.unlink()
    (home.path / "away").rename(archive)
    home.once()
    assert home.outcomes() == ["accepted"]


def test_a_server_that_cannot_move_safely_is_refused(make_home: Callable[[Dovecot], MailHome], base: Path) -> None:
    with Dovecot(base, capability="IMAP4rev1 IDLE") as server:
        home = make_home(server)
        home.deliver(mail(1))
        with pytest.raises(MailboxError, match="neither MOVE nor UIDPLUS"):
            home.once()
        assert home.outcomes() == []


def test_a_folder_that_staff_deleted_meanwhile_is_made_again(home: MailHome, monkeypatch: pytest.MonkeyPatch) -> None:
    home.deliver(mail(1))
    move = Mailbox._move

    def deleted_first(mailbox: Mailbox, uids: list[int], folder: str) -> None:
        with home.server.user(home.users["korrektirovki"]) as client:
            if client.folder_exists("Processed"):
                client.delete_folder("Processed")
        monkeypatch.setattr(Mailbox, "_move", move)
        move(mailbox, uids, folder)

    monkeypatch.setattr(Mailbox, "_move", deleted_first)
    home.once()
    assert home.folders() == {"Processed": 1}


@pytest.mark.slow
def test_more_letters_than_a_batch_holds(home: MailHome) -> None:
    home.deliver(*(mail(number, File("card.vcf", b"BEGIN:VCARD")) for number in range(120)))
    home.once()
    assert home.outcomes() == ["ignored"] * 120
    assert home.folders() == {"Ignored": 120}


def test_a_home_without_imap_settings_needs_no_server(loaded: Path) -> None:
    with Worker(load_home(loaded)) as worker:
        worker.once(NOW)


def test_a_letter_that_cannot_be_stored_keeps_no_other_waiting(home: MailHome) -> None:
    """The folder of one month's letters cannot be made: those of another month are taken, it stays where it is."""
    september = NOW.replace(month=NOW.month + 1, day=1)
    blocked = home.path / "archive" / f"{september:%Y}" / f"{september:%m}"
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_bytes(b"no folder")
    home.deliver(mail(1), at=september)
    home.deliver(mail(2))
    with pytest.raises(MailboxError, match="letters that were not stored: 1"):
        home.once(september)
    assert home.outcomes() == ["accepted"]
    assert home.folders() == {"INBOX": 1, "Processed": 1}
    blocked.unlink()
    home.once(september)
    assert home.outcomes() == ["accepted", "accepted"]


def test_a_letter_that_waits_to_be_stored_is_told_however_the_pass_ends(
    home: MailHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pass is asked to end just when the letter's time to be tried again has come: it was not stored, so it is
    told."""
    september = NOW.replace(month=NOW.month + 1, day=1)
    blocked = home.path / "archive" / f"{september:%Y}" / f"{september:%m}"
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_bytes(b"no folder")
    home.deliver(mail(1), at=september)
    first_of, stand = MailboxWatch._first_of, MailboxWatch._stand

    def ended_when_due(watch: MailboxWatch, present: Sequence[int]) -> list[int]:
        if watch._aside and not watch._troubled:
            watch._aside._until = dict.fromkeys(watch._aside._until, 0.0)
            watch._stop.set()
        return first_of(watch, present)

    monkeypatch.setattr(MailboxWatch, "_first_of", ended_when_due)
    monkeypatch.setattr(MailboxWatch, "_stand", lambda watch, state: None if watch._aside else stand(watch, state))
    wait = Mailbox.wait
    monkeypatch.setattr(Mailbox, "wait", lambda mailbox, seconds: wait(mailbox, min(seconds, 0.1)))
    with pytest.raises(MailboxError, match="letters that were not stored: 1"):
        home.once(september)


def test_a_refused_log_in_is_an_act_of_its_day_and_so_is_the_first_that_is_accepted(
    home: MailHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.1.17: told to the officer for security, once a day for the same words, however often it is tried."""
    acts = "select act, subject, who from acts where act like 'log-in %' order by number"
    right = os.environ[SECRET]
    monkeypatch.setenv(SECRET, "wrong-secret")
    for moment in (NOW, NOW + timedelta(minutes=5), NOW + timedelta(days=1)):
        with pytest.raises(MailboxError, match="refused the log-in"):
            home.once(moment)
    refused = [("log-in refused", f"mailbox {box}", "service") for box in ("bigoperators", "korrektirovki")]
    assert sorted(home.rows(acts)) == sorted(refused * 2)
    assert "wrong-secret" not in str(home.rows("select details from acts"))
    monkeypatch.setenv(SECRET, right)
    home.deliver(mail(1))
    for moment in (NOW + timedelta(days=2), NOW + timedelta(days=2, minutes=5)):
        home.once(moment)
    found = [row for row in home.rows(acts) if row[0] == "log-in accepted"]
    assert sorted(found) == [
        ("log-in accepted", f"mailbox {box}", "service") for box in ("bigoperators", "korrektirovki")
    ]
    with open_office(load_home(home.path)) as office:
        events = find_security_events(office.journal)
    assert {"log-in refused", "log-in accepted"} <= {event.what for event in events}
