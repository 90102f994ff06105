"""What commands print and where they work: the shapes that programs rely on (interface.md)."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer

from inbox_worker.cli.main import app, limit_to
from tests.cli.centre import Centre
from tests.support.here import Runner
from tests.support.office import ROOT, bin_of

SUMS = (
    "opening", "charged", "undelivered", "recalculated", "penalty", "paid", "moved", "closing",
    "opening_penalty", "paid_penalty", "closing_penalty",
)  # fmt: skip
FINDING = {"code", "severity", "sheet", "cell", "value", "message", "clause"}
SUBMISSION = {
    "submission", "attachment", "form", "customer", "outcome", "month", "rows_read", "rows_posted", "findings",
}  # fmt: skip
FOLDERS = ["banks", "bigoperators", "korrektirovki"]


def ingest(centre: Centre, name: str, *options: str) -> dict[str, Any]:
    at = () if "--received-at" in options else ("--received-at", "2026-08-20T10:00:00+05:00")
    arguments = ("--mailbox", "korrektirovki", "--json", *at, *options)
    ran = centre.run("ingest", centre.forms / name, *arguments)
    assert (ran.code, ran.err) == (0, "")
    document = json.loads(ran.out)
    assert list(document) == ["arrivals"]
    (arrival,) = document["arrivals"]
    return dict(arrival)


def test_ingest_json(centre: Centre) -> None:
    arrival = ingest(centre, "minus.xlsx")
    assert arrival["source"] == "minus.xlsx"
    assert arrival["received_at"] == "2026-08-20T10:00:00+05:00"
    assert (arrival["arrival"], arrival["sender"], arrival["outcome"]) == ("IW-000003", "", "accepted")
    (submission,) = arrival["submissions"]
    assert set(submission) >= SUBMISSION
    expected = {
        "submission": "IW-000003-1", "attachment": "minus.xlsx", "form": "recalculations", "customer": bin_of("A"),
        "outcome": "accepted", "month": "2026-09", "rows_read": 1, "rows_posted": 1, "findings": [],
    }  # fmt: skip
    assert {name: submission[name] for name in SUBMISSION} == expected


@pytest.mark.parametrize(("name", "outcome"), [("broken.xlsx", "rejected"), ("plus.xlsx", "held")])
def test_ingest_ends_well_whatever_the_outcome(name: str, outcome: str, centre: Centre) -> None:
    arrival = ingest(centre, name)
    assert arrival["outcome"] == outcome
    (finding,) = arrival["submissions"][0]["findings"]
    assert set(finding) >= FINDING
    assert finding["severity"] in ("error", "warning", "info")


def test_ingest_of_several_files_is_one_document(centre: Centre) -> None:
    files = [centre.forms / name for name in ("minus.xlsx", "broken.xlsx", "minus.xlsx")]
    ran = centre.run("ingest", *files, "--mailbox", "korrektirovki", "--json")
    arrivals = json.loads(ran.out)["arrivals"]
    assert ran.code == 0
    assert [arrival["source"] for arrival in arrivals] == ["minus.xlsx", "broken.xlsx", "minus.xlsx"]
    assert arrivals[1]["outcome"] == "rejected"
    assert arrivals[2]["outcome"] == "duplicate"


@pytest.mark.quick(
    "2026-08-25T23:59:59-2026-08-25T23:59:59+05:00-2026-09", "2026-08-25T19:00:00Z-2026-08-26T00:00:00+05:00-2026-10"
)
@pytest.mark.parametrize(
    ("stated", "meant", "month"),
    [
        ("2026-08-25T23:59:59", "2026-08-25T23:59:59+05:00", "2026-09"),
        ("2026-08-26T00:00:00", "2026-08-26T00:00:00+05:00", "2026-10"),
        ("2026-08-25T18:59:59+00:00", "2026-08-25T23:59:59+05:00", "2026-09"),
        ("2026-08-25T19:00:00Z", "2026-08-26T00:00:00+05:00", "2026-10"),
    ],
)
def test_4_3_2_a_time_without_zone_is_almatys(stated: str, meant: str, month: str, centre: Centre) -> None:
    arrival = ingest(centre, "minus.xlsx", "--received-at", stated)
    assert arrival["received_at"] == meant
    assert arrival["submissions"][0]["month"] == month


def test_a_stated_sender_must_be_the_customers(centre: Centre) -> None:
    assert ingest(centre, "minus.xlsx", "--from", "office@b.example")["outcome"] == "rejected"
    assert ingest(centre, "minus.xlsx", "--from", "nobody@else.example")["outcome"] == "quarantined"
    arrival = ingest(centre, "minus.xlsx", "--from", "OFFICE@a.example")
    assert (arrival["outcome"], arrival["sender"]) == ("accepted", "office@a.example")


def test_release_answers_like_ingest(centre: Centre) -> None:
    held = ingest(centre, "plus.xlsx")["submissions"][0]["submission"]
    ran = centre.run("release", held, "--documents", "бумага, 20.08.2026", "--json")
    (arrival,) = json.loads(ran.out)["arrivals"]
    assert (ran.code, arrival["submissions"][0]["outcome"]) == (0, "accepted")
    assert arrival["submissions"][0]["month"] == "2026-09"


def test_draft_json(centre: Centre) -> None:
    ran = centre.run("draft", "2026-09", "--json")
    document = json.loads(ran.out)
    assert (ran.code, ran.err, document["month"], document["state"]) == (0, "", "2026-09", "draft")
    assert document["rows"] == 2
    assert document["totals"]["charged"] == "2051.43"
    assert set(document["totals"]) == set(SUMS)
    assert (document["new_lines"], document["gone_lines"], document["changed_lines"]) == (2, 0, 0)
    assert document["compared_with"] is None and document["outliers"] == {"count": 0, "houses": []}


def test_4_1_4_a_dry_run_tells_what_differs_from_the_last_month(centre: Centre) -> None:
    """In JSON for programs and in words for a clerk; the close itself tells its totals alone."""
    assert "differences" not in json.loads(centre.run("close", "2026-09", "--json").out)
    document = json.loads(centre.run("close", "2026-10", "--dry-run", "--json").out)
    assert (document["compared_with"], document["state"], document["rows"]) == ("2026-09", "open", 2)
    assert document["before"]["charged"] == document["charged"] == "2051.43"
    assert document["differences"]["changed"] == {"count": 0, "before": "0.00", "now": "0.00", "lines": []}
    for command in (["close", "2026-10", "--dry-run"], ["draft", "2026-10"]):
        told = centre.run(*command).out
        assert "Строки с другим начислением: 0" in told and "Дома, на которые стоит взглянуть: 0" in told


def test_close_json(centre: Centre) -> None:
    ingest(centre, "minus.xlsx")
    trial = json.loads(centre.run("close", "2026-09", "--dry-run", "--json").out)
    assert not (centre.home / "ledger" / "closes" / "2026-09").exists()
    ran = centre.run("close", "2026-09", "--engine", "duckdb", "--json")
    document = json.loads(ran.out)
    assert (ran.code, document["month"], document["state"], document["engine"]) == (0, "2026-09", "closed", "duckdb")
    assert document["rows"] == 2
    totals = {name: Decimal(document[name]) for name in SUMS}
    assert totals == {name: Decimal(trial[name]) for name in SUMS}
    assert (totals["charged"], totals["recalculated"]) == (Decimal("2051.43"), Decimal("-10.00"))
    plus = sum(totals[name] for name in ("opening", "charged", "undelivered", "recalculated", "penalty", "moved"))
    assert plus - totals["paid"] == totals["closing"]
    assert centre.run("reopen", "2026-09", "--reason", "проверка").code == 0
    assert centre.run("close", "2026-09").code == 0


@pytest.mark.slow
def test_a_second_close_shows_line_by_line_what_it_changed(centre: Centre) -> None:
    assert centre.run("close", "2026-09").code == 0
    assert centre.run("reopen", "2026-09", "--reason", "письмо опоздало").code == 0
    ingest(centre, "minus.xlsx")
    told = centre.run("close", "2026-09").out
    assert "расчёт № 2 рядом с № 1, строк изменилось: 1" in told and "2 051,43" in told and "2 041,43" in told
    assert centre.run("reopen", "2026-09", "--reason", "проверка").code == 0
    changes = json.loads(centre.run("close", "2026-09", "--json").out)["changes"]
    assert (changes["before"], changes["now"], changes["lines_changed"]) == (2, 3, 0)


def test_documents_and_books_lie_where_they_say(centre: Centre) -> None:
    assert centre.run("close", "2026-09").code == 0
    for arguments in (
        ["documents", "2026-09", "--kind", "turnover", "--customer", bin_of("A"), "--verbose"],
        ["ledger", "books", "2026-09"],
    ):
        ran = centre.run(*arguments)
        paths = [Path(line) for line in ran.out.splitlines()]
        assert (ran.code, bool(paths)) == (0, True), ran
        assert all(path.is_file() for path in paths)
    assert all(bin_of("A") in str(path.parent) for path in (centre.home / "outbox" / "pending").rglob("*.xlsx"))
    shown = centre.run("documents", "2026-09", "--kind", "turnover", "--customer", bin_of("A")).out.splitlines()
    folder = centre.home / "outbox" / "pending" / "2026-09"
    assert shown[0] == "  оборотная ведомость: 2" and str(folder) in shown[-1] and len(shown) == 2


def test_explain_leads_to_the_file_that_came(centre: Centre) -> None:
    ingest(centre, "broken.xlsx")
    ran = centre.run("explain", "IW-000003-1")
    assert ran.code == 0
    assert "broken.xlsx" in ran.out
    assert "4.1.15" in ran.out


def test_check_of_a_fresh_home(runner: Runner, tmp_path: Path) -> None:
    made = runner.run("init", tmp_path / "home")
    assert made.code == 0
    assert str(tmp_path / "home" / "config.yaml") in made.out
    ran = runner.run("check", "--home", tmp_path / "home")
    assert (ran.code, ran.err) == (0, "")
    assert sorted(path.name for path in (tmp_path / "home" / "inbox").iterdir()) == FOLDERS


def test_forms_build_makes_the_blanks_of_the_home(runner: Runner, tmp_path: Path) -> None:
    home = tmp_path / "home"
    runner.run("init", home)
    blank = home / "templates" / "forms" / "tariffs.xlsx"
    blank.unlink(missing_ok=True)
    assert runner.run("forms", "build", "--home", home).code == 0
    assert blank.read_bytes()[:2] == b"PK"


def test_once_takes_what_lies_in_the_folder_when_it_is_quiet(runner: Runner, centre: Centre) -> None:
    assert centre.run("once").code == 0
    assert sorted(path.name for path in (centre.home / "inbox").iterdir()) == FOLDERS


@pytest.mark.parametrize("way", ["before", "behind", "equals", "environment", "folder"])
def test_the_home_may_be_named_anywhere(way: str, centre: Centre, tmp_path: Path) -> None:
    home = str(centre.home)
    explain = ["explain", "IW-000001"]
    arguments = {
        "before": ["--home", home, *explain],
        "behind": [*explain, "--home", home],
        "equals": [f"--home={home}", *explain],
    }.get(way, explain)
    environment = {"INBOX_WORKER_HOME": home} if way == "environment" else {}
    ran = centre.runner.run(*arguments, folder=centre.home if way == "folder" else tmp_path, environment=environment)
    assert (ran.code, "customers.xlsx" in ran.out) == (0, True), ran


def test_the_named_home_wins_over_the_environments(centre: Centre, tmp_path: Path) -> None:
    ran = centre.run("explain", "IW-000001", environment={"INBOX_WORKER_HOME": str(tmp_path / "other")})
    assert ran.code == 0


def _commands(group: Any, words: tuple[str, ...] = ()) -> list[str]:
    if not hasattr(group, "commands"):
        return [" ".join(words)]
    return [name for word, command in group.commands.items() for name in _commands(command, (*words, word))]


def test_a_command_named_first_is_there_whole_and_the_others_are_not_described() -> None:
    every = typer.main.get_command(app)
    for word, named in every.commands.items():  # type: ignore[attr-defined]
        alone = typer.main.get_command(limit_to([word, "--help"]))
        assert list(alone.commands) == [word]  # type: ignore[attr-defined]
        assert _commands(alone.commands[word]) == _commands(named)  # type: ignore[attr-defined]
    assert limit_to(["clos"]) is limit_to([]) is limit_to(["--help"]) is app


def test_every_command_is_documented() -> None:
    commands = _commands(typer.main.get_command(app))
    assert len(commands) > 12
    assert {"ingest", "ledger books", "forms build"} <= set(commands)
    text = re.sub(r"inbox-worker (--home \S+ )", "inbox-worker ", (ROOT / "docs/commands.md").read_text("utf-8"))
    missing = [name for name in commands if not re.search(rf"inbox-worker {re.escape(name)}\b", text)]
    assert missing == [], "docs/commands.md must show each command as `inbox-worker <command>`"


def test_commands_without_json_are_named_beside_those_that_have_it() -> None:
    """Of a group that docs/commands.md promises `--json` of, each command has it or is named as one without."""
    promised, _, rest = (ROOT / "docs/commands.md").read_text("utf-8").rstrip().rpartition("\n\n")[2].partition(";")
    every, without = typer.main.get_command(app), set(re.findall(r"`([a-z -]+)`", rest))
    for words in re.findall(r"`([a-z][a-z -]+)`", promised):
        command: Any = every
        for word in words.split():
            command = command.commands[word]
        for name in _commands(command, tuple(words.split())):
            leaf: Any = every
            for word in name.split():
                leaf = leaf.commands[word]
            has = any(param.name == "json" for param in leaf.params)
            assert has != (name in without), name


def test_every_command_and_option_says_what_it_is_for() -> None:
    def lacking(group: Any, path: str) -> list[str]:
        found = [] if group.help else [path]
        found += [f"{path} {p.name}" for p in group.params if not getattr(p, "help", "") and p.name != "help"]
        return found + [x for word, c in getattr(group, "commands", {}).items() for x in lacking(c, f"{path} {word}")]

    assert lacking(typer.main.get_command(app), "inbox-worker") == []
