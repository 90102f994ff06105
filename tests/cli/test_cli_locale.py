"""Commands under a locale of another encoding: names of files stay as they are, and what cannot be shown is escaped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from inbox_worker.workbooks.cells import CellReader
from tests.outbox.papers_home import make_home
from tests.support.here import Runner


def run(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "inbox_worker", "--home", str(home), "--lang", "kk", *arguments]
    return subprocess.run(command, capture_output=True, check=False, env={"PATH": os.environ["PATH"], **environment})


def test_names_of_files_are_utf_8_whatever_the_locale_is(reader: CellReader, runner: Runner, tmp_path: Path) -> None:
    """`outbox list` under an ASCII locale wrote names that nobody finds into the journal: the approved was gone."""
    home = make_home(tmp_path / "home", reader, ["turnover"])
    assert runner.run("--home", home, "outbox", "approve", "--all").code == 0
    ran = run(home, "outbox", "list", LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert ran.returncode == 0 and b"\\u" in ran.stdout and not ran.stderr, ran
    with create_engine(f"sqlite:///{home / 'ledger' / 'journal.db'}").connect() as connection:
        folders = connection.execute(text("select distinct folder from outbox_documents")).scalars().all()
    assert [folder for folder in folders if (home / "outbox" / "approved" / "2026-09" / folder).is_dir()] == folders
    assert runner.run("--home", home, "ledger", "verify").code == 0


@pytest.mark.slow
@pytest.mark.quick(0)
@pytest.mark.parametrize("encoding", ["cp1251", "ascii"])
def test_what_a_terminal_cannot_show_is_escaped(encoding: str, tmp_path: Path) -> None:
    ran = run(tmp_path, "check", PYTHONIOENCODING=encoding)
    assert ran.returncode == 1 and b"Traceback" not in ran.stderr and b"config.yaml" in ran.stdout
    assert b"\\u04" in ran.stdout, "no letter is lost"
