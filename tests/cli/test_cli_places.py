"""What a command writes where it is told: never over the home's own files, never into a folder that is not there."""

from __future__ import annotations

import pytest

from tests.cli.centre import Centre
from tests.support.office import bin_of

BIN = bin_of("A")


@pytest.mark.quick("command0-ledger/journal.db", "command0-rules/prices.yaml")
@pytest.mark.parametrize("place", ["ledger/journal.db", "rules/prices.yaml", "config.yaml", "archive/new.zip"])
@pytest.mark.parametrize("command", [("export", BIN, "--to"), ("duties", "--ics"), ("duties", "--xlsx")])
def test_no_file_of_the_home_is_written_over(centre: Centre, command: tuple[str, ...], place: str) -> None:
    centre.run("close", "2026-09")
    path = centre.home / place
    before = path.read_bytes() if path.exists() else None
    ran = centre.run(*command, str(path))
    assert ran.code == 2 and "belongs to the home" in ran.err
    after = path.read_bytes() if path.exists() else None
    assert after == before if path.suffix != ".db" else centre.run("check").code == 0  # the journal lives on meanwhile


def test_an_export_takes_a_new_file_in_a_folder_that_is_there(centre: Centre) -> None:
    centre.run("close", "2026-09")
    kept = centre.home.parent / "kept.zip"
    kept.write_bytes(b"mine")
    ran = centre.run("export", BIN, "--to", str(kept))
    assert ran.code == 2 and "is there already" in ran.err and kept.read_bytes() == b"mine"
    ran = centre.run("export", BIN, "--to", str(kept.parent / "none" / "x.zip"))
    assert ran.code == 2 and "make it first" in ran.err and not (kept.parent / "none").exists()
    assert centre.run("export", BIN, "--to", str(kept.with_name("new.zip"))).code == 0
