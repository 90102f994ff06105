"""What we leave as it is in a mailbox that people use beside us."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mailbox_home import MailHome, mail
from mailbox_server import Dovecot

from inbox_worker.receiving.imap import Mailbox, open_mailbox
from inbox_worker.receiving.imap_idle import Alarm
from inbox_worker.settings.home import load_home
from tests.support.papers import File


def test_a_server_without_move_copies_and_expunges_only_ours(
    make_home: Callable[[Dovecot], MailHome], base: Path
) -> None:
    """A letter that somebody marked as deleted is theirs to expunge."""
    with Dovecot(base, capability="IMAP4rev1 SASL-IR LITERAL+ ID ENABLE IDLE UIDPLUS NAMESPACE") as server:
        home = make_home(server)
        home.deliver(mail(1), mail(2))
        with server.user(home.users["korrektirovki"]) as client, _opened(home) as mailbox:
            client.select_folder("INBOX")
            client.add_flags([2], [b"\\Deleted"])
            mailbox.move([1], "Processed")
        assert home.folders() == {"INBOX": 1, "Processed": 1}
        home.once()
        assert home.folders() == {"INBOX": 1, "Processed": 1}
        with server.user(home.users["korrektirovki"]) as client:
            client.select_folder("INBOX")
            client.remove_flags([2], [b"\\Deleted"])
        home.once()
        assert home.folders() == {"Processed": 2}


def test_reading_marks_no_letter_as_read(home: MailHome) -> None:
    """A letter that waits for us looks to staff as nobody's yet; 25 MB or only its head."""
    home.settings(raw_limit=1024 * 1024)
    home.deliver(mail(1), mail(2, File("scan.pdf", b"%PDF-" + b"\0" * 2_000_000)))
    with _opened(home) as mailbox:
        assert len(mailbox.letters(mailbox.list_letters(mailbox.uids()))) == 2
    with home.server.user(home.users["korrektirovki"]) as client:
        client.select_folder("INBOX", readonly=True)
        flags = client.get_flags(client.search())
    assert len(flags) == 2 and not any(b"\\Seen" in told for told in flags.values())


@contextmanager
def _opened(home: MailHome) -> Iterator[Mailbox]:
    imap = load_home(home.path).config.mailboxes["korrektirovki"].imap
    assert imap
    alarm = Alarm()
    with open_mailbox(imap, home.path, alarm, lambda client: None) as mailbox:
        yield mailbox
    alarm.close()
