"""`outbox list|approve|reject|send` and `bills send`, as staff give them; a kill at any step leaves them repeatable."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from inbox_worker.deciding.open_office import open_office
from inbox_worker.outbox.listing import documents_json
from inbox_worker.outbox.review import Selection, look_through
from inbox_worker.outbox.waiting import list_documents
from inbox_worker.settings.home import load_home
from inbox_worker.workbooks.cells import CellReader
from tests.faults.killer import Ran
from tests.outbox.desk import ACT, MONTH, TURNOVER, Desk, write_at
from tests.outbox.papers_home import give, in_rules
from tests.support.here import Runner
from tests.support.office import TownOffice, bin_of, customer, line, moment


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Path:
    """Customers A and B with documents to review; they go into the exchange folder."""
    folder = tmp_path_factory.mktemp("desk") / "home"
    with TownOffice(folder, reader) as town:
        town.load_customers(customer("A"), customer("B"))
        town.load_directory(line("A", "1001", "maintenance", tariff="1", area="1"))
        desk = Desk(town)
        desk.render("A", now=moment("2026-10-01"))
        desk.render("B", names=[ACT], now=moment("2026-10-01"))
        desk.render("B", names=["turnover-2099-01.xlsx"], month="2099-01", now=moment("2026-10-01"))
    in_rules(folder, "default: [mail]", "default: [folder]")
    with (folder / "config.yaml").open("a", encoding="utf-8") as config:
        config.write("\nexchange: {folder: exchange}\n")
    return folder


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    return shutil.copytree(prepared, tmp_path / "home")


def told(runner: Runner, home: Path, *arguments: str | Path) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(give(runner, home, "outbox", *arguments, "--json").out)
    return answer


def test_a_list_asks_the_journal_as_often_for_many_documents_as_for_one(home: Path) -> None:
    asked = list[str]()

    def note(*said: Any) -> None:
        asked.append(said[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with open_office(load_home(home), alone=True) as office:
            look_through(office, moment("2026-12-01"))
            versions, counts = office.journal.documents.versions(), []
            for some in (versions[:1], versions):
                asked.clear()
                documents_json(office, some, moment("2026-12-01"))
                counts.append(len(asked))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(versions) == 4 and counts[1] <= counts[0]


def test_the_list_looks_again_only_after_something_moved(home: Path) -> None:
    looked, now = list[str](), moment("2026-12-01")

    def note(*said: Any) -> None:
        looked.append(said[2])

    with open_office(load_home(home), alone=True) as office:
        list_documents(office, Selection(), now)
        event.listen(Engine, "before_cursor_execute", note)
        try:
            list_documents(office, Selection(), now)
            once = len(looked)
            [act] = home.glob(f"outbox/pending/2026-09/{bin_of('A')}*/{ACT}")
            write_at(Path(str(act).replace("pending", "approved")), act.read_bytes())
            act.unlink()
            looked.clear()
            result = list_documents(office, Selection(), now)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
    assert len(looked) > once
    assert [version.name for version in result.documents if version.state == "approved"] == [ACT]


def paths(answer: dict[str, Any]) -> list[str]:
    return [row["path"].split("/")[0] + "/" + row["path"].rpartition("/")[2] for row in answer["documents"]]


def test_the_list_says_what_waits_overdue_first(runner: Runner, home: Path) -> None:
    answer = told(runner, home, "list")
    rows = answer["documents"]
    assert answer["problems"] == [] and len(rows) == 4
    assert (rows[0]["kind"], rows[0]["overdue"], rows[0]["due"], rows[0]["clause"]) == (
        "turnover", True, "2026-10-12", "4.1.8",
    )  # fmt: skip
    assert [row["due"] for row in rows[1:]] == ["2099-02-12", None, None]
    assert rows[0]["age_days"] >= 50 and rows[0]["customer"] == "ТОО «A»"
    shown = give(runner, home, "outbox", "list").out
    assert "ПРОСРОЧЕНО" in shown and "4.1.8" in shown
    assert "МЕРЗІМІ ӨТТІ" in give(runner, home, "outbox", "list", "--lang", "kk").out


@pytest.mark.parametrize(
    ("asked", "moved"),
    [
        (["--customer", bin_of("A")], [ACT, TURNOVER]),
        (["--kind", "act"], [ACT, ACT]),
        (["--month", "2099-01"], ["turnover-2099-01.xlsx"]),
        (["--kind", "act", "--customer", bin_of("B")], [ACT]),
        (["--all"], [ACT, ACT, TURNOVER, "turnover-2099-01.xlsx"]),
    ],
    ids=str,
)
def test_approve_by_what_is_asked(asked: list[str], moved: list[str], runner: Runner, home: Path) -> None:
    answer = told(runner, home, "approve", *asked)
    assert sorted(paths(answer)) == sorted(f"approved/{name}" for name in moved)
    assert sorted(path.name for path in (home / "outbox" / "approved").glob("*/*/*.[dx]*")) == sorted(moved)
    with sqlite3.connect(home / "ledger" / "journal.db") as journal:
        who = journal.execute("select distinct who from outbox_moves where state = 'approved'").fetchall()
    assert who and all(name.startswith("command:") for (name,) in who)


@pytest.mark.parametrize("command", ["approve", "reject"])
@pytest.mark.parametrize("asked", [["--kind", "turnovers"], ["--month", "2031-01"], ["--customer", "1"]], ids=str)
def test_what_nothing_is_like_is_refused_with_what_there_is(
    asked: list[str], command: str, runner: Runner, home: Path
) -> None:
    """Whoever mistypes would think it approved."""
    told = give(runner, home, "outbox", command, *asked, code=2).err
    assert all(name in told for name in ("--kind act, turnover", "2026-09, 2099-01", bin_of("A"), bin_of("B")))


def test_to_approve_again_is_no_mistake(runner: Runner, home: Path) -> None:
    """Where nothing waits any more; what nothing was ever like is one."""
    for asked in (["--all"], ["--kind", "act"], ["--kind", "act"]):
        give(runner, home, "outbox", "approve", *asked)
    assert "no document waits" in give(runner, home, "outbox", "approve", "--kind", "acts", code=2).err


def test_approve_reject_and_approve_by_path(runner: Runner, home: Path) -> None:
    (folder,) = (home / "outbox" / "pending" / MONTH).glob(f"{bin_of('A')}*")
    assert paths(told(runner, home, "approve", folder / ACT)) == [f"approved/{ACT}"]
    approved = home / "outbox" / "approved" / MONTH / folder.name
    assert paths(told(runner, home, "reject", approved / ACT)) == [f"rejected/{ACT}"]
    rejected = home / "outbox" / "rejected" / MONTH / folder.name
    assert paths(told(runner, home, "approve", rejected / ACT)) == [f"approved/{ACT}"]
    assert paths(told(runner, home, "approve", folder)) == [f"approved/{TURNOVER}"]
    assert "outbox list" in give(runner, home, "outbox", "approve", folder.parent.parent / "nothing", code=2).err
    gone = give(runner, home, "outbox", "approve", home / "outbox" / "pending" / MONTH / folder.name / ACT, code=2)
    assert f"it lies in {approved / ACT} now" in gone.err
    give(runner, home, "outbox", "approve", home / "config.yaml", code=2)


def test_send_into_the_exchange_folder_and_the_whole_list(runner: Runner, home: Path) -> None:
    told(runner, home, "approve", "--customer", bin_of("A"))
    answer = told(runner, home, "send", "--kind", "act")
    assert paths(answer) == [f"sent/{ACT}"]
    assert [one["way"] for one in answer["documents"][0]["deliveries"]] == ["folder"]
    assert sorted(path.name for path in (home / "exchange").rglob("*.*x")) == [ACT]
    assert paths(told(runner, home, "send", "--all")) == [f"sent/{TURNOVER}"]
    assert len(told(runner, home, "list")["documents"]) == 2
    assert len(told(runner, home, "list", "--all")["documents"]) == 4


def test_without_a_mail_server_the_open_ways_are_told_and_taken(runner: Runner, home: Path) -> None:
    """A goes by mail, which is not set; B takes his from the exchange folder: B's go, of A's the ways are told."""
    in_rules(home, "default: [folder]", f'default: [mail]\n  "{bin_of("B")}": [folder]')
    give(runner, home, "outbox", "approve", "--all")
    ran = runner.run("outbox", "send", "--all", "--home", home)
    assert ran.code == 1
    assert all(way in ran.err.splitlines()[-1] for way in ("smtp", "exchange.folder", "--handed"))
    assert {row["bin"] for row in told(runner, home, "list")["documents"]} == {bin_of("A")}, "B's have gone"
    give(runner, home, "outbox", "send", "--all", "--handed", "бумага, 05.10.2026")
    assert told(runner, home, "list")["documents"] == []


def test_handed_over_by_command(runner: Runner, home: Path) -> None:
    told(runner, home, "approve", "--customer", bin_of("B"), "--month", MONTH)
    (row,) = told(runner, home, "send", "--customer", bin_of("B"), "--handed", "бумага, 05.10.2026")["documents"]
    assert (row["state"], row["deliveries"][0]["way"]) == ("sent", "hand")
    assert row["deliveries"][0]["answer"] == "бумага, 05.10.2026"


@pytest.mark.parametrize("day", ["31.02.2026", "05.10", "05.10.2006", "05.10.2096"])
def test_a_day_on_which_nothing_was_handed_over_is_refused(runner: Runner, home: Path, day: str) -> None:
    """No such day, none with a year, one before the document was made, one to come."""
    told(runner, home, "approve", "--customer", bin_of("B"), "--month", MONTH)
    give(runner, home, "outbox", "send", "--customer", bin_of("B"), "--handed", f"бумага, {day}", code=2)
    states = [row["state"] for row in told(runner, home, "list", "--customer", bin_of("B"))["documents"]]
    assert "approved" in states and "sent" not in states


def test_what_came_back_is_handed_over_once(runner: Runner, home: Path) -> None:
    """A letter that bounced leaves its document in `sent`: staff give it otherwise, and say so."""
    told(runner, home, "approve", "--customer", bin_of("B"), "--month", MONTH)
    (row,) = told(runner, home, "send", "--customer", bin_of("B"))["documents"]
    path = home / "outbox" / row["path"]
    (row,) = told(runner, home, "send", path, "--handed", "бумага")["documents"]
    assert (row["state"], [d["way"] for d in row["deliveries"]]) == ("sent", ["folder", "hand"])
    assert "already" in give(runner, home, "outbox", "send", path, "--handed", "бумага", code=2).err
    give(
        runner, home, "outbox", "send", "--customer", bin_of("B"), "--handed", "бумага"
    )  # asks nothing of what is sent


def test_what_must_be_mended_first_is_left_and_told(runner: Runner, home: Path) -> None:
    give(runner, home, "outbox", "list")
    (folder,) = (home / "outbox" / "pending" / MONTH).glob(f"{bin_of('A')}*")
    copy = home / "outbox" / "rejected" / MONTH / folder.name / ACT
    copy.parent.mkdir(parents=True)
    shutil.copy(folder / ACT, copy)
    ran = give(runner, home, "outbox", "approve", "--all", code=1)
    assert "documents left: 1 of 4" in ran.err and "outbox.twice" in ran.err
    assert (folder / ACT).exists() and copy.exists()


@pytest.mark.parametrize("known", [True, False])
def test_sending_ends_with_1_when_a_document_was_left(known: bool, runner: Runner, home: Path) -> None:
    """Half of a copy was told, and the command said that all went well."""
    (path,) = (home / "outbox" / "pending" / MONTH).glob(f"{bin_of('B')}*/{ACT}")
    approved = home / "outbox" / "approved" / path.relative_to(home / "outbox" / "pending")
    if known:
        give(runner, home, "outbox", "approve", path)
    else:
        approved.parent.mkdir(parents=True)
        path.rename(approved)
    write_at(approved, b"half a document", moment("2026-10-01"))
    ran = give(runner, home, "outbox", "send", "--all", code=1)
    assert "documents left: 1;" in ran.err and "outbox.not_whole" in ran.err
    assert give(runner, home, "outbox", "send", "--month", "2099-01").code == 0, "it was not asked for"


@pytest.mark.parametrize("command", ["approve", "reject", "send"])
def test_without_a_word_which_nothing_happens(command: str, runner: Runner, home: Path) -> None:
    assert "--all" in give(runner, home, "outbox", command, code=2).err
    assert not (home / "outbox" / "approved").exists()


def test_only_a_sent_act_is_cancelled_and_with_a_reason(runner: Runner, home: Path) -> None:
    (act,) = (home / "outbox" / "pending" / MONTH).glob(f"{bin_of('A')}*/{ACT}")
    assert "outbox/sent" in give(runner, home, "outbox", "cancel", act, "--reason", "ошибка", code=2).err
    give(runner, home, "outbox", "cancel", act, "--reason", " ", code=2)
    give(runner, home, "outbox", "cancel", act, code=2)


def test_bills_need_a_mail_server(runner: Runner, home: Path) -> None:
    assert "smtp" in give(runner, home, "bills", "send", MONTH, code=1).err
    with (home / "config.yaml").open("a", encoding="utf-8") as config:
        config.write("smtp: {host: 127.0.0.1, port: 2, tls: none}\n")
    assert "--kind bills --account" in give(runner, home, "bills", "send", MONTH).out, "none were made: it says how"
    give(runner, home, "bills", "send", "soon", code=2)
    give(runner, home, "bills", "send", MONTH, "--limit", "0", code=2)


STEPS = (
    ("list", ("outbox", "list")),
    ("approve", ("outbox", "approve", "--all")),
    ("send", ("outbox", "send", "--all")),
)


@pytest.fixture(scope="module")
def life(prepared: Path, runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Path, Ran, Any]]:
    """Each command with the home before it, its whole run and what it leaves."""
    folder = tmp_path_factory.mktemp("life")
    home = shutil.copytree(prepared, folder / "home")
    found = []
    for name, arguments in STEPS:
        before = shutil.copytree(home, folder / name)
        found.append((name, before, give(runner, home, *arguments, last=0), state_of(home)))
    return found


def state_of(home: Path) -> dict[str, Any]:
    """Files by hash, and what the journal knows, without the clock and without who."""
    journal = sqlite3.connect(home / "ledger" / "journal.db")
    rows = {
        "versions": "select month, bin, name, state, sha256, lying from outbox_documents order by id",
        "moves": "select document, was, state, sha256, note from outbox_moves order by document, id",
        "proofs": "select document, way, state, sha256 from outbox_proofs order by document",
    }
    state: dict[str, Any] = {name: journal.execute(query).fetchall() for name, query in rows.items()}
    journal.close()
    for name in ("outbox", "exchange"):
        files = [path for path in (home / name).rglob("*") if path.is_file() and path.name != "manifest.json"]
        state[name] = {p.relative_to(home).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
    manifests = (home / "outbox").rglob("manifest.json")
    state["manifests"] = {p.relative_to(home).as_posix(): sorted(json.loads(p.read_text())["files"]) for p in manifests}
    return state


def prove(number: int, life: list[tuple[str, Path, Ran, Any]], step: int, runner: Runner, home: Path) -> None:
    name, before, whole, after = life[number]
    shutil.copytree(before, home)
    killed = runner.run(*STEPS[number][1], "--home", home, last=step)
    assert killed.killed, (name, step, killed)
    give(runner, home, *STEPS[number][1])
    assert state_of(home) == after, f"{name}, killed at step {step}: {whole.steps[step - 1]}"
    assert told(runner, home, "list")["problems"] == []
    shutil.rmtree(home)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(STEPS)), ids=[name for name, _ in STEPS])
@pytest.mark.quick("approve")
def test_a_kill_at_some_steps_leaves_it_repeatable(
    number: int, life: list[tuple[str, Path, Ran, Any]], runner: Runner, tmp_path: Path
) -> None:
    steps = len(life[number][2].steps)
    for step in {1, steps // 4, steps // 2, 3 * steps // 4, steps - 1, steps}:
        prove(number, life, step, runner, tmp_path / str(step))


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(STEPS)), ids=[name for name, _ in STEPS])
def test_a_kill_at_every_step_leaves_it_repeatable(
    number: int, life: list[tuple[str, Path, Ran, Any]], runner: Runner, tmp_path: Path
) -> None:
    for step in range(1, len(life[number][2].steps) + 1):
        prove(number, life, step, runner, tmp_path / str(step))


def test_the_list_is_by_customer_and_fits_80_columns(runner: Runner, home: Path) -> None:
    shown = give(runner, home, "outbox", "list").out
    lines = shown.splitlines()
    for who in ("A", "B"):
        assert [line for line in lines if f"{bin_of(who)} ТОО «{who}»" in line] == [f"{bin_of(who)} ТОО «{who}»"]
    assert max(map(len, lines)) <= 80
    for word in ("оборотная ведомость", "ПРОСРОЧЕНО 12.10.2026", "2026-09"):
        assert word in shown, "nothing is broken within a word or a date"
