"""The chain of acts (4.1.17): whoever changes, removes or moves a row of it, or a decision it holds, is found."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from inbox_worker.core.time import ALMATY
from inbox_worker.ledger.act_chain import CHAINED, hash_act
from inbox_worker.ledger.journal import open_journal
from inbox_worker.month.anchors import ANCHORS
from inbox_worker.month.audit import _HEAVY
from inbox_worker.month.shared_anchors import write_anchor
from inbox_worker.settings.home import load_home
from inbox_worker.settings.texts import shipped_texts
from tests.ledger.integrity.life import AT, MONTH, Life
from tests.support.journals import unguarded
from tests.support.office import email_of
from tests.support.papers import letter


def by_hand(life: Life, change: Callable[[Connection], object]) -> None:
    """Somebody changes the journal beside the program."""
    journal = open_journal(life.journal)
    with journal.database.engine.begin() as connection, unguarded(connection):
        change(connection)
    journal.database.dispose()


def sql(life: Life, *statements: str) -> None:
    by_hand(life, lambda connection: [connection.execute(text(one)) for one in statements])


def problems(life: Life) -> list[str]:
    ran = life.run("audit", "verify", "--json")
    found: list[str] = json.loads(ran.out)["problems"]
    assert ran.code == (1 if found else 0), ran
    return found


def acts(life: Life) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(life.run("audit", "list", "--json").out)["acts"]
    return found


def test_every_act_is_listed_with_who_where_and_what(life: Life) -> None:
    life.run("reopen", MONTH, "--reason", "проверка")
    listed = acts(life)
    assert [act["number"] for act in listed] == list(range(1, len(listed) + 1))
    names = {act["act"] for act in listed}
    assert {"decide", "close", "reopen"} <= names
    last = listed[-1]
    assert last["details"] == "проверка" and last["who"] and last["origin"] and last["who"] != "service"
    decided = [act for act in listed if act["act"] == "decide"]
    assert all(act["who"] == "service" and act["before"] and act["after"] for act in decided)
    assert "проверка" in life.run("audit", "list").out
    assert problems(life) == []


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["update acts set who = 'nobody' where number = 2"], "act 2 "),
        (["update acts set at = '2020-01-01T00:00:00+05:00' where number = 3"], "act 3 "),
        (["delete from acts where number = 2"], "act 2 is not there"),
        (["update acts set number = 0 where number = 2", "update acts set number = 2 where number = 3",
          "update acts set number = 3 where number = 0"], "act 2 "),
        (["delete from acts where number = (select max(number) from acts)"], "acts from "),
    ],
)  # fmt: skip
def test_a_row_changed_removed_or_moved_is_named(life: Life, statements: list[str], named: str) -> None:
    sql(life, *statements)
    assert any(what.startswith(named) for what in problems(life)), problems(life)


@pytest.mark.parametrize(
    "statement",
    [
        "update submissions set outcome = 'rejected' where id = '{id}'",
        "update submissions set complete_at = '2026-08-01T10:00:00+05:00' where id = '{id}'",
        "update fact_files set sha256 = '{zero}' where submission = '{id}'",
        "delete from fact_files where submission = '{id}'",
        "delete from submissions where id = '{id}'",
        "update submissions set confirmed = 'somebody' where id = '{id}'",
        "insert into findings select 9999, arrival, id, 'value.negative', 'error', '', '', '', 'x', '', '', '', '' "
        "from submissions where id = '{id}'",
    ],
)
def test_a_decision_changed_by_hand_is_named(life: Life, statement: str) -> None:
    decided = next(act["subject"] for act in acts(life) if act["details"].startswith("recalculations: accepted"))
    assert problems(life) == []
    sql(life, statement.format(id=decided, zero="0" * 64))
    assert [what for what in problems(life) if decided in what]


@pytest.mark.parametrize("moment", ["2026-08-20T09:00:00+05:00", "2026-08-20T11:00:00+05:00"])
def test_a_letter_whose_moment_was_changed_before_any_proof_is_named(life: Life, moment: str) -> None:
    """3.6: the day of receipt is the month of account, and no run has sealed it yet."""
    arrival = int(life.ingested("later.eml")["arrival"].removeprefix("IW-"))
    assert problems(life) == []
    sql(life, f"update arrivals set received_at = '{moment}' where number = {arrival}")
    assert [what for what in problems(life) if f"IW-{arrival:06d} came at {moment}" in what]


@pytest.mark.parametrize(
    "statement",
    [
        "delete from journal_state",
        "insert into journal_state select 2, journal, commits, head, arrival, sequence, config, last_act, numbers, "
        "foreign_rows from journal_state",
    ],
)
def test_a_journal_without_its_state_says_what_to_do(life: Life, statement: str) -> None:
    sql(life, statement)
    for command in (("check",), ("ledger", "verify"), ("audit", "verify")):
        ran = life.run(*command)
        assert ran.code in (1, 2) and "restore the journal" in ran.out + ran.err, (command, ran)


def _forge_first_act(connection: Connection) -> None:
    """Changes an act and computes every hash after it again."""
    connection.execute(text("update acts set who = 'nobody' where number = 1"))
    last = ""
    rows = connection.execute(text(f"select {', '.join(CHAINED)} from acts order by number"))  # noqa: S608
    for row in rows.mappings().all():
        last = hash_act(last, dict(row))
        values = {"hash": last, "number": row["number"]}
        connection.execute(text("update acts set hash = :hash where number = :number"), values)
    connection.execute(text("update journal_state set last_act = :last"), {"last": last})


def test_a_chain_made_anew_by_hand_differs_from_what_verify_saw_until_it_is_as_it_was(life: Life) -> None:
    """Without any anchor, and whatever was recorded since."""
    assert life.run("ledger", "verify").code == 0 and problems(life) == []
    assert life.run("incident", "open", "x", "--about", "IW-000001").code == 0
    by_hand(life, _forge_first_act)
    for _ in range(2):
        assert [what for what in problems(life) if "is not the one that an earlier `ledger verify` saw" in what]
        ran = life.run("ledger", "verify", "--lang", "ru")
        assert ran.code == 1 and "не то, которое видел прежний `ledger verify`" in ran.out + ran.err, ran


def test_a_chain_made_anew_by_hand_differs_from_the_anchor(life: Life) -> None:
    """Whoever can write the journal can compute every hash again: the anchor of the day is outside it."""
    home, day = load_home(life.home), datetime(2026, 8, 21, 12, 0, tzinfo=ALMATY)
    journal = open_journal(life.journal)
    assert write_anchor(home, journal, day) and not write_anchor(home, journal, day), "once a day"
    journal.database.dispose()
    assert problems(life) == []

    by_hand(life, _forge_first_act)
    assert [what for what in problems(life) if ANCHORS in what and "2026-08-21" in what]
    (life.home / "ledger" / ANCHORS).write_bytes(b"{torn\n")
    assert [what for what in problems(life) if "line 1" in what]


def test_the_service_anchors_the_chain_and_its_export_is_one_line_an_act(life: Life) -> None:
    (line,) = (life.home / "ledger" / ANCHORS).read_text("utf-8").splitlines()
    listed = acts(life)
    assert json.loads(line)["hash"] in {act["hash"] for act in listed}
    life.run("reopen", MONTH, "--reason", "a=b|c\\d")
    exported = [json.loads(line) for line in life.run("audit", "export").out.splitlines()]
    assert exported == acts(life)
    cef = life.run("audit", "export", "--format", "cef", "--since", str(len(exported))).out.splitlines()
    assert len(cef) == 1 and cef[0].startswith("CEF:0|inbox-worker|inbox-worker|")
    assert r"|reopen|reopen|6|" in cef[0] and r"msg=a\=b|c\\d " in cef[0]
    assert life.run("audit", "export", "--format", "xml").code == 2


def test_people_read_acts_in_their_language_and_programs_their_names(life: Life, tmp_path: Path) -> None:
    """`audit list --security` told of letters in Russian whatever the language."""
    stranger = life.forms.parent / "stranger.eml"
    stranger.write_bytes((life.forms / "later.eml").read_bytes().replace(b"a.example", b"evil.example"))
    assert life.run("ingest", stranger, "--mailbox", "korrektirovki", "--received-at", AT).code == 0
    assert life.run("backup", tmp_path / "backups").code == 0
    assert life.run("outbox", "approve", "--all").code == 0 and life.run("ledger", "verify").code == 0
    listed, watched = (life.run("audit", "list", *more, "--lang", "kk").out for more in ((), ("--security",)))
    moments = [line.split("  ")[1] for line in listed.splitlines()] + [line[:19] for line in watched.splitlines()]
    assert all(re.fullmatch(r"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d", one) for one in moments), moments
    assert "қызмет" in listed and "шешілді" in listed and "ай жабылды" in listed and "қабылданды, " in listed
    names = {line.split("  ")[4] for line in listed.splitlines()} | {
        line.split("  ")[2] for line in watched.splitlines()
    }
    assert names and not any(name.isascii() for name in names)
    assert "sender." not in watched and "хатқа сенілмеді" in watched and "тіркелмеген" in watched
    details = {line.split("  ")[4]: line.split("  ")[6] for line in listed.splitlines() if line.count("  ") > 5}
    assert not any(word in text for text in details.values() for word in ("files ", "pending", "new, ", "act "))
    heavy = {act["act"] for act in acts(life)} | _HEAVY
    said = shipped_texts()
    assert [name for name in heavy if "audit.act." + re.sub("[ -]", "_", name) not in said.spoken] == []


def test_what_an_officer_watches_is_an_act_and_is_listed(life: Life, tmp_path: Path) -> None:
    """4.1.17: a backup, a restore, a change of rules or settings; 6.2.7: letters that are not believed."""
    prices, stranger = life.home / "rules" / "prices.yaml", life.forms.parent / "stranger.eml"
    stranger.write_bytes((life.forms / "later.eml").read_bytes().replace(b"a.example", b"evil.example"))
    prices.write_text(prices.read_text("utf-8") + "# a note\n", "utf-8")
    assert life.run("ingest", stranger, "--mailbox", "korrektirovki", "--received-at", AT).code == 0
    assert life.run("backup", tmp_path / "backups").code == 0
    found = json.loads(life.run("audit", "list", "--security", "--json").out)["events"]
    changed = [event for event in found if event["what"] == "change" and event["details"] == "rules/prices.yaml"]
    assert [event["subject"] for event in changed] == ["rules"]
    assert [event["details"] for event in found if event["what"] == "backup"] == ["№ 1"]
    assert any(event["what"].startswith("sender.") and event["subject"] == "IW-000007" for event in found), found
    (act,) = [act for act in acts(life) if act["details"] == "rules/prices.yaml"]
    assert act["before"] != act["after"] and len(act["before"]) == 64
    assert life.run("once").code == 0 and problems(life) == []
    assert sum(act["act"] == "change" and act["subject"] == "rules" for act in acts(life)) == 2, "told once"


def test_a_change_of_rules_hidden_from_the_acts_is_named(life: Life) -> None:
    """Somebody changes a price and writes its hash into the journal, so that no act is made of it."""
    sql(life, f"update watched_files set sha256 = '{'0' * 64}' where path = 'rules/prices.yaml'")
    (found,) = problems(life)
    assert "rules is not what act" in found


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("update tasks set done_by = 'boris' where number = 1", "task T-000001 is done by boris"),
        ("update tasks set done_at = '2026-09-01T10:00:00+05:00' where number = 1", "task T-000001 is done by"),
        ("update tasks set done_at = '', done_by = '' where number = 1", "task T-000001 is open, and act"),
        ("update tasks set done_at = '2099-09-01T10:00:00+05:00', done_by = 'x' where number = 2", "no act says so"),
    ],
)
def test_who_did_a_task_and_when_is_what_its_act_says(life: Life, statement: str, named: str) -> None:
    """Also before any proof has seen the row: an act names it."""
    for name in ("one", "two"):
        (life.forms / f"{name}.eml").write_bytes(letter(email_of("A"), [], f"<{name}@x>", "Вопрос", "", {}))
        life.ingest(f"{name}.eml")
    life.run("tasks", "done", "T-000001", "--note", "позвонили")
    assert problems(life) == []
    sql(life, statement)
    (problem,) = problems(life)
    assert named in problem


def test_the_day_on_which_staff_handed_a_document_over_is_what_its_act_says(life: Life) -> None:
    """4.3.7: terms run from that day; the manifest alone knew it, and a pass wrote that anew."""
    life.run("documents", MONTH, "--kind", "act")
    life.run("outbox", "approve", "--all")
    life.run("outbox", "send", "--all", "--handed", "бумага")
    assert problems(life) == [] and re.search(
        r"бумага; \d\d\.\d\d\.\d{4}$", life.run("audit", "list").out, re.MULTILINE
    )
    sql(life, "update outbox_proofs set sent_at = '2026-10-01T00:00:00+05:00' where id = 1")
    (problem,) = problems(life)
    assert "handed over at 2026-10-01T00:00:00+05:00 (бумага) is said by no act" in problem
