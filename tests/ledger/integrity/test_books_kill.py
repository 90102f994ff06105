"""A kill amid `ledger books`, `documents`, or the approval and the sending of documents: the ledger is whole, nothing
is told as lost, and the command again makes what it would have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inbox_worker.outbox.manifest import read_manifest
from tests.ledger.integrity.life import Life
from tests.ledger.integrity.test_backup import spread


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.xlsx")}


def manifests_of(life: Life) -> dict[str, str]:
    """Every manifest of the outbox, but for the clock and the place of the home (of its exchange folder). Its seal, of
    these too, is right, or it would not be read."""
    found = {}
    for path in life.home.glob("outbox/*/*/*/manifest.json"):
        read_manifest(path.parent)
        text = re.sub(r'"seal": "[^"]*"', "", path.read_text("utf-8").replace(str(life.home), "HOME"))
        moments = re.sub(r'"(made|queued|sent|noticed)_at": "[^"]*"', r'"\1_at"', text)
        found[path.relative_to(life.home).as_posix()] = moments
    return found


@pytest.mark.quick(0)
@pytest.mark.parametrize(
    ("command", "folder"),
    [
        ("ledger books 2026-09", "ledger/books"),
        pytest.param("documents 2026-09", "outbox/pending", marks=pytest.mark.slow),
        ("outbox approve --all", "outbox/approved"),
        pytest.param("outbox send --all", "outbox/sent", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("most", [3, pytest.param(5, marks=pytest.mark.slow)])
def test_a_kill_at_some_steps_leaves_the_ledger_whole(
    command: str, folder: str, most: int, life: Life, tmp_path: Path
) -> None:
    arguments = command.split()
    whole = life.copy(tmp_path / "whole")
    steps = whole.run(*arguments, last=0).steps
    expected = files_of(whole.home / folder)
    assert expected
    manifests = manifests_of(whole)
    for last in spread(steps, most):
        torn = life.copy(tmp_path / f"torn-{last}")
        ran = torn.run(*arguments, last=last)
        assert ran.killed, (steps[last - 1], ran)
        told = torn.run("check")
        made_anew = ("outbox.half_made:", "к сведению:")
        lost = [line for line in told.out.splitlines() if not line.startswith(made_anew)]
        assert told.code == 0 or not lost, (steps[last - 1], told)
        again = torn.run(*arguments)
        assert again.code == 0 and not again.err, (steps[last - 1], again)
        assert files_of(torn.home / folder) == expected, steps[last - 1]
        assert manifests_of(torn) == manifests, steps[last - 1]
        verified = torn.run("ledger", "verify")
        assert verified.code == 0, (steps[last - 1], verified)
