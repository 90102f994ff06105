"""A kill at any step on the way to `failed` and back: no arrival is lost or doubled, no try is forgotten, the sender
hears it once."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.journals import BEFORE, House, recalculation
from tests.faults.stations import State, state_of
from tests.support.here import Runner

NUMBER = "IW-000005"
SOME = [pytest.param(False, id="some"), pytest.param(True, id="every", marks=pytest.mark.slow)]


def _letter(house: House) -> Path:
    path = house.folder.parent / "a.eml"
    if not path.exists():
        shutil.move(house.mail(house.form("recalculations", recalculation("-6"))), path)
    return path


def _steps(steps: tuple[str, ...], every: bool) -> Iterator[int]:
    """Every step, or every second commit and the last."""
    commits = [n for n, name in enumerate(steps, 1) if name == "after commit"]
    yield from range(1, len(steps) + 1) if every else sorted({*commits[::2], commits[-1]})


def _tries(house: House) -> list[tuple[int, str | None]]:
    with sqlite3.connect(house.folder / "ledger" / "journal.db") as journal:
        return list(journal.execute("select tries, outcome from arrivals where number > 4"))


@pytest.mark.slow
@pytest.mark.parametrize("every", SOME)
def test_killed_while_an_arrival_fails(house: House, killer: Runner, tmp_path: Path, every: bool) -> None:
    damage = house.damage()
    command = ("ingest", _letter(house), "--mailbox", "korrektirovki", "--received-at", BEFORE)
    before = shutil.copytree(house.folder, tmp_path / "before")
    ran = house.run(*command, last=0)
    assert ran.code == 1
    damage.mend()
    whole = state_of(house.folder)
    for step in _steps(ran.steps, every):
        other = House(shutil.copytree(before, tmp_path / str(step)), killer)
        assert other.run(*command, last=step).killed
        commits = max(ran.steps[:step].count("after commit") - 1, 0)  # the first is the act of the command
        tried = [(min(commits - 1, 3), "failed" if commits >= 4 else None)] if commits else []
        assert _tries(other) == tried, ran.steps[step - 1]
        assert other.run(*command).code == 1
        damage.mend(other.folder)
        assert state_of(other.folder) == whole, ran.steps[step - 1]
        shutil.rmtree(other.folder)


@pytest.mark.slow
@pytest.mark.parametrize("every", SOME)
def test_killed_while_it_is_retried(house: House, killer: Runner, tmp_path: Path, every: bool) -> None:
    damage = house.damage()
    assert house.ingest(_letter(house), code=1)[0]["arrival"] == NUMBER
    damage.mend()
    before = shutil.copytree(house.folder, tmp_path / "before")
    ran = house.run("retry", NUMBER, last=0)
    assert ran.code == 0
    whole = {**state_of(house.folder), "acts": None}  # each run of the command is an act
    for step in _steps(ran.steps, every):
        other = House(shutil.copytree(before, tmp_path / str(step)), killer)
        assert other.run("retry", NUMBER, last=step).killed
        done = ran.steps[step:].count("after commit") < 2  # the last one names the letter to review
        assert other.run("retry", NUMBER).code == (2 if done else 0), ran.steps[step - 1]
        assert {**state_of(other.folder), "acts": None} == whole, ran.steps[step - 1]
        shutil.rmtree(other.folder)


@pytest.mark.slow
@pytest.mark.parametrize("every", SOME)
def test_killed_while_the_service_sets_a_file_aside(house: House, killer: Runner, tmp_path: Path, every: bool) -> None:
    """The third pass moves the file to `failed/`; killed in it, the next pass does."""
    damage = house.damage()
    config = house.folder / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("quiet_seconds: 2 ", "quiet_seconds: 0.05 "), "utf-8")
    drop = house.folder / "inbox" / "korrektirovki"
    drop.mkdir(parents=True)
    shutil.copy(_letter(house), drop / "a.eml")
    assert [house.run("once").code for _ in range(2)] == [0, 0]
    before = shutil.copytree(house.folder, tmp_path / "before")
    ran = house.run("once", last=0)
    assert ran.code == 1
    damage.mend()
    whole = _lying(house)
    assert list(whole["inbox"]) == [
        "korrektirovki/failed/IW-000005 a.eml",
        "korrektirovki/failed/IW-000005 a.eml.why.txt",
    ]
    for step in _steps(ran.steps, every):
        other = House(shutil.copytree(before, tmp_path / str(step)), killer)
        assert other.run("once", last=step).killed
        other.run("once")
        damage.mend(other.folder)
        assert _lying(other) == whole, ran.steps[step - 1]
        shutil.rmtree(other.folder)


def _lying(house: House) -> State:
    """What the journal knows, but the noted place (a kill may come before it is noted), and all files."""
    state = state_of(house.folder)
    state["arrivals"] = [{**row, "place": ""} for row in state["arrivals"]]
    drop = house.folder / "inbox"
    files = sorted(path.relative_to(drop).as_posix() for path in drop.rglob("*") if path.is_file())
    return {**{name: state[name] for name in ("arrivals", "submissions", "findings", "loose")}, "inbox": files}
