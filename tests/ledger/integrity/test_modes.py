"""A home is its group's and nobody else's, whatever the process that made it would give: 0750 and 0640. The group works
in outbox and inbox, so 0770 and 0660 there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.killer import Killer
from tests.ledger.integrity.life import MONTH, begin

SHARED = ("outbox", "inbox", "exchange")


@pytest.fixture(
    params=[pytest.param(0o000, id="umask 000"), pytest.param(0o077, id="umask 077", marks=pytest.mark.slow)]
)
def careless(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Killer]:
    """Commands whose process was begun with that umask."""
    before = os.umask(request.param)
    try:
        with Killer(tmp_path) as runner:
            yield runner
    finally:
        os.umask(before)


@pytest.mark.slow
def test_every_file_of_a_home_has_its_mode(careless: Killer, tmp_path: Path) -> None:
    life = begin(tmp_path / "life", careless)
    for command in (("outbox", "send", "--all"), ("ledger", "books", MONTH), ("report", MONTH)):
        assert life.run(*command).code == 0, command
    wrong = {}
    for path in (life.home, *sorted(life.home.rglob("*"))):
        parts = path.relative_to(life.home).parts
        shared = bool(parts) and parts[0] in SHARED
        wanted = (0o770 if shared else 0o750) if path.is_dir() else (0o660 if shared else 0o640)
        if path.stat().st_mode & 0o777 != wanted:
            wrong[path.relative_to(life.home).as_posix()] = oct(path.stat().st_mode & 0o777)
    assert wrong == {}
