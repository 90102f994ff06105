"""From which day letters count (4.3.2): old mail is never answered and posted because a program came to the mailbox."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from mailbox_home import NOW, MailHome, mail, service

from inbox_worker.cli.homes import check_home
from inbox_worker.core.time import ALMATY
from inbox_worker.settings.config import OlderLetters
from tests.support.warm import run_warm

OLD = NOW - timedelta(days=400)


def unsaid(home: MailHome) -> MailHome:
    home.settings(since=None)
    return home


def test_first_reading_of_a_mailbox_with_older_letters_is_refused_and_touches_nothing(home: MailHome) -> None:
    unsaid(home).deliver(mail(1), mail(2), at=OLD)
    home.deliver(mail(3))
    with pytest.raises(
        OlderLetters, match=r"holds letters of days before today: 2, the oldest of 16\.07\.2025: .*since: 2026-08-20"
    ):
        home.once()
    assert home.outcomes() == [] and home.folders().get("INBOX", 0) == 3


def test_run_and_once_end_with_2_and_one_line_and_check_tells_how_many(home: MailHome) -> None:
    unsaid(home).deliver(mail(1), mail(2), mail(3), at=OLD)
    for command in ("run", "once", "check"):
        done = run_warm(command, "--home", str(home.path))
        told = done.stderr + done.stdout
        assert done.returncode == (1 if command == "check" else 2), told
        assert "holds letters of days before today: 3" in told and "Traceback" not in told
    assert home.outcomes() == [] and home.folders().get("INBOX", 0) == 3


def test_letters_of_today_and_later_count_without_since(home: MailHome) -> None:
    unsaid(home).deliver(mail(1), at=NOW.replace(hour=0, minute=0))
    assert check_home(home.path, NOW) == []
    home.once()
    assert home.outcomes() == ["accepted"]


def test_a_mailbox_that_was_read_before_may_hold_letters_of_days_when_nobody_looked(home: MailHome) -> None:
    unsaid(home).deliver(mail(1))
    home.once()
    home.deliver(mail(2), at=NOW + timedelta(days=1))
    home.once(NOW + timedelta(days=9))
    assert home.outcomes() == ["accepted", "accepted"]


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (datetime(2026, 8, 18, 23, 59, 59, tzinfo=ALMATY), False),
        (datetime(2026, 8, 19, 0, 0, 0, tzinfo=ALMATY), True),
    ],
)
def test_since_is_a_day_in_almaty(home: MailHome, at: datetime, counts: bool) -> None:
    """The server of the tests stands in another zone: its own days would cut five hours off."""
    home.settings(since="2026-08-19")
    home.deliver(mail(1), at=at)
    home.once()
    assert home.outcomes() == (["accepted"] if counts else [])
    assert home.folders().get("INBOX", 0) == (0 if counts else 1)


def test_older_letters_and_those_marked_as_deleted_stay_and_are_told(
    home: MailHome, capfd: pytest.CaptureFixture[str]
) -> None:
    home.settings(since="2026-08-01")
    home.deliver(mail(1), mail(2), at=OLD)
    home.deliver(mail(3), mail(4))
    with home.server.user(home.users["korrektirovki"]) as client:
        client.select_folder("INBOX")
        client.add_flags([3], [b"\\Deleted"])
    home.once()
    assert home.outcomes() == ["accepted"] and home.folders().get("INBOX", 0) == 3
    assert "letters left alone: 2 older than 2026-08-01, 1 marked as deleted" in capfd.readouterr().err


def test_running_service_tells_once_what_it_leaves_alone(home: MailHome) -> None:
    home.settings(since="2026-08-01")
    home.deliver(mail(1), at=OLD)
    with service(home) as running:
        assert "1 older than 2026-08-01" in running.problem()
        home.deliver(mail(2), at=datetime.now(ALMATY))
        assert "INBOX-2.eml" in running.line()
        assert running.err.empty()
