"""A kill at any step, then the same command again: the same ledger, nothing lost, nothing doubled."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.faults.stations import State, Station, build_stations, state_of
from tests.support.here import Runner
from tests.support.once import build_once
from tests.support.postgres import Postgres

STATIONS = 17


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def on(request: pytest.FixtureRequest) -> Postgres | None:
    """The server that has the journals; None = SQLite."""
    found: Postgres | None = request.getfixturevalue("server") if request.param == "postgres" else None
    return found


@pytest.fixture(scope="session")
def stations(tmp_path_factory: pytest.TempPathFactory, killer: Runner, on: Postgres | None) -> list[Station]:
    if on:
        return list(build_stations(tmp_path_factory.mktemp("life"), killer, on))
    return build_once(tmp_path_factory, "life", lambda folder: list(build_stations(folder, killer)))


@pytest.mark.quick("sqlite-2", "sqlite-9")
@pytest.mark.parametrize("number", range(STATIONS))
def test_a_kill_at_some_steps_changes_nothing(
    number: int, stations: list[Station], killer: Runner, tmp_path: Path, on: Postgres | None
) -> None:
    assert len(stations) == STATIONS
    steps = _spread(stations[number])
    _prove(stations[number], steps[number % len(steps)], killer, tmp_path / "home", on)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(STATIONS))
def test_a_kill_at_every_step_changes_nothing(
    number: int, stations: list[Station], killer: Runner, tmp_path: Path, on: Postgres | None
) -> None:
    for step in range(1, len(stations[number].steps) + 1):
        _prove(stations[number], step, killer, tmp_path / str(step), on)


def _spread(station: Station) -> list[int]:
    """Before anything is committed, amid the commits, before the last one and after it."""
    steps = station.steps
    commits = [n for n, name in enumerate(steps, 1) if name == "after commit"]
    middle = commits[(len(commits) - 1) // 2]
    chosen = [commits[0] // 2, middle, commits[-1] - 1, commits[-1]]
    return list(dict.fromkeys(chosen))


def _decided(steps: tuple[str, ...]) -> int:
    """After which step the command's work is done: letters to review are written by whatever runs next."""
    commits = [number for number, name in enumerate(steps, 1) if name == "after commit"]
    last = [name for name in steps[commits[-2] : commits[-1]] if name.startswith("sql ")]
    only_letter = set(last) == {"sql UPDATE deliveries SET", "sql UPDATE journal_state SET"}
    return commits[-2] if only_letter else commits[-1]


def _prove(station: Station, step: int, killer: Runner, home: Path, on: Postgres | None) -> None:
    """Kills the command at the step, gives it again, and compares the ledger with that of an unkilled run."""
    command = station.command
    told = f"{command.name}, killed at step {step}: {station.steps[step - 1]}"
    named = station.copy(home, on)
    first = killer.run(*command.arguments, "--home", home, last=step, environment=named)
    assert first.killed, (told, first.code, first.err)
    assert first.steps == station.steps[:step], told
    again = killer.run(*command.arguments, "--home", home, environment=named)
    done = step >= _decided(station.steps)
    assert again.code == (command.again_code if done else 0), (told, again.err)
    found = state_of(home, named)
    if done and command.again:
        _take_away_second_arrival(found, command.again, told)
    for part, rows in station.after.items():
        assert found[part] == rows, f"{told}: {part}"
    assert found["loose"] == [], told
    shutil.rmtree(home)


def _take_away_second_arrival(state: State, outcome: str, told: str) -> None:
    """The work was done before the kill: the same file again is an arrival of its own, and posts nothing."""
    second = state["arrivals"].pop()
    assert second["outcome"] == outcome, told
    number = second["number"]
    assert all(row["sequence"] == 0 for row in state["submissions"] if row["arrival"] == number), told
    for table in ("submissions", "findings", "tasks", "deliveries"):
        state[table] = [row for row in state[table] if row["arrival"] != number]
    answers = f"answers/IW-{number:06d}-"
    own = answers.removeprefix("answers/")
    state["acts"] = [row for row in state["acts"] if not row["subject"].startswith(own)]
    state["answer_files"] = [row for row in state["answer_files"] if not row["submission"].startswith(own)]
    state["archive"] = {path: digest for path, digest in state["archive"].items() if not path.startswith(answers)}
