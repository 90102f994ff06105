"""Rules that are gone, or that cannot be read, are told with the remedy; no other rules take their place."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from inbox_worker.cli.homes import check_home, check_notes
from inbox_worker.settings.rule_files import FORMS, LATER_FORMS
from inbox_worker.settings.rules import load_rules
from tests.faults.killer import Killer
from tests.settings.test_mistakes_told import ENTRIES, one_line, replaced
from tests.support.office import ROOT

FIFO, FOLDER, DANGLING = os.mkfifo, Path.mkdir, lambda path: path.symlink_to("nowhere")


def test_the_forms_that_must_be_there_are_the_shipped_ones() -> None:
    assert sorted(FORMS) == sorted(path.stem for path in (ROOT / "rules" / "forms").iterdir()), (
        "add it to FORMS of rule_files.py"
    )


def test_a_home_made_before_there_were_units_has_the_shipped_ones(home: Path) -> None:
    """Else a bill would say that 13,9 meters were used."""
    path = home / "rules/services.yaml"
    older, count = re.subn(r", unit: \{[^}]*\}", "", path.read_text("utf-8"))
    path.write_text(older, "utf-8")
    units = {service.code: service.unit for service in load_rules(home / "rules").services}
    assert count and units == {service.code: service.unit for service in load_rules(ROOT / "rules").services}


def test_a_request_that_a_home_took_out_stays_a_persons(home: Path) -> None:
    """A home made before the file has the shipped one; who deletes a kind in it does not get it back unseen."""
    path = home / "rules/requests.yaml"
    first, *others = [line for line in path.read_text("utf-8").splitlines() if line.startswith('"')]
    path.write_text("\n".join(others), "utf-8")
    kept = load_rules(home / "rules").requests
    assert len(kept) == len(others) and first.split('"')[1] not in kept
    path.unlink()
    assert first.split('"')[1] in load_rules(home / "rules").requests


@pytest.mark.parametrize("journal", ["sqlite", "postgres"])
@pytest.mark.parametrize("gone", ["rules", "rules/forms"])
def test_a_folder_of_rules_that_is_gone_is_refused_at_every_entry(
    gone: str, journal: str, home: Path, runner: Killer
) -> None:
    """By the shipped rules the fee would be another than the one agreed on."""
    if journal == "postgres":  # nobody need be there: rules are read first
        replaced(home, "config.yaml", "sqlite:///ledger/journal.db", "postgresql+psycopg://app@127.0.0.1:1/journal")
    shutil.rmtree(home / gone)
    copy = f"cp -R {ROOT / gone} {home / gone}"
    for entry in (*ENTRIES, ["outbox", "send", "--all"], ["forms", "build"], ["draft", "2026-09"]):
        line = one_line(runner, home, *entry)
        assert str(home / gone) in line and "restore it from the backup" in line and copy in line
    assert [line for line in check_home(home) if copy in line and str(home / gone) in line]
    (home / gone).write_text("a file in its place", "utf-8")
    assert str(home / gone) in one_line(runner, home, "once")


@pytest.mark.parametrize("form", ["tariffs", "customers", "meter_readings"])
def test_a_form_that_the_program_knows_must_be_there(form: str, home: Path, runner: Killer) -> None:
    """Our loss would become the Customer's rejection."""
    path = home / "rules" / "forms" / f"{form}.yaml"
    path.unlink()
    for entry in ENTRIES:
        assert f"{path}: is not there; copy the shipped file here" in one_line(runner, home, *entry)
    for other in (home / "rules" / "forms").iterdir():
        other.unlink()
    told = [line for line in check_home(home) if "is not there; copy the shipped file here" in line]
    assert len(told) == len(FORMS) - len(LATER_FORMS)  # a home of before has the shipped one


def test_later_files_of_rules_must_be_there_too(home: Path) -> None:
    """Without delivery.yaml bills would leave without their passwords."""
    for name in ("delivery.yaml", "outliers.yaml", "tasks.yaml"):
        (home / "rules" / name).unlink()
    told = "\n".join(check_home(home))
    missed = told.count("is not there; copy the shipped file here")
    assert missed == 3, "one of them is in LATER, so a home without it goes on; a new key of it belongs into LATER_KEYS"


@pytest.mark.parametrize("put", [FIFO, FOLDER, DANGLING])
def test_what_is_no_file_stops_no_look_at_the_others(put: Callable[[Path], None], home: Path, runner: Killer) -> None:
    """A pipe in the place of a file is never waited for."""
    for name in ("prices.yaml", "forms/tariffs.yaml"):
        (home / "rules" / name).unlink()
        put(home / "rules" / name)
    replaced(home, "rules/calendar.yaml", "2026-08-31, day", "2026-08-32, day")
    told = check_home(home)
    for name in ("prices.yaml", "forms/tariffs.yaml"):
        assert [line for line in told if f"{home / 'rules' / name}: cannot be read" in line and "its place" in line]
    assert any("calendar.yaml:3" in line for line in told)
    assert str(home / "rules") in one_line(runner, home, "once")


def test_templates_that_are_gone_are_told_and_are_no_mistake(home: Path) -> None:
    shutil.rmtree(home / "templates")
    assert check_home(home) == []
    assert any(f"cp -R {ROOT / 'templates'} {home / 'templates'}" in note for note in check_notes(home))
