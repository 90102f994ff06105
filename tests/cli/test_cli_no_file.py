"""What stands in the place of a file of the home and is none is told with its remedy, at once, by every command."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.centre import Centre

REMEDY = "put what belongs there in its place"


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def huge(path: Path) -> None:
    path.touch()
    os.truncate(path, 3 << 30)


PUT: dict[Callable[[Path], None], str] = {
    Path.mkdir: "it is a folder, not a file",
    os.mkfifo: "it is a pipe, a device or a socket, not a file",
    dangling: "see whether that name is right",
    huge: "it is far larger than what belongs there",
}
COMMANDS = (("check",), ("run",), ("tasks", "list"))


def replace(path: Path, put: Callable[[Path], None]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    put(path)
    return path


@pytest.mark.parametrize("put", PUT)
def test_no_file_in_the_place_of_config_yaml(put: Callable[[Path], None], centre: Centre) -> None:
    """It read "is not there; make a home", and a pipe was waited for without end."""
    path = replace(centre.home / "config.yaml", put)
    for command in COMMANDS:
        ran = centre.run(*command)
        assert ran.code == (1 if command == ("check",) else 2), ran
        told = (ran.out + ran.err).splitlines()
        assert len(told) == 1 and str(path) in told[0] and PUT[put] in told[0], ran
        assert "init" not in told[0]


@pytest.mark.parametrize("put", [Path.mkdir, os.mkfifo])
def test_no_file_in_the_place_of_a_template(put: Callable[[Path], None], centre: Centre) -> None:
    """Documents went out as shipped, and nobody was told; a pipe was waited for without end."""
    path = replace(centre.home / "templates" / "documents" / "act.docx", put)
    ran = centre.run("check")
    assert ran.code == 1 and str(path) in ran.out and PUT[put] in ran.out, ran


def test_no_folder_in_the_place_of_templates(centre: Centre) -> None:
    path = centre.home / "templates"
    path.symlink_to("nowhere")
    ran = centre.run("check")
    assert ran.code == 1 and f"{path} is no folder; put the folder in its place" in ran.out, ran


@pytest.mark.parametrize("put", [Path.mkdir, os.mkfifo])
def test_no_file_in_the_place_of_the_journal(put: Callable[[Path], None], centre: Centre) -> None:
    path = replace(centre.home / "ledger" / "journal.db", put)
    for command in COMMANDS[1:]:
        ran = centre.run(*command)
        assert ran.code == 1 and f"{path} is a folder, a pipe or a device" in ran.err, ran
    assert f"{path} is a folder, a pipe or a device" in centre.run("check").out


def test_no_folder_in_the_place_of_the_ledger(centre: Centre) -> None:
    ledger = centre.home / "ledger"
    ledger.rename(centre.home / "moved")
    ledger.write_text("", "utf-8")
    ran = centre.run("tasks", "list")
    assert ran.code == 1 and f"{ledger} is no folder; put the folder in its place" in ran.err, ran


@pytest.mark.parametrize("name", [".lock", ".run.lock", ".sending.lock"])
def test_check_names_what_is_no_lock(name: str, centre: Centre) -> None:
    """No command that writes went on, and `check` found all well."""
    path = replace(centre.home / "ledger" / name, Path.mkdir)
    ran = centre.run("check")
    assert ran.code == 1 and str(path) in ran.out and REMEDY in ran.out, ran


@pytest.mark.parametrize("put", [Path.mkdir, os.mkfifo, dangling, huge])
def test_no_file_in_the_place_of_what_the_service_says_of_itself(put: Callable[[Path], None], centre: Centre) -> None:
    path = replace(centre.home / "ledger" / "health.json", put)
    ran = centre.run("health")
    assert ran.code == 1 and len((ran.out + ran.err).splitlines()) == 1, ran
    assert put is dangling or str(path) in ran.out + ran.err
