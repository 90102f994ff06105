"""`ledger.storage`: facts and closes are in an S3 storage before the journal names them; the ledger holds copies."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from inbox_worker.core.files import sha256
from inbox_worker.ledger.journal import open_journal
from inbox_worker.month.shared_anchors import write_anchor
from inbox_worker.settings.home import load_home
from tests.faults.killer import Ran
from tests.ledger.integrity.life import MONTH, Life, damage
from tests.support.journals import unguarded
from tests.support.office import make_bare_home
from tests.support.s3 import S3, Between, Bucket, served

ANCHORS = "ledger/audit-anchors.jsonl"


@pytest.fixture
def between(storages: S3) -> Iterator[Between]:
    """A way to the server that may misbehave."""
    proxy = Between(storages.port)
    yield proxy
    proxy.stopped.set()
    proxy.server.shutdown()


@pytest.fixture
def stored(life: Life, bucket: Bucket) -> Life:
    """A home whose facts and closes are in the bucket, too."""
    bucket.settle(life.home)
    ran = life.run("ledger", "store")
    assert ran.code == 0, ran.err
    return life


def ran_well(life: Life, *arguments: str | Path) -> Ran:
    ran = life.run(*arguments)
    assert ran.code == 0, (arguments, ran.err, ran.out)
    return ran


def one_line(ran: Ran) -> str:
    """What a command that failed says: one line, exit 1; beside what an earlier one left."""
    said = [line for line in ran.err.splitlines() if "is named by no journal" not in line]
    assert ran.code == 1 and len(said) == 1, ran
    return said[0]


def named(life: Life) -> dict[str, str]:
    """Hashes that the journal names facts and closes by, by path below the ledger."""
    journal = open_journal(life.journal)
    try:
        found = {file.path: file.sha256 for file in journal.facts.since(0)}
        for close in journal.closes.all():
            files = journal.closes.files_of(close.month)[close.month, close.number].now
            found |= {f"closes/{close.month}/{name}.parquet {close.number}": digest for name, digest in files.items()}
        return found
    finally:
        journal.database.dispose()


def take_in(life: Life) -> Ran:
    """A letter that counts in the first open month, 2026-10."""
    letter, at = life.forms / "later.eml", "2026-09-20T10:00:00"
    return life.run("ingest", letter, "--mailbox", "korrektirovki", "--received-at", at, "--json")


def posted(life: Life) -> list[str]:
    return [path for path in named(life) if "recalculations-IW-000007" in path]


def hashes(bucket: Bucket) -> dict[str, str]:
    """Of facts and closes."""
    return {name: sha256(data) for name, data in bucket.objects().items() if name.endswith(".parquet")}


def anchors(bucket: Bucket) -> dict[str, bytes]:
    return {name: data for name, data in bucket.objects().items() if name.startswith("anchors/")}


def empty_copies(life: Life) -> None:
    for folder in ("facts", "closes"):
        shutil.rmtree(life.home / "ledger" / folder)


def totals(life: Life, month: str = MONTH) -> object:
    return json.loads(ran_well(life, "close", month, "--dry-run", "--json").out)


def test_all_that_the_journal_names_is_in_the_storage_under_its_hash(stored: Life, bucket: Bucket) -> None:
    assert take_in(stored).code == 0 and posted(stored)
    ran_well(stored, "close", "2026-10")
    there = hashes(bucket)
    assert all(name.endswith(f".{digest}.parquet") for name, digest in there.items())
    assert set(named(stored).values()) == set(there.values())
    assert ran_well(stored, "check", "--deep").err == ""


def test_an_empty_disk_gives_the_same_figures(stored: Life, bucket: Bucket, tmp_path: Path) -> None:
    """Files come back one by one, each compared; a close by them is the close of a disk that has all."""
    before = totals(stored, "2026-10")
    empty_copies(stored)
    assert totals(stored, "2026-10") == before
    empty_copies(stored)
    ran_well(stored, "ledger", "verify", "--full")
    empty_copies(stored)
    ran_well(stored, "reopen", MONTH, "--reason", "again")
    ran_well(stored, "close", MONTH)
    closes = [digest for path, digest in named(stored).items() if path.startswith("closes/")]
    assert len(set(closes)) * 2 == len(closes), "both closes are the same bytes"


def test_another_machine_with_the_same_journal_goes_on(stored: Life, tmp_path: Path) -> None:
    """PostgreSQL is the journal of both; the other has settings, rules and letters, and nothing of the ledger."""
    if not stored.url:
        pytest.skip("a journal in the home is of one machine")
    other = Life(tmp_path / "other", stored.forms, stored.runner, stored.url, stored.server)
    shutil.copytree(stored.home, other.home, ignore=shutil.ignore_patterns("ledger", "archive", "outbox"))
    for folder in ("archive", "outbox"):  # a disk that both see
        (other.home / folder).symlink_to(stored.home / folder)
    before = totals(stored, "2026-10")
    assert totals(other, "2026-10") == before
    ran_well(other, "reopen", MONTH, "--reason", "by the other")
    assert take_in(other).code == 0
    ran_well(other, "close", MONTH)
    assert totals(stored, "2026-10") == totals(other, "2026-10") != before
    ran_well(stored, "reopen", MONTH, "--reason", "by the first")
    ran_well(stored, "close", MONTH)
    assert stored.run("check", "--deep").code == 0
    for life in (other, stored):
        assert life.run("check", "--deep").code == 0
        ran_well(life, "ledger", "changes", MONTH, "--from", "1")


def test_another_machine_does_not_begin_with_a_journal_older_than_the_storage(
    stored: Life, bucket: Bucket, tmp_path: Path
) -> None:
    """Numbers would be given again."""
    if not (stored.url and stored.server):
        pytest.skip("a journal in the home is of one machine")
    other = stored.copy(tmp_path / "other")  # its journal is one of before
    assert take_in(stored).code == 0 and posted(stored)
    shutil.rmtree(other.home / "ledger")
    said = one_line(other.run("close", "2026-10", "--dry-run"))
    assert "older than the storage" in said and bucket.place in said
    for name in [name for name in bucket.objects() if "directory" in name]:
        bucket.remove(name)
    fresh = Life(tmp_path / "fresh", stored.forms, stored.runner, stored.url, stored.server)
    shutil.copytree(stored.home, fresh.home, ignore=shutil.ignore_patterns("ledger"))
    assert "directory" in one_line(fresh.run("close", "2026-10", "--dry-run"))


def anchor(life: Life, day: str) -> bytes:
    """The line that the service writes on that day."""
    journal = open_journal(life.journal)
    try:
        return write_anchor(load_home(life.home), journal, datetime.fromisoformat(f"{day}T09:00:00+05:00")).encode()
    finally:
        journal.database.dispose()


def change(life: Life, statement: str) -> None:
    """Change rows beside the program."""
    journal = open_journal(life.journal)
    with journal.database.engine.begin() as connection, unguarded(connection):
        connection.execute(text(statement))
    journal.database.dispose()


def lines(life: Life) -> list[bytes]:
    return (life.home / ANCHORS).read_bytes().splitlines()


@pytest.mark.slow
def test_machines_that_take_turns_have_the_anchors_of_all(stored: Life, bucket: Bucket, tmp_path: Path) -> None:
    """Two disks of one journal: here it is carried from the one to the other, as a database that both use would be."""
    [first] = lines(stored)
    other = Life(tmp_path / "other", stored.forms, stored.runner, stored.url, stored.server)
    shutil.copytree(stored.home, other.home)

    def take_over(one: Life, another: Life) -> None:
        if not one.url:
            another.put_journal(one.home)
            shutil.copy2(another.home / "ledger" / "mark", one.home / "ledger" / "mark")

    second = anchor(other, "2030-01-01")
    take_over(stored, other)
    third = anchor(stored, "2030-01-02")
    assert not anchor(stored, "2030-01-02"), "once a day"
    assert lines(stored) == [first, second, third] and lines(other) == [first, second]
    take_over(other, stored)
    assert not anchor(other, "2030-01-02"), "nor by the other"
    (other.home / ANCHORS).unlink()
    ran_well(other, "audit", "verify")
    ran_well(other, "check", "--deep")
    ran_well(other, "ledger", "fetch")
    assert lines(other) == [first, second, third]
    assert sorted(anchors(bucket).values()) == sorted([first, second, third])


@pytest.mark.slow
def test_the_record_of_verify_is_known_to_the_machine_that_takes_over(stored: Life) -> None:
    """Rows that changed since the other's run are told by this one's; a record that is nowhere is told as lost."""
    ran_well(stored, "ledger", "verify")
    record = stored.home / "ledger" / "verified.json"
    record.unlink()
    ran_well(stored, "audit", "verify")
    record.write_bytes(b"{}")
    change(stored, "update outbox_documents set made_at = '2026-01-01'")
    said = stored.run("ledger", "verify").out
    assert "outbox_documents" in said and "verified.json" not in said


@pytest.mark.slow
def test_a_record_of_verify_that_is_nowhere_is_told(stored: Life, bucket: Bucket) -> None:
    ran_well(stored, "ledger", "verify")
    (stored.home / "ledger" / "verified.json").unlink()
    [name] = [name for name in bucket.objects() if name.startswith("verified/")]
    bucket.put(name, b"{}")
    assert "verified.json" in stored.run("audit", "verify").out
    assert "verified.json" in stored.run("ledger", "verify").out


@pytest.mark.slow
def test_anchors_of_a_home_that_exists_come_into_its_storage_by_themselves(stored: Life, bucket: Bucket) -> None:
    for name in anchors(bucket):
        bucket.remove(name)
        assert name in stored.run("check").out
    ran_well(stored, "once")
    assert [*anchors(bucket).values()] == lines(stored)
    ran_well(stored, "check", "--deep")


@pytest.mark.slow
def test_an_anchor_that_is_changed_or_lost_in_the_storage_is_told(stored: Life, bucket: Bucket) -> None:
    [(name, line)] = anchors(bucket).items()
    bucket.put(name, line.replace(b'"number": ', b'"number": 1'))
    assert name in stored.run("ledger", "verify", "--full").out
    kept = (stored.home / ANCHORS).read_bytes()
    (stored.home / ANCHORS).unlink()
    for _ in range(2):
        assert "lacks lines" in stored.run("ledger", "verify").out
    (stored.home / ANCHORS).write_bytes(kept)
    ran_well(stored, "ledger", "store")
    assert bucket.objects()[name] == line
    bucket.put(name.replace(sha256(line), sha256(b"{}")), b"{}")
    ran_well(stored, "ledger", "verify", "--full")
    assert "that no journal names: " in stored.run("check").err + stored.run("check").out
    assert lines(stored) == [line], "what no act knows does not come"


def test_time_stamps_are_in_the_storage(stored: Life, bucket: Bucket) -> None:
    folder = stored.home / "ledger" / "anchors"
    folder.mkdir()
    (folder / "2026-08-20.tsr").write_bytes(b"answer")
    (folder / "2026-08-20.tsq").write_bytes(b"request")
    ran_well(stored, "ledger", "store")
    shutil.rmtree(folder)
    ran_well(stored, "ledger", "fetch")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "2026-08-20.tsr": b"answer",
        "2026-08-20.tsq": b"request",
    }


@pytest.mark.slow
def test_a_storage_that_is_away_is_a_line_and_letters_wait(life: Life, storages: S3, bucket: Bucket) -> None:
    with served() as own:
        mine = own.bucket()
        mine.settle(life.home)
        ran_well(life, "ledger", "store")
        own.kill()
        said = one_line(life.run("close", "2026-10"))
        assert mine.place in said and "connect" in said and "ledger.storage" in said
        assert not list((life.home / "ledger" / "closes").glob(".*"))
        one_line(take_in(life))
        assert not posted(life)
        [problem] = [line for line in life.run("check").out.splitlines() if mine.place in line]
        assert "cannot be compared" in problem
    bucket.settle(life.home)  # it is there again
    ran_well(life, "ledger", "store")
    ran_well(life, "once")
    assert posted(life), "nothing counted as a try"
    ran_well(life, "close", "2026-10")
    assert set(named(life).values()) == set(hashes(bucket).values())


@pytest.mark.slow
def test_a_silent_storage_is_noticed(stored: Life, bucket: Bucket, between: Between) -> None:
    bucket.settle(stored.home, between.endpoint)
    between.silent = True
    assert bucket.place in one_line(stored.run("close", "2026-10"))


@pytest.mark.slow
def test_check_waits_for_a_silent_storage_once(stored: Life, bucket: Bucket, between: Between) -> None:
    """Three tries share the seconds that config.yaml gives it; each took them all, and `check` asked twice."""
    bucket.settle(stored.home, between.endpoint)
    between.silent = True
    said = stored.run("check").out
    assert bucket.place in said and "transferred the last 1 seconds" in said and between.unanswered == 3, said


@pytest.mark.slow
@pytest.mark.quick("sqlite-tears-cannot be used")
@pytest.mark.parametrize(("fault", "words"), [("changes", "does not give back what it was given"),
                                              ("full", "disk full"), ("tears", "cannot be used")])  # fmt: skip
def test_what_the_storage_does_not_keep_is_not_named(
    fault: str, words: str, stored: Life, bucket: Bucket, between: Between
) -> None:
    """A full one, one that goes away in the midst, and one that gives other bytes back than it took."""
    before = named(stored)
    bucket.settle(stored.home, between.endpoint)
    setattr(between, fault, True)
    if fault == "changes":  # copies are read from the disk, which is whole
        assert words in one_line(take_in(stored))
    said = one_line(stored.run("close", "2026-10"))
    assert words in said and bucket.place in said
    assert named(stored) == before
    setattr(between, fault, False)
    ran_well(stored, "once")
    ran_well(stored, "close", "2026-10")
    assert set(named(stored).values()) <= set(hashes(bucket).values())
    assert stored.run("check", "--deep").code == 0


@pytest.mark.slow
def test_killed_at_any_step_leaves_nothing_half(life: Life, bucket: Bucket, tmp_path: Path) -> None:
    """A close killed while its files go into the storage: what the journal names is there; the next command closes."""
    bucket.settle(life.home)
    ran_well(life, "ledger", "store")
    whole = life.copy(tmp_path / "whole")
    steps = whole.run("close", "2026-10", last=0).steps
    renamed = next(place for place, step in enumerate(steps, 1) if step.startswith("os.rename .2026-10"))
    named_by = next(place for place, step in enumerate(steps, 1) if step == "sql INSERT INTO closes")
    expected = {path: digest for path, digest in named(whole).items() if "2026-10" in path}
    for last in (renamed, renamed + 1, named_by, len(steps) - 1, len(steps)):
        tried = life.copy(tmp_path / f"killed-{last}")
        tried.run("close", "2026-10", last=last)
        assert set(named(tried).values()) <= set(hashes(bucket).values())
        if not [path for path in named(tried) if "2026-10" in path]:
            ran_well(tried, "close", "2026-10")
        assert {path: digest for path, digest in named(tried).items() if "2026-10" in path} == expected
        assert tried.run("check", "--deep").code == 0


@pytest.mark.slow
def test_killed_in_the_midst_of_an_object(stored: Life, bucket: Bucket, between: Between) -> None:
    """The program ends while a file of the close is on its way; nothing of it is named, and it is closed again."""
    before = named(stored)
    bucket.settle(stored.home, between.endpoint)
    command = [sys.executable, "-m", "inbox_worker", "--home", str(stored.home), "close", "2026-10"]
    environment = os.environ | ({"INBOX_WORKER_JOURNAL": stored.url} if stored.url else {})
    going = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    between.at_put = lambda number: going.kill() if number == 3 else None
    assert going.wait(120) == -signal.SIGKILL and named(stored) == before
    bucket.settle(stored.home)
    ran_well(stored, "close", "2026-10")
    assert set(named(stored).values()) == set(hashes(bucket).values())


def test_what_is_lost_or_changed_in_the_storage_is_named_and_mended_from_here(stored: Life, bucket: Bucket) -> None:
    names = sorted(bucket.objects())
    lost, changed = next(n for n in names if "directory" in n), next(n for n in names if n.startswith("closes/"))
    bucket.remove(lost)
    assert lost in stored.run("check").out
    data = bucket.objects()[changed]
    bucket.put(changed, data[:-1] + bytes([data[-1] ^ 1]))
    said = stored.run("ledger", "verify", "--full")
    assert said.code == 1 and lost in said.out and changed in said.out and "ledger store" in said.out
    ran_well(stored, "ledger", "store")
    ran_well(stored, "ledger", "verify", "--full")
    assert bucket.objects()[changed] == data


def test_changed_bytes_of_the_storage_are_never_read_as_truth(stored: Life, bucket: Bucket) -> None:
    changed = next(name for name in bucket.objects() if "directory" in name)
    bucket.put(changed, b"another directory")
    empty_copies(stored)
    said = one_line(stored.run("close", "2026-10"))
    assert changed in said and "the storage has another one" in said
    assert not list((stored.home / "ledger" / "facts").rglob("*.tmp"))


@pytest.mark.slow
def test_a_changed_copy_is_moved_aside_and_brought_again(stored: Life) -> None:
    copy = stored.one("ledger/closes/2026-09/lines.parquet")
    whole = copy.read_bytes()
    damage(copy)
    said = stored.run("check", "--deep").out
    assert "closes/2026-09/lines.parquet differs" in said and "from the storage again" in said
    ran_well(stored, "close", "2026-10", "--dry-run")
    assert copy.read_bytes() == whole
    assert list((stored.home / "ledger" / "leftover" / "damaged").rglob("lines*.parquet"))


@pytest.mark.slow
def test_verify_reads_an_object_once(stored: Life, bucket: Bucket, between: Between) -> None:
    """What was read and has not changed since is not read again, but with --full."""
    bucket.settle(stored.home, between.endpoint)
    between.ages = True
    ran_well(stored, "ledger", "verify")
    between.changes = True
    ran_well(stored, "ledger", "verify")
    assert stored.run("ledger", "verify", "--full").code == 1


@pytest.mark.slow
def test_a_backup_needs_no_storage(stored: Life, bucket: Bucket, tmp_path: Path) -> None:
    empty_copies(stored)
    ran_well(stored, "backup", tmp_path / "backups")
    for name in bucket.objects():
        bucket.remove(name)
    url = stored.server.fresh() if stored.server else ""
    again = Life(tmp_path / "again", stored.forms, stored.runner, url, stored.server)
    said = again.run("restore", tmp_path / "backups")
    assert "ledger store" in said.out + said.err
    ran_well(again, "ledger", "store")
    ran_well(again, "check", "--deep")
    ran_well(again, "close", "2026-10")


@pytest.mark.slow
def test_a_ledger_made_of_workbooks_goes_into_the_storage(life: Life, bucket: Bucket, tmp_path: Path) -> None:
    if life.url:
        pytest.skip("`ledger restore` makes a journal in the home")
    ran_well(life, "ledger", "books", MONTH)
    made = Life(make_bare_home(tmp_path / "made"), life.forms, life.runner)
    bucket.settle(made.home)
    ran_well(made, "ledger", "restore", life.home / "ledger" / "books", life.home / "archive")
    assert set(named(made).values()) == set(hashes(bucket).values())
    empty_copies(made)
    ran_well(made, "ledger", "verify")


@pytest.mark.slow
def test_fetch_brings_all_so_that_the_storage_can_be_given_up(stored: Life, bucket: Bucket) -> None:
    empty_copies(stored)
    assert f"{len(named(stored))}" in ran_well(stored, "ledger", "fetch").out
    config = stored.home / "config.yaml"
    config.write_text(re.sub(r"(?m)^  (storage|s3): .*\n", "", config.read_text("utf-8")), "utf-8")
    ran_well(stored, "check", "--deep")
    ran_well(stored, "close", "2026-10")


def test_a_bucket_that_is_not_there_is_said(life: Life, bucket: Bucket) -> None:
    bucket.settle(life.home)
    config = life.home / "config.yaml"
    config.write_text(config.read_text("utf-8").replace(bucket.name, "nowhere-at-all"), "utf-8")
    assert "there is no bucket nowhere-at-all" in one_line(life.run("close", "2026-10"))
