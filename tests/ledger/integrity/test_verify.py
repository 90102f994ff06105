"""`ledger verify`: whatever file or row is changed, it is named, with what mends it; `check --deep` is the same."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

from inbox_worker.core.files import sha256_file
from inbox_worker.core.hashes import state_of_file
from inbox_worker.documents.whole_book import render_whole
from inbox_worker.documents.whole_read import read_whole
from inbox_worker.documents.whole_tables import WholeMonth
from inbox_worker.ledger.journal import open_journal
from inbox_worker.month import office
from inbox_worker.month.frozen import close_hash
from inbox_worker.month.office import lock_for_writing
from inbox_worker.settings.home import load_home
from inbox_worker.settings.rules import load_rules
from tests.ledger.integrity.life import MONTH, Life, damage
from tests.support.journals import unguarded
from tests.support.office import bin_of, email_of

KINDS = (
    "archive/2???/*/*",
    "archive/answers/*.xlsx",
    "ledger/facts/*/*/recalculations-*.parquet",
    "ledger/closes/2026-09/lines.parquet",
    "ledger/closes/2026-09/payments.parquet",
    "ledger/books/2026-09/*.xlsx",
    "ledger/audit-anchors.jsonl",
    "outbox/approved/2026-09/*/turnover-*.xlsx",
    "outbox/pending/2026-09/*/turnover-*.xlsx",
)


def verified(life: Life, *options: str) -> list[dict[str, str]]:
    ran = life.run("ledger", "verify", "--json", *options)
    document: dict[str, Any] = json.loads(ran.out)
    assert ran.code == (1 if document["problems"] else 0), ran
    return list(document["problems"])


@pytest.fixture(scope="module")
def proven(booked: Life, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """The home with its ledger workbooks and the record of a run that found nothing wrong with it; not to be
    changed, `whole` is a copy."""
    life = booked.copy(tmp_path_factory.mktemp("proven") / "home")
    assert verified(life) == []
    return life


@pytest.fixture
def whole(proven: Life, tmp_path: Path) -> Life:
    return proven.copy(tmp_path / "home")


def test_a_turned_byte_in_each_kind_of_file_is_named_with_what_mends_it(whole: Life) -> None:
    before = {}
    for pattern in KINDS:
        path = whole.one(pattern)
        before[path] = damage(path)
        found = verified(whole)
        assert len(found) == 1, (pattern, found)
        assert path.name in found[0]["file"] + found[0]["what"] and found[0]["remedy"], (pattern, found)
        path.write_bytes(before[path])
    books = [path for path in before if "books" in path.parts]  # without the close nothing is compared with them
    for some in (books, [path for path in before if path not in books]):
        for path in some:
            damage(path)
        ran = whole.run("check", "--deep")
        names, lines = Counter(path.name for path in some), ran.out.splitlines()
        assert ran.code == 1 and names == {name: sum(name in line for line in lines) for name in names}, ran
        for path in some:
            path.write_bytes(before[path])
    assert verified(whole) == []


@pytest.mark.quick("sqlite-None")
@pytest.mark.parametrize("left", [None, b""])
def test_anchors_that_were_taken_away_are_told_until_they_are_back(whole: Life, left: bytes | None) -> None:
    """4.1.17: without them a chain that was computed anew proves itself."""
    path = whole.home / "ledger" / "audit-anchors.jsonl"
    was = path.read_bytes()
    if left is None:
        path.unlink()
    else:
        path.write_bytes(left)
    for options in ((), ("--full",), ()):
        [problem] = verified(whole, *options)
        assert problem["file"] == "ledger/audit-anchors.jsonl" and "auditor" in problem["remedy"]
    path.write_bytes(was + b'{"day": "2026-10-20", "number": 1, "hash": "x"}\n')
    [problem] = verified(whole)
    assert "is not the one" in problem["what"]
    path.write_bytes(was)
    assert verified(whole) == []


def test_rules_and_config_are_told_as_changed(whole: Life) -> None:
    for name in ("rules/limits.yaml", "config.yaml"):
        path = whole.home / name
        was = path.read_text("utf-8")
        changed = was.replace("scan_seconds: 15", "scan_seconds: 16").replace("document_pixels: ", "document_pixels: 1")
        assert changed != was, name
        path.write_text(changed, "utf-8")
        ran = whole.run("ledger", "verify", "--json")
        assert any(name.partition("/")[0] in note and "changed" in note for note in json.loads(ran.out)["notes"]), ran
        path.write_text(was, "utf-8")


def test_a_close_changed_with_all_its_hashes_is_found_by_computing_it_anew(whole: Life) -> None:
    """Who changes a balance and puts right every hash in the journal is still found: facts say otherwise, and so does
    the month that went on from it."""
    assert whole.run("close", "2026-10").code == 0
    folder = whole.home / "ledger" / "closes" / MONTH
    lines = folder / "lines.parquet"
    table = pq.read_table(lines)
    place = table.schema.get_field_index("closing")
    more = pc.add(table["closing"], pa.scalar(1, table.schema.field(place).type)).cast(table.schema.field(place).type)
    lines.chmod(0o640)
    pq.write_table(table.set_column(place, table.schema.field(place), more), lines)
    journal = open_journal(whole.journal)
    with journal.database.engine.begin() as connection, unguarded(connection):
        values = {"file": sha256_file(lines), "close": close_hash(folder)}
        connection.execute(
            text("update close_files set sha256 = :file where name = 'lines' and month = '2026-09'"), values
        )
        connection.execute(text("update closes set sha256 = :close where month = '2026-09'"), values)
    journal.database.dispose()
    found = [one["file"] for one in verified(whole)]
    assert "ledger/closes/2026-09/lines.parquet" in found
    assert any(name.startswith("ledger/closes/2026-10") for name in found)
    assert sum("ledger/books/" in name for name in found) == 3, "the workbooks show another close"


@pytest.mark.slow
def test_a_workbook_of_an_earlier_close_is_named(whole: Life) -> None:
    assert whole.run("reopen", MONTH, "--reason", "проверка").code == 0
    assert whole.run("ingest", whole.forms / "later.eml", "--mailbox", "korrektirovki", "--received-at",
                     "2026-08-20T11:00:00").code == 0  # fmt: skip
    assert whole.run("close", MONTH).code == 0
    found = verified(whole)
    own = [one for one in found if "ledger/books/" in one["file"]]
    assert own and all(f"ledger books {MONTH}" in one["remedy"] for one in own) and own == found
    assert verified(whole, "--customer", bin_of("B")) == [one for one in own if bin_of("B") in one["file"]]
    [none] = verified(whole, "--month", "2026-08")
    assert none["what"].startswith("names no close of 2026-08")
    assert whole.run("ledger", "books", MONTH).code == 0
    assert verified(whole) == []


@pytest.mark.slow
def test_the_workbook_that_a_ledger_is_made_of_again_is_named_when_it_is_gone(whole: Life) -> None:
    """Without it `ledger restore` has nothing of the month. It is no Customer's, so who asks for one is not told."""
    path = whole.one("ledger/books/2026-09/ledger.xlsx")
    path.unlink()
    [gone] = verified(whole)
    assert gone["file"] == "ledger/books/2026-09/ledger.xlsx" and gone["what"].startswith("is not there")
    assert f"ledger books {MONTH}" in gone["remedy"] and verified(whole, "--customer", bin_of("B")) == []
    assert whole.run("ledger", "books", MONTH).code == 0 and path.exists() and verified(whole) == []


@pytest.mark.slow
def test_a_damaged_document_that_waits_is_mended_as_verify_says(whole: Life) -> None:
    """`documents` keeps what people may have changed, so who only makes them again keeps the damage: it is removed
    before."""
    path = whole.one("outbox/pending/2026-09/*/turnover-2026-09.xlsx")
    before = damage(path)
    [found] = verified(whole)
    assert "manifest.json names (SHA-256" in found["what"]
    assert "remove it and make it again: `inbox-worker documents 2026-09`" in found["remedy"]
    assert "отличается от того, что называет manifest.json" in whole.run("ledger", "verify", "--lang", "ru").out
    assert whole.run("documents", MONTH, "--kind", "turnover").code == 0 and path.read_bytes() != before
    path.unlink()
    assert whole.run("documents", MONTH, "--kind", "turnover").code == 0 and path.read_bytes() == before
    assert verified(whole) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "is_earlier"),
    [pytest.param("contact", False, marks=pytest.mark.slow), ("name", False), ("own_bic", True)],
)
def test_a_workbook_of_an_earlier_version_is_a_remark(whole: Life, column: str, is_earlier: bool) -> None:
    """A column that an earlier version had not and that holds nothing is no difference; any other is."""
    path = whole.one("ledger/books/2026-09/ledger.xlsx")
    there, rules = read_whole(path), load_rules(whole.home / "rules")
    table = there.tables["customer_versions"].drop_columns([column])
    less = WholeMonth(there.head, {**there.tables, "customer_versions": table})
    path.write_bytes(render_whole(less, "АЛСЕКО", date(2026, 9, 30), rules))
    found = told(whole)
    assert ([one["file"] for one in found["problems"]] == []) is is_earlier, found
    assert any("ledger books 2026-09" in note for note in found["notes"]) is is_earlier
    assert verified(whole) == found["problems"], "told by each run"
    deep = whole.run("check", "--deep").out
    assert ("of an earlier version and holds all" in deep) is is_earlier, deep
    assert whole.run("ledger", "books", MONTH).code == 0 and told(whole)["notes"] == []


def test_a_row_of_the_journal_changed_by_hand_is_named(whole: Life) -> None:
    journal = open_journal(whole.journal)
    with journal.database.engine.begin() as connection, unguarded(connection):
        connection.execute(text("update acts set details = 'other' where act = 'close'"))
    journal.database.dispose()
    found, *_ = verified(whole)
    assert "close 2026-09" in found["what"] and "backup" in found["remedy"]


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["update months set state = 'open' where month = '2026-09'",
          "update customers set iban = 'KZ00' where bin = '{a}'",
          "update customers set iban = 'KZ01' where bin = '{b}'",
          "update customer_versions set iban = 'KZ01' where bin = '{b}'"],
         ["2026-09 is not closed", "customer {a} is not what the register", "another iban than its form"]),
        (["delete from customers where bin = '{a}'", "delete from customer_versions where bin = '{a}'"], ["{a}"]),
    ],
)  # fmt: skip
def test_bank_details_and_months_changed_by_hand_are_named(
    whole: Life, statements: list[str], named: list[str]
) -> None:
    bins = {"a": bin_of("A"), "b": bin_of("B")}
    journal = open_journal(whole.journal)
    with journal.database.engine.begin() as connection, unguarded(connection):
        for statement in statements:
            connection.execute(text(statement.format(**bins)))
    journal.database.dispose()
    found = str(verified(whole))
    assert [words for words in named if words.format(**bins) not in found] == [], found


def told(life: Life, *options: str) -> dict[str, Any]:
    """What a run says, whatever it finds."""
    document: dict[str, Any] = json.loads(life.run("ledger", "verify", "--json", *options).out)
    return document


def settle(life: Life) -> dict[str, Any]:
    """Run until all files are known: one that changed within two seconds is read again by the next run."""
    return next(found for found in (told(life) for _ in range(30)) if not found["files_read"])


@pytest.mark.slow
def test_what_was_found_whole_is_not_read_again_unless_it_changed(whole: Life) -> None:
    first = told(whole, "--full")
    assert first["files_read"] > 10 and first["closes_computed"] == [MONTH] and not first["problems"]
    assert settle(whole)["closes_computed"] == []
    path = whole.one("ledger/closes/2026-09/payments.parquet")
    was = damage(path)
    found = told(whole)
    assert [one["file"] for one in found["problems"]] == ["ledger/closes/2026-09/payments.parquet"]
    path.write_bytes(was)
    assert told(whole)["problems"] == [] and told(whole, "--full")["closes_computed"] == [MONTH]
    (whole.home / "ledger" / "verified.json").unlink()
    gone = told(whole)
    assert [one["file"] for one in gone["problems"]] == ["ledger/verified.json"] and gone["closes_computed"] == [MONTH]


def test_a_record_that_was_lost_is_told_until_a_person_answers(whole: Life) -> None:
    """4.1.17: with it goes what rows were; who changes a row and removes it was told of once, and the row never."""
    sealed = "update deliveries set recipient = 'x@evil.example' where id = 1"
    journal = open_journal(whole.journal)
    with journal.database.engine.begin() as connection, unguarded(connection):
        connection.execute(text(sealed))
    journal.database.dispose()
    (whole.home / "ledger" / "verified.json").unlink()
    for _ in range(3):
        [problem] = [one for one in verified(whole) if one["file"] == "ledger/verified.json"]
        assert "accept-rows" in problem["remedy"]
        [line] = json.loads(whole.run("audit", "verify", "--json").out)["problems"]
        assert "verified.json was changed or gone when act" in line
    assert whole.run("audit", "accept-rows", "--reason", "копия сверена, Алия").code == 0
    assert verified(whole) == []


def test_a_verify_that_was_killed_after_its_act_is_no_lost_record(whole: Life) -> None:
    """The record is whole before the act, and gets its name after it."""
    steps = whole.run("ledger", "verify", last=0).steps
    last = max(place for place, step in enumerate(steps, 1) if step == "after commit")
    assert whole.run("ledger", "verify", last=last).killed
    assert verified(whole) == []


def test_a_change_of_rules_that_was_made_to_go_unseen_is_told(whole: Life) -> None:
    """4.1.17: the state by which a file is not read again was set to that of the changed one."""
    assert whole.run("once").code == 0
    path = whole.home / "rules" / "prices.yaml"
    path.write_text(path.read_text("utf-8") + "# cheaper\n", "utf-8")
    journal = open_journal(whole.journal)
    with journal.database.engine.begin() as connection:
        values = {"seen": state_of_file(path)}
        connection.execute(text("update watched_files set seen = :seen where path = 'rules/prices.yaml'"), values)
    journal.database.dispose()
    assert whole.run("once").code == 0
    acts = json.loads(whole.run("audit", "list", "--json").out)["acts"]
    assert sum((act["act"], act["subject"]) == ("change", "rules") for act in acts) == 1, "no act says so"
    for command in ("audit", "ledger"):
        ran = whole.run(command, "verify")
        assert ran.code == 1 and "rules/prices.yaml as it stands now, and it is another" in ran.out


@pytest.mark.slow
def test_who_changes_a_file_and_what_was_seen_of_it_is_named(whole: Life) -> None:
    """The file that holds what was seen is proven by the act of the run that wrote it."""
    settle(whole)
    facts, seen = whole.one("ledger/facts/*/*/recalculations-*.parquet"), whole.home / "ledger" / "verified.json"
    kept = json.loads(seen.read_bytes())
    was = facts.stat()
    damage(facts)
    os.utime(facts, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert facts.name in str(told(whole)["problems"]), "its times of change say it"
    kept["files"][str(facts)][0] = state_of_file(facts)
    seen.write_text(json.dumps(kept, sort_keys=True, ensure_ascii=False), "utf-8")
    files = [one["file"] for one in told(whole)["problems"]]
    assert "ledger/verified.json" in files and any(name.endswith(facts.name) for name in files)


def test_verify_writes_its_own_act_and_nothing_else(whole: Life) -> None:
    own = ("mark", "verified.json", ".lock")

    def state() -> dict[Path, str]:
        return {
            path: sha256_file(path)
            for path in whole.home.rglob("*")
            if path.is_file() and "journal" not in path.name and path.name not in own
        }

    before = state()
    assert verified(whole) == [] and state() == before


A_TASK = (  # of a number that no task of the day of this run has
    "insert into tasks values (99, 'letter', '', '', '', 3, '', '4.4', '2026-09-01', '2026-08-20T10:00:00+05:00',"
    " '', '', '')"
)
BENEATH = (
    ("update customers set emails = 'thief@evil.example' where bin = '{a}'", "customer {a} is not what"),
    ("update customers set utilities = not utilities where bin = '{b}'", "customer {b} is not what"),
    ("update customer_versions set emails = 'thief@evil.example' where bin = '{a}'", "row {a} 1 of customer_versions"),
    ("update customer_versions set begins = '2026-01-15' where bin = '{b}'", "row {b} 1 of customer_versions"),
    ("update closes set made_at = '2026-10-01T10:00:00+05:00'", "close 1 of 2026-09 is not what act"),
    ("update arrivals set received_at = '2026-08-19T10:00:00+05:00' where number = 3", "row 3 of arrivals"),
    ("update outbox_moves set who = 'command:nobody' where id = 1", "row 1 of outbox_moves is not what it was"),
    ("delete from outbox_moves where id = 2", "row 2 of outbox_moves is not there any more"),
    ("update deliveries set recipient = 'nobody@a.example' where id = 1", "row 1 of deliveries is not what it was"),
    ("update payment_orders set amount = amount + 1", "row 1 of payment_orders"),
    ("update outbox_proofs set sent_at = '2026-10-01T10:00:00+05:00'", "of outbox_proofs is not what it was"),
    ("update documents set dated = '2026-09-29'", "of documents is not what it was"),
    ("delete from distributions", "row 1 of distributions is not there any more"),
    ("update arrivals set stated_sender = 'a@b.example' where number = 4", "row 4 of arrivals (known) is not what"),
    ("update outbox_proofs set answer = 'x'", "of outbox_proofs (sent) is not what it was"),
    ("update transfers set received = received + 1, fee = fee + 2 where number = 1", "in statement 1 come to"),
    ("update payment_orders set state = 'transferred', proof = 'звонок'", "by звонок, which proves ordered"),
    ("update outbox_documents set state = 'rejected' where state = 'sent'", "and its last move made it sent"),
    ("delete from close_files where name = 'payments'", "payments of close_files is not there any more"),
)


@pytest.mark.slow
def test_a_row_that_a_run_saw_is_known_to_the_next(whole: Life) -> None:
    """4.1.17: nobody changes an address, a date, a delivery or an order of money beneath guards and acts unseen; told
    by each run, a full one too, until the row is as it was."""
    for command in (("bank", "statements"), ("outbox", "approve", "--all"), ("documents", MONTH, "--kind", "act"),
                    ("bank", "orders"), ("outbox", "send", "--all")):  # fmt: skip
        whole.run(*command)
    assert verified(whole) == []
    journal, names = open_journal(whole.journal), {"a": bin_of("A"), "b": bin_of("B")}
    with journal.database.engine.begin() as connection, unguarded(connection):
        for statement, _ in BENEATH:
            assert connection.execute(text(statement.format(**names))).rowcount, statement
    journal.database.dispose()
    for options in ((), ("--full",), ()):
        found = verified(whole, *options)
        assert [named for _, named in BENEATH if named.format(**names) not in str(found)] == [], options
        assert all(one["remedy"] for one in found)
        assert "is named otherwise as a whole than file by file" in str(found)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("update tasks set due = 'завтра' where number = 99", "row 99 of tasks holds 'завтра' in due"),
        ("update submissions set month = '2026' where id = 'IW-000003-1'", "IW-000003-1 of submissions holds '2026'"),
        ("update arrivals set outcome = 'x' where number = 3", "row 3 of arrivals holds 'x' in outcome"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_and_ends_no_run(whole: Life, statement: str, named: str) -> None:
    """4.1.17: who writes nonsense into the journal does not keep `ledger verify` from saying where."""
    journal = open_journal(whole.journal)
    with journal.database.engine.begin() as connection, unguarded(connection):
        if "tasks" in statement:
            connection.execute(text(A_TASK))
        connection.execute(text(statement))
    journal.database.dispose()
    found = verified(whole)
    assert named in str(found) and all(one["remedy"] for one in found), found


def test_a_row_that_was_added_by_hand_is_told(whole: Life) -> None:
    """4.1.17: nobody adds a task or a number of a document, unless something was committed meanwhile."""
    assert verified(whole) == []
    journal = open_journal(whole.journal)
    with journal.database.engine.begin() as connection, unguarded(connection):
        connection.execute(text(A_TASK))
        connection.execute(text("insert into documents values (99, '2026-09', '1', 'act', 'x', '2026-10-01')"))
    journal.database.dispose()
    for _ in range(2):
        found = str(verified(whole))
        assert "row 99 of tasks was not there, and nothing was committed since" in found, found
        assert "row 99 of documents was not there" in found, found


@pytest.mark.slow
def test_what_is_done_by_right_changes_no_row_that_a_run_saw(whole: Life) -> None:
    """Orders are made and settled, a month is closed again, documents are sent: none of it is a false alarm."""
    for commands in ((("bank", "statements"), ("outbox", "approve", "--all"), ("bank", "orders")),
                     (("bank", "settle", "1", "--rejected", "счёт закрыт"), ("bank", "orders")),
                     (("outbox", "send", "--all"), ("reopen", MONTH, "--reason", "проверка")),
                     (("close", MONTH), ("ledger", "books", MONTH), ("close", "2026-10")),
                     (("documents", MONTH, "--kind", "act"), ("outbox", "reject", "--all"), ("once",))):  # fmt: skip
        for command in commands:
            whole.run(*command)
        assert [one for one in verified(whole) if one["file"] == "the journal"] == [], commands


def turn(data: bytes, pattern: bytes) -> bytes:
    """The text with a bit turned in the last byte of what fits."""
    found = re.search(pattern, data)
    assert found, pattern
    place = found.end() - 1
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.quick(0)
@pytest.mark.parametrize("state", ["approved", "pending", "sent"])
def test_a_manifest_that_says_otherwise_than_the_journal_is_named_and_written_anew(whole: Life, state: str) -> None:
    """It tells people what a document was made of and to whom it went."""
    if state == "sent":
        assert whole.run("outbox", "send", "--all").code == 0
    path = whole.one(f"outbox/{state}/{MONTH}/*/manifest.json")
    was, problems = path.read_bytes(), verified(whole)
    assert problems == []
    patterns = [b'"close": "', b'"kind": "', b'"sha256": "', b'"month": "2026-', b'"bin": "', b'"made_o']
    patterns += [b'"sent_at": "', b'"way": "'] if state == "sent" else []
    for pattern in patterns:
        path.write_bytes(turn(was, pattern + b"."))
        found = verified(whole)
        assert any(one["file"] == path.relative_to(whole.home).as_posix() for one in found), pattern
        assert all("inbox-worker" in one["remedy"] for one in found), found
    path.write_bytes(was.replace(b"{", b"(", 1))
    [one] = verified(whole)
    assert "is no manifest any more" in one["what"] and "inbox-worker once" in one["remedy"]
    if state != "approved":  # what is approved leaves at the next pass
        assert whole.run("once").code == 0 and path.read_bytes() == was


def test_pages_and_workbooks_as_of_a_moment_are_proved_by_the_act_that_wrote_them(whole: Life) -> None:
    """4.1.17: people show them to others as what the ledger says."""
    assert whole.run("report", MONTH).code == 0
    for command in (("report", MONTH), ("ledger", "books", MONTH)):
        assert whole.run(*command, "--as-of", when_closed(whole)).code == 0
    assert verified(whole) == []
    for pattern in (
        "reports/2026-09.html",
        "reports/*.as-of-*.html",
        "books-as-of/*/*/05*.xlsx",
        "books-as-of/*/*/*.txt",
    ):
        path = whole.one(f"ledger/{pattern}")
        was = damage(path)
        [found] = verified(whole)
        assert found["file"] == path.relative_to(whole.home).as_posix() and "inbox-worker report" in found["remedy"]
        assert found["what"] == "is not what the command wrote" and found["since"].startswith("act ")
        path.write_bytes(was)
    (whole.home / "ledger" / "reports" / "of-an-earlier-version.html").write_text("?")
    ran = whole.run("ledger", "verify")
    assert (
        ran.code == 0
        and "files in ledger/reports of which no act says what was written" in ran.out
        and "people): 1;" in ran.out
    ), ran


def test_a_page_written_while_another_command_is_at_work_is_told_as_not_proved(
    whole: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Staff get it all the same: who reads does not wait for who writes."""
    monkeypatch.setattr(office, "_LOCK_SECONDS", 0.0)
    with lock_for_writing(load_home(whole.home)):
        ran = whole.run("report", MONTH, "--lang", "en")
    assert ran.code == 0 and Path(ran.out.strip()).exists() and "no act holds what was written" in ran.err, ran
    ran = whole.run("ledger", "verify", "--lang", "en")
    assert ran.code == 0 and "of which no act says" in ran.out, ran


def when_closed(life: Life) -> str:
    """The moment after the close."""
    acts = json.loads(life.run("audit", "list", "--json").out)["acts"]
    [at] = [act["at"] for act in acts if act["act"] == "close"]
    return (datetime.fromisoformat(at) + timedelta(seconds=1)).isoformat()[:19]


@pytest.mark.quick(0)
@pytest.mark.parametrize("name", ["config.yaml", "rules/findings.yaml", "templates/fonts/OFL.txt"])
def test_what_people_edit_is_told_as_changed_until_a_command_looked(whole: Life, name: str) -> None:
    with (whole.home / name).open("ab") as file:
        file.write(b"# ours\n")
    assert f"{name} has changed since the last command or pass" in whole.run("ledger", "verify").out
    assert whole.run("once").code == 0
    assert "the last command or pass" not in whole.run("ledger", "verify").out, "an act says it"


def test_what_was_handed_over_is_proved_where_the_home_was_restored_to(whole: Life, tmp_path: Path) -> None:
    """The exchange folder lies in the home and goes with it: a copy must not be proved by the files of the first."""
    assert whole.run("outbox", "send", "--all").code == 0
    copy = whole.copy(tmp_path / "elsewhere")
    place = copy.one("exchange/*/2026-09/turnover-*.xlsx")
    damage(place)
    assert place.relative_to(copy.home).as_posix() in [one["file"] for one in verified(copy)]
    assert verified(whole) == []


def test_a_letter_in_quarantine_is_proved_and_a_changed_note_is_told(whole: Life) -> None:
    """Staff read them before they admit anything (6.2.7)."""
    strange = (whole.forms / "minus.eml").read_bytes().replace(email_of("A").encode(), b"x@stranger.example")
    (whole.forms / "strange.eml").write_bytes(strange)
    assert whole.ingested("strange.eml")["outcome"] == "quarantined" and verified(whole) == []
    place, note = whole.one("outbox/quarantine/*/IW-*.eml"), whole.one("outbox/quarantine/*/*.txt")
    was = damage(place)
    [found] = verified(whole)
    assert found["file"] == place.relative_to(whole.home).as_posix() and "archive" in found["remedy"]
    place.write_bytes(was)
    words = note.read_text("utf-8")
    note.write_text(words.replace("1. Не открывайте", "1. Открывайте"), "utf-8")
    ran = whole.run("ledger", "verify")
    assert ran.code == 0 and "says otherwise than its letters' findings" in ran.out and note.name in ran.out
    note.write_text(words, "utf-8")
    assert note.name not in whole.run("ledger", "verify").out


@pytest.mark.slow
def test_a_manifest_of_documents_that_the_journal_does_not_know_yet_is_proved_by_its_seal(whole: Life) -> None:
    """Nothing else says what they are of until a pass has seen them; what a damaged one says is never taken up."""
    assert whole.run("documents", MONTH, "--kind", "debtors").code == 0
    [path, *_] = sorted(whole.home.glob(f"outbox/pending/{MONTH}/*/manifest.json"))
    was, name = path.read_bytes(), path.relative_to(whole.home).as_posix()
    inside = (b'"close": "', b'"kind": "deb', b'"made_at": "', b'"customer": "', b'"figures', b'"sea', b'"seal": "')
    for pattern in inside:
        path.write_bytes(turn(was, pattern + b"."))
        assert [(one["file"], one["what"]) for one in verified(whole)] == [(name, "is no manifest any more")], pattern
    told = whole.run("once")
    assert "outbox.unreadable" in told.err + told.out, told
    path.unlink()
    assert whole.run("documents", MONTH).code == 0 and path.read_bytes() and verified(whole) == []
    path.write_bytes(path.read_bytes().partition(b',\n  "seal"')[0] + b"\n}\n")
    assert verified(whole) == [], "as an earlier version wrote it"


@pytest.mark.slow
def test_documents_made_anew_of_another_close_leave_nothing_to_tell(whole: Life) -> None:
    """4.1.8: what `reopen` says is to be done leaves manifests, journal and closes in agreement, without a pass."""
    assert whole.run("reopen", MONTH, "--reason", "проверка").code == 0
    assert whole.ingested("later.eml")["outcome"] == "accepted"
    for command in (("close", MONTH), ("ledger", "books", MONTH), ("documents", MONTH, "--kind", "turnover")):
        assert whole.run(*command).code == 0, command
    assert verified(whole) == []
    listed = json.loads(whole.run("ledger", "verify", "--json").out)["notes"]
    assert [note for note in listed if "does not stand" in note] == []


def test_a_document_that_waits_and_was_taken_away_is_named_with_its_manifest_or_without(whole: Life) -> None:
    """10.12: nobody could approve it any more. What people moved on since the last pass was not taken away."""
    for state in ("pending", "approved"):
        path = whole.one(f"outbox/{state}/{MONTH}/*/turnover-*.xlsx")
        name, was = path.relative_to(whole.home).as_posix(), path.read_bytes()
        path.unlink()
        assert [one["file"] for one in verified(whole)] == [name]
        path.write_bytes(was)
        path.parent.rename(whole.home / "aside")
        assert name in [one["file"] for one in verified(whole)]
        (whole.home / "aside").rename(path.parent)
        assert verified(whole) == []
    folder = whole.one(f"outbox/pending/{MONTH}/*/turnover-*.xlsx").parent
    folder.rename(whole.home / "outbox" / "rejected" / folder.name)
    assert verified(whole) != []
    (whole.home / "outbox" / "rejected" / MONTH).mkdir(exist_ok=True)
    (whole.home / "outbox" / "rejected" / folder.name).rename(whole.home / "outbox" / "rejected" / MONTH / folder.name)
    assert verified(whole) == []


@pytest.mark.quick(0)
@pytest.mark.parametrize("state", ["pending", "approved"])
def test_a_document_that_was_taken_away_is_named_once_by_check_deep_or_not(whole: Life, state: str) -> None:
    path = whole.one(f"outbox/{state}/{MONTH}/*/turnover-*.xlsx")
    path.unlink()
    for deep in ((), ("--deep",)):
        ran = whole.run("check", *deep)
        assert ran.code == 1 and (ran.out + ran.err).count(path.name) == 1, ran
