"""One runner for all faults; registers made once, copied for every test."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from inbox_worker.settings.rules import load_rules
from tests.faults.journals import Base, House, house_like, make_base
from tests.faults.stations import Town
from tests.support.here import Runner
from tests.support.office import ROOT, Row, customer, line, make_bare_home
from tests.support.once import build_once
from tests.support.papers import workbook


@pytest.fixture(scope="session")
def killer(runner: Runner) -> Runner:
    """Commands of which no step is asked are run here."""
    return runner


@pytest.fixture(scope="module")
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, killer: Runner) -> Base:
    """A home with registers; `journals.BOTH` gives it with its journal in SQLite and in PostgreSQL."""
    if getattr(request, "param", "") == "postgres":
        return make_base(tmp_path_factory.mktemp("base") / "home", killer, request.getfixturevalue("server"))
    return build_once(tmp_path_factory, "base", lambda folder: make_base(folder / "home", killer, None))


@pytest.fixture
def house(request: pytest.FixtureRequest, base: Base, killer: Runner, tmp_path: Path) -> House:
    """A home of the test's own."""
    served_by = request.getfixturevalue("server") if base.database else None
    return house_like(base, tmp_path / "home", killer, served_by)


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, killer: Runner) -> Town:
    return build_once(tmp_path_factory, "town", lambda folder: make_town(folder, killer))


def make_town(folder: Path, killer: Runner) -> Town:
    home = folder / "home"
    make_bare_home(home)
    customers = _book(folder, "customers", [customer("A"), customer("B", utilities=True)])
    assert killer.run("load", customers, "--home", home).code == 0
    names = [line("A", "1", "maintenance", area="1", tariff="1")]
    names.append(line("B", "90", "cold_water", base="счётчик", tariff="1", meter="M", reading="5"))
    for n in range(1500):
        digest = hashlib.sha256(str(n).encode()).hexdigest()
        names.append(line("B", f"9{n}", "maintenance", area=f"{n % 97}.{n % 89}", tariff="3.1415", name=digest))
    directory = _book(folder, "directory", names)
    loaded = shutil.copytree(home, folder / "loaded")
    assert killer.run("load", directory, "--home", loaded).code == 0
    return Town(home, loaded, directory)


def _book(folder: Path, form: str, rows: list[Row]) -> Path:
    file = folder / f"{form}.xlsx"
    file.write_bytes(workbook(load_rules(ROOT / "rules").forms[form], rows, {}, "1"))
    return file
