"""What a disk or a hand changed is put back by one command: a single file out of a backup, a guard of the journal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from inbox_worker.core.files import sha256_file
from inbox_worker.ledger.journal import open_journal
from tests.ledger.integrity.life import MONTH, Life, damage

KINDS = (
    "archive/2???/*/*",
    "archive/answers/*.xlsx",
    "ledger/facts/*/*/recalculations-*.parquet",
    "ledger/closes/2026-09/lines.parquet",
    "outbox/approved/2026-09/*/turnover-*.xlsx",
    "rules/limits.yaml",
)


@pytest.fixture
def place(life: Life, tmp_path: Path) -> Path:
    """Two backups of the home: between them something came."""
    place = tmp_path / "backups"
    assert life.run("backup", place).code == 0
    assert life.ingest("later.eml").code == 0
    assert life.run("backup", place).code == 0
    return place


def test_a_damaged_or_lost_file_of_any_kind_is_put_back_and_proven(life: Life, place: Path) -> None:
    for kind in KINDS:
        path = life.one(kind)
        name, right = path.relative_to(life.home).as_posix(), sha256_file(path)
        damaged = damage(path) and path.read_bytes()
        ran = life.run("restore", place, "--only", name)
        assert ran.code == 0 and right in ran.out and name in ran.out, (kind, ran)
        assert sha256_file(path) == right
        aside = life.home / "ledger" / "leftover" / "damaged" / name
        assert aside.read_bytes() == damaged, "what lay there may be a proof"
        path.unlink()
        assert life.run("restore", place, "--only", path).code == 0, kind
        assert sha256_file(path) == right
    assert json.loads(life.run("ledger", "verify", "--json").out)["problems"] == []
    acts = json.loads(life.run("audit", "list", "--json").out)["acts"]
    assert sum(act["act"] == "restore" for act in acts) == 2 * len(KINDS)


def test_all_that_a_folder_lacks_is_put_back_by_one_command(life: Life, place: Path) -> None:
    """A letter that no backup has yet is named, and keeps none of the others away; what staff edit stays."""
    kept = [path for path in sorted(life.home.glob("archive/2???/*/*")) if path.is_file()]
    right = {path: sha256_file(path) for path in kept}
    (newer := life.forms / "newest.eml").write_bytes(
        (life.forms / "later.eml").read_bytes().replace(b"<later@", b"<n@")
    )
    assert life.ingest(newer.name).code == 0
    lost = [path for path in life.home.glob("archive/2???/*/*") if path.is_file() and path not in right]
    for path in (*kept, *lost):
        path.unlink()
    damaged = life.one("ledger/closes/2026-09/lines.parquet")
    right[damaged], _ = sha256_file(damaged), damage(damaged)
    (life.home / "rules" / "limits.yaml").unlink()
    edited = life.home / "rules" / "prices.yaml"
    edited.write_text(edited.read_text("utf-8") + "# ours\n", "utf-8")
    ran = life.run("restore", place, "--only", "archive", "--only", "ledger/closes", "--only", "rules", "--lang", "ru")
    assert ran.code == 1 and f"archive: нет файлов или они другие: {len(kept) + len(lost)}" in ran.out, ran
    assert lost and all(path.name in ran.out and not path.exists() for path in lost)
    assert {path: sha256_file(path) for path in right} == right
    assert (life.home / "rules" / "limits.yaml").is_file() and edited.read_text("utf-8").endswith("# ours\n")
    again = life.run("restore", place, "--only", "ledger/closes", "--lang", "ru")
    assert again.code == 0 and "ledger/closes: нет файлов или они другие: 0" in again.out


def test_a_document_that_was_approved_since_the_backup_is_put_back_from_it(life: Life, place: Path) -> None:
    """The backup has its bytes where it waited; they are the document wherever it lies."""
    waiting = life.one("outbox/pending/2026-09/*/*.xlsx")
    assert life.run("outbox", "approve", waiting).code == 0
    path = life.home / "outbox" / "approved" / waiting.relative_to(life.home / "outbox" / "pending")
    right = sha256_file(path)
    damage(path)
    assert life.run("restore", place, "--only", path).code == 0
    assert sha256_file(path) == right


def test_the_bytes_that_the_journal_names_are_taken_from_an_earlier_backup_too(life: Life, place: Path) -> None:
    """The newest backup was made of a damaged home; the one before has the right bytes."""
    path = life.one("ledger/closes/2026-09/lines.parquet")
    right = sha256_file(path)
    damage(path)
    assert life.run("backup", place).code == 1
    named = life.run("check", "--deep").out
    assert "restore BACKUP --only FILE" in named
    assert life.run("restore", place, "--only", "ledger/closes/2026-09/lines.parquet").code == 0
    assert sha256_file(path) == right
    again = life.run("restore", place, "--only", path)
    assert again.code == 0 and "ничего не сделано" in again.out


def test_what_cannot_be_put_back_is_said_and_nothing_is_changed(life: Life, place: Path, tmp_path: Path) -> None:
    path = life.one("ledger/closes/2026-09/lines.parquet")
    damage(path)
    changed = path.read_bytes()
    for one in (place / "objects").glob("*/*"):
        if one.stat().st_size == len(changed):
            damage(one)
    ran = life.run("restore", place, "--only", path)
    assert ran.code == 1 and "no backup" in ran.err and path.read_bytes() == changed
    for wrong in ("../other", tmp_path / "elsewhere", "ledger/journal.db", ""):
        if wrong == "ledger/journal.db" and life.url:
            continue
        ran = life.run("restore", place, "--only", wrong)
        assert ran.code in (1, 2) and len(ran.err.splitlines()) == 1, (wrong, ran)


def test_a_file_of_another_home_is_not_put_in(life: Life, place: Path, tmp_path: Path) -> None:
    """A close of another home lay in one whose journal knows nothing of it, and was said to be put back."""
    other = life.elsewhere("other")
    assert other.run("init", other.home).code == 0
    name = life.one("ledger/closes/2026-09/lines.parquet").relative_to(life.home)
    ran = other.run("restore", place, "--only", name)
    assert ran.code == 2 and "holds backups of another home" in ran.err and not (other.home / name).exists()


def test_guards_that_were_taken_away_are_put_back_and_what_was_changed_meanwhile_is_found(life: Life) -> None:
    journal = open_journal(life.journal)
    of = " on acts" if life.url else ""
    with journal.database.engine.begin() as connection:
        connection.execute(text(f"drop trigger acts_not_changed{of}"))
        connection.execute(text("update acts set who = 'nobody' where number = 2"))
    journal.database.dispose()
    problems = json.loads(life.run("ledger", "verify", "--json").out)["problems"]
    assert any("acts_not_changed" in one["what"] and "ledger put-back" in one["remedy"] for one in problems), problems
    ran = life.run("ledger", "put-back")
    assert ran.code == 0 and "acts_not_changed" in ran.out and "verify --full" in ran.out, ran
    found = [one["what"] for one in json.loads(life.run("ledger", "verify", "--full", "--json").out)["problems"]]
    assert found and not any("guard" in what for what in found), found
    assert "ничего не сделано" in life.run("ledger", "put-back").out


def test_a_damaged_payment_in_suspense_is_named_and_the_report_goes_on(life: Life, tmp_path: Path) -> None:
    from inbox_worker.settings.rules import load_rules
    from tests.support.office import ROOT, payment
    from tests.support.papers import workbook

    rules = load_rules(ROOT / "rules").forms
    rows = [payment("999", "70", number="9")]
    book = tmp_path / "bank.xlsx"
    book.write_bytes(workbook(rules["bank_register"], rows, {"Количество": 1, "Сумма": 70}, "bank"))
    assert life.run("load", book).code == 0
    path = max(life.home.glob("ledger/facts/*/*/suspense-*.parquet"))
    assert life.run("report", MONTH).err == ""
    damage(path)
    ran = life.run("report", MONTH)
    name = path.relative_to(life.home).as_posix()
    assert ran.code == 0 and name in ran.err and "--only" in ran.err and len(ran.err.splitlines()) == 1, ran
    assert name in (life.home / "ledger" / "reports" / f"{MONTH}.html").read_text("utf-8")
