"""A disk that is really full under the service: the letter waits in its mailbox, nothing ends, nothing counts."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mailbox_home import MailHome, mail, service
from mailbox_server import Dovecot


@pytest.fixture
def small(make_home: Callable[[Dovecot], MailHome], shared: Dovecot, tmp_path: Path) -> Iterator[MailHome]:
    """A home on a disk of its own of 24 MiB."""
    home, disk = make_home(shared), tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a tmpfs cannot be mounted here (root can)")
    try:
        shutil.copytree(home.path, disk / "home")
        yield replace(home, path=disk / "home")
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as ballast:
        for size in (1 << 16, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    ballast.write(b"\0" * size)


def test_a_full_disk_is_waited_out_and_the_letter_counts_once(small: MailHome) -> None:
    ballast = small.path / "ballast"
    with service(small) as running:
        small.deliver(mail(1))
        assert "INBOX-1.eml accepted" in running.line()
        _fill(ballast)
        small.deliver(mail(2))
        while "health" in (told := running.problem()):
            pass
        assert "again" in told
        ballast.unlink()
        assert "INBOX-2.eml accepted" in running.line()
        assert running.end() == 0
    small.once()  # a letter that was decided when the end came is moved now
    assert small.outcomes() == ["accepted", "accepted"]
    assert small.folders() == {"Processed": 2}
    assert small.rows("select distinct tries from arrivals") == [(0,)]
