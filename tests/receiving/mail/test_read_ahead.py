"""Letters read ahead by the second process end exactly as letters that are read in their turn (4.1.15)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inbox_worker.core.files import sha256
from inbox_worker.deciding.ahead import MOST_BYTES, Ahead, FilePlace
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.deciding.report import arrival_json
from inbox_worker.deciding.take_in import take_in
from inbox_worker.settings.rules import Rules
from tests.support.office import TownOffice, email_of, moment

HERE = Path(__file__).parent
LETTERS = sorted(HERE.glob("*.eml"))
FORM = HERE / "csv_form.eml"
NOW = moment("2026-08-21T12:00:00")


@pytest.fixture
def ahead() -> Iterator[Ahead]:
    with Ahead() as ahead:
        yield ahead


def ends_of(office: TownOffice, files: list[Path], ahead: Ahead | None) -> list[dict[str, Any]]:
    pipeline, journal, archive = _pipeline(office, ahead), office.office.journal, office.office.home.archive
    taken = [take_in(pipeline, file, "korrektirovki", None, "", NOW) for file in pipeline.files_in_turn(files)]
    return [arrival_json(journal, arrival, archive) for arrival in taken]


def _lying(path: Path) -> FilePlace:
    return FilePlace(path, path.name, frozenset({email_of("A")}))


def _pipeline(office: TownOffice, ahead: Ahead | None) -> Pipeline:
    return Pipeline(office.office, office.reader, ahead)


def _read(ahead: Ahead, files: list[Path], rules: Rules) -> list[bool]:
    """Of each file whether its form was read ahead when there was time to begin."""
    found = []
    for path in ahead.in_turn(files, _lying, rules):
        while not ahead.begun:
            os.sched_yield()
        foreseen = ahead.of(sha256(path.read_bytes()))
        found.append(foreseen is not None and bool(foreseen.forms))
    return found


def test_every_odd_letter_ends_the_same(office: TownOffice, twin: TownOffice, ahead: Ahead) -> None:
    assert ends_of(office, LETTERS, ahead) == ends_of(twin, LETTERS, None)


def test_letters_are_read_ahead_when_there_are_several(office: TownOffice, ahead: Ahead) -> None:
    assert _read(ahead, [FORM] * 6, office.office.rules) == [True] * 6


def test_a_process_does_not_pay_for_two_letters(office: TownOffice, ahead: Ahead) -> None:
    assert list(ahead.in_turn([FORM] * 2, _lying, office.office.rules)) == [FORM] * 2
    assert ahead.pid is None


def test_a_process_killed_in_between_costs_no_decision(office: TownOffice, twin: TownOffice, ahead: Ahead) -> None:
    pipeline, taken = _pipeline(office, ahead), []
    for place, file in enumerate(pipeline.files_in_turn(LETTERS[:12])):
        if place in (3, 4, 8) and ahead.pid:
            os.kill(ahead.pid, signal.SIGKILL)
        taken.append(take_in(pipeline, file, "korrektirovki", None, "", NOW).outcome)
    assert taken == [take_in(_pipeline(twin, None), f, "korrektirovki", None, "", NOW).outcome for f in LETTERS[:12]]


def test_other_rules_are_another_reading(office: TownOffice, ahead: Ahead) -> None:
    rules = office.office.rules
    _read(ahead, [FORM] * 4, rules)
    first = ahead.pid
    _read(ahead, [FORM] * 4, replace(rules, version="other"))
    assert first is not None and ahead.pid != first


def test_a_strangers_workbook_is_not_opened(office: TownOffice, ahead: Ahead) -> None:
    found = []
    for path in ahead.in_turn([FORM] * 4, lambda path: FilePlace(path, path.name, frozenset()), office.office.rules):
        while not ahead.begun:
            os.sched_yield()
        foreseen = ahead.of(sha256(path.read_bytes()))
        found.append(foreseen is not None and not foreseen.forms)
    assert found == [True] * 4


def test_large_letters_wait_for_their_turn(office: TownOffice, ahead: Ahead, tmp_path: Path) -> None:
    large = tmp_path / "large.eml"
    large.write_bytes(FORM.read_bytes() + b"\r\n" * (MOST_BYTES // 2))
    assert not any(_read(ahead, [large] * 5, office.office.rules))


def test_bytes_that_changed_since_are_read_anew(office: TownOffice, ahead: Ahead, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.eml" for number in range(6)]
    for file in files:
        file.write_bytes(FORM.read_bytes())
    changed = FORM.read_bytes().replace(b"Subject:", b"Subject: again")
    for place, _ in enumerate(ahead.in_turn(files, _lying, office.office.rules)):
        while not ahead.begun:
            os.sched_yield()
        if place == 3:
            assert ahead.of(sha256(changed)) is None and ahead.of(sha256(FORM.read_bytes())) is not None


def test_nothing_is_left_of_what_was_not_taken(office: TownOffice, ahead: Ahead) -> None:
    for place, _ in enumerate(ahead.in_turn([FORM] * 8, _lying, office.office.rules)):
        if place == 2:
            break
    assert ahead.of(sha256(FORM.read_bytes())) is None


def test_a_killed_program_leaves_no_process(office: TownOffice) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", _READS, str(office.office.home.rules), str(FORM)], stdout=subprocess.PIPE, text=True
    )
    with program:
        assert program.stdout
        second = int(program.stdout.readline())
        program.kill()
    deadline = time.monotonic() + 20
    while _alive(second) and time.monotonic() < deadline:
        os.sched_yield()
    assert not _alive(second)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


_READS = """
import sys
from pathlib import Path
from inbox_worker.deciding.ahead import Ahead, FilePlace
from inbox_worker.settings.rules import load_rules
form = Path(sys.argv[2])
ahead = Ahead()
rules = load_rules(Path(sys.argv[1]))
for _ in ahead.in_turn([form] * 100, lambda path: FilePlace(path, path.name, frozenset()), rules):
    while not ahead.pid:
        pass
    print(ahead.pid, flush=True)
"""
