"""Mistakes of use: one line on stderr, exit 2. Failed jobs: one line, exit 1. Never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from inbox_worker.cli.support import library_said
from tests.cli.centre import Centre
from tests.faults.killer import Ran
from tests.support.here import Runner

MISUSE = [
    ["nonsense"],
    ["init"],
    ["load"],
    ["load", "no-such-file.xlsx"],
    ["ingest"],
    ["ingest", "FORM"],
    ["ingest", "FORM", "--mailbox", "postbox"],
    ["ingest", "FORM", "--mailbox"],
    ["ingest", "no-such-file.xlsx", "--mailbox", "korrektirovki"],
    ["ingest", "FORM", "no-such-file.xlsx", "--mailbox", "korrektirovki"],
    ["ingest", "FOLDER", "--mailbox", "korrektirovki"],
    ["ingest", "FORM", "--mailbox", "korrektirovki", "--received-at", "yesterday"],
    ["ingest", "FORM", "--mailbox", "korrektirovki", "--colour", "red"],
    ["release"],
    ["release", "IW-000001-1"],
    ["release", "IW-000001-1", "--documents", "  "],
    ["release", "IW-000001-1", "--documents", "бумага, 20.08.2026"],
    ["release", "IW-999999-1", "--documents", "бумага"],
    ["release", "../../etc/passwd", "--documents", "бумага"],
    ["draft"],
    ["draft", "september"],
    ["draft", "2026-13"],
    ["close"],
    ["close", "2026-00"],
    ["close", "2026-9"],
    ["close", "2026-09", "--engine", "spark"],
    ["reopen", "2026-09"],
    ["reopen", "2026-09", "--reason", " "],
    ["documents"],
    ["documents", "09.2026"],
    ["documents", "2026-09", "--kind", "poem"],
    ["explain"],
    ["explain", "IW-999999"],
    ["explain", "no such thing"],
    ["deliveries", "--again", "7"],
    ["deliveries", "--drop", "7"],
    ["deliveries", "--again", "1", "--drop", "1"],
    ["deliveries", "--again", "first"],
    ["check", "--quickly"],
    ["once", "more"],
    ["run", "--fast"],
    ["ledger"],
    ["ledger", "shred"],
    ["ledger", "books"],
    ["ledger", "books", "never"],
    ["forms"],
    ["forms", "burn"],
    ["demo", "--accounts", "many"],
]
FAILING = [
    ["reopen", "2026-09", "--reason", "ошибка"],  # nothing is closed
    ["documents", "2026-09", "--kind", "act"],  # an act needs the close
    ["ledger", "books", "2026-09"],
]


def one_line(ran: Ran, code: int) -> str:
    """Return the one line that a command says of a mistake."""
    assert ran.code == code, ran
    assert ran.err.startswith("inbox-worker: ")
    assert ran.err.count("\n") == 1, ran.err
    assert len(ran.err) > len("inbox-worker: ") + 10, "a clear line says what is wrong"
    return ran.err


@pytest.mark.parametrize("arguments", MISUSE, ids=" ".join)
def test_a_mistake_in_use_is_one_line_and_exit_2(arguments: list[str], centre: Centre) -> None:
    known = {"FORM": str(centre.forms / "minus.xlsx"), "FOLDER": str(centre.forms)}
    one_line(centre.run(*(known.get(argument, argument) for argument in arguments)), 2)


@pytest.mark.parametrize(
    ("arguments", "after"),
    [
        (["backup", ""], "backup"),
        (["restore", "", "--dry-run"], "restore"),
        (["init", ""], "init"),
        (["load", ""], "load"),
        (["export", "971240003619", "--to", ""], "--to"),
        (["ledger", "restore", "", "--trial"], "restore"),
        (["outbox", "approve", "--month", "2026-09", "--customer="], "--customer="),
    ],
    ids=str,
)
def test_an_empty_argument_names_nothing(arguments: list[str], after: str, centre: Centre, tmp_path: Path) -> None:
    """It was the current folder, or every document: a variable of a script that is not set."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    ran = centre.runner.run(*arguments, folder=elsewhere, environment={"INBOX_WORKER_HOME": str(centre.home)})
    assert f"nothing is written after {after}: name what is meant, or leave it out" in one_line(ran, 2)
    home = centre.runner.run("check", "--home", "", folder=elsewhere)
    assert "--home needs a folder" in one_line(home, 2)
    assert not [*elsewhere.iterdir()]


@pytest.mark.parametrize("arguments", FAILING, ids=" ".join)
def test_a_failed_job_is_one_line_and_exit_1(arguments: list[str], centre: Centre) -> None:
    ran = centre.run(*arguments)
    one_line(ran, 1)
    assert ran.out == ""


def test_a_month_is_not_closed_before_the_one_it_opens_with(centre: Centre) -> None:
    minus = centre.forms / "minus.xlsx"
    at = ("--received-at", "2026-08-20T10:00:00")
    assert centre.run("ingest", minus, "--mailbox", "korrektirovki", *at).code == 0
    one_line(centre.run("close", "2026-10"), 1)


def test_a_month_after_the_one_that_follows_the_first_open_is_refused(centre: Centre) -> None:
    minus = centre.forms / "minus.xlsx"
    at = ("--received-at", "2026-08-20T10:00:00")
    assert centre.run("ingest", minus, "--mailbox", "korrektirovki", *at).code == 0
    for command in (["draft"], ["documents"], ["report"], ["bills", "send"]):
        ran = centre.run(*command, "2026-11")
        one_line(ran, 2)
        assert "name 2026-09, the first open month, or 2026-10" in ran.err
    assert centre.run("draft", "2026-10").code == 0
    assert centre.run("close", "2026-09").code == 0
    assert centre.run("draft", "2026-11").code == 0
    one_line(centre.run("draft", "2026-12"), 2)


def test_a_second_close_fails(centre: Centre) -> None:
    assert centre.run("close", "2026-09").code == 0
    one_line(centre.run("close", "2026-09"), 1)


@pytest.mark.slow
def test_a_spark_engine_that_is_not_there_closes_nothing(centre: Centre) -> None:
    """Each in a process of its own (`last`): PySpark keeps in its process what it was told first."""
    for command in ("draft", "close"):
        asked = {"INBOX_WORKER_SPARK": "sc://127.0.0.1:1"}
        ran = centre.run(command, "2026-09", "--engine", "spark", last=0, environment=asked)
        one_line(ran, 1)
        assert "Spark" in ran.err and ran.out == ""
    assert centre.run("close", "2026-09", "--engine", "duckdb").code == 0


def test_nothing_is_taken_when_one_file_is_missing(centre: Centre) -> None:
    ran = centre.run("ingest", centre.forms / "minus.xlsx", "no.xlsx", "--mailbox", "korrektirovki")
    one_line(ran, 2)
    assert "no.xlsx" in ran.err and "nothing was taken in" in ran.err
    assert "IW-000003" not in centre.run("explain", "IW-000003").out


@pytest.mark.parametrize(
    "arguments",
    [["check"], ["close", "2026-09"], ["once"], ["load", "FILE"], ["explain", "IW-000001"], ["forms", "build"]],
    ids=" ".join,
)
def test_a_folder_that_is_no_home(arguments: list[str], runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "FILE").touch()
    ran = runner.run(*arguments, "--home", tmp_path / "nowhere", folder=tmp_path)
    if arguments == ["check"]:  # its job is to find problems
        assert ran.code == 1
        assert "init" in ran.out
    else:
        one_line(ran, 2)
        assert "init" in ran.err
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("config.yaml", "operator: [", "config.yaml"),
        ("config.yaml", "colour: red", "colour"),
        ("config.yaml", "", "config.yaml"),
        ("rules/limits.yaml", "rows: many", "limits.yaml"),
    ],
)
def test_settings_that_cannot_be_read(file: str, text: str, told: str, runner: Runner, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert runner.run("init", home).code == 0
    (home / file).write_text(text, "utf-8")
    ran = runner.run("close", "2026-09", "--home", home)
    one_line(ran, 2)
    assert told in ran.err
    checked = runner.run("check", "--home", home)
    assert (checked.code, told in checked.out) == (1, True), checked


def test_init_never_writes_over_a_home(runner: Runner, tmp_path: Path) -> None:
    assert runner.run("init", tmp_path / "home").code == 0
    (tmp_path / "home" / "rules" / "limits.yaml").write_text("mine", "utf-8")
    one_line(runner.run("init", tmp_path / "home"), 2)
    assert (tmp_path / "home" / "rules" / "limits.yaml").read_text("utf-8") == "mine"


def test_demo_judges_its_numbers_before_it_makes_or_removes_anything(runner: Runner, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    (earlier / ".demo").touch()
    for folder in (tmp_path / "new", earlier):
        for numbers in (("6", "200"), ("20", "3"), ("-1", "-1")):
            one_line(runner.run("demo", "--customers", numbers[0], "--accounts", numbers[1], "--home", folder), 2)
    assert not (tmp_path / "new").exists() and [path.name for path in earlier.iterdir()] == [".demo"]


def test_demo_over_work_of_people_needs_its_word(runner: Runner, tmp_path: Path) -> None:
    """Too few customers end it behind that question: nothing is removed here by any answer."""
    home = tmp_path / "town"
    assert runner.run("init", home).code == 0
    (home / ".demo").touch()
    asked = ("demo", "--home", home, "--customers", "6")
    assert "customers" in one_line(runner.run(*asked), 2), "a demo that was cut off before its journal"
    assert runner.run("outbox", "list", "--home", home).code == 0
    refused = one_line(runner.run(*asked), 2)
    assert "1 commands of people" in refused and "demo --again" in refused
    assert "customers" in one_line(runner.run(*asked, "--again"), 2) and "--again" not in refused.partition(";")[0]
    (home / "ledger" / "journal.db").write_bytes(b"no journal " * 999)
    assert "nobody can tell" in one_line(runner.run(*asked), 2)


def test_demo_never_writes_over_a_folder_of_others(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", "utf-8")
    one_line(runner.run("demo", "--home", tmp_path), 2)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_month_before_the_first_close_is_refused_in_one_word(centre: Centre, tmp_path: Path) -> None:
    """`close` sent to `reopen`, `reopen` said that it could not, `documents` sent to `close`."""
    assert centre.run("close", "2026-09").code == 0
    commands = (
        ("close",), ("close", "--dry-run"), ("draft",), ("reopen", "--reason", "x"), ("documents",), ("report",),
        ("ledger", "books"), ("ledger", "changes"), ("bills", "send"), ("depersonalised", "--to", tmp_path / "s.xlsx"),
    )  # fmt: skip
    for command in commands:
        told = one_line(centre.run(*command, "2026-08"), 2)
        assert "2026-08 is before 2026-09, the first month of this ledger" in told, command
    proven = centre.run("ledger", "verify", "--month", "2026-08")
    assert proven.code == 1 and "names no close of 2026-08" in proven.out


@pytest.mark.parametrize("command", [
    ("ledger", "verify", "--customer"), ("outbox", "list", "--customer"), ("retention", "propose", "--customer"),
    ("export",),
], ids=" ".join)  # fmt: skip
def test_a_customer_that_no_register_told_of_is_a_mistake_and_no_empty_answer(
    centre: Centre, command: tuple[str, ...]
) -> None:
    """`ledger verify` said "all well" of a mistyped number."""
    assert "there is no customer '111' in the register; `load` it" in one_line(centre.run(*command, "111"), 2)


def test_a_full_disk_is_told_with_its_mend_though_there_is_room_again(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What SQLite undid has left room by the time that the command tells of it."""
    monkeypatch.setenv("INBOX_WORKER_HOME", str(centre.home))
    with create_engine("sqlite://").connect() as journal:
        journal.exec_driver_sql("create table t (x text)")
        journal.exec_driver_sql("pragma max_page_count = 2")
        with pytest.raises(OperationalError) as caught:
            journal.exec_driver_sql("insert into t values (?)", ("x" * 100_000,))
    said = library_said(caught.value)
    assert "disk is full" in said and f"{centre.home}: make room, then try again" in said
