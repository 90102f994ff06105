"""A small billing centre behind its commands: every call runs the real command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from inbox_worker.settings.rules import load_rules
from tests.cli.centre import Centre
from tests.support.here import Runner
from tests.support.office import ROOT, bin_of, customer, line, make_bare_home
from tests.support.once import build_once
from tests.support.papers import workbook


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, runner: Runner) -> Path:
    return build_once(tmp_path_factory, "cli", lambda folder: prepare(folder, runner))


def prepare(folder: Path, runner: Runner) -> Path:
    rules = load_rules(ROOT / "rules")
    home, forms = folder / "home", folder / "forms"
    make_bare_home(home)
    forms.mkdir()
    lines = [
        line("A", "1", "maintenance", tariff="31.4155", area="65.30"),
        line("B", "2", "lift", base="чел.", residents="2"),
    ]
    for form, rows in (("customers", [customer("A"), customer("B")]), ("directory", lines)):
        (forms / f"{form}.xlsx").write_bytes(workbook(rules.forms[form], rows, {}, form))
        assert runner.run("load", forms / f"{form}.xlsx", "--home", home).code == 0
    for name, amount in (("minus", "-10"), ("plus", "10"), ("broken", "ten")):
        row = {"account": "1", "service": "maintenance", "past_month": "06.2026", "amount": amount}
        head = {"БИН заказчика": bin_of("A")}
        (forms / f"{name}.xlsx").write_bytes(workbook(rules.forms["recalculations"], [row], head, name))
    return folder


@pytest.fixture
def centre(prepared: Path, runner: Runner, tmp_path: Path) -> Centre:
    return Centre(shutil.copytree(prepared / "home", tmp_path / "home"), prepared / "forms", runner)
