"""Long work shows how far it is on a terminal, and nothing elsewhere (interface.md)."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.centre import Centre


def at_a_terminal(home: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout (a pipe) and what a terminal got on stderr."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "inbox_worker", *arguments, "--home", str(home)]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=environment) as running:
        os.close(theirs)
        shown = _read(ours)
        out = running.stdout.read().decode() if running.stdout else ""
    os.close(ours)
    return running.returncode, out, shown


def _read(terminal: int) -> str:
    """All that comes, until the other side is closed."""
    pieces = []
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux says so when the last writer is gone
            break
        if not piece:
            break
        pieces.append(piece)
    return b"".join(pieces).decode()


@pytest.mark.quick("command0")
@pytest.mark.parametrize("command", [["draft", "2026-09"], ["close", "2026-09", "--dry-run"]])
def test_a_terminal_sees_the_steps_of_a_month(command: list[str], centre: Centre) -> None:
    code, out, shown = at_a_terminal(centre.home, *command)
    assert code == 0 and "расчёт месяца" in shown
    assert "расчёт месяца" not in out and "2026-09" in out


def test_a_program_hears_nothing_but_json(centre: Centre) -> None:
    code, out, shown = at_a_terminal(centre.home, "draft", "2026-09", "--json")
    assert (code, shown, json.loads(out)["month"]) == (0, "", "2026-09")


def test_a_pipe_hears_nothing_of_it(centre: Centre) -> None:
    ran = centre.run("close", "2026-09", "--dry-run")
    assert ran.code == 0 and "расчёт месяца" not in ran.err + ran.out


@pytest.mark.slow
def test_loading_and_documents_show_their_pieces(centre: Centre) -> None:
    code, _, shown = at_a_terminal(centre.home, "load", str(centre.forms / "customers.xlsx"))
    assert code == 0 and "приём файлов" in shown
    assert centre.run("close", "2026-09").code == 0
    code, _, shown = at_a_terminal(centre.home, "documents", "2026-09", "--kind", "turnover")
    assert code == 0 and "документы заказчиков" in shown
