"""What a killed command left is told by `check`, with what ends or removes it: it may hold a whole home (8.10)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from inbox_worker.core.scratch import find_abandoned, make_scratch, make_spill
from inbox_worker.month.restore import staging_of
from tests.ledger.integrity.life import Life


def test_what_a_killed_restore_left_is_told_until_the_next_one_ends_it(life: Life, tmp_path: Path) -> None:
    place, again, third = tmp_path / "backups", life.elsewhere("again"), life.elsewhere("third")
    assert life.run("backup", place).code == 0
    steps = again.run("restore", place, last=0).steps
    assert third.run("restore", place, last=len(steps) // 2).killed
    left = staging_of(third.home)
    assert left.is_dir()
    for home in (life, third):
        told = home.run("check").out
        assert f"{left} is what a restore makes" in told and f"--home {third.home} restore" in told, told
    assert life.run("check").code == 0, "a note: nothing of this home is wrong"
    assert third.run("restore", place).code == 0
    assert str(left) not in life.run("check").out


def test_files_that_never_got_their_name_are_told_with_the_command_that_removes_them(life: Life) -> None:
    torn = life.home / "ledger" / "books" / ".ledger.xlsx.tmp"
    torn.parent.mkdir(exist_ok=True)
    torn.write_bytes(b"half")
    (folder := life.home / "ledger" / "closes" / ".2026-10.tmp").mkdir()
    told = life.run("check").out
    assert f"`rm {torn}`" in told and f"`rm -r {folder}`" in told
    torn.unlink()
    folder.rmdir()
    assert ".tmp" not in life.run("check").out


def test_folders_of_a_process_that_is_no_more_are_told_and_those_of_one_at_work_are_not(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with make_scratch("trial") as trial, make_spill(tmp_path, "verify") as spill:
        left = [Path(str(name).replace(f"-{os.getpid()}-", f"-{dead.pid}-")) for name in (trial, spill)]
        assert left[0].parent == Path(tempfile.gettempdir())
        for path in left:
            path.mkdir()
        try:
            found = list(find_abandoned(tmp_path))
            assert set(left) <= set(found) and not {Path(trial), Path(spill)} & set(found)
        finally:
            for path in left:
                path.rmdir()
