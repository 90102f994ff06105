"""What lies in a place of backups: found and replaced when it was torn or damaged, unreadable without its password."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inbox_worker.core.files import below, sha256_file
from inbox_worker.ledger.backup_cipher import BackupCipher
from tests.ledger.integrity.life import Life, damage
from tests.ledger.integrity.test_backup import back_up, elsewhere, objects, same
from tests.support.office import email_of

OPEN_WORDS = (b"SQLite format 3", b"PAR1", b"PGDMP", b"archive/2026", email_of("A").encode())


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def password(tmp_path: Path) -> tuple[str, Path]:
    file = tmp_path / "password"
    file.write_text("құпия сөз 1\n", "utf-8")
    return "--password-file", file


def test_torn_copies_are_found_and_replaced_by_the_next_backup(life: Life, place: Path, tmp_path: Path) -> None:
    """A place of backups that was copied and cut off: an object is shorter, and so is the newest list."""
    back_up(life, place)
    torn = place / "objects" / (digest := sha256_file(life.one("ledger/closes/2026-09/lines.parquet")))[:2] / digest
    os.truncate(torn, torn.stat().st_size // 2)
    newest = max((place / "backups").glob("*.jsonl"))
    os.truncate(newest, newest.stat().st_size - 10)
    ran = back_up(life, place)
    assert newest.with_suffix(".damaged").name in ran.out and sha256_file(torn) == digest
    home = elsewhere(life, tmp_path / "again" / "home")
    assert home.run("restore", place).code == 0
    same(life, home)


def test_a_full_backup_mends_what_a_disk_turned_and_names_what_is_lost(life: Life, place: Path) -> None:
    back_up(life, place)
    before = objects(place)
    assert life.ingest("later.eml").code == 0
    back_up(life, place)
    digest = sha256_file(life.one("ledger/closes/2026-09/lines.parquet"))
    damage(place / "objects" / digest[:2] / digest)
    assert life.run("restore", place, "--dry-run").code == 1
    ran = back_up(life, place, "--full")
    assert "скопировано заново: 1" in ran.out, ran
    assert life.run("restore", place, "--dry-run").code == 0
    journals = before - objects_of_home(life)
    assert journals, "the journal of the first backup is in no file of the home"
    for name in journals:
        damage(place / "objects" / name[:2] / name)
    ran = life.run("backup", place, "--full")
    assert ran.code == 1 and f"нет: {len(journals)}" in ran.out, ran
    newest = str(len(list((place / "backups").glob("*.jsonl"))))
    assert life.run("restore", place, "--dry-run", "--number", newest).code == 0, "the newest is whole"
    said = life.run("restore", place, "--dry-run")
    assert said.code == 1 and "journal of backup 1" in said.err, "what is lost for good stays named"


def objects_of_home(life: Life) -> set[str]:
    return {sha256_file(path) for path in life.home.rglob("*") if path.is_file() and not path.is_symlink()}


def test_an_encrypted_backup_tells_nothing_and_comes_back_with_its_password(
    life: Life, place: Path, tmp_path: Path, password: tuple[str, Path]
) -> None:
    back_up(life, place, *map(str, password))
    files = [path for path in place.rglob("*") if path.is_file()]
    assert len(files) > len(objects(place)) > 20
    for path in files:
        assert not any(words in path.read_bytes() for words in OPEN_WORDS), path
    assert not objects(place) & objects_of_home(life), "names say nothing of what is in the home"
    for wrong in ((), ("--password-file", life.home / "config.yaml")):
        ran = life.run("restore", place, "--dry-run", *wrong)
        assert ran.code == 2 and "password" in ran.err and len(ran.err.splitlines()) == 1, ran
    again = back_up(life, place, *map(str, password))
    assert "новых 1 " in again.out, "the journal alone is new"
    home = elsewhere(life, tmp_path / "again" / "home")
    assert home.run("restore", place, *password).code == 0
    same(life, home)
    path = life.one("ledger/closes/2026-09/lines.parquet")
    right, _ = sha256_file(path), damage(path)
    assert life.run("restore", place, "--only", path, *password).code == 0 and sha256_file(path) == right


def test_a_password_that_is_named_and_empty_makes_no_plain_backup(life: Life, place: Path, tmp_path: Path) -> None:
    """As `$(cat missing)` in a line of cron gives it."""
    (empty := tmp_path / "empty").touch()
    said = {"INBOX_WORKER_BACKUP_PASSWORD": "", **({"INBOX_WORKER_JOURNAL": life.url} if life.url else {})}
    ran = life.runner.run("backup", place, "--home", life.home, environment=said)
    assert ran.code == 2 and "INBOX_WORKER_BACKUP_PASSWORD is empty; set it, or unset it" in ran.err
    ran = life.run("backup", place, "--password-file", empty)
    assert ran.code == 2 and "is empty" in ran.err and not place.exists()


@pytest.mark.parametrize("kept", ["plain", "encrypted"])
def test_no_backup_holds_passwords_and_both_ends_say_so(
    life: Life, place: Path, tmp_path: Path, password: tuple[str, Path], kept: str
) -> None:
    secrets = {"ledger/../korrektirovki.password": "s3cret-of-the-mailbox", "rules/smtp.password": "s3cret-of-smtp"}
    for name, secret in secrets.items():
        (life.home / name).write_text(secret, "utf-8")
    (life.home / ".pgpass").write_text("db:5432:x:y:s3cret-of-the-journal", "utf-8")
    config, (mailbox, smtp) = life.home / "config.yaml", secrets
    server = "{{host: mail.example, user: we, password_file: {}}}\n"
    box = "  korrektirovki:\n"
    text = config.read_text("utf-8").replace(box, f"{box}    imap: {server.format(mailbox)}")
    config.write_text(f"{text}\nsmtp: {server.format(smtp)}", "utf-8")
    options = password if kept == "encrypted" else ()
    ran = back_up(life, place, *map(str, options))
    assert [ran.out.count(f"{name}; ") for name in (".pgpass", "korrektirovki.password", smtp)] == [1, 1, 1], ran.out
    again = elsewhere(life, tmp_path / "again")
    told = again.run("restore", place, *options).out
    assert "mailboxes.korrektirovki.imap.password_file" in told and str(again.home / smtp) in told, told
    copied = [path for folder in (place, again.home) for path in below(folder) if path.is_file()]
    assert not any(b"s3cret" in path.read_bytes() for path in copied)


@pytest.mark.parametrize("harm", ["gone", "torn", "another"])
def test_a_lost_key_is_told_as_such_with_or_without_the_password(
    life: Life, place: Path, password: tuple[str, Path], harm: str
) -> None:
    """Neither as a place that is not encrypted, nor as a damaged list."""
    back_up(life, place, *map(str, password))
    key = place / "key.json"
    right = key.read_bytes()
    if harm == "gone":
        key.unlink()
    else:
        key.write_bytes(right[:40] if harm == "torn" else b"{}")
    for options in [password, *([()] if harm == "gone" else [])]:
        for command in (("restore", place, "--dry-run"), ("backup", place)):
            ran = life.run(*command, *options)
            assert ran.code == 2 and str(key) in ran.err and "another copy" in ran.err, ran
            assert len(ran.err.splitlines()) == 1, ran
    key.write_bytes(right)
    assert life.run("restore", place, "--dry-run", *password).code == 0


def test_a_turned_byte_of_an_encrypted_backup_is_named(life: Life, place: Path, password: tuple[str, Path]) -> None:
    back_up(life, place, *map(str, password))
    path = max((place / "objects").glob("*/*"))
    damage(path)
    ran = life.run("restore", place, "--dry-run", *password)
    assert ran.code == 1 and str(path) in ran.err, ran
    damage(max((place / "backups").glob("*.jsonl")))
    assert life.run("restore", place, "--dry-run", *password).code == 1


def test_a_trial_restores_all_of_it_and_leaves_nothing(life: Life, place: Path) -> None:
    back_up(life, place)
    ran = life.run("restore", place, "--trial")
    if life.url:
        assert ran.code == 2 and "INBOX_WORKER_JOURNAL naming an empty database" in ran.err
        return
    assert ran.code == 0 and "пробное восстановление" in ran.out, ran
    path = max((place / "objects").glob("*/*"))
    damage(path)
    assert life.run("restore", place, "--trial").code == 1


def test_pieces_of_an_encrypted_file_cannot_be_cut_off_or_moved(tmp_path: Path) -> None:
    cipher, path = BackupCipher.of_place(tmp_path, "слово"), tmp_path / "file"
    sizes = (0, 1, 1 << 20, (1 << 20) + 1, 3 << 20)
    for size in sizes:
        content = os.urandom(size)
        with path.open("wb") as file:
            cipher.encrypt(iter([content[:7], content[7:]]), file)
        assert path.stat().st_size == cipher.size_of(size)
        with path.open("rb") as file:
            assert b"".join(cipher.decrypt(file)) == content
    whole = path.read_bytes()
    piece = (1 << 20) + 16
    head = whole[:20]
    parts = [whole[20 + at * piece : 20 + (at + 1) * piece] for at in range(3)]
    for harm in ([parts[0]], parts[:2], [parts[1], parts[0], parts[2]], [parts[0], parts[2]], [*parts, parts[2]]):
        path.write_bytes(head + b"".join(harm))
        with pytest.raises(ValueError, match="not what was written"), path.open("rb") as file:
            list(cipher.decrypt(file))
