"""A kill while a payment in suspense is assigned leaves it waiting or posted, and the command again posts it once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from inbox_worker.settings.rules import load_rules
from tests.faults.stations import state_of
from tests.support.here import Runner
from tests.support.office import ROOT, customer, line, make_bare_home, payment
from tests.support.papers import workbook


@pytest.fixture
def waiting(tmp_path: Path, killer: Runner) -> tuple[Path, str]:
    """A home with a payment in suspense, and its number."""
    home, rules = make_bare_home(tmp_path / "home"), load_rules(ROOT / "rules")
    books = {
        "customers": ([customer("A")], {}),
        "directory": ([line("A", "1001", "maintenance", base="кв.", tariff="100")], {}),
        "bank_register": ([payment("1010", "70", number="7")], {"Количество": 1, "Сумма": 70}),
    }
    for form, (rows, head) in books.items():
        (tmp_path / f"{form}.xlsx").write_bytes(workbook(rules.forms[form], rows, head, form))
        assert killer.run("load", tmp_path / f"{form}.xlsx", "--home", home).code == 0
    listed = json.loads(killer.run("bank", "suspense", "list", "--json", "--home", home).out)
    [one] = listed["payments"]
    assert (listed["sum"], [s["account"] for s in one["suggestions"]]) == ("70.00", ["1001"])
    return home, one["id"]


@pytest.mark.slow
def test_killed_while_a_payment_is_assigned(waiting: tuple[Path, str], killer: Runner, tmp_path: Path) -> None:
    home, number = waiting
    command = ("bank", "suspense", "assign", number, "--account", "1001", "--by", "звонок")
    before = shutil.copytree(home, tmp_path / "before")
    ran = killer.run(*command, "--home", home, last=0)
    assert ran.code == 0 and "1001" in ran.out, ran.err
    whole = state_of(home)
    commits = [step for step, name in enumerate(ran.steps, 1) if name == "after commit"]
    last = commits[-1]
    for step in dict.fromkeys((commits[0], last - 1, last)):
        other = shutil.copytree(before, tmp_path / str(step))
        assert killer.run(*command, "--home", other, last=step).killed
        listed = json.loads(killer.run("bank", "suspense", "list", "--json", "--home", other).out)
        done = "after commit" not in ran.steps[step:]
        assert listed["sum"] == ("0.00" if done else "70.00"), ran.steps[step - 1]
        again = killer.run(*command, "--home", other)
        assert again.code == (2 if done else 0), (ran.steps[step - 1], again.err)
        if done:
            assert "assigned it to account 1001" in again.err
        assert state_of(other) == whole, ran.steps[step - 1]
        shutil.rmtree(other)


def test_the_command_line_tells_what_is_wrong_and_what_waits(waiting: tuple[Path, str], killer: Runner) -> None:
    home, number = waiting
    shown = killer.run("bank", "suspense", "list", "--home", home, "--lang", "en").out
    assert "there is no such account" in shown and "→ 1001: two digits beside each other change places" in shown
    for account, by, words in (
        (" ", "звонок", "name the account"),
        ("99", "звонок", "has no line"),
        ("1", " ", "--by"),
    ):
        ran = killer.run("bank", "suspense", "assign", number, "--account", account, "--by", by, "--home", home)
        assert ran.code == 2 and words in ran.err
    missing = killer.run("bank", "suspense", "assign", "IW-000001-1/1", "--account", "1", "--by", "x", "--home", home)
    assert missing.code == 2 and "was in suspense" in missing.err
