"""`ledger verify`: whatever file or row is changed, it is named, with what mends it; `check --deep` is the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

from inbox_worker.core.files import sha256_file
from inbox_worker.ledger.journal import open_journal
from inbox_worker.month.frozen import close_hash
from tests.ledger.integrity.life import MONTH, Life, damage
from tests.support.journals import unguarded
from tests.support.office import bin_of

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


@pytest.fixture
def whole(life: Life) -> Life:
    """The home with its ledger workbooks; nothing is wrong with it."""
    assert life.run("ledger", "books", MONTH).code == 0
    assert verified(life) == []
    return life


def test_a_turned_byte_in_each_kind_of_file_is_named_with_what_mends_it(whole: Life) -> None:
    for pattern in KINDS:
        path = whole.one(pattern)
        was = damage(path)
        found = verified(whole)
        assert len(found) == 1, (pattern, found)
        assert path.name in found[0]["file"] + found[0]["what"] and found[0]["remedy"], (pattern, found)
        ran = whole.run("check", "--deep")
        assert ran.code == 1 and path.name in ran.out, pattern
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
    assert sum("ledger/books/" in name for name in found) == 2, "the workbooks show another close"


def test_a_workbook_of_an_earlier_close_is_named(whole: Life) -> None:
    assert whole.run("reopen", MONTH, "--reason", "проверка").code == 0
    assert whole.run("ingest", whole.forms / "later.eml", "--mailbox", "korrektirovki", "--received-at",
                     "2026-08-20T11:00:00").code == 0  # fmt: skip
    assert whole.run("close", MONTH).code == 0
    found = verified(whole)
    own = [one for one in found if "ledger/books/" in one["file"]]
    assert own and all(f"ledger books {MONTH}" in one["remedy"] for one in own) and own == found
    assert verified(whole, "--customer", bin_of("B")) == [one for one in own if bin_of("B") in one["file"]]
    assert verified(whole, "--month", "2026-08") == []
    assert whole.run("ledger", "books", MONTH).code == 0
    assert verified(whole) == []


def test_a_row_of_the_journal_changed_by_hand_is_named(whole: Life) -> None:
    journal = open_journal(whole.journal)
    with journal.database.engine.begin() as connection, unguarded(connection):
        connection.execute(text("update acts set details = 'other' where act = 'close'"))
    journal.database.dispose()
    (found,) = verified(whole)
    assert "close 2026-09" in found["what"] and "backup" in found["remedy"]


def test_verify_changes_nothing(whole: Life) -> None:
    def state() -> dict[Path, str]:
        return {
            path: sha256_file(path) for path in whole.home.rglob("*") if path.is_file() and "journal" not in path.name
        }

    before = state()
    assert verified(whole) == [] and state() == before
